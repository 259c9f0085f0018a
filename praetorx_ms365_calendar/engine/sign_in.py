"""Decide if a mailbox that a person has just signed in to may be connected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from .addresses import addresses_of_mailbox

#: ``taken``: another user has the mailbox. ``ask``: it may be the wrong one.
SignInStep = Literal["connect", "ask", "taken"]


@dataclass(frozen=True, slots=True)
class SignedInMailbox:
    """The mailbox of a sign-in, as Graph describes it.

    :param addresses: all its addresses in lower case, the main one included
    """

    mailbox_id: str
    address: str
    addresses: frozenset[str]


def signed_in_mailbox(me: object) -> SignedInMailbox | None:
    """Return the mailbox that Graph's ``user`` names, None if it is unreadable.

    :param me: Graph's ``user``; ``proxyAddresses`` may be missing
    """
    mailbox_id = me.get("id") if isinstance(me, dict) else None
    if not isinstance(mailbox_id, str) or not mailbox_id:
        return None
    main, others = addresses_of_mailbox(me, former="", known=())
    addresses = frozenset({main, *others} - {None})
    return SignedInMailbox(
        mailbox_id, main or "", frozenset(str(one).lower() for one in addresses)
    )


def plan_sign_in(
    mailbox: SignedInMailbox,
    *,
    known_mailbox_id: str,
    own_addresses: Collection[str],
    is_taken: bool,
) -> SignInStep:
    """Return the next step after a sign-in, before anything of the mailbox is read.

    The mailbox that the person had until now is not asked about again.

    :param known_mailbox_id: the mailbox of this person until now, empty without one
    :param own_addresses: mail addresses of the person in Odoo
    :param is_taken: whether another user has connected this mailbox
    """
    if is_taken:
        return "taken"
    own = {address.lower() for address in own_addresses if address}
    is_known = mailbox.mailbox_id == known_mailbox_id
    return "connect" if is_known or mailbox.addresses & own else "ask"
