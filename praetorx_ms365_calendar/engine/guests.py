"""Match the addresses of a meeting with contacts of Odoo: an address is not a person.

Several contacts may share an address, and one person may have several addresses. So we
never build Odoo's attendees from a list of addresses. We only apply the addresses that
were added or removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .snapshot import Attendee

#: Maximum number of attendees in one event of Graph (event resource type).
MAX_ATTENDEES = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that an address may belong to.

    :param id: id of the contact
    :param name: name of the contact, compared with the display name of the address
    :param takes_part: whether the contact is an attendee of the meeting, or of another
        occurrence of the series
    :param owns_mailbox: whether the contact's connected mailbox has this address
    :param is_active: whether the contact is not archived
    :param is_user: whether the contact is a user of Odoo
    :param is_of_company: whether the contact is visible in the company of the event,
        not only in another company of the user
    :param is_person: whether the contact is a person, not a company
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
    """Return the id of the contact that fits an address best, None without contacts.

    :param name: display name of the address
    :param contacts: all contacts with this address, each once
    """
    wanted = name.strip().casefold()

    # The best contact has the smallest rank: False sorts before True.
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
    """Return the addresses of a person that a meeting lists.

    If no list has one, return the address to invite.

    :param known: all addresses of the person, the one to invite first; maybe none
    :param lists: lists of agreed addresses, Outlook's list first. The first list that
        has the person counts
    """
    for addresses in lists:
        if found := tuple(address for address in known if address in addresses):
            return found
    return tuple(known[:1])


@dataclass(frozen=True, slots=True)
class Invited:
    """One of several attendees with the same address.

    :param id: id of the attendee record
    :param name: name of the contact
    :param since: when the attendee was added to the meeting; any type that sorts
    :param owns_mailbox: whether the contact's connected mailbox has this address
    :param is_person: whether the contact is a person, not a company
    """

    id: int
    name: str = ""
    since: Any = None
    owns_mailbox: bool = False
    is_person: bool = True


def replying_guest(name: str, guests: Iterable[Invited]) -> int | None:
    """Return the id of the attendee that a reply from an address belongs to, or None.

    A reply counts for one attendee only. First choice is the owner of the mailbox, then
    the attendee with the name in Outlook. Otherwise it is the first attendee that was
    added, because Outlook invites an address only once.

    :param name: the display name of the address in Outlook
    :param guests: all attendees with this address
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
    """One attendee of a meeting in Odoo.

    :param id: id of the contact
    :param listed: from :func:`listed_addresses`. Empty for a person that Outlook cannot
        invite, and for a person with the same address as the organizer
    :param known: all addresses of the person
    """

    id: int
    listed: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GuestChange:
    """The changes to apply to the attendees in Odoo.

    :param added: attendees to add; find or create a contact for each
    :param removed: ids of the contacts to remove
    """

    added: tuple[Attendee, ...] = ()
    removed: frozenset[int] = frozenset()


def change_of_guests(
    guests: Collection[Guest], wanted: Iterable[Attendee]
) -> GuestChange:
    """Return the changes that make Odoo's attendees fit a list of addresses.

    An attendee stays if one of the addresses may belong to this person. We never
    replace one contact by another.

    :param guests: the present attendees in Odoo
    :param wanted: the attendees that the meeting must have
    """
    by_address = {attendee.email: attendee for attendee in wanted}
    staying = {
        guest.id
        for guest in guests
        if not guest.listed or any(address in by_address for address in guest.listed)
    }
    named = {
        address for guest in guests if guest.id in staying for address in guest.listed
    }
    added = []
    for address in sorted(by_address.keys() - named):
        holders = {guest.id for guest in guests if address in guest.known}
        staying |= holders
        if not holders:
            added.append(by_address[address])
    return GuestChange(
        added=tuple(added),
        removed=frozenset(guest.id for guest in guests) - staying,
    )
