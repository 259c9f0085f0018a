"""Decide the next step after an error, by one policy for each class of error.

================== ====================================== =======================
class              repeated                               and then
================== ====================================== =======================
TryLater           4 s doubling to 15 min, 1,500 times    dead letter, > 7 days.
TryFewTimes        4 s quadrupling to 8 h, 14 times       dead letter, ~ 1 day.
RefreshToken       at once, then twice within a minute    pause until signed in.
ResyncNeeded       at once, then doubling to 1 h          never given up.
MergeNeeded        at once, then 2 s doubling, 12 times   dead letter, < 33 min.
NotStored          30 s doubling to 1 h                   never given up.
SignInAgain        -                                      pause until signed in.
FixConfiguration   -                                      pause, try each hour.
MailboxUnavailable -                                      pause, try each 6 h.
AlreadyGone,       -                                      no failure: the caller
AlreadyExists                                             decides by the result.
all others         -                                      dead letter at once.
================== ====================================== =======================

Some edits need a reading of their meeting first. Such a meeting is read three times at
once, then 4 times within 2 h. Then the edit becomes a dead letter. A reading that
failed counts as a failure of its class only.

Each wait is a random time between 0 and a ceiling ("full jitter"). So requests that
failed together do not come again together. If Graph asks for a wait, we never wait
less. Dead letters stay visible with a retry button. A pause loses nothing either.
If the push of one event asks for a pause again and again, the fourth one is a dead
letter (``MAX_PAUSES`` in ``sync/push/recorder.py``).

A long wait is not hidden: an edit is *late* if its next attempt is more than half an
hour after its first failure (:func:`is_late`). People see late edits, and can send them
at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import (
    AlreadyExists,
    AlreadyGone,
    FixConfiguration,
    MailboxUnavailable,
    MergeNeeded,
    NotStored,
    RefreshToken,
    ResyncNeeded,
    SignInAgain,
    SyncError,
    TryLater,
)
from .graph_errors import TryFewTimes


@dataclass(frozen=True, slots=True)
class Retry:
    """Apply the remedy of the error class, then repeat, but not before ``at``."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Stop repeating. A person sees the reason and decides."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the whole mailbox: its outbox waits, and no attempts are counted.

    :param until: when to try again; None means after the user has signed in
    """

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Decide:
    """Let the caller decide: the response is a useful result, not a failure."""

    error: SyncError


NextStep = Retry | DeadLetter | Pause | Decide


@dataclass(frozen=True, slots=True)
class Policy:
    """The number of repetitions of a request, and the waits between them.

    :param first_seconds: ceiling of the first wait that is not 0
    :param factor: factor from one ceiling to the next
    :param cap_seconds: highest ceiling
    :param max_attempts: give up after this many failures; None means never
    :param free_attempts: repeat at once after each of the first failures, up to this
        many
    """

    first_seconds: float
    factor: float
    cap_seconds: float
    max_attempts: int | None
    free_attempts: int = 0

    def gives_up(self, attempts: int) -> bool:
        """Return True if this was the last attempt."""
        return self.max_attempts is not None and attempts >= self.max_attempts

    def ceiling_seconds(self, attempts: int) -> float:
        """Return the longest wait in seconds after this many failures."""
        if attempts <= self.free_attempts:
            return 0.0
        # 60 is enough to reach any cap. A larger exponent would overflow.
        exponent = min(attempts - self.free_attempts - 1, 60)
        return min(self.first_seconds * self.factor**exponent, self.cap_seconds)


_MINUTE = 60.0
_HOUR = 3600.0

POLICIES: dict[type[SyncError], Policy] = {
    # 1,500 waits of 7.5 min on average: if Graph is down for a week, nothing is lost.
    TryLater: Policy(4, 2, 15 * _MINUTE, 1500),
    # Graph may be down for a day, or this event may always fail.
    TryFewTimes: Policy(4, 4, 8 * _HOUR, 14),
    RefreshToken: Policy(30, 2, _MINUTE, 4, free_attempts=1),
    ResyncNeeded: Policy(30, 2, _HOUR, None, free_attempts=1),
    MergeNeeded: Policy(2, 2, 15 * _MINUTE, 12, free_attempts=1),
    NotStored: Policy(30, 2, _HOUR, None),
}
#: How long an edit may be on its way after a failure before a person sees it.
LATE_AFTER = timedelta(minutes=30)
#: For an edit that could not be sent even after its meeting was read.
VAIN_READINGS = Policy(_MINUTE, 4, _HOUR, 8, free_attempts=3)
_LOOK_AGAIN_SECONDS: dict[type[SyncError], float | None] = {
    SignInAgain: None,
    RefreshToken: None,
    FixConfiguration: _HOUR,
    MailboxUnavailable: 6 * _HOUR,
}


def next_step(
    error: SyncError, attempts: int, *, now: datetime, rng_fraction: float
) -> NextStep:
    """Return the next step after a failure.

    :param attempts: failures of this class in a row, including this one: 1 or more. A
        caller with only one counter must reset it when the class changes
    :param now: present time; the result is in the same time zone
    :param rng_fraction: random number from 0 to below 1
    """
    if isinstance(error, AlreadyGone | AlreadyExists):
        return Decide(error)
    policy = _policy(error)
    if policy is not None and not policy.gives_up(attempts):
        seconds = policy.ceiling_seconds(attempts) * rng_fraction
        if isinstance(error, TryLater) and error.after_seconds is not None:
            seconds = max(seconds, error.after_seconds)
        return Retry(now + timedelta(seconds=seconds))
    for kind, look_again_seconds in _LOOK_AGAIN_SECONDS.items():
        if isinstance(error, kind):
            return _pause(error, look_again_seconds, now, rng_fraction)
    return DeadLetter(error.reason)


def is_late(failing_since: datetime, next_attempt: datetime) -> bool:
    """Return True if a failed edit waits so long that a person must see it.

    :param failing_since: its first failure in a row, in the zone of ``next_attempt``
    """
    return next_attempt - failing_since > LATE_AFTER


def whole_seconds(moment: datetime) -> datetime:
    """Return ``moment`` rounded up to a whole second, as the database stores it."""
    if moment.microsecond:
        moment += timedelta(seconds=1)
    return moment.replace(microsecond=0)


def _policy(error: SyncError) -> Policy | None:
    """Return the policy of the error's class, or of its nearest base class."""
    for kind in type(error).__mro__:
        if kind in POLICIES:
            return POLICIES[kind]
    return None


def _pause(
    error: SyncError, seconds: float | None, now: datetime, rng_fraction: float
) -> Pause:
    if seconds is None:
        return Pause(error.reason, None)
    # Wait 0.5 to 1.5 times as long, so that mailboxes do not come back together.
    wait = timedelta(seconds=seconds * (0.5 + rng_fraction))
    return Pause(error.reason, now + wait)
