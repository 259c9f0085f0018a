"""What can go wrong between Odoo and Graph, one class per remedy.

Each class says what has to happen next; ``retry.py`` holds the one policy that goes
with each. Messages never carry contents, tokens or addresses: they reach logs.
"""

from __future__ import annotations


class SyncError(Exception):
    """Something that stops one request, one event or one mailbox.

    :param reason: readable, without contents or secrets
    :param code: Graph's or Entra's error code, where there is one
    :param request_id: Graph's ``request-id`` of the answer, for support tickets
    """

    def __init__(
        self, reason: str, *, code: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.request_id = request_id


class TryLater(SyncError):
    """Throttled, overloaded, unreachable: the same request may work later.

    :param after_seconds: what ``Retry-After`` asked for; None leaves it to backoff
    :param answer_lost: the request may have been done although no answer came
    """

    def __init__(
        self,
        reason: str,
        *,
        after_seconds: float | None = None,
        answer_lost: bool = False,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason, code=code, request_id=request_id)
        self.after_seconds = after_seconds
        self.answer_lost = answer_lost


class RefreshToken(SyncError):
    """The access token is not accepted: refresh it once and repeat."""


class SignInAgain(SyncError):
    """The grant is gone: only the person can give a new one, by signing in."""


class FixConfiguration(SyncError):
    """The app registration is wrong: only an administrator can repair it."""


class MailboxUnavailable(SyncError):
    """Graph does not serve this mailbox (no licence, on-premises, blocked)."""


class ResyncNeeded(SyncError):
    """The delta state is lost: start a new initial round."""


class MergeNeeded(SyncError):
    """The remote event changed meanwhile: read it, merge, send again."""


class AlreadyGone(SyncError):
    """The remote event does not exist (any more)."""


class AlreadyExists(SyncError):
    """This create was done before, with other contents: adopt that event.

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
    """Graph will never accept this request: dead letter, a person decides."""


class NotStored(SyncError):
    """Odoo cannot store what Graph has answered: wait, and tell an administrator."""


class BadRemoteEvent(SyncError):
    """Graph's data of one event cannot be understood: quarantine that event.

    :param remote_id: the event's id, None where even that is missing
    """

    def __init__(self, reason: str, *, remote_id: str | None = None) -> None:
        super().__init__(reason)
        self.remote_id = remote_id


class UnknownTimeZone(ValueError):
    """A zone name that is neither a Windows nor an IANA name."""
