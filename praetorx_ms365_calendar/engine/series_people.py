"""Keep new attendees of a series out of Outlook if Exchange may not invite them.

With the invitation policies "Odoo mails" and "nobody mails", attendees that are not in
Outlook stay in Odoo only. Both sides agree on that, so it is not a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .series import Series
from .snapshot import Attendee, Content

People = tuple[Attendee, ...]


def without_people(series: Series) -> Series:
    """Return a series without attendees, to create it in Outlook."""
    return _with_attendees(series, lambda _day, _content: ())


def known_people(series: Series, theirs: Series) -> Series:
    """Return a series without the attendees that are not in Outlook.

    :param theirs: Outlook's series
    """

    def known(day: str | None, content: Content) -> People:
        there = theirs.occurrence(day) if day in theirs.days else theirs.master
        listed = set(there.attendees)
        return tuple(one for one in content.attendees if one in listed)

    return _with_attendees(series, known)


def people_agreed(series: Series, ours: Series) -> Series:
    """Return Odoo's base after a write, with all present attendees of Odoo agreed.

    :param series: Odoo's base
    :param ours: Odoo's series now
    """

    def present(day: str | None, content: Content) -> People:
        if day is None:
            return ours.master.attendees
        return (ours.occurrence(day) if day in ours.days else content).attendees

    return _with_attendees(series, present)


def _with_attendees(
    series: Series, attendees: Callable[[str | None, Content], People]
) -> Series:
    """Return a series with other attendees.

    :param attendees: function of day and content that returns the attendees of an
        occurrence; the day is None for the master
    """
    master = replace(series.master, attendees=attendees(None, series.master))
    contents = {
        day: replace(content, attendees=attendees(day, content))
        for day, content in series.contents().items()
    }
    return series.having(master, contents)
