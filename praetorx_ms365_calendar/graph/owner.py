"""Read whose mailbox a new access token opens, while a person waits for it."""

from __future__ import annotations

from requests import Session

from ..engine.errors import TryLater
from ..engine.reasons import because
from ..engine.sign_in import SignedInMailbox, signed_in_mailbox
from . import calls
from .client import GraphClient
from .transport import Timeouts


def read_owner(
    session: Session, graph_root: str, access_token: str, timeouts: Timeouts
) -> SignedInMailbox:
    """Return the mailbox of an access token with its addresses.

    A personal account may refuse the list of all addresses: then the main one counts.

    :raise SyncError: Graph does not say; its class names the remedy
    """
    client = GraphClient(session, graph_root, access_token, timeouts)
    response = client.send(calls.own_addresses())
    if response.error is not None and not isinstance(response.error, TryLater):
        response = client.send(calls.me())
    mailbox = signed_in_mailbox(response.result())
    if mailbox is None:
        raise TryLater(because("unreadable_answer", text="no mailbox"))
    return mailbox
