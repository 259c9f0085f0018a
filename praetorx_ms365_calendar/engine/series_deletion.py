"""Decide about a whole series that one side has deleted."""

from __future__ import annotations

from .merge import Merge, deletion
from .series import Series, SeriesBase, rule_key


def plan_series_deletion(
    base: SeriesBase | None,
    ours: Series | None,
    theirs: Series | None,
    *,
    is_organizer: bool,
    unedited: frozenset[str] = frozenset(),
) -> Merge:
    """Return the merge after one side deleted a series, as ``plan_deletion`` does.

    :param ours: None if the series is deleted in Odoo
    :param theirs: None if it is deleted in Outlook
    :param unedited: fields that may have changed in Odoo without an edit of the series
    """
    if ours is not None and theirs is None:
        edited = base is not None and was_edited(base.ours, ours, unedited)
        return deletion(ours.master, is_contested=is_organizer and edited)
    if theirs is not None and ours is None:
        edited = base is not None and was_edited(base.theirs, theirs)
        return deletion(theirs.master, is_contested=edited)
    return deletion(None, is_contested=False)


def was_edited(
    before: Series, after: Series, unedited: frozenset[str] = frozenset()
) -> bool:
    """Return True if a series or one of its occurrences has changed.

    Only days in both windows are compared.

    :param unedited: fields that are not compared
    """
    before, after = before.within(after.window), after.within(before.window)
    old, new = before.contents(), after.contents()
    return (
        bool(after.master.changed_fields(before.master) - unedited)
        or rule_key(after.rule) != rule_key(before.rule)
        or new.keys() != old.keys()
        or any(new[day].changed_fields(old[day]) - unedited for day in new)
    )
