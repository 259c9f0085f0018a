"""Plain values of a ``calendar.event`` and the engine's words, in both directions.

The two are inverse as far as Odoo can hold the value. Where it cannot (five values of
``showAs``, ``personal``, one reminder among several alarms), the base snapshot keeps
the difference from travelling: each side is compared with its own past.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ..body_limits import is_cut
from ..snapshot import Attendee, Content, Times
from .shown import html_from_shown, shown_html
from .text import mail_address, one_line, person_name

#: Stands in Odoo, where an event needs a name, for Graph's empty subject. Not to be
#: translated: it is told again, in whatever language it is read.
UNTITLED = "(No title)"

_DAY = timedelta(days=1)
#: What Odoo itself sets on all-day events, whose dates alone count.
_DAY_STARTS, _DAY_STOPS = time(8), time(18)

_PRIVACY_TO_SENSITIVITY = {
    "public": "normal",
    "private": "private",
    "confidential": "confidential",
}
#: ``normal`` is the owner's default: Outlook shares it as the calendar is shared.
_SENSITIVITY_TO_PRIVACY = {
    "normal": "",
    "personal": "private",
    "private": "private",
    "confidential": "confidential",
}


@dataclass(frozen=True, slots=True)
class OdooValues:
    """What is synced of a ``calendar.event``, as plain values.

    :param description: HTML, empty without one
    :param start: naive UTC, ``stop`` likewise
    :param start_date: first day of an all-day event
    :param stop_date: its last day, **inclusive** as in Odoo
    :param zone: IANA name: the event's or else its organizer's
    :param attendees: all but the organizer, with the address of each
    :param privacy: ``public``, ``private``, ``confidential``, or empty for the default
    :param show_as: ``free`` or ``busy``
    :param notification_minutes: of the alarms that are notifications
    :param categories: names of the tags
    """

    name: str
    start: datetime
    stop: datetime
    description: str = ""
    allday: bool = False
    start_date: date | None = None
    stop_date: date | None = None
    zone: str | None = None
    location: str = ""
    attendees: tuple[Attendee, ...] = ()
    privacy: str = ""
    show_as: str = "busy"
    notification_minutes: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    is_teams: bool = False


def content_from_odoo(
    values: OdooValues,
    *,
    base_theirs: Content | None,
    untitled: str = UNTITLED,
    default_privacy: str = "public",
) -> Content:
    """Return an event of Odoo in the engine's words.

    :param base_theirs: what Graph held when the sides last agreed; None for an event
        that is not there. A base must be stored with what this returned for *its own*
        ``theirs``: of several alarms the one that Graph holds is the reminder
    :param untitled: the name that stands for no name
    :param default_privacy: what an empty privacy means for the event's owner
    """
    name = one_line(values.name)
    return Content(
        subject="" if name == untitled else name,
        times=_times(values),
        body=_body(values, base_theirs),
        location=one_line(values.location),
        attendees=_attendees(values, base_theirs),
        sensitivity=_PRIVACY_TO_SENSITIVITY[values.privacy or default_privacy],
        show_as="free" if values.show_as == "free" else "busy",
        reminder=reminder_among(values.notification_minutes, base_theirs),
        categories=tuple(sorted({one_line(c) for c in values.categories} - {""})),
        online_meeting=values.is_teams,
    )


def reminder_among(minutes: Collection[int], base_theirs: Content | None) -> int | None:
    """Return which of an event's pop-ups is the one reminder that Outlook can hold.

    :param minutes: before the start, of the alarms that are notifications
    :param base_theirs: what Graph held when the sides last agreed, None if never
    """
    if base_theirs and base_theirs.reminder in minutes:
        return base_theirs.reminder
    return min(minutes, default=None)


def odoo_values_from_content(
    content: Content, fields: Collection[str], *, untitled: str = UNTITLED
) -> dict[str, Any]:
    """Return plain values to write to Odoo for the named fields.

    Keys: ``name``, ``description``, ``location``, ``privacy`` (empty: the default),
    ``show_as``, ``reminder`` (minutes or None), ``categories``, ``attendees``,
    ``is_teams``; and for the times ``allday``, ``start``, ``stop``, ``start_date``,
    ``stop_date`` and ``zone``.

    :param fields: names out of ``CONTENT_FIELDS``
    """
    values: dict[str, Any] = {}
    for name in fields:
        if name == "subject":
            values["name"] = content.subject or untitled
        elif name == "body":
            values["description"] = shown_html(content.body)
        elif name == "times":
            values.update(_odoo_times(content.times))
        elif name == "sensitivity":
            values["privacy"] = _SENSITIVITY_TO_PRIVACY[content.sensitivity]
        elif name == "show_as":
            values["show_as"] = "free" if content.show_as == "free" else "busy"
        elif name == "reminder":
            values["reminder"] = _odoo_reminder(content.reminder)
        elif name == "online_meeting":
            values["is_teams"] = content.online_meeting
        elif name in {"location", "attendees", "categories"}:
            values[name] = getattr(content, name)
        else:
            raise ValueError(f"no field of an event: {name}")
    return values


def _body(values: OdooValues, base_theirs: Content | None) -> str:
    """Return the description; where it is a part of Outlook's, that counts whole.

    So what was cut is never taken for an edit.
    """
    if base_theirs and is_cut(base_theirs.body):
        return base_theirs.body
    # Odoo's HTML is a kind of text that escapes whatever is joined to it
    return html_from_shown(str(values.description))


def _times(values: OdooValues) -> Times:
    if not values.allday:
        start, stop = (
            moment.isoformat(timespec="seconds")
            for moment in (values.start, values.stop)
        )
        return Times(start, stop, False, values.zone)
    first = values.start_date or values.start.date()
    last = max(first, values.stop_date or values.stop.date())
    return Times(first.isoformat(), (last + _DAY).isoformat(), True, values.zone)


def _odoo_times(times: Times) -> dict[str, Any]:
    if not times.all_day:
        return {
            "allday": False,
            "start": datetime.fromisoformat(times.start),
            "stop": datetime.fromisoformat(times.end),
            "start_date": None,
            "stop_date": None,
            "zone": times.zone,
        }
    first = date.fromisoformat(times.start)
    last = max(first, date.fromisoformat(times.end) - _DAY)
    return {
        "allday": True,
        "start": datetime.combine(first, _DAY_STARTS),
        "stop": datetime.combine(last, _DAY_STOPS),
        "start_date": first,
        "stop_date": last,
        "zone": times.zone,
    }


def _attendees(values: OdooValues, base_theirs: Content | None) -> tuple[Attendee, ...]:
    """Take those with an address; who Graph knows keeps name and kind from there."""
    before = base_theirs.attendees if base_theirs else ()
    known = {attendee.email: attendee for attendee in before}
    invited: dict[str, Attendee] = {}
    for attendee in values.attendees:
        if email := mail_address(attendee.email):
            new = Attendee(email, person_name(attendee.name), attendee.kind)
            invited.setdefault(email, known.get(email, new))
    return tuple(sorted(invited.values()))


def _odoo_reminder(minutes: int | None) -> int | None:
    """Odoo has no alarm after the start, as Outlook has for all-day events."""
    return minutes if minutes is None or minutes >= 0 else None
