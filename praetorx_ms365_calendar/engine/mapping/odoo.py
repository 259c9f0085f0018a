"""Convert plain values of a ``calendar.event`` to the engine's content, and back.

The two directions are inverse if Odoo can store the value. Odoo cannot store all five
values of ``showAs``, nor ``personal``. And it has several alarms, but Outlook has one
reminder. Such a difference is never sent as an edit: each side is compared with its own
part of the base snapshot.
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

#: Name in Odoo for an event with an empty subject in Graph, because Odoo requires a
#: name. Not translated: it must be recognized again in every language.
UNTITLED = "(No title)"

_DAY = timedelta(days=1)
#: Times that Odoo itself sets on all-day events. Only their dates count.
_DAY_STARTS, _DAY_STOPS = time(8), time(18)

_PRIVACY_TO_SENSITIVITY = {
    "public": "normal",
    "private": "private",
    "confidential": "confidential",
}
#: ``normal`` becomes the default of the owner: in Outlook it follows the sharing of the
#: calendar.
_SENSITIVITY_TO_PRIVACY = {
    "normal": "",
    "personal": "private",
    "private": "private",
    "confidential": "confidential",
}


@dataclass(frozen=True, slots=True)
class OdooValues:
    """The synced fields of a ``calendar.event``, as plain values.

    :param description: HTML, empty if there is none
    :param start: naive UTC; the same for ``stop``
    :param start_date: first day of an all-day event
    :param stop_date: last day of an all-day event, **inclusive** as in Odoo
    :param zone: IANA name of the event's zone, else of its organizer's
    :param attendees: all except the organizer, each with its address
    :param privacy: ``public``, ``private``, ``confidential``, or empty for the default
    :param show_as: ``free`` or ``busy``
    :param notification_minutes: minutes before the start, of each alarm that is a
        notification
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
    """Return the content of an event of Odoo.

    :param base_theirs: the content in Graph at the last agreement; None for an event
        that is not in Graph. A base must be stored with the content that this function
        returned for the base's own ``theirs``: with several alarms, the reminder is the
        one that Graph has
    :param untitled: the name that stands for an empty subject
    :param default_privacy: privacy of the event's owner, used if the event has none
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
    """Return the one reminder that Outlook can store, out of an event's alarms.

    If the reminder in Graph is still among the alarms, it stays. Else it is the alarm
    with the fewest minutes.

    :param minutes: minutes before the start, of each alarm that is a notification
    :param base_theirs: the content in Graph at the last agreement, None if never agreed
    """
    if base_theirs and base_theirs.reminder in minutes:
        return base_theirs.reminder
    return min(minutes, default=None)


def odoo_values_from_content(
    content: Content, fields: Collection[str], *, untitled: str = UNTITLED
) -> dict[str, Any]:
    """Return plain values to write to Odoo for the named fields.

    Keys: ``name``, ``description``, ``location``, ``privacy`` (empty for the default),
    ``show_as``, ``reminder`` (minutes or None), ``categories``, ``attendees``,
    ``is_teams``. The times have the keys ``allday``, ``start``, ``stop``,
    ``start_date``, ``stop_date`` and ``zone``.

    :param fields: names from ``CONTENT_FIELDS``
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
    """Return the body for a description of Odoo.

    If Odoo shows only the beginning of a body, return the whole body from Graph. So the
    cut never counts as an edit.
    """
    if base_theirs and is_cut(base_theirs.body):
        return base_theirs.body
    # Odoo's Markup escapes every text that is joined to it: use a plain text
    return html_from_shown(str(values.description))


def _times(values: OdooValues) -> Times:
    if not values.allday:
        start, stop = (
            moment.isoformat(timespec="seconds")
            for moment in (values.start, values.stop)
        )
        return Times(start, stop, zone=values.zone)
    first = values.start_date or values.start.date()
    last = max(first, values.stop_date or values.stop.date())
    end = (last + _DAY).isoformat()
    return Times(first.isoformat(), end, all_day=True, zone=values.zone)


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
    """Return the attendees that have a mail address, sorted.

    An attendee that Graph already has keeps name and kind from there.
    """
    before = base_theirs.attendees if base_theirs else ()
    known = {attendee.email: attendee for attendee in before}
    invited: dict[str, Attendee] = {}
    for attendee in values.attendees:
        if email := mail_address(attendee.email):
            new = Attendee(email, person_name(attendee.name), attendee.kind)
            invited.setdefault(email, known.get(email, new))
    return tuple(sorted(invited.values()))


def _odoo_reminder(minutes: int | None) -> int | None:
    """Return the reminder, None if it is after the start: Odoo has no such alarm.

    Outlook has such reminders for all-day events.
    """
    return minutes if minutes is None or minutes >= 0 else None
