"""Decide what follows an error while a person enters a device code at Microsoft.

Source: RFC 8628 section 3.5; Entra, "OAuth 2.0 device authorization grant". Only the
error code decides: numbers and texts may change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import SyncError, TryLater

#: Why no further request can help: the person must do something else.
StopReason = Literal["declined", "expired", "used", "not_allowed", "failed"]

#: Entra's interval, used if the response names none. Source: RFC 8628 section 3.2.
DEFAULT_INTERVAL_SECONDS = 5
#: Added after each ``slow_down``. Source: RFC 8628 section 3.5.
SLOW_DOWN_SECONDS = 5
#: Longest interval after errors: the code ends in 15 minutes.
MAX_INTERVAL_SECONDS = 60

_STOPS: dict[str, StopReason] = {
    "access_denied": "declined",
    "authorization_declined": "declined",
    "bad_verification_code": "expired",
    "expired_token": "expired",
    "invalid_grant": "used",  # Entra gave tokens for it, but they did not arrive
    "invalid_client": "not_allowed",
    "unauthorized_client": "not_allowed",
}


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask Microsoft again, but not sooner than after the interval.

    :param interval_seconds: for this wait and all later ones
    """

    interval_seconds: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop: this code will never lead to a sign-in."""

    reason: StopReason


def after_error(error: SyncError, interval_seconds: int) -> AskAgain | Stop:
    """Return the next step after Entra has refused to give tokens for a code.

    :param error: of the token endpoint
    :param interval_seconds: the wait before this request
    """
    if error.code == "authorization_pending":
        return AskAgain(interval_seconds)
    if error.code == "slow_down":
        return AskAgain(_at_most(interval_seconds + SLOW_DOWN_SECONDS))
    if isinstance(error, TryLater):
        wanted = max(interval_seconds * 2, int(error.after_seconds or 0))
        return AskAgain(_at_most(wanted))
    return Stop(_STOPS.get(error.code or "", "failed"))


def interval_of(value: object) -> int:
    """Return the interval of a response in seconds; it is never too short."""
    if type(value) is not int:
        return DEFAULT_INTERVAL_SECONDS
    return _at_most(max(value, DEFAULT_INTERVAL_SECONDS))


def _at_most(seconds: int) -> int:
    return min(seconds, MAX_INTERVAL_SECONDS)
