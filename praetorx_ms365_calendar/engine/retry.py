"""What follows from a failure: one policy for each class of error.

================== ====================================== =======================
class              repeated                               and then
================== ====================================== =======================
TryLater           4 s doubling to 15 min, 1,500 times    dead letter, > 7 days
TryFewTimes        4 s quadrupling to 8 h, 14 times       dead letter, ~ 1 day
RefreshToken       at once, then twice within a minute    pause until signed in
ResyncNeeded       at once, then doubling to 1 h          never given up
MergeNeeded        at once, then 2 s doubling, 12 times   dead letter, ~ 1 h
NotStored          30 s doubling to 1 h                   never given up
SignInAgain        -                                      pause until signed in
FixConfiguration   -                                      pause, look hourly
MailboxUnavailable -                                      pause, look each 6 h
AlreadyGone,       -                                      the engine decides: it
AlreadyExists                                             is an answer, no failure
all others         -                                      dead letter at once
================== ====================================== =======================

A series that has to be read before an edit of it can be sent is read three times at
once, then 4 times within 2 h; then the edit is a dead letter.

Waits are drawn between nothing and the ceiling ("full jitter"), so that what failed
together does not come back together. A wait that Graph asks for is the least.
Dead letters stay visible with a retry button; a pause loses nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .answers import TryFewTimes
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


@dataclass(frozen=True, slots=True)
class Retry:
    """Repeat, not before ``at``: after the remedy that the class is named for."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Stop repeating; a person sees the reason and decides."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the whole mailbox; everything in the outbox waits, no attempt is counted.

    :param until: when to look again; None: when the person has signed in
    """

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Decide:
    """No failure: the answer says how things are, and the engine decides on it."""

    error: SyncError


NextStep = Retry | DeadLetter | Pause | Decide


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how slowly a request is repeated.

    :param first_seconds: ceiling of the first wait that is not "at once"
    :param factor: by which the ceiling grows
    :param cap_seconds: where it ends
    :param max_attempts: failures after which it is given up; None: never
    :param free_attempts: failures after which it is repeated at once
    """

    first_seconds: float
    factor: float
    cap_seconds: float
    max_attempts: int | None
    free_attempts: int = 0

    def gives_up(self, attempts: int) -> bool:
        """Tell whether this was the last attempt."""
        return self.max_attempts is not None and attempts >= self.max_attempts

    def ceiling_seconds(self, attempts: int) -> float:
        """Return the longest wait after so many failures."""
        if attempts <= self.free_attempts:
            return 0.0
        # Far beyond any cap; a larger exponent would overflow.
        exponent = min(attempts - self.free_attempts - 1, 60)
        return min(self.first_seconds * self.factor**exponent, self.cap_seconds)


_MINUTE = 60.0
_HOUR = 3600.0

POLICIES: dict[type[SyncError], Policy] = {
    # Graph down for a week loses nothing: 1,500 waits of 7.5 min on average.
    TryLater: Policy(4, 2, 15 * _MINUTE, 1500),
    # It may be an outage of a day, or this event for ever.
    TryFewTimes: Policy(4, 4, 8 * _HOUR, 14),
    RefreshToken: Policy(30, 2, _MINUTE, 4, free_attempts=1),
    ResyncNeeded: Policy(30, 2, _HOUR, None, free_attempts=1),
    MergeNeeded: Policy(2, 2, 15 * _MINUTE, 12, free_attempts=1),
    NotStored: Policy(30, 2, _HOUR, None),
}
#: Readings of a series after which the same edit still could not be sent.
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
    """Say what to do after a failure.

    :param attempts: failures in a row of this class, this one included: 1 or more. A
        caller with one counter sets it back when the class changes
    :param now: in the zone in which the result is wanted
    :param rng_fraction: chance, from 0 to below 1
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


def whole_seconds(moment: datetime) -> datetime:
    """Return ``moment`` as a database of whole seconds holds it, never earlier."""
    if moment.microsecond:
        moment += timedelta(seconds=1)
    return moment.replace(microsecond=0)


def _policy(error: SyncError) -> Policy | None:
    """Return the policy of the class, or of the nearest one it is derived from."""
    for kind in type(error).__mro__:
        if kind in POLICIES:
            return POLICIES[kind]
    return None


def _pause(
    error: SyncError, seconds: float | None, now: datetime, rng_fraction: float
) -> Pause:
    if seconds is None:
        return Pause(error.reason, None)
    # Half to one and a half times, so that mailboxes do not come back together.
    wait = timedelta(seconds=seconds * (0.5 + rng_fraction))
    return Pause(error.reason, now + wait)
