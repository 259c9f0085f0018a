"""Test that untrusted payloads are read in linear time, at any size."""

from __future__ import annotations

import json

import pytest
from steps import growth

from praetorx_ms365_calendar.engine.calendars import read_calendars
from praetorx_ms365_calendar.engine.delta import DeltaRound, last_of_each, read_page
from praetorx_ms365_calendar.engine.mapping.graph_reader import parse_event
from praetorx_ms365_calendar.engine.mapping.graph_series import read_series
from praetorx_ms365_calendar.engine.notifications import parse_notifications

ROOT = "https://graph.microsoft.com"
WINDOW = ("2026-02-20", "2026-12-20")
#: Maximum factor for a payload of double size. A quadratic function has factor 4.
LINEAR = 2.5


def event(**values):
    """Return an event of Graph."""
    moments = {
        name: {"dateTime": f"2026-03-02T{hour}:00:00", "timeZone": "UTC"}
        for name, hour in (("start", "09"), ("end", "10"))
    }
    return {"id": "R1", "changeKey": "CK1", "subject": "Lunch", **moments, **values}


def guests(count):
    return [
        {"emailAddress": {"address": f"guest{n}@example.com", "name": f"Guest {n}"}}
        for n in range(count)
    ]


def series(count):
    pattern = {"type": "daily", "interval": 1}
    reach = {
        "type": "numbered",
        "startDate": "2026-03-02",
        "numberOfOccurrences": count,
        "recurrenceTimeZone": "UTC",
    }
    recurrence = {"pattern": pattern, "range": reach}
    instances = [
        event(id=f"R{n}", type="occurrence", originalStart=None) for n in range(count)
    ]
    return event(type="seriesMaster", recurrence=recurrence), instances, WINDOW


def page(count):
    items = [{"id": f"R{n}", "@odata.etag": "1"} for n in range(count)]
    return {"value": items, "@odata.nextLink": f"{ROOT}/v1.0/next"}


def notifications(count):
    entry = {"subscriptionId": "s", "clientState": "c", "changeType": "updated"}
    return json.dumps({"value": [entry] * count}).encode()


def read_round(payload):
    found = read_page(payload, root=ROOT)
    last_of_each(found.items)
    return DeltaRound().add(found)


READERS = {
    "attendees": (parse_event, lambda n: event(attendees=guests(n))),
    "one attendee often": (parse_event, lambda n: event(attendees=guests(1) * n)),
    "no addresses": (parse_event, lambda n: event(attendees=[{}] * n)),
    "categories": (parse_event, lambda n: event(categories=[str(k) for k in range(n)])),
    "instances": (read_series, series),
    "page": (read_round, page),
    "notifications": (parse_notifications, notifications),
    "calendars": (
        lambda entries: read_calendars(entries),
        lambda n: [{"id": str(k), "name": "Calendar"} for k in range(n)],
    ),
}


@pytest.mark.parametrize(("read", "make"), READERS.values(), ids=list(READERS))
def test_twice_the_payload_takes_twice_the_steps(read, make):
    assert growth(read, make, 60) < LINEAR
