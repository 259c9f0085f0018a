"""Test the pages and rounds of a delta query, and its window."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.delta import (
    MAX_SIGHTS,
    MAX_WINDOW_DAYS,
    DeltaRound,
    Step,
    is_outdated,
    last_of_each,
    must_be_listed,
    needs_roll,
    plan_round,
    plan_round_end,
    read_list,
    read_page,
    same_origin,
    window_bounds,
)
from praetorx_ms365_calendar.engine.errors import TryLater

ROOT = "https://graph.microsoft.com"
NEXT = f"{ROOT}/v1.0/me/calendarView/delta?$skiptoken=R0us"
DELTA = f"{ROOT}/v1.0/me/calendarView/delta?$deltatoken=R0us"

naive = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))


def page(*ids, next_link=NEXT, delta_link=None, etag="1"):
    payload = {"value": [{"id": each, "@odata.etag": etag} for each in ids]}
    if next_link:
        payload["@odata.nextLink"] = next_link
    if delta_link:
        payload["@odata.deltaLink"] = delta_link
    return read_page(payload, root=ROOT)


def run(pages, **options):
    """Read pages until the round ends, and return the last step."""
    state = DeltaRound()
    for number, each in enumerate(pages, start=1):
        state, step = state.add(each, **options)
        if step is not Step.FOLLOW:
            return number, step
    return len(pages), Step.FOLLOW


def test_a_page_is_read():
    last = page("a", "b", next_link=None, delta_link=DELTA)
    assert [item["id"] for item in last.items] == ["a", "b"]
    assert (last.next_link, last.delta_link) == (None, DELTA)


def test_tombstones_and_minimal_occurrences_are_items():
    removed = {"id": "a", "@removed": {"reason": "deleted"}}
    payload = {"value": [removed, {"id": "b"}], "@odata.deltaLink": DELTA}
    assert read_page(payload, root=ROOT).items == (removed, {"id": "b"})


def test_entries_without_id_are_counted_and_skipped():
    payload = {
        "value": [{"id": "a"}, {"id": ""}, {"id": None}, {}, "x", None],
        "@odata.deltaLink": DELTA,
    }
    result = read_page(payload, root=ROOT)
    assert [item["id"] for item in result.items] == ["a"]
    assert result.unreadable == 5


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {"value": None, "@odata.deltaLink": DELTA},
        {"value": {}, "@odata.deltaLink": DELTA},
        {"value": []},
        {"value": [], "@odata.nextLink": NEXT, "@odata.deltaLink": DELTA},
        {"value": [], "@odata.nextLink": 5},
        {"value": [], "@odata.nextLink": ""},
    ],
)
def test_invalid_page_of_a_round_is_refused(payload):
    with pytest.raises(TryLater):
        read_page(payload, root=ROOT)


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.evil.example/v1.0/x",
        "https://evil.example/v1.0/x",
        "http://graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com:8443/v1.0/x",
        "https://graph.microsoft.com@evil.example/v1.0/x",
        "https://[::1/v1.0/x",
        "https://graph.microsoft.com:port/v1.0/x",
        "//evil.example/x",
        "/v1.0/me",
        "javascript:alert(1)",
    ],
)
def test_links_to_another_place_are_refused(link):
    assert not same_origin(link, ROOT)
    for name in ("@odata.nextLink", "@odata.deltaLink"):
        with pytest.raises(TryLater):
            read_page({"value": [], name: link}, root=ROOT)


@pytest.mark.parametrize(
    "link", ["https://GRAPH.microsoft.com/v1.0/x", "https://graph.microsoft.com:443/y"]
)
def test_spelling_of_the_host_does_not_matter(link):
    assert same_origin(link, ROOT)


def test_the_last_page_of_a_list_has_no_link():
    assert read_list({"value": []}, root=ROOT).next_link is None


def test_a_round_ends_with_the_delta_link():
    pages = [page("a"), page(), page("b"), page(next_link=None, delta_link=DELTA)]
    assert run(pages) == (4, Step.FINISHED)


def test_a_repeated_page_ends_the_round():
    number, step = run([page("a", "b")] * 100)
    assert (number, step) == (MAX_SIGHTS, Step.FALL_BACK)


def test_order_within_the_page_does_not_hide_a_loop():
    turned = [page("a", "b"), page("b", "a")] * 50
    assert run(turned) == (MAX_SIGHTS, Step.FALL_BACK)


def test_a_loop_over_several_pages_is_found():
    _number, step = run([page("a"), page("b"), page("c")] * 50)
    assert step is Step.FALL_BACK


def test_repeated_items_with_another_version_are_no_loop():
    pages = [page("a", etag=str(version)) for version in range(50)]
    assert run(pages) == (50, Step.FOLLOW)


def test_a_repeated_last_page_is_still_the_last():
    last = page("a", next_link=None, delta_link=DELTA)
    assert run([page("a"), page("a"), last]) == (3, Step.FINISHED)


def test_too_many_pages_end_the_round():
    pages = [page(str(number)) for number in range(20)]
    assert run(pages, max_pages=10) == (10, Step.FALL_BACK)


def test_empty_pages_are_followed_up_to_the_cap():
    assert run([page()] * 20, max_pages=10) == (10, Step.FALL_BACK)


def test_a_round_survives_a_restart():
    state = DeltaRound()
    for each in [page("a"), page("b")] * 2:
        state, _step = state.add(each)
    assert DeltaRound.from_json(state.to_json()) == state
    assert DeltaRound.from_json(None) == DeltaRound()
    assert DeltaRound.from_json(state.to_json()).add(page("a"))[1] is Step.FALL_BACK


def test_the_last_version_of_an_item_wins():
    items = [{"id": "a", "v": 1}, {"id": "b"}, {"id": "a", "v": 2}]
    assert last_of_each(items) == [{"id": "b"}, {"id": "a", "v": 2}]


def test_window_has_today_and_one_more_day_on_each_side():
    start, end = window_bounds(datetime(2026, 3, 2, 15, 30), 7, 30)
    assert start == datetime(2026, 2, 22)
    assert end == datetime(2026, 4, 3)


@given(now=naive, back=st.integers(-10, 5000), ahead=st.integers(-10, 5000))
def test_window_is_whole_days_around_now_that_graph_accepts(now, back, ahead):
    start, end = window_bounds(now, back, ahead)
    assert start.time() == end.time() == datetime.min.time()
    assert start < now < end
    assert end - start <= timedelta(days=MAX_WINDOW_DAYS)
    if 0 <= back + ahead <= 1800 and min(back, ahead) >= 0:
        assert start <= now - timedelta(days=back + 1)
        assert end >= now + timedelta(days=ahead + 1)


@given(
    now=naive,
    back=st.integers(0, 3000),
    ahead=st.integers(0, 3000),
    margin=st.integers(-1, 60),
)
def test_a_new_window_is_not_rolled_before_its_margin(now, back, ahead, margin):
    _start, end = window_bounds(now, back, ahead)
    due = max(margin, 1)
    assert not needs_roll(end, now, ahead, margin)
    assert not needs_roll(end, now + timedelta(days=due - 1), ahead, margin)
    assert needs_roll(end, now + timedelta(days=due), ahead, margin)


@pytest.mark.parametrize(
    ("days_passed", "back", "ahead", "expected"),
    [
        (0, 30, 60, False),
        (13, 30, 60, False),
        (14, 30, 60, True),  # rolled
        (0, 32, 60, True),  # widened
        (0, 30, 75, True),
        (0, 10, 60, True),  # narrowed
        (0, 30, 58, True),
    ],
)
def test_window_that_differs_from_the_wanted_one_is_outdated(
    days_passed, back, ahead, expected
):
    began = datetime(2026, 3, 2, 12)
    now = began + timedelta(days=days_passed)
    found = is_outdated(
        window_bounds(began, 30, 60),
        window_bounds(now, back, ahead),
        now=now,
        days_ahead=ahead,
    )
    assert found is expected


def test_delta_is_read_while_the_window_is_right():
    def kind(has_delta_link=True, is_outdated=False, is_paused=False):
        return plan_round(
            has_delta_link=has_delta_link, is_outdated=is_outdated, is_paused=is_paused
        )

    assert kind() == "delta"
    assert kind(has_delta_link=False) == kind(is_outdated=True) == "initial"
    # A round that went in circles is left alone for a while.
    assert kind(is_paused=True) == kind(is_outdated=True, is_paused=True) == "view"


# --- the end of a round ---------------------------------------------------------------


def end_of(kind, *, has_retiring_link=False, sweep=False):
    return plan_round_end(kind, has_retiring_link=has_retiring_link, sweep=sweep)


@pytest.mark.parametrize(
    ("kind", "stores"),
    [("initial", True), ("delta", True), ("retiring", False), ("view", False)],
)
def test_only_rounds_of_the_present_window_store_the_delta_link(kind, stores):
    assert end_of(kind).stores_delta_link is stores


@pytest.mark.parametrize("kind", ["delta", "retiring", "view"])
def test_old_delta_link_is_read_only_after_an_initial_round(kind):
    assert end_of("initial", has_retiring_link=True).retires_next
    assert not end_of("initial").retires_next
    assert not end_of(kind, has_retiring_link=True).retires_next


@pytest.mark.parametrize("kind", ["initial", "view"])
def test_full_round_verifies_the_events_that_it_did_not_list(kind):
    assert end_of(kind).verify == "window"
    assert end_of(kind, sweep=True).verify == "all"


@pytest.mark.parametrize("kind", ["delta", "retiring"])
def test_round_of_changes_verifies_nothing_at_its_end(kind):
    assert end_of(kind, sweep=True).verify is None


@pytest.mark.parametrize(
    ("begin_day", "is_sure"), [(1, False), (2, True), (8, True), (9, False)]
)
def test_event_at_the_edge_of_the_window_may_be_missing(begin_day, is_sure):
    window = datetime(2026, 3, 1), datetime(2026, 3, 10)
    start = datetime(2026, 3, begin_day, 0, 0)
    end = start + timedelta(hours=1)
    assert must_be_listed(start, end, window) is is_sure
