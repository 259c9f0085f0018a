"""Graph and Odoo fail in every way: nothing is lost, nothing is doubled."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .harness.person import Person, mark
from .harness.waiting import eventually
from .harness.world import World


def until_hit(world: World, rule: str) -> None:
    """Wait until a fault rule has hit a request."""

    def has_hit() -> bool:
        return any(one["id"] == rule and one["hits"] for one in world.control.faults())

    eventually(has_hit, "the fault has hit")


def kill_while_graph_works(world: World, person: Person, method: str, act) -> None:
    """Kill Odoo after Graph got a write and before Odoo stored the response.

    :param act: function that makes Odoo send the write
    """
    rule = world.control.fault(
        "latency", method=method, path="/events", mailbox=person.upn, seconds=1.0
    )
    before = mark(world)
    act()
    until_hit(world, rule)
    world.odoo.kill_workers()
    eventually(
        lambda: [one for one in person.writes(before) if one["status"] < 300],
        "Graph has done what it was asked",
    )
    world.odoo.resume()
    for client in (world.admin, person.client):
        client.log_in()
    world.quiesce()


@contextmanager
def hanging_on(world: World, name: str) -> Iterator[None]:
    """Let PostgreSQL hang where an event of this name is stored."""
    world.database.rows(
        """
        CREATE FUNCTION e2e_hang() RETURNS trigger AS $$
        BEGIN PERFORM pg_sleep(50); RETURN NEW; END $$ LANGUAGE plpgsql
        """
    )
    world.database.rows(
        f"""
        CREATE TRIGGER e2e_hang BEFORE INSERT ON calendar_event FOR EACH ROW
        WHEN (NEW.name = '{name}') EXECUTE FUNCTION e2e_hang()
        """
    )
    try:
        yield
    finally:
        world.database.rows("DROP FUNCTION e2e_hang CASCADE")


def kill_while_it_hangs(world: World) -> None:
    """SIGKILL Odoo in the middle of an item; PostgreSQL then lets go of it as well."""
    hanging = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = 'PgSleep'"
    )
    eventually(
        lambda: world.database.rows(hanging),
        "an item is being stored",
        meanwhile=lambda: world.wake("ir_cron_pull"),
        step_seconds=0.5,
    )
    world.odoo.kill_workers()
    world.database.rows(f"SELECT pg_terminate_backend(pid) FROM ({hanging}) AS found")
    world.odoo.resume()


def test_item_that_has_killed_its_worker_twice_is_set_aside_alone(make_person, world):
    anna = make_person("anna")
    for number, name in enumerate(["Lunch", "Poison", "Dinner"]):
        anna.outlook_create(name, 9 + number)
    with hanging_on(world, "Poison"):
        anna.switch_on().sign_in()
        kill_while_it_hangs(world)  # of the page it is known that it kills
        kill_while_it_hangs(world)  # and now of the item
        for client in (world.admin, anna.client):
            client.log_in()
        world.quiesce()
    assert {one["name"] for one in anna.events()} == {"Lunch", "Dinner"}
    aside = world.database.rows(
        "SELECT count(*), min(reason) FROM praetorx_ms365_event_link l"
        " JOIN praetorx_ms365_account a ON a.id = l.account_id"
        " WHERE a.user_id = %s AND l.state = 'quarantined'",
        anna.user_id,
    )
    assert aside[0][0] == 1
    assert aside[0][1] == "took_too_long"


def test_killed_between_creating_and_recording_leaves_one_event(anna, world):
    kill_while_graph_works(world, anna, "POST", lambda: anna.create("Lunch"))
    anna.assert_same("Lunch")
    assert len(anna.outlook_events()) == 1
    assert anna.only_event("Lunch")["ms365_sync_state"] == "synced"


def test_killed_between_updating_and_recording_loses_nothing(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    kill_while_graph_works(
        world, anna, "PATCH", lambda: anna.write(event_id, name="Dinner")
    )
    anna.assert_same("Dinner")
    assert anna.conflicts() == []


def test_killed_between_deleting_and_recording_deletes_once(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    kill_while_graph_works(world, anna, "DELETE", lambda: anna.unlink(event_id))
    assert anna.outlook_events() == []
    assert anna.events() == []
    assert [one["state"] for one in anna.outbox() if one["state"] == "dead"] == []


def test_killed_after_create_and_deleted_in_odoo_leaves_nothing(anna, world):
    kill_while_graph_works(world, anna, "POST", lambda: anna.create("Lunch"))
    anna.unlink(anna.only_event("Lunch")["id"])
    world.quiesce()
    assert anna.outlook_events() == []
    assert anna.events() == []


def test_killed_while_reading_goes_on_at_the_page_where_it_was(make_person, world):
    anna = make_person("anna")
    start = world.at(0, day=2).isoformat()
    world.control.seed(anna.upn, 600, start=start, every_minutes=30)
    rule = world.control.fault(
        "latency", path="delta", mailbox=anna.upn, seconds=1.0, times=None
    )
    anna.switch_on().sign_in()

    def has_first_page() -> int:
        return world.database.value(
            "SELECT count(*) FROM praetorx_ms365_event_link l"
            " JOIN praetorx_ms365_account a ON a.id = l.account_id"
            " WHERE a.user_id = %s",
            anna.user_id,
        )

    eventually(has_first_page, "the first page is stored")
    world.odoo.kill()
    world.control.remove_fault(rule)
    before = mark(world)
    world.odoo.start()
    world.admin.log_in()
    anna.client.log_in()
    world.quiesce()
    pages = world.control.requests(mailbox=anna.upn, path="delta", after=before)
    assert "startDateTime" not in pages[0]["query"], "it did not begin anew"
    assert len(anna.events()) == 600


def test_answer_lost_on_create_leaves_one_event_on_each_side(anna, world):
    world.control.fault(
        "answer_lost", method="POST", path="/events$", mailbox=anna.upn, times=2
    )
    anna.create("Lunch")
    world.quiesce()
    anna.assert_same("Lunch")
    assert len(anna.outlook_events()) == 1


def test_answer_lost_on_a_batch_of_creates_doubles_nothing(anna, world):
    world.control.fault("answer_lost", path=r"\$batch", times=1)
    values = [
        {
            "name": f"Lunch {day}",
            "start": f"{world.at(11, day=day)}",
            "stop": f"{world.at(12, day=day)}",
        }
        for day in range(1, 6)
    ]
    anna.client.call("calendar.event", "create", values)
    world.quiesce()
    assert len(anna.outlook_events()) == 5
    for day in range(1, 6):
        anna.assert_same(f"Lunch {day}")


def test_answer_lost_on_update_and_delete_is_repeated_safely(anna, world):
    first, second = anna.create("Lunch"), anna.create("Dinner", 18)
    world.quiesce()
    for method in ("PATCH", "DELETE"):
        world.control.fault(
            "answer_lost", method=method, path="/events", mailbox=anna.upn
        )
    anna.write(first, name="Brunch")
    anna.unlink(second)
    world.quiesce()
    anna.assert_same("Brunch")
    assert [one["subject"] for one in anna.outlook_events()] == ["Brunch"]
    assert anna.conflicts() == []


@pytest.mark.parametrize("fault", ["unavailable", "reset", "gateway_timeout"])
def test_write_that_fails_is_sent_later(anna, world, fault):
    world.control.fault(fault, path="/events", mailbox=anna.upn, times=3)
    anna.create("Lunch")
    world.quiesce()
    anna.assert_same("Lunch")
    assert len(anna.outlook_events()) == 1


def test_throttled_mailbox_waits_as_long_as_graph_asks(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    rule = world.control.fault(
        "throttle", method="PATCH", mailbox=anna.upn, retry_after=300
    )
    anna.write(event_id, name="Dinner")
    until_hit(world, rule)
    before = mark(world)
    world.wake("ir_cron_dispatch")
    world.until_crons_idle()
    world.advance(200)
    world.until_crons_idle()
    assert anna.writes(before) == []
    world.advance(120)
    world.quiesce()
    anna.assert_same("Dinner")


def test_throttled_mailbox_does_not_stop_another(anna, ben, world):
    world.control.fault("throttle", mailbox=anna.upn, retry_after=3000, times=None)
    anna.create("Lunch")
    ben.create("Dinner")
    eventually(lambda: ben.outlook_events("Dinner"), "Ben's event is sent")
    assert anna.outlook_events("Lunch") == []
    world.control.clear_faults()
    world.quiesce()
    anna.assert_same("Lunch")


def test_lost_delta_state_doubles_and_resurrects_nothing(anna, world):
    kept = anna.create("Kept")
    gone_here = anna.create("Deleted here", 11)
    there = anna.outlook_create("From Outlook", 13)
    gone_there = anna.outlook_create("Deleted there", 15)
    world.quiesce()
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_delete(gone_there)
    anna.outlook_update(there, subject="Edited there")
    anna.unlink(gone_here)
    world.control.lose_sync_state(anna.upn)
    world.control.flush_notifications()
    world.control.clear_faults()
    before = mark(world)
    world.poll()
    world.quiesce()
    answers = world.control.requests(mailbox=anna.upn, path="delta", after=before)
    assert 410 in [one["status"] for one in answers]
    assert sorted(one["name"] for one in anna.events()) == ["Edited there", "Kept"]
    assert sorted(one["subject"] for one in anna.outlook_events()) == [
        "Edited there",
        "Kept",
    ]
    assert anna.only_event("Kept")["id"] == kept


def test_delta_that_repeats_its_pages_for_ever_is_left_alone(anna, world):
    anna.outlook_create("Lunch")
    world.quiesce()
    world.control.fault("delta_endless", path="delta", mailbox=anna.upn, times=30)
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    anna.assert_same("Dinner")
    assert len(anna.events()) == 2


def test_page_that_is_none_is_asked_for_again(anna, world, allowed_log):
    allowed_log.append(
        r"sync\.read\.page: .*account \d+, .*no list.*request [\da-f-]{36}"
    )
    anna.outlook_create("Lunch")
    world.quiesce()
    world.control.fault("no_list", path="delta", mailbox=anna.upn, times=4)
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    anna.assert_same("Dinner")
    assert len(anna.events()) == 2


def test_request_that_always_fails_becomes_a_visible_error_with_retry(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    world.control.fault("server_error", method="PATCH", mailbox=anna.upn, times=None)
    anna.write(event_id, name="Dinner")
    eventually(
        lambda: [one for one in anna.outbox() if one["state"] == "dead"],
        "given up",
        meanwhile=world.skip_wait,
        timeout_seconds=120,
    )
    event = anna.event(event_id)
    assert event["ms365_sync_state"] == "error"
    assert anna.outbox()[-1]["reason"]
    assert anna.account("dead_letter_count")["dead_letter_count"] == 1
    world.control.clear_faults()
    anna.client.call("calendar.event", "action_ms365_retry", [event_id])
    world.quiesce()
    anna.assert_same("Dinner")
    assert anna.event(event_id)["ms365_sync_state"] == "synced"


def test_edit_that_waits_long_after_an_error_is_shown_and_sent_by_sync_now(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    world.control.fault("forbidden", method="PATCH", mailbox=anna.upn, times=1)
    anna.write(event_id, name="Dinner")
    eventually(lambda: anna.outbox()[-1]["is_late"], "refused once")
    status = anna.account("health", "badge", "status")
    assert (status["health"], status["badge"]) == ("attention", "delayed")
    shown = anna.client.read("calendar.event", event_id, "ms365_mark")
    assert shown["ms365_mark"] == "error"
    anna.client.call("praetorx.ms365.account", "action_sync_now", [status["id"]])
    world.quiesce()
    anna.assert_same("Dinner")
    assert anna.event(event_id)["ms365_sync_state"] == "synced"
    assert anna.account("health")["health"] == "ok"


def test_edit_while_a_send_is_in_flight_is_not_swallowed(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    rule = world.control.fault("latency", method="PATCH", mailbox=anna.upn, seconds=1.0)
    anna.write(event_id, name="Dinner")
    until_hit(world, rule)
    anna.write(event_id, name="Supper")
    world.quiesce()
    anna.assert_same("Supper")
    assert anna.conflicts() == []


def test_save_does_not_wait_while_graph_hangs_and_is_delivered_later(
    make_person, world
):
    anna, off = make_person("anna").connect(), make_person("off")
    ours, theirs = anna.create("Lunch"), off.create("Lunch")
    world.quiesce()
    world.control.fault("timeout", mailbox=anna.upn, seconds=3, times=None)
    seconds: dict[str, list[float]] = {"on": [], "off": []}
    for number in range(15):
        for key, person, event_id in (("on", anna, ours), ("off", off, theirs)):
            began = time.monotonic()
            person.write(event_id, name=f"Lunch {number}")
            seconds[key].append(time.monotonic() - began)
    # A save that asked Graph would take three seconds.
    assert statistics.median(seconds["on"]) < 5 * statistics.median(seconds["off"])
    assert anna.outlook_events("Lunch 14") == []
    world.control.clear_faults()
    world.quiesce(timeout_seconds=120)
    anna.assert_same("Lunch 14")


def test_malformed_events_are_quarantined_and_the_rest_is_applied(anna, world):
    good = anna.outlook_create("Good")
    plain = {
        name: good[name] for name in ("subject", "start", "end", "body", "isAllDay")
    } | {"type": "singleInstance", "isOrganizer": True, "isCancelled": False}
    utc = {"timeZone": "UTC"}
    broken = {
        "no start": {**plain, "omit": ["start"]},
        "unknown zone": {
            **plain,
            "start": {"dateTime": good["start"]["dateTime"], "timeZone": "Mars Time"},
        },
        "absurd date": {**plain, "start": {"dateTime": "31-31-31T99:00", **utc}},
        "far date": {**plain, "start": {"dateTime": "9999-12-31T23:59:59", **utc}},
        "ends before": {**plain, "end": {"dateTime": "1601-01-01T00:00:00", **utc}},
    }
    planted = {
        what: world.control.raw_event(anna.upn, {**body, "subject": what})
        for what, body in broken.items()
    }
    anna.outlook_create("Also good", 11)
    world.quiesce()
    anna.assert_same("Good")
    anna.assert_same("Also good")
    links = world.admin.search_read(
        "praetorx.ms365.event.link",
        [("remote_id", "in", [one["immutable_id"] for one in planted.values()])],
        ["state", "reason"],
    )
    assert [one["state"] for one in links] == ["quarantined"] * len(broken), links
    assert all(one["reason"] for one in links)
    assert len(anna.events()) == 2


def test_strange_but_readable_events_are_applied(anna, world):
    exchange = "/o=ExchangeLabs/ou=Administrative Group/cn=Recipients/cn=f00-somebody"
    anna.outlook_create("Long", 9, body={"contentType": "html", "content": "x" * 10**6})
    anna.outlook_create(
        "X.500",
        10,
        attendees=[exchange],
    )
    anna.outlook_create("", 11)
    world.quiesce()
    assert anna.only_event("Long")["ms365_sync_state"] in ("synced", "error")
    assert len(anna.events()) == 3
