"""Faults, limits, the clock and the request log."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from graph_simulator.client import Control, ControlFailed
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    Person,
    error_code,
    event_path,
    meeting,
)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 429, "TooManyRequests"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("server_error", 500, "ErrorInternalServerError"),
        ("gateway_timeout", 504, "UnknownError"),
        ("forbidden", 403, "ErrorAccessDenied"),
        ("mailbox_not_enabled", 404, "MailboxNotEnabledForRESTAPI"),
        ("unauthorized", 401, "InvalidAuthenticationToken"),
        ("conflict", 409, "ErrorIrresolvableConflict"),
    ],
)
def test_faults_with_an_error_response(
    adele: Person, control: Control, fault: str, status: int, code: str
) -> None:
    control.fault(fault, path="/me/events")
    answer = adele.send("GET", "/me/events")
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert adele.send("GET", "/me/events").status_code == 200
    entry = control.requests(path="/me/events")[0]
    assert (entry["status"], entry["fault"]) == (status, fault)


def test_retry_after_may_be_a_decimal(adele: Person, control: Control) -> None:
    control.fault("throttle", path="events", retry_after=2.128)
    assert adele.send("GET", "/me/events").headers["Retry-After"] == "2.128"
    control.fault("unavailable", path="events", retry_after=7)
    assert adele.send("GET", "/me/events").headers["Retry-After"] == "7"


def test_reset_does_nothing_and_lost_response_does_all(
    adele: Person, control: Control
) -> None:
    control.fault("reset", method="POST", path="/events$")
    with pytest.raises(requests.ConnectionError):
        adele.create(meeting("reset"))
    assert control.events(ADELE) == []
    control.fault("answer_lost", method="POST", path="/events$")
    with pytest.raises(requests.ConnectionError):
        adele.create(meeting("lost", transactionId="t"))
    assert [event["subject"] for event in control.events(ADELE)] == ["lost"]
    assert adele.create(meeting("lost", transactionId="t"))["subject"] == "lost"
    assert len(control.events(ADELE)) == 1
    assert [entry["status"] for entry in control.requests(method="POST")] == [0, 0, 201]


def test_timeout_does_nothing(adele: Person, control: Control) -> None:
    control.fault("timeout", method="POST", path="/events$", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        adele.create(meeting())
    assert control.events(ADELE) == []


def test_latency(adele: Person, control: Control) -> None:
    control.fault("latency", path="/me$", seconds=0.2)
    began = time.monotonic()
    adele.get("/me")
    assert time.monotonic() - began >= 0.2


def test_stale_etag_hits_writes_only(adele: Person, control: Control) -> None:
    event = adele.create(meeting())
    control.fault("stale_etag", method="PATCH", path="/events/")
    path = event_path(event["id"])
    assert adele.send("PATCH", path, {"subject": "B"}).status_code == 412
    assert adele.patch(event["id"], {"subject": "B"})["subject"] == "B"


def test_revoked_token_stays_revoked(adele: Person, control: Control) -> None:
    control.fault("token_revoked", path="/me$")
    assert adele.send("GET", "/me").status_code == 401
    assert adele.send("GET", "/me").status_code == 401


def test_unauthorized_once(adele: Person, control: Control) -> None:
    control.fault("unauthorized_once", path="/me$")
    codes = [adele.send("GET", "/me").status_code for _time in range(2)]
    assert codes == [401, 200]


def test_invalid_json(adele: Person, control: Control) -> None:
    control.fault("invalid_json", path="/me$")
    answer = adele.send("GET", "/me")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


def test_page_without_its_list(adele: Person, control: Control) -> None:
    control.fault("no_list", path="/me/events$")
    assert "value" not in adele.get("/me/events")
    assert adele.get("/me/events")["value"] == []


def test_rules_match_by_method_path_and_mailbox(
    adele: Person, alex: Person, control: Control
) -> None:
    rule = control.fault(
        "server_error", method="GET", path="/me/calendars$", mailbox=ALEX, times=None
    )
    assert adele.send("GET", "/me/calendars").status_code == 200
    assert alex.send("GET", "/me/calendar").status_code == 200
    for _time in range(3):
        assert alex.send("GET", "/me/calendars").status_code == 500
    assert control.faults()[0]["hits"] == 3
    control.remove_fault(rule)
    assert alex.send("GET", "/me/calendars").status_code == 200


def test_chance_repeats_with_its_seed(adele: Person, control: Control) -> None:
    def outcome(seed: int) -> list[int]:
        control.clear_faults()
        control.fault(
            "server_error", path="/me$", times=None, probability=0.5, seed=seed
        )
        return [adele.send("GET", "/me").status_code for _time in range(20)]

    first = outcome(7)
    assert set(first) == {200, 500}
    assert outcome(7) == first
    assert outcome(8) != first


def test_unknown_faults_are_refused(control: Control) -> None:
    with pytest.raises(ControlFailed):
        control.fault("earthquake")
    with pytest.raises(ControlFailed):
        control.fault("latency", colour="red")


def test_fifth_request_at_once_is_throttled(adele: Person, control: Control) -> None:
    control.fault("latency", path="/me/calendars$", seconds=0.5, times=None)

    def call(_number: int) -> requests.Response:
        return requests.get(
            f"{adele.simulator.url}/v1.0/me/calendars", headers=adele.session.headers
        )

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(call, range(6)))
    assert sorted(one.status_code for one in answers) == [200] * 4 + [429] * 2
    refused = next(one for one in answers if one.status_code == 429)
    assert error_code(refused) == "ApplicationThrottled"
    assert refused.headers["Retry-After"] == "1"
    assert adele.send("GET", "/me/calendar").status_code == 200


def test_budget_of_ten_minutes(adele: Person, alex: Person, control: Control) -> None:
    control.options(max_requests_per_ten_minutes=3)
    codes = [adele.send("GET", "/me").status_code for _time in range(4)]
    assert codes == [200, 200, 200, 429]
    assert alex.send("GET", "/me").status_code == 200
    control.advance(601)
    assert adele.send("GET", "/me").status_code == 200


def test_log_and_counters(adele: Person, control: Control) -> None:
    event = adele.create(meeting(), client_request_id="my-own-id")
    adele.patch(event["id"], {"subject": "B", "showAs": "free"})
    adele.get("/me/events?$top=5")
    entries = control.requests(mailbox=ADELE)
    assert [entry["n"] for entry in entries] == [1, 2, 3]
    first, second, third = entries
    assert first["client_request_id"] == "my-own-id"
    assert first["body_keys"] == ["end", "start", "subject"]
    assert second["path"] == f"/v1.0/me/events/{event['id']}"
    assert second["body"] == {"subject": "B", "showAs": "free"}
    assert (second["is_write"], third["is_write"]) == (True, False)
    assert third["query"] == "$top=5"
    assert control.requests(is_write=True, after=1) == [second]
    counters = control.counters()
    assert (counters["writes"], counters["reads"]) == (2, 1)
    assert counters["by_method"] == {"POST": 1, "PATCH": 1, "GET": 1}
    control.reset_requests()
    assert control.counters()["total"] == 0


def test_responses_have_request_ids(adele: Person) -> None:
    answer = adele.send("GET", "/me/events/x", client_request_id="abc")
    assert answer.headers["client-request-id"] == "abc"
    inner = answer.json()["error"]["innerError"]
    assert inner["request-id"] == answer.headers["request-id"]
    assert inner["client-request-id"] == "abc"


def test_clock(control: Control) -> None:
    control.set_clock("2030-05-01T12:00:00Z")
    assert control.now().startswith("2030-05-01T12:00:0")
    frozen = control.freeze()
    assert control.now() == frozen
    control.advance(60)
    assert control.now()[:16] == "2030-05-01T12:01"
    control.freeze(False)
    time.sleep(0.01)
    assert control.now() > frozen


def test_timestamps_follow_the_clock(adele: Person, control: Control) -> None:
    control.set_clock("2026-11-21T12:00:00Z")
    event = Person(adele.simulator, ADELE).create(meeting())
    assert event["createdDateTime"].startswith("2026-11-21T12:00:0")
