"""Large series come to Odoo in steps, so that no transaction grows without a bound."""

from __future__ import annotations

from collections.abc import Collection

from .series import Series, moves, with_days


def next_step(
    theirs: Series,
    agreed: Series | None,
    present: Collection[str],
    rows_at_once: int,
) -> Series:
    """Return Outlook's series with as many new occurrences as one step may add.

    What was agreed on stays in it, and so does what Odoo has: what the step leaves out
    is not there on either side, and so is no deletion.

    :param agreed: Outlook's side at the last agreement, None if there was none
    :param present: days of the rows that Odoo has
    :param rows_at_once: events and attendees that a step may add
    """
    if agreed and moves(agreed, theirs):
        return theirs  # its rows find their places all together, or are left over
    known = {*present, *(agreed.days if agreed else ())}
    new = [day for day in theirs.days if day not in known]
    at_once = max(1, rows_at_once // (1 + len(theirs.master.attendees)))
    if len(new) <= at_once:
        return theirs
    return with_days(theirs, known.union(new[:at_once]))
