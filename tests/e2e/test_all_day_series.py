"""All-day series and invitations to one occurrence, through real processes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .harness.person import graph_attendee, mark
from .harness.series import (
    all_day_in_odoo,
    all_day_in_outlook,
    assert_same_series,
    local_start,
    occurrences,
    outlook_series,
    rows,
    weekly,
)


def all_day_series(person, zone):
    """Create an all-day series of four weeks "in Outlook"; return its first day."""
    start = local_start(person.world, hour=0)
    recurrence = weekly(start)
    recurrence["range"]["recurrenceTimeZone"] = zone
    body = {
        "subject": "Fair",
        "isReminderOn": False,
        "recurrence": recurrence,
        **all_day_in_outlook(start.date(), start.date(), zone),
    }
    person.world.control.create_event(person.upn, body)
    return start.date()


@pytest.mark.parametrize(
    "zone", ["Tokyo Standard Time", "Pacific Standard Time"], ids=["east", "west"]
)
def test_all_day_series_is_edited_on_both_sides(anna, world, zone):
    first = all_day_series(anna, zone)
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["start_date"] for row in found] == [
        f"{first + timedelta(weeks=number)}" for number in range(4)
    ]
    before = mark(world)
    anna.write(found[2]["id"], active=False)
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
    assert [one["method"] for one in anna.writes(before)] == ["DELETE"]
    ids = [row["id"] for row in rows(anna)]
    day = first + timedelta(days=1)
    anna.write(ids[0], **all_day_in_odoo(day, day), recurrence_update="all_events")
    world.quiesce()
    found = assert_same_series(anna)
    assert set(ids) <= {row["id"] for row in found}
    assert {date.fromisoformat(row["start_date"]).weekday() for row in found} == {
        (first + timedelta(days=1)).weekday()
    }
    assert {one["method"] for one in anna.writes(before)} == {"DELETE", "PATCH"}
    assert occurrences(anna)[0]["isAllDay"]


def test_invitation_to_one_occurrence_is_no_second_event(anna, ben, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    second = occurrences(anna)[1]
    world.control.update_event(
        anna.upn, second["id"], {"attendees": [graph_attendee(ben)]}
    )
    world.quiesce()
    found = world.admin.search_read(
        "calendar.event", [("name", "=", "Standup")], ["start", "partner_ids"]
    )
    assert len(found) == 4
    with_ben = [row for row in found if ben.partner_id in row["partner_ids"]]
    assert len(with_ben) == 1
    [copy] = ben.outlook_events()
    before = mark(world)
    world.control.respond(ben.upn, copy["id"], "accepted")
    world.quiesce()
    [answer] = world.admin.search_read(
        "calendar.attendee",
        [("event_id", "=", with_ben[0]["id"]), ("partner_id", "=", ben.partner_id)],
        ["state"],
    )
    assert answer["state"] == "accepted"
    assert anna.writes(before) == []
    assert ben.writes(before) == []
