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
) -> Merge:
    """Return what a deletion on one side means for the other, as ``plan_deletion``.

    :param ours: None if the series is deleted in Odoo
    :param theirs: None if it is deleted in Outlook
    """
    if ours is not None and theirs is None:
        edited = base is not None and was_edited(base.ours, ours)
        return deletion(ours.master, is_contested=is_organizer and edited)
    if theirs is not None and ours is None:
        edited = base is not None and was_edited(base.theirs, theirs)
        return deletion(theirs.master, is_contested=edited)
    return deletion(None, is_contested=False)


def was_edited(before: Series, after: Series) -> bool:
    """Tell whether a series, or one of its occurrences, is another than before.

    Only what both windows show is compared.
    """
    before, after = before.within(after.window), after.within(before.window)
    return (
        bool(after.master.changed_fields(before.master))
        or rule_key(after.rule) != rule_key(before.rule)
        or after.contents() != before.contents()
    )
