"""Series without an end in a moving window: nothing is sent, nobody is mailed."""

from __future__ import annotations

import pytest

from .harness.person import graph_attendee, mark
from .harness.series import (
    local_start,
    occurrences,
    outlook_series,
    read_again,
    rows,
    weekly,
)
from .test_windows import DAY_SECONDS, choose_window


def endless(start):
    """Return a ``recurrence`` of Graph: each week, without an end."""
    recurrence = weekly(start)
    recurrence["range"]["type"] = "noEnd"
    del recurrence["range"]["numberOfOccurrences"]
    return recurrence


@pytest.fixture
def standup(anna, world):
    """Return a series with a guest that has no end; Odoo has its first 60 days."""
    choose_window(anna, ahead=60)
    start = local_start(world)
    master = outlook_series(
        anna,
        "Standup",
        start,
        recurrence=endless(start),
        attendees=[graph_attendee("gus@elsewhere.example")],
    )
    world.quiesce()
    return master


def test_rolling_window_brings_dates_and_sends_nothing(anna, world, standup):
    before, first = mark(world), len(rows(anna))
    for _month in range(2):
        world.advance(30 * DAY_SECONDS)
        read_again(world)
    assert len(world.control.mails()) == 1, "the invitation"
    choose_window(anna, ahead=200)
    anna.outlook_update(standup, location={"displayName": "Hall"})
    mails = len(world.control.mails())
    read_again(world)
    assert len(rows(anna)) > first + 15
    assert {row["location"] for row in rows(anna)} == {"Hall"}
    assert anna.writes(before) == []
    assert anna.holds() == []
    assert len(world.control.mails()) == mails


def test_edits_in_odoo_keep_the_series_without_an_end(anna, world, standup):
    row = rows(anna)[1]
    anna.write(row["id"], name="Daily", recurrence_update="all_events")
    world.quiesce()
    choose_window(anna, ahead=120)
    anna.unlink(rows(anna)[2]["id"])
    world.quiesce()
    shown = anna.outlook_event("Daily")
    assert shown["recurrence"]["range"]["type"] == "noEnd"
    days = [one["start"]["dateTime"][:10] for one in occurrences(anna)]
    assert len(days) > 50, "only one date was deleted"
    assert [row["start"][:10] for row in rows(anna)] == days[: len(rows(anna))]
