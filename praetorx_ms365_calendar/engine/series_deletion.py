"""What it means that one side has deleted a whole series."""

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
    """Return what a deletion on one side means for the other, as ``plan_deletion``.

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
    """Tell whether a series, or one of its occurrences, is another than before.

    Only what both windows show is compared.

    :param unedited: fields that are left out of the comparison
    """
    before, after = before.within(after.window), after.within(before.window)
    old, new = before.contents(), after.contents()
    return (
        bool(after.master.changed_fields(before.master) - unedited)
        or rule_key(after.rule) != rule_key(before.rule)
        or new.keys() != old.keys()
        or any(new[day].changed_fields(old[day]) - unedited for day in new)
    )
