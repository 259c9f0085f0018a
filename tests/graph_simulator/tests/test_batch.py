"""JSON batching."""

from __future__ import annotations

from typing import Any

import pytest

from graph_simulator.client import Control
from graph_simulator.tests.people import ADELE, Person, event_path, meeting

JSON_TYPE = {"Content-Type": "application/json"}
Json = dict[str, Any]


def part(number: int, method: str, url: str, body: Any = None, **more: Any) -> Json:
    """Return a part of a batch."""
    found: Json = {"id": str(number), "method": method, "url": url, **more}
    if body is not None:
        found["body"] = body
        found["headers"] = {**JSON_TYPE, **more.get("headers", {})}
    return found


def run(person: Person, *parts: Json) -> dict[str, Json]:
    """Send a batch, and return the responses by id."""
    answer = person.send("POST", "/$batch", {"requests": list(parts)})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["responses"]}


def test_parts_are_requests_of_their_own(adele: Person, control: Control) -> None:
    event = adele.create(meeting())
    control.reset_requests()
    answers = run(
        adele,
        part(1, "POST", "/me/events", meeting("new")),
        part(2, "PATCH", event_path(event["id"]), {"subject": "B"}),
        part(3, "GET", "/me/events?$select=subject"),
        part(
            4,
            "DELETE",
            event_path(event["id"]),
            headers={"If-Match": event["@odata.etag"]},
        ),
    )
    assert answers["1"]["status"] == 201
    assert answers["1"]["body"]["subject"] == "new"
    assert answers["2"]["headers"]["Content-Type"] == "application/json"
    assert answers["2"]["body"]["subject"] == "B"
    assert answers["4"]["status"] == 412
    logged = control.requests()
    assert [entry["part_id"] for entry in logged] == ["1", "2", "3", "4", None]
    assert {entry["batch_id"] for entry in logged[:4]} == {logged[4]["request_id"]}
    assert len({entry["request_id"] for entry in logged}) == 5
    counters = control.counters()
    assert (counters["total"], counters["round_trips"]) == (5, 1)
    assert counters["writes"] == 3


def test_prefer_counts_for_its_part_only(adele: Person) -> None:
    adele.create(meeting())
    zone = {"headers": {"Prefer": 'outlook.timezone="Asia/Tokyo"'}}
    answers = run(
        adele, part(1, "GET", "/me/events", **zone), part(2, "GET", "/me/events")
    )
    zones = [answers[n]["body"]["value"][0]["start"]["timeZone"] for n in "12"]
    assert zones == ["Asia/Tokyo", "UTC"]


def test_failed_part_makes_dependent_parts_424(adele: Person) -> None:
    answers = run(
        adele,
        part(1, "GET", "/me/events/AAMkADNVxRAAA=AAAAAAAAAAAAAAAAAAAAAAAAA"),
        part(2, "POST", "/me/events", meeting(), dependsOn=["1"]),
        part(3, "GET", "/me", dependsOn=["2"]),
        part(4, "GET", "/me"),
    )
    assert {key: one["status"] for key, one in answers.items()} == {
        "1": 404,
        "2": 424,
        "3": 424,
        "4": 200,
    }
    assert answers["2"]["body"]["error"]["code"] == "FailedDependency"
    assert adele.get("/me/events")["value"] == []


def test_chain_runs_in_order(adele: Person, control: Control) -> None:
    control.fault("latency", method="POST", path="/events", seconds=0.1)
    answers = run(
        adele,
        part(1, "POST", "/me/events", meeting("first")),
        part(2, "GET", "/me/events", dependsOn=["1"]),
    )
    assert len(answers["2"]["body"]["value"]) == 1


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(number, "GET", "/me") for number in range(21)],
        [part(1, "GET", "/me"), part(1, "GET", "/me")],
        [part(1, "GET", "/me", dependsOn=["7"])],
        [part(1, "FETCH", "/me")],
        [part(1, "GET", "")],
        [{"method": "GET", "url": "/me"}],
        ["nonsense"],
    ],
)
def test_malformed_batches_are_400(adele: Person, parts: list[Any]) -> None:
    assert adele.send("POST", "/$batch", {"requests": parts}).status_code == 400


def test_part_needs_its_own_content_type(adele: Person) -> None:
    bare = {"id": "1", "method": "POST", "url": "/me/events", "body": meeting()}
    assert run(adele, bare)["1"]["status"] == 400
    assert (
        run(adele, part(1, "POST", "/$batch", {"requests": []}))["1"]["status"] == 400
    )


def test_throttled_part_has_its_own_retry_after(
    adele: Person, control: Control
) -> None:
    control.fault("throttle", path="/me/events", retry_after=1.5)
    answers = run(adele, part(1, "GET", "/me/events"), part(2, "GET", "/me/calendar"))
    assert answers["1"]["status"] == 429
    assert answers["1"]["headers"]["Retry-After"] == "1.5"
    assert answers["2"]["status"] == 200


def test_four_at_once_and_older_reports_of_the_fifth(
    adele: Person, control: Control
) -> None:
    control.options(service_seconds=0.05)
    parts = [part(number, "GET", "/me/calendar") for number in range(12)]
    answers = run(adele, *parts)
    assert {one["status"] for one in answers.values()} == {200}
    control.options(batch_fifth_part_throttled=True)
    answers = run(adele, *parts[:5])
    assert sorted(one["status"] for one in answers.values()) == [200] * 4 + [429]


def test_lost_response_of_a_part_is_a_504(adele: Person, control: Control) -> None:
    control.fault("answer_lost", method="POST", path="/events")
    answers = run(adele, part(1, "POST", "/me/events", meeting()))
    assert answers["1"]["status"] == 504
    assert len(control.events(ADELE)) == 1
