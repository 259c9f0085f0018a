"""Microsoft tells of a change before it can be read, and shows old versions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .harness.person import graph_attendee, graph_time, mark, odoo_time
from .harness.series import (
    assert_same_series,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    rows,
    utc,
)


def test_changes_that_delta_shows_late_arrive_without_polling(anna, world):
    lunch = anna.outlook_create("Lunch")
    dinner = anna.outlook_create("Dinner", 19)
    world.quiesce()
    world.control.fault("delta_behind", mailbox=anna.upn, path="delta", times=2)
    anna.outlook_update(lunch, subject="Brunch")
    anna.outlook_delete(dinner)
    anna.outlook_create("Supper", 21)
    world.quiesce()
    anna.assert_same("Brunch")
    anna.assert_same("Supper")
    assert anna.events("Dinner") == []
    before = mark(world)
    world.advance(3600)
    world.quiesce()
    assert world.control.requests(mailbox=anna.upn, path="delta", after=before) == []


@pytest.mark.parametrize("fault", ["stale_read", "not_found_yet"])
def test_old_versions_that_are_read_undo_nothing_and_mail_nobody(anna, world, fault):
    """Each edit of a series is one write and one mail, after any reading."""
    world.control.fault(
        fault, method="GET", mailbox=anna.upn, path="events/", seconds=8, times=None
    )
    start = local_start(world)
    odoo_series(anna, "Standup", start)
    world.quiesce()
    assert len(assert_same_series(anna)) == 4
    [master] = anna.outlook_events()
    anna.outlook_update(master, attendees=[graph_attendee("guest@example.com")])
    world.quiesce()
    second = rows(anna)[1]
    world.control.reset_mails()
    before = mark(world)
    anna.client.call(
        "calendar.event",
        "write",
        [rows(anna)[0]["id"]],
        {"name": "Round", "recurrence_update": "all_events"},
    )
    world.quiesce()
    moved = utc(start + timedelta(days=7, hours=2))
    anna.write(
        second["id"],
        start=odoo_time(moved),
        stop=odoo_time(moved + timedelta(minutes=30)),
        recurrence_update="self_only",
    )
    world.quiesce()
    anna.client.call("calendar.event", "unlink", [rows(anna)[2]["id"]])
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
    assert [one["method"] for one in anna.writes(before)] == [
        "PATCH",
        "PATCH",
        "DELETE",
    ]
    kinds = [mail["kind"] for mail in world.control.mails()]
    assert kinds == ["update", "update", "cancellation"]


def test_parts_of_a_series_that_are_not_listed_are_read_by_themselves(anna, world):
    for fault in (
        "instances_without_exceptions",
        "exceptions_not_expanded",
        "delta_without_master",
    ):
        world.control.fault(fault, method="GET", mailbox=anna.upn, times=None)
    start = local_start(world)
    outlook_series(anna, "Standup", start)
    world.quiesce()
    second = occurrences(anna)[1]
    moved = utc(start + timedelta(days=7, hours=2))
    anna.outlook_update(
        second,
        subject="Other",
        start=graph_time(moved),
        end=graph_time(moved + timedelta(minutes=30)),
    )
    world.quiesce()
    assert "Other" in [row["name"] for row in rows(anna)]
    assert len(assert_same_series(anna)) == 4
    [master] = anna.outlook_events()
    before = mark(world)
    anna.outlook_update(master, location={"displayName": "Room 2"})
    world.quiesce()
    assert len(assert_same_series(anna)) == 4
    assert anna.writes(before) == []
