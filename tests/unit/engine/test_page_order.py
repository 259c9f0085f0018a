"""The order of steps for the items of a page."""

from dataclasses import replace

import pytest

from praetorx_ms365_calendar.engine.errors import BadRemoteEvent
from praetorx_ms365_calendar.engine.link_facts import LinkFacts
from praetorx_ms365_calendar.engine.page_order import (
    RemovedLink,
    Step,
    latest_items,
    parse_items,
    plan_removed,
    series_on_page,
    sort_page,
    step_of_series,
)
from praetorx_ms365_calendar.engine.snapshot import RemoteEvent, RemovedEvent

LINK = LinkFacts(
    "synced",
    has_meeting=True,
    is_deleted_here=False,
    change_key="v1",
    modified_at="2026-03-02T08:00:00Z",
    needs_read=False,
    awaits_outcome=False,
)


def event(remote_id="A", change_key="v2", kind="singleInstance", **values):
    return RemoteEvent(remote_id, change_key, kind, None, **values)


def steps(*events, **links):
    return {
        step: [remote.remote_id for remote in found]
        for step, found in sort_page(events, links)
    }


# --- items ----------------------------------------------------------------------------


def test_the_last_version_of_an_item_counts():
    page = latest_items([event(change_key="v1"), event(change_key="v2")])
    assert page.events == {"A": event(change_key="v2")}
    assert page.ids == ["A"]


@pytest.mark.parametrize(
    ("last", "ids"),
    [
        (RemovedEvent("A"), ([], ["A"], [])),
        (BadRemoteEvent("no start", remote_id="A"), ([], [], ["A"])),
        (event(), (["A"], [], [])),
    ],
)
def test_an_item_is_in_one_list_only(last, ids):
    bad = BadRemoteEvent("no end", remote_id="A")
    page = latest_items([event(), RemovedEvent("A"), bad, last])
    assert (list(page.events), page.removed, list(page.unreadable)) == ids


def test_the_reason_of_an_unreadable_item_is_kept():
    page = latest_items(parse_items([{"id": "A"}, {"subject": "no id"}]))
    assert list(page.unreadable) == ["A"]
    assert page.unreadable["A"]
    assert len(page.without_id) == 1


def test_items_are_read_in_their_order():
    page = latest_items(parse_items([{"id": "B", "@removed": {}}, {"id": "A"}]))
    assert page.ids == ["B", "A"]


# --- removed items --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "verify", "may_have_moved"),
    [
        (RemovedLink("synced", False, 3), True, True),
        (RemovedLink("synced", True, 3), False, False),
        (RemovedLink("deleted_there", False, 3), False, False),
        (RemovedLink("synced", False, 4), True, False),
        (RemovedLink("synced", True, 3, place_unknown=True), True, False),
    ],
)
def test_a_removed_event_is_verified(link, verify, may_have_moved):
    plan = plan_removed({"A": link}, round_kind="retiring", round_number=4)
    assert plan.verify == ["A"] * verify
    assert plan.may_have_moved == ["A"] * may_have_moved


# --- series ---------------------------------------------------------------------------


def test_the_parts_of_a_series_are_put_together():
    part = event("X", kind="exception", series_master_id="S", modified_at="t2")
    gone = event(
        "Y", kind="exception", series_master_id="S", modified_at="t3", is_cancelled=True
    )
    master = event("S", kind="seriesMaster", modified_at="t1")
    listed = event("O", kind="occurrence", series_master_id="S")
    series, lost = series_on_page([part, gone, event(), listed, master])
    assert lost == []
    assert list(series) == ["S"]
    assert series["S"].master == master
    assert series["S"].exceptions == [part, gone]
    assert series["S"].modified_at == "t1"
    assert series["S"].versions == {"X": "t2"}


def test_an_occurrence_names_a_series_that_the_page_does_not_list():
    series, lost = series_on_page(
        [
            event("O", kind="occurrence", series_master_id="S"),
            event("P", kind="occurrence"),
        ]
    )
    assert series["S"].master is None
    assert series["S"].modified_at == ""
    assert lost == ["P"]


# --- single events --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "link", "step"),
    [
        (event(), None, Step.NEWCOMER),
        (event(is_cancelled=True), None, None),
        (event(kind="occurrence"), None, None),
        (event(), LINK, Step.KNOWN),
        (event(change_key="v1"), LINK, None),
        (event(modified_at="2026-03-01T08:00:00Z"), LINK, None),
        (event(change_key="v1"), replace(LINK, needs_read=True), Step.KNOWN),
        (event(change_key="v1"), replace(LINK, awaits_outcome=True), Step.KNOWN),
        (event(change_key="v1"), replace(LINK, state="gone"), Step.READ),
        (event(), replace(LINK, state="gone"), Step.KNOWN),
        (event(), replace(LINK, is_series=True), Step.READ),
        (event(), replace(LINK, state="kept_there"), Step.RECORD_VERSION),
        (event(), replace(LINK, has_meeting=False), Step.NEWCOMER),
        (
            event(),
            replace(LINK, has_meeting=False, is_deleted_here=True),
            Step.KNOWN,
        ),
        (event(is_cancelled=True), LINK, Step.GONE),
        (event(is_cancelled=True), replace(LINK, state="conflict"), Step.GONE),
        (event(is_cancelled=True), replace(LINK, state="gone"), Step.GONE),
        (
            event(is_cancelled=True),
            replace(LINK, state="deleted_there"),
            Step.RECORD_CANCELLATION,
        ),
        (
            event(is_cancelled=True),
            replace(LINK, has_meeting=False),
            Step.RECORD_CANCELLATION,
        ),
    ],
)
def test_each_event_gets_one_step(remote, link, step):
    plan = sort_page([remote], {"A": link} if link else {})
    assert plan == ([(step, [remote])] if step else [])


def test_steps_come_in_one_order_whatever_the_page_lists_first():
    kept = replace(LINK, state="kept_there")
    plan = steps(
        event("new"),
        event("known"),
        event("other"),
        event("cancelled", is_cancelled=True),
        event("kept"),
        known=LINK,
        other=LINK,
        cancelled=LINK,
        kept=kept,
    )
    assert list(plan.items()) == [
        (Step.RECORD_VERSION, ["kept"]),
        (Step.GONE, ["cancelled"]),
        (Step.KNOWN, ["known", "other"]),
        (Step.NEWCOMER, ["new"]),
    ]


@pytest.mark.parametrize(
    ("is_cancelled", "link", "step"),
    [
        (False, {}, Step.KNOWN),
        (False, {"state": "kept_there"}, Step.RECORD_VERSION),
        (False, {"has_meeting": False}, Step.NEWCOMER),
        (True, {}, Step.GONE),
        (True, {"has_meeting": False}, Step.RECORD_CANCELLATION),
        (True, {"state": "kept_there"}, Step.RECORD_VERSION),
    ],
)
def test_a_series_that_was_read_gets_one_step(is_cancelled, link, step):
    master = event(kind="seriesMaster", is_cancelled=is_cancelled)
    assert step_of_series(master, replace(LINK, **link)) is step
