"""Test the preview against what happens then, and that it does nothing itself."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from .harness.person import Person, mark
from .harness.series import (
    all_day_in_odoo,
    all_day_in_outlook,
    local_start,
    odoo_series,
    outlook_series,
)
from .harness.world import World

PREVIEW = "praetorx.ms365.preview"
#: Ten thousand need four times as long, with the same number of queries for each page.
COUNT = 2_500
CARL = "carl@outside.example"
NUMBERS = [
    "odoo_create_count",
    "link_count",
    "odoo_change_count",
    "ask_count",
    "outlook_create_count",
    "wait_count",
    "wait_mail_count",
    "mail_count",
]
#: Tables that a preview must not write to.
TABLES = ["calendar_event", "calendar_recurrence", "res_partner", "mail_message"] + [
    f"praetorx_ms365_{name}" for name in ("event_link", "outbox", "sync_log")
]


def sign_in(person: Person) -> dict[str, Any]:
    """Sign in without *Start*, and return the preview when it is ready."""
    person.switch_on()
    person.client.sign_in(person.upn)
    person.world.quiesce()
    [preview] = person.client.search_read(
        PREVIEW, [("state", "=", "ready")], [*NUMBERS, "mail_note", "wait_note"]
    )
    return preview


def sizes(world: World) -> dict[str, int]:
    return {
        table: world.database.value(f"SELECT count(*) FROM {table}") for table in TABLES
    }


def happened(person: Person, log_before: int, mails_before: int) -> dict[str, int]:
    """Return what the preview counts, as it happened since."""
    rows = person.client.search_read(
        "praetorx.ms365.sync.log",
        [("id", ">", log_before)],
        ["direction", "operation", "outcome"],
    )
    log = Counter((one["direction"], one["operation"], one["outcome"]) for one in rows)
    waiting = person.account("waiting_event_count", "waiting_mail_count")
    return {
        "odoo_create_count": log["pull", "create", "done"],
        "link_count": log["pull", "link", "done"],
        "odoo_change_count": log["pull", "update", "done"],
        "ask_count": log["pull", "update", "conflict"],
        "outlook_create_count": log["push", "create", "done"],
        "wait_count": waiting["waiting_event_count"],
        "wait_mail_count": waiting["waiting_mail_count"],
        "mail_count": len(person.world.control.mails()) - mails_before,
    }


def fill_odoo(anna: Person, ben: Person) -> None:
    """Make events of all kinds in Odoo."""
    start = local_start(anna.world)
    today = anna.world.now().date()
    anna.create("Alone in Odoo", 8)
    anna.create("With Ben", 10, attendees=[ben])
    odoo_series(anna, "Series in Odoo", start)
    with_ben = [(6, 0, [anna.partner_id, ben.partner_id])]
    odoo_series(anna, "Series with Ben", start, partner_ids=with_ben)
    day = today + timedelta(days=3)
    anna.client.create("calendar.event", {"name": "Fair", **all_day_in_odoo(day, day)})
    anna.unlink(anna.create("Deleted", 12))


def fill_outlook(anna: Person, ben: Person) -> None:
    """Make events of all kinds in Outlook."""
    start = local_start(anna.world, 14)
    today = anna.world.now().date()
    anna.outlook_create("Alone", 9)
    anna.outlook_create("With Carl", 11, attendees=[CARL])
    ben.outlook_create("Of Ben", 13, attendees=[anna])
    outlook_series(anna, "Series", start)
    person = [{"type": "required", "emailAddress": {"address": CARL, "name": "Carl"}}]
    outlook_series(anna, "Series with Carl", start, attendees=person)
    times = all_day_in_outlook(today, today, "Europe/Berlin")
    anna.outlook_create("Holiday", **times)
    anna.outlook_create("Long over", day=-20)
    anna.outlook_create("Secret", 16, sensitivity="private")
    anna.outlook_delete(anna.outlook_create("Gone", 17))


def known_by_stock(anna: Person) -> None:
    """Let Odoo have an event of Outlook from Odoo's own connector."""
    remote = anna.outlook_create("Known", 18)
    event_id = anna.create("Known", 18)
    anna.world.database.rows(
        "UPDATE calendar_event SET microsoft_id = %s, ms_universal_event_id = %s"
        " WHERE id = %s",
        remote["id"],
        remote["iCalUId"],
        event_id,
    )


@pytest.mark.parametrize(
    "choices",
    [{}, {"only_own": True}, {"without_attendees": True}, {"only_from_today": True}],
    ids=lambda one: next(iter(one), "all"),
)
def test_preview_is_what_happens_then(make_person, world, choices):
    anna, ben = make_person("anna"), make_person("ben")
    fill_odoo(anna, ben)
    fill_outlook(anna, ben)
    known_by_stock(anna)
    anna.switch_on()  # makes the account
    before, log_before = sizes(world), last_log(world)
    requests_before = mark(world)
    preview = sign_in(anna)
    sign_ins = 1  # which the log tells; the preview adds nothing
    before["praetorx_ms365_sync_log"] += sign_ins
    assert sizes(world) == before
    assert anna.writes(requests_before) == []
    mails_before = len(world.control.mails())
    if choices:
        anna.client.write(PREVIEW, preview["id"], choices)
        preview = anna.client.read(PREVIEW, preview["id"], *NUMBERS)
    seen = anna.client.read(PREVIEW, preview["id"], "seen")["seen"]
    context = {"ms365_seen": seen}
    anna.client.call(PREVIEW, "action_start", [preview["id"]], context=context)
    world.quiesce()
    foreseen = {name: preview[name] for name in NUMBERS}
    assert foreseen == happened(anna, log_before, mails_before)
    assert foreseen["mail_count"] == 0
    assert foreseen["odoo_create_count"] >= 4
    assert foreseen["link_count"] >= 1


def test_events_outside_the_window_are_counted(make_person, world):
    anna = make_person("anna")
    anna.create("Far in Odoo", day=600)
    fill_outlook(anna, make_person("ben"))
    anna.outlook_create("Far", day=700)
    anna.outlook_create("Long ago", day=-300)
    preview = sign_in(anna)
    counts = ["outlook_outside_count", "odoo_outside_count"]
    found = anna.client.read(PREVIEW, preview["id"], *counts)
    assert [found[name] for name in counts] == [2, 1]


def last_log(world: World) -> int:
    return world.database.value(
        "SELECT COALESCE(max(id), 0) FROM praetorx_ms365_sync_log"
    )


def test_what_is_edited_before_the_start_is_sent_then(make_person, world):
    anna = make_person("anna")
    sign_in(anna)
    event_id = anna.create("Lunch")
    world.quiesce()
    assert anna.outlook_events() == []
    anna.write(event_id, location="Canteen")
    anna.start()
    world.quiesce()
    anna.assert_same("Lunch")


def test_many_events_are_foreseen_in_the_background(make_person, world):
    anna = make_person("anna")
    start = world.at(0, day=2).isoformat()
    world.control.seed(anna.upn, COUNT, start=start, every_minutes=30)
    before = sizes(world)["calendar_event"]
    anna.switch_on()
    anna.client.sign_in(anna.upn)
    world.quiesce(timeout_seconds=300)
    [preview] = anna.client.search_read(
        PREVIEW, [("state", "=", "ready")], ["odoo_create_count", "progress"]
    )
    assert preview["odoo_create_count"] == COUNT
    assert preview["progress"] == 100
    assert sizes(world)["calendar_event"] == before
