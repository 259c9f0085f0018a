"""One policy for each class of error."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.engine.graph_errors import TryFewTimes
from praetorx_ms365_calendar.engine.retry import (
    POLICIES,
    DeadLetter,
    Decide,
    Pause,
    Retry,
    is_late,
    next_step,
    whole_seconds,
)

NOW = datetime(2026, 3, 2, 8, 0)
fractions = st.floats(0, 1, exclude_max=True)


def step(error, attempts=1, fraction=0.5):
    return next_step(error, attempts, now=NOW, rng_fraction=fraction)


def test_first_repetition_is_within_seconds():
    assert step(errors.TryLater("down")) == Retry(NOW + timedelta(seconds=2))


def test_throttled_request_waits_as_long_as_graph_asks():
    asked = errors.TryLater("throttled", after_seconds=120)
    assert step(asked) == Retry(NOW + timedelta(minutes=2))


def test_short_retry_after_does_not_shorten_the_backoff():
    asked = errors.TryLater("throttled", after_seconds=1)
    assert step(asked, attempts=20) == Retry(NOW + timedelta(seconds=450))


@given(
    fraction=fractions,
    attempts=st.integers(1, 1499),
    after=st.none() | st.floats(0, 86400),
)
def test_waits_are_between_the_asked_time_and_the_cap(fraction, attempts, after):
    error = errors.TryLater("down", after_seconds=after)
    result = next_step(error, attempts, now=NOW, rng_fraction=fraction)
    wait = (result.at - NOW).total_seconds()
    # Datetimes keep microseconds.
    assert (after or 0) - 1e-6 <= wait <= max(after or 0, 15 * 60) + 1e-6


@pytest.mark.parametrize("kind", list(POLICIES))
@given(fraction=fractions, attempts=st.integers(1, 10**6))
def test_ceilings_never_shrink_nor_overflow(kind, fraction, attempts):
    policy = POLICIES[kind]
    ceiling = policy.ceiling_seconds(attempts)
    assert 0 <= ceiling <= policy.ceiling_seconds(attempts + 1) <= policy.cap_seconds


def test_a_week_without_graph_makes_no_dead_letter():
    waited = timedelta()
    attempts = 0
    while isinstance(
        result := step(errors.TryLater("down"), attempts := attempts + 1), Retry
    ):
        waited += result.at - NOW
    assert isinstance(result, DeadLetter)
    assert timedelta(days=7) < waited < timedelta(days=9)


def test_request_that_always_fails_is_given_up_after_about_a_day():
    waited = timedelta()
    attempts = 0
    while isinstance(
        result := step(TryFewTimes("500"), attempts := attempts + 1), Retry
    ):
        waited += result.at - NOW
    assert isinstance(result, DeadLetter)
    assert attempts < 20
    assert timedelta(hours=12) < waited < timedelta(days=2)


def test_a_refused_token_is_refreshed_at_once_and_given_up_soon():
    error = errors.RefreshToken("401")
    assert step(error) == Retry(NOW)
    assert isinstance(step(error, attempts=3), Retry)
    assert step(error, attempts=4) == Pause("401", None)


def test_merge_is_repeated_at_once_but_not_for_ever():
    error = errors.MergeNeeded("412")
    assert step(error) == Retry(NOW)
    assert step(error, attempts=12) == DeadLetter("412")


@given(attempts=st.integers(1, 10**6), fraction=fractions)
def test_resync_is_never_given_up_but_slows_down(attempts, fraction):
    error = errors.ResyncNeeded("410")
    result = next_step(error, attempts, now=NOW, rng_fraction=fraction)
    assert NOW <= result.at <= NOW + timedelta(hours=1)


@given(attempts=st.integers(1, 10**6), fraction=fractions)
def test_a_lost_grant_waits_for_the_person(attempts, fraction):
    error = errors.SignInAgain("gone")
    result = next_step(error, attempts, now=NOW, rng_fraction=fraction)
    assert result == Pause("gone", None)


@pytest.mark.parametrize(
    ("error", "hours"),
    [(errors.FixConfiguration("secret"), 1), (errors.MailboxUnavailable("none"), 6)],
)
def test_mailbox_that_needs_an_administrator_is_tried_again(error, hours):
    result = step(error, attempts=1000)
    assert result == Pause(error.reason, NOW + timedelta(hours=hours))
    assert step(error, fraction=0.1).until != step(error, fraction=0.9).until


@pytest.mark.parametrize(
    "error",
    [errors.AlreadyGone("404"), errors.AlreadyExists("400", existing_id="AAMk")],
)
def test_existing_and_deleted_events_are_decided_by_the_caller(error):
    assert step(error) == Decide(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.GiveUpOnEvent("refused"),
        errors.BadRemoteEvent("unreadable"),
        errors.SyncError("unknown"),
    ],
)
def test_request_that_cannot_work_is_a_dead_letter_at_once(error):
    assert step(error) == DeadLetter(error.reason)


def test_whole_seconds_stay():
    assert whole_seconds(NOW) == NOW


@given(st.datetimes(max_value=datetime(9999, 1, 1)))
def test_fractions_of_seconds_are_rounded_up(moment):
    rounded = whole_seconds(moment)
    assert rounded.microsecond == 0
    assert timedelta(0) <= rounded - moment < timedelta(seconds=1)


@pytest.mark.parametrize(("minutes", "late"), [(1, False), (30, False), (31, True)])
def test_edit_is_late_after_half_an_hour(minutes, late):
    assert is_late(NOW, NOW + timedelta(minutes=minutes)) == late
