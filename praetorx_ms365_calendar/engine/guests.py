"""Which contacts stand for the addresses of a meeting: an address is not a person.

Several contacts may share an address, and one person may have several. So the guests of
Odoo are never made from a list of addresses: they are changed by what came and went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .snapshot import Attendee

#: In one event of Graph (event resource type).
MAX_ATTENDEES = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that an address may stand for.

    :param id: of the contact
    :param name: compared with the display name of the address
    :param takes_part: in the meeting, or in another occurrence of the series
    :param owns_mailbox: the address is one of the contact's connected mailbox
    :param is_active: not archived
    :param is_user: a user of Odoo
    :param is_of_company: visible in the company of the event, not in another one of
        the user's alone
    :param is_person: not a company
    """

    id: int
    name: str = ""
    takes_part: bool = False
    owns_mailbox: bool = False
    is_active: bool = True
    is_user: bool = False
    is_of_company: bool = True
    is_person: bool = True


def contact_for(name: str, contacts: Iterable[Contact]) -> int | None:
    """Return the id of the contact that stands for an address, None without any.

    :param name: display name of the address
    :param contacts: all that have the address, each once
    """
    wanted = name.strip().casefold()

    def rank(contact: Contact) -> tuple[bool | int, ...]:
        has_name = bool(wanted) and contact.name.strip().casefold() == wanted
        return (
            not contact.takes_part,
            not contact.owns_mailbox,
            not contact.is_active,
            not contact.is_user,
            not contact.is_of_company,
            not has_name,
            not contact.is_person,
            contact.id,
        )

    best = min(contacts, key=rank, default=None)
    return best.id if best else None


def listed_addresses(known: Sequence[str], *lists: Collection[str]) -> tuple[str, ...]:
    """Return the addresses under which a meeting lists a person.

    :param known: all addresses of the person, the one to invite first; maybe none
    :param lists: addresses that the sides have agreed on, Outlook's first
    """
    for addresses in lists:
        if found := tuple(address for address in known if address in addresses):
            return found
    return tuple(known[:1])


@dataclass(frozen=True, slots=True)
class Invited:
    """One of the guests who share an address.

    :param id: of the guest's part in the meeting
    :param name: of the contact
    :param since: when the guest came onto the list; of any kind that can be compared
    :param owns_mailbox: the address is one of the contact's connected mailbox
    :param is_person: not a company
    """

    id: int
    name: str = ""
    since: Any = None
    owns_mailbox: bool = False
    is_person: bool = True


def who_answers(name: str, guests: Iterable[Invited]) -> int | None:
    """Return the part of the guest who was invited under an address, None without any.

    An answer is that guest's alone. Who owns the mailbox is that guest; else it is the
    one whom Outlook names; else the first who came onto the list, since Outlook invites
    an address once.

    :param name: with which Outlook lists the address
    :param guests: all that have the address
    """
    wanted = name.strip().casefold()

    def rank(guest: Invited) -> tuple[Any, ...]:
        has_name = bool(wanted) and guest.name.strip().casefold() == wanted
        return (
            not guest.owns_mailbox,
            not has_name,
            guest.since,
            not guest.is_person,
            guest.id,
        )

    first = min(guests, key=rank, default=None)
    return first.id if first else None


@dataclass(frozen=True, slots=True)
class Guest:
    """Who takes part in Odoo.

    :param id: of the contact
    :param listed: of :func:`listed_addresses`; none for people whom Outlook cannot
        know, and for whoever shares an address with the organizer
    :param known: all addresses of the person
    """

    id: int
    listed: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GuestChange:
    """What is to be done to the guests of Odoo.

    :param added: who is to be found or made, and to be invited
    :param removed: ids of contacts who do not take part any more
    """

    added: tuple[Attendee, ...] = ()
    removed: frozenset[int] = frozenset()


def change_of_guests(
    guests: Collection[Guest], wanted: Iterable[Attendee]
) -> GuestChange:
    """Return how to change the guests of Odoo to fit a list of addresses.

    A guest stays as long as one of the addresses may be theirs. Nobody is exchanged for
    another contact.

    :param guests: the people who take part now
    :param wanted: addresses that are to be on the list
    """
    wanted = {attendee.email: attendee for attendee in wanted}
    staying = {
        guest.id
        for guest in guests
        if not guest.listed or any(address in wanted for address in guest.listed)
    }
    named = {
        address for guest in guests if guest.id in staying for address in guest.listed
    }
    added = []
    for address in sorted(wanted.keys() - named):
        holders = {guest.id for guest in guests if address in guest.known}
        staying |= holders
        if not holders:
            added.append(wanted[address])
    return GuestChange(
        added=tuple(added),
        removed=frozenset(guest.id for guest in guests) - staying,
    )
