"""calendarView/delta: rounds, removal, series, lost state."""

from __future__ import annotations

import time

from graph_simulator.client import Control
from graph_simulator.tests.people import (
    ALEX,
    IMMUTABLE,
    Person,
    delta_path,
    error_code,
    meeting,
    weekly,
)

MARCH = delta_path("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
REMOVED = {"reason": "deleted"}


def subjects(items: list[dict]) -> list[str]:
    """Return the sorted subjects of a round."""
    return sorted(item["subject"] for item in items if "subject" in item)


def test_first_round_then_only_changes(adele: Person) -> None:
    first = adele.create(meeting("A"))
    adele.create(meeting("B"))
    adele.create(meeting("Outside", "2026-05-02T10", "2026-05-02T11"))
    items, link = adele.delta_round(MARCH)
    assert subjects(items) == ["A", "B"]
    assert all(item["@odata.type"] == "#microsoft.graph.event" for item in items)
    assert adele.delta_round(link)[0] == []
    adele.patch(first["id"], {"subject": "A2"})
    adele.patch(first["id"], {"subject": "A3"})
    items, link = adele.delta_round(link)
    assert subjects(items) == ["A3"]
    assert items[0]["@odata.etag"] == adele.event(first["id"])["@odata.etag"]
    assert adele.delta_round(link)[0] == []


def test_an_old_delta_link_can_be_used_again(adele: Person) -> None:
    _items, link = adele.delta_round(MARCH)
    adele.create(meeting("A"))
    for _time in range(2):
        assert subjects(adele.delta_round(link)[0]) == ["A"]


def test_pages_and_their_size(adele: Person) -> None:
    for number in range(7):
        adele.create(meeting(f"E{number}"))
    prefer = {"Prefer": "odata.maxpagesize=3"}
    sizes = []
    link = MARCH
    while True:
        answer = adele.send("GET", link, **prefer)
        assert answer.headers["Preference-Applied"] == "odata.maxpagesize=3"
        page = answer.json()
        assert page["@odata.context"].endswith("$metadata#Collection(event)")
        sizes.append(len(page["value"]))
        if "@odata.deltaLink" in page:
            break
        assert "$skiptoken=" in page["@odata.nextLink"]
        link = page["@odata.nextLink"]
    assert sizes == [3, 3, 1]
    assert "$deltatoken=" in page["@odata.deltaLink"]


def test_change_during_a_round_comes_in_it_or_in_the_next(adele: Person) -> None:
    events = [adele.create(meeting(f"E{number}")) for number in range(6)]
    prefer = {"Prefer": "odata.maxpagesize=2"}
    page = adele.get(MARCH, **prefer)
    adele.patch(events[0]["id"], {"subject": "changed"})
    adele.delete(events[5]["id"])
    adele.create(meeting("new"))
    rest, link = adele.delta_round(page["@odata.nextLink"], **prefer)
    later, _link = adele.delta_round(link)
    seen = {item["id"]: item for item in page["value"] + rest + later}
    assert seen[events[0]["id"]]["subject"] == "changed"
    assert seen.get(events[5]["id"], {}).get("@removed", REMOVED) == REMOVED
    assert "new" in subjects(list(seen.values()))


def test_deleted_and_left_the_window_are_removed(adele: Person) -> None:
    first = adele.create(meeting("A"))
    second = adele.create(meeting("B"))
    outside = adele.create(meeting("C", "2026-05-02T10", "2026-05-02T11"))
    _items, link = adele.delta_round(MARCH)
    adele.delete(first["id"])
    adele.patch(
        second["id"],
        {
            "start": {"dateTime": "2026-06-01T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-06-01T11:00:00", "timeZone": "UTC"},
        },
    )
    adele.patch(outside["id"], {"subject": "C2"})
    items, _link = adele.delta_round(link)
    assert {item["id"]: item["@removed"] for item in items} == {
        first["id"]: REMOVED,
        second["id"]: REMOVED,
        outside["id"]: REMOVED,
    }
    assert all(set(item) == {"@odata.type", "id", "@removed"} for item in items)


def test_event_that_comes_into_the_window(adele: Person) -> None:
    event = adele.create(meeting("A", "2026-06-02T10", "2026-06-02T11"))
    items, link = adele.delta_round(MARCH)
    assert items == []
    adele.patch(event["id"], meeting("A"))
    assert subjects(adele.delta_round(link)[0]) == ["A"]


def test_series_comes_as_master_and_minimal_occurrences(adele: Person) -> None:
    rule = weekly("monday", start="2025-12-01")
    master = adele.create(
        meeting("S", "2025-12-01T10", "2025-12-01T11", recurrence=rule)
    )
    found = adele.instances(master["id"], "2026-03-01T00:00:00", "2026-04-01T00:00:00")
    adele.patch(found[0]["id"], {"subject": "Changed"})
    items, link = adele.delta_round(MARCH)
    by_type: dict[str, list[dict]] = {}
    for item in items:
        by_type.setdefault(item["type"], []).append(item)
    assert {kind: len(found) for kind, found in by_type.items()} == {
        "seriesMaster": 1,
        "exception": 1,
        "occurrence": 4,
    }
    # The master starts with its first occurrence, long before the window.
    assert by_type["seriesMaster"][0]["start"]["dateTime"][:10] == "2025-12-01"
    assert by_type["exception"][0]["subject"] == "Changed"
    for occurrence in by_type["occurrence"]:
        assert set(occurrence) == {
            "@odata.type",
            "@odata.etag",
            "id",
            "seriesMasterId",
            "type",
            "start",
            "end",
        }
    # One deleted date: the series is sent again, without the deleted date.
    adele.delete(found[2]["id"])
    items, _link = adele.delta_round(link)
    assert not any("@removed" in item for item in items)
    assert len(items) == 5
    assert found[2]["id"] not in [item["id"] for item in items]


def test_series_stays_on_one_page(adele: Person) -> None:
    rule = weekly("monday", "tuesday", start="2026-03-02", numberOfOccurrences=8)
    adele.create(meeting("S", recurrence=rule))
    adele.create(meeting("A"))
    page = adele.get(MARCH, Prefer="odata.maxpagesize=2")
    assert len(page["value"]) == 9
    assert "@odata.nextLink" in page


def test_deleted_series_is_removed_by_its_master(adele: Person) -> None:
    master = adele.create(meeting(recurrence=weekly("monday", start="2026-03-02")))
    _items, link = adele.delta_round(MARCH)
    adele.delete(master["id"])
    items, _link = adele.delta_round(link)
    assert [item["id"] for item in items] == [master["id"]]


def test_links_work_with_either_id_format(adele: Person) -> None:
    event = adele.create(meeting())
    items, link = adele.delta_round(MARCH, **IMMUTABLE)
    assert items[0]["id"] == adele.event(event["id"], **IMMUTABLE)["id"]
    adele.delete(event["id"])
    assert adele.delta_round(link)[0][0]["id"] == event["id"]


def test_lost_state_is_410_with_location(adele: Person, control: Control) -> None:
    _items, link = adele.delta_round(MARCH)
    control.lose_sync_state(adele.upn)
    answer = adele.send("GET", link)
    assert (answer.status_code, error_code(answer)) == (410, "SyncStateNotFound")
    assert answer.headers["Location"].endswith(
        "/v1.0/me/calendarView/delta?$deltatoken="
    )
    assert adele.delta_round(MARCH)[0] == []


def test_malformed_and_foreign_tokens_are_400(adele: Person, alex: Person) -> None:
    answer = adele.send("GET", "/me/calendarView/delta?$deltatoken=abc")
    assert (answer.status_code, error_code(answer)) == (400, "BadRequest")
    assert "Badly formed token" in answer.json()["error"]["message"]
    _items, link = adele.delta_round(MARCH)
    assert alex.send("GET", link).status_code == 400
    assert adele.send("GET", "/me/calendarView/delta").status_code == 400


def test_query_options_are_not_supported(adele: Person) -> None:
    for option in ("$select=subject", "$filter=subject eq 'x'", "$expand=instances"):
        assert adele.send("GET", f"{MARCH}&{option}").status_code == 400


def test_delta_is_of_one_calendar(adele: Person, control: Control) -> None:
    event = adele.create(meeting("A"))
    calendar = control.add_calendar(adele.upn, "Other")
    path = MARCH.replace("/me/", f"/me/calendars/{calendar['id']}/")
    _items, own_link = adele.delta_round(MARCH)
    items, link = adele.delta_round(path)
    assert items == []
    control.move_event(adele.upn, event["id"], calendar["id"])
    assert adele.delta_round(own_link)[0] == [
        {
            "@odata.type": "#microsoft.graph.event",
            "id": event["id"],
            "@removed": REMOVED,
        }
    ]
    assert subjects(adele.delta_round(link)[0]) == ["A"]


def test_reply_of_an_attendee_is_in_the_organizers_delta(
    adele: Person, alex: Person
) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    _items, link = adele.delta_round(MARCH)
    alex.act(alex.only_event()["id"], "accept")
    (item,) = adele.delta_round(link)[0]
    assert item["attendees"][0]["status"]["response"] == "accepted"
    assert item["@odata.etag"] != event["@odata.etag"]


def test_faults_of_delta_pages(adele: Person, control: Control) -> None:
    adele.create(meeting("A"))
    control.fault("delta_doubled", path="delta")
    assert subjects(adele.delta_round(MARCH)[0]) == ["A", "A"]
    control.fault("delta_unknown_removed", path="delta")
    assert "@removed" in adele.delta_round(MARCH)[0][1]
    control.fault("delta_empty_page", path="delta")
    page = adele.get(MARCH)
    assert (page["value"], "@odata.nextLink" in page) == ([], True)
    assert subjects(adele.delta_round(page["@odata.nextLink"])[0]) == ["A"]
    control.fault("delta_endless", path="delta", times=3)
    links = set()
    link = MARCH
    for _page in range(3):
        page = adele.get(link)
        assert subjects(page["value"]) == ["A"]
        link = page["@odata.nextLink"]
        links.add(link)
    assert len(links) == 3
    assert subjects(adele.delta_round(link)[0]) == ["A"]
    control.fault("gone", path="delta")
    assert adele.send("GET", MARCH).status_code == 410
    control.fault("sync_state_not_found", path="delta")
    assert error_code(adele.send("GET", MARCH)) == "syncStateNotFound"


def test_cost_follows_the_changes_and_not_the_mailbox(
    adele: Person, control: Control
) -> None:
    ids = control.seed(adele.upn, 5000, start="2026-03-01T00:00:00", every_minutes=8)
    prefer = {"Prefer": "odata.maxpagesize=500"}
    began = time.monotonic()
    items, link = adele.delta_round(MARCH, **prefer)
    first_round = time.monotonic() - began
    assert len(items) == 5000
    adele.patch(ids[17], {"subject": "changed"})
    began = time.monotonic()
    items, _link = adele.delta_round(link)
    assert subjects(items) == ["changed"]
    assert time.monotonic() - began < max(0.2, first_round / 5)
