"""Define the errors between Odoo and Graph: one class for each remedy.

The name of a class says the next step. ``retry.py`` has one policy for each class.
Messages go to logs, so they never contain event content, tokens or addresses.
"""

from __future__ import annotations


class SyncError(Exception):
    """An error that stops one request, one event or one mailbox.

    :param reason: in the form of :func:`.reasons.because`, without event content or
        secrets
    :param code: Graph's or Entra's error code, None if there is none
    :param request_id: Graph's ``request-id`` of the response, for support tickets
    """

    def __init__(
        self, reason: str, *, code: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.request_id = request_id


class TryLater(SyncError):
    """Graph is throttled, overloaded or unreachable: the same request may work later.

    :param after_seconds: the wait from ``Retry-After``; with None, backoff decides
    :param response_lost: whether Graph may have done the request without a response
    """

    def __init__(
        self,
        reason: str,
        *,
        after_seconds: float | None = None,
        response_lost: bool = False,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason, code=code, request_id=request_id)
        self.after_seconds = after_seconds
        self.response_lost = response_lost


class RefreshToken(SyncError):
    """Graph rejects the access token: refresh it once and repeat the request."""


class SignInAgain(SyncError):
    """The user's grant is no longer valid: the user must sign in again."""


class FixConfiguration(SyncError):
    """The app registration is wrong: an administrator must repair it."""


class MailboxUnavailable(SyncError):
    """Graph does not serve this mailbox (no licence, on-premises, blocked)."""


class MailboxTaken(MailboxUnavailable):
    """Another user has connected this mailbox: one of both must choose another one."""


class ResyncNeeded(SyncError):
    """The delta state is lost: start a new initial round."""


class MergeNeeded(SyncError):
    """The event in Outlook has changed meanwhile: read it, merge, send again."""


class AlreadyGone(SyncError):
    """The event in Outlook does not exist, or does not exist any more."""


class AlreadyExists(SyncError):
    """An earlier create made this event, with other content: link to that event.

    :param existing_id: id of the event that the first create made
    """

    def __init__(
        self,
        reason: str,
        *,
        existing_id: str,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason, code=code, request_id=request_id)
        self.existing_id = existing_id


class GiveUpOnEvent(SyncError):
    """Graph will never accept this request: make it a dead letter, a person decides."""


class NotStored(SyncError):
    """Odoo cannot store Graph's response: wait, and tell an administrator."""


class BadRemoteEvent(SyncError):
    """Graph's data for one event cannot be read: put that event in quarantine.

    :param remote_id: the event's id, None if that is missing too
    """

    def __init__(self, reason: str, *, remote_id: str | None = None) -> None:
        super().__init__(reason)
        self.remote_id = remote_id


class UnknownTimeZone(ValueError):
    """The name of a time zone is neither a Windows nor an IANA name."""
