"""Test the step after each response to a device code."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.device_code import (
    AskAgain,
    Stop,
    after_error,
    interval_of,
)
from praetorx_ms365_calendar.engine.errors import TryLater
from praetorx_ms365_calendar.engine.graph_errors import error_from_token_response


def step(code: str, interval: int = 5, status: int = 400) -> AskAgain | Stop:
    error = error_from_token_response(status, {}, {"error": code})
    assert error is not None
    return after_error(error, interval)


def test_pending_code_is_asked_about_at_the_same_interval():
    assert step("authorization_pending", 7) == AskAgain(7)


def test_slow_down_makes_every_later_wait_longer():
    assert step("slow_down", 5) == AskAgain(10)
    assert step("slow_down", 10) == AskAgain(15)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("authorization_declined", "declined"),
        ("access_denied", "declined"),
        ("expired_token", "expired"),
        ("bad_verification_code", "expired"),
        ("invalid_grant", "used"),
        ("invalid_client", "not_allowed"),
        ("unauthorized_client", "not_allowed"),
        ("invalid_request", "failed"),
        ("something_new", "failed"),
    ],
)
def test_other_errors_end_the_code(code, reason):
    assert step(code) == Stop(reason)


def test_without_an_answer_the_wait_doubles_up_to_a_minute():
    assert step("temporarily_unavailable", 5) == AskAgain(10)
    assert step("server_error", 40, 503) == AskAgain(60)
    assert after_error(TryLater("slow", after_seconds=30), 5) == AskAgain(30)
    assert after_error(TryLater("slow", after_seconds=9000), 5) == AskAgain(60)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(5, 5), (10, 10), (0, 5), (-3, 5), (None, 5), ("7", 5), (True, 5), (9999, 60)],
)
def test_interval_is_within_limits(value, seconds):
    assert interval_of(value) == seconds
