"""A restored version is an edit like any other: it reaches Outlook, as one write."""

from __future__ import annotations

from .harness.person import mark
from .harness.series import (
    assert_same_series,
    local_start,
    move_and_prolong,
    outlook_series,
    rows,
)


def restore(person, event_id, number=0):
    """Restore an event from before a change; 0 is the newest one."""
    client = person.client
    action = client.call("calendar.event", "action_ms365_history", [event_id])
    lines = client.search_read(
        "praetorx.ms365.event.history.line",
        [("history_id", "=", action["res_id"])],
        ["id"],
    )
    line = "praetorx.ms365.event.history.line"
    action = client.call(line, "action_restore", [lines[number]["id"]])
    client.call(action["res_model"], "action_restore", [action["res_id"]])


def test_times_and_end_of_a_series_come_back_on_both_sides(anna, world):
    start = local_start(world)
    master = outlook_series(anna, "Standup", start)
    world.quiesce()
    before = rows(anna)
    move_and_prolong(anna, master, start)
    world.quiesce()
    assert len(assert_same_series(anna)) == 6
    written = mark(world)
    restore(anna, rows(anna)[0]["id"])
    world.quiesce()
    after = assert_same_series(anna)
    assert [row["start"] for row in after] == [row["start"] for row in before]
    assert [one["method"] for one in anna.writes(written)] == ["PATCH"]
    assert [one["id"] for one in anna.outlook_events()] == [master["id"]]


def test_long_text_comes_back_whole_on_both_sides(anna, world):
    text = "<p>" + "Line of text. " * 5_000 + "</p>"
    event_id = anna.create("Lunch", description=text)
    world.quiesce()
    short = {"contentType": "html", "content": "<p>Short</p>"}
    anna.outlook_update(anna.outlook_event("Lunch"), body=short)
    world.quiesce()
    assert len(anna.event(event_id)["description"]) < 100
    restore(anna, event_id)
    world.quiesce()
    anna.assert_same("Lunch")
    assert len(anna.outlook_event("Lunch")["body"]["content"]) > 60_000
