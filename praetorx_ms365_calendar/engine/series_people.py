"""Who is on the list of a series in Outlook, where Exchange may not mail anybody new.

With the invitation policies "Odoo mails" and "nobody mails", people whom Odoo has and
Outlook does not stay Odoo's alone. That is agreed, and no difference on either side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .series import Series
from .snapshot import Attendee, Content

People = tuple[Attendee, ...]


def without_people(series: Series) -> Series:
    """Return a series to which nobody is invited, as it is created in Outlook."""
    return _with_attendees(series, lambda _day, _content: ())


def known_people(series: Series, theirs: Series) -> Series:
    """Return a series without the people whom Outlook does not list.

    :param theirs: Outlook's series
    """

    def known(day: str | None, content: Content) -> People:
        there = theirs.occurrence(day) if day in theirs.days else theirs.master
        listed = set(there.attendees)
        return tuple(one for one in content.attendees if one in listed)

    return _with_attendees(series, known)


def people_agreed(series: Series, ours: Series) -> Series:
    """Return Odoo's past after a write: whoever takes part in Odoo does so by consent.

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
    """Return a series with other lists of people.

    :param attendees: of an occurrence, by its day; of what all share for None
    """
    master = replace(series.master, attendees=attendees(None, series.master))
    contents = {
        day: replace(content, attendees=attendees(day, content))
        for day, content in series.contents().items()
    }
    return series.having(master, contents)
