"""Records that content refers to by words: people, tags, reminders. Read in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from odoo.api import Environment
from odoo.tools import SQL

from ...engine.guests import Contact, contact_for
from ...engine.mapping.text import may_be_tag, person_name
from ...engine.snapshot import Attendee, Content, RemoteEvent
from ..records import Account, Partner, User, Vals


class Lookups:
    """Finds or creates partners, tags and alarms for many events with few queries.

    Everything is looked up when it is first needed. Only requested records are created:
    a contact that was erased stays erased.

    :param env: with the rights of the sync
    :param contents: every content that will be written
    :param account: of the mailbox with the events. Contacts of companies that its owner
        cannot see are ignored
    :param organizers: organizers other than the owner of the mailbox
    """

    def __init__(
        self,
        env: Environment,
        contents: Iterable[Content],
        *,
        account: Account,
        organizers: Iterable[Attendee | None] = (),
    ) -> None:
        self.env = env
        self.company = account.company_id
        self.companies = account.company_id | account.user_id.company_ids
        self._contents = list(contents)
        self._organizers = [organizer for organizer in organizers if organizer]
        self._no_contact: set[str] = set()

    def user(self, person: Attendee | None) -> User:
        """Return the internal user with this address, empty if there is none."""
        return self._users.get(person.email if person else "", self.env["res.users"])

    def partner(
        self, person: Attendee, *, among: Collection[int] = (), may_make: bool = True
    ) -> int | None:
        """Return the id of the contact with an address.

        :param among: ids of contacts that take part already; they are preferred
        :param may_make: a contact may be created if there is none
        :return: None without a contact
        """
        if person.email not in self._contacts:
            self._contacts.update(self._find_contacts({person.email}))
        contacts = [
            contact if contact.id not in among else _participants(contact)
            for contact in self._contacts[person.email]
        ]
        found = contact_for(person.name, contacts)
        if found is None and may_make:
            self._make_contacts([person])
            found = contact_for(person.name, self._contacts[person.email])
        if found is None:
            self._no_contact.add(person.email)
        return found

    def make_missing(self, remotes: Iterable[RemoteEvent]) -> None:
        """Make all contacts and tags at once that new events need.

        :param remotes: of events that will be created
        """
        open_ones = [remote for remote in remotes if is_open(remote.full_content)]
        people = {
            person.email: person
            for remote in open_ones
            for person in (*remote.full_content.attendees, remote.organizer)
            if person
            and not (person == remote.organizer and remote.is_organizer)
            and not self._contacts.get(person.email)
        }
        unknown = people.keys() - self._contacts.keys()
        if unknown:
            self._contacts.update(self._find_contacts(unknown))
        self._make_contacts(
            [person for email, person in people.items() if not self._contacts[email]]
        )
        self.tags({tag for r in open_ones for tag in r.full_content.categories})

    def forget(self) -> None:
        """Look everything up again, as the last creates may have been rolled back."""
        for name in ("_users", "_contacts", "_tags", "_alarms"):
            self.__dict__.pop(name, None)

    def without_contact(self, attendees: Iterable[Attendee]) -> int:
        """Return how many of the attendees were looked for and have no contact."""
        return len([a for a in attendees if a.email in self._no_contact])

    def tags(self, names: Collection[str], *, may_make: bool = True) -> dict[str, int]:
        """Return ``{name: tag id}`` for the category names that may be tags."""
        missing = sorted(
            name
            for name in set(names) - self._tags.keys()
            if may_make and may_be_tag(name)
        )
        if missing:
            made = self.env["calendar.event.type"].create(
                [{"name": name} for name in missing]
            )
            self._tags.update(zip(missing, made.ids, strict=True))
        return {name: self._tags[name] for name in names if name in self._tags}

    def alarm(self, minutes: int) -> int:
        """Return the id of the pop-up reminder so many minutes before the start."""
        if minutes not in self._alarms:
            self._alarms.update(self._find_alarms({minutes}))
        return self._alarms[minutes]

    # ------------------------------------------------------------------
    # Read when first needed, for all contents together
    # ------------------------------------------------------------------

    @cached_property
    def _users(self) -> dict[str, User]:
        """The owner of a synced mailbox comes before whoever has the mail address."""
        addresses = {person.email for person in self._organizers}
        if not addresses:
            return {}
        Account = self.env["praetorx.ms365.account"]
        users = self.env["res.users"].search(
            [("email_normalized", "in", list(addresses)), ("share", "=", False)],
            order="id desc",
        )
        found = {user.email_normalized: user for user in users}
        for address, account_id in Account._organizer_addresses().items():
            if address in addresses:
                found[address] = Account.browse(account_id).user_id
        return found

    @cached_property
    def _contacts(self) -> dict[str, list[Contact]]:
        people = [*self._organizers, *(a for c in self._contents for a in c.attendees)]
        return self._find_contacts({person.email for person in people})

    @cached_property
    def _tags(self) -> dict[str, int]:
        names = {name for content in self._contents for name in content.categories}
        tags = self.env["calendar.event.type"].search([("name", "in", list(names))])
        return {tag.name: tag.id for tag in tags}

    @cached_property
    def _alarms(self) -> dict[int, int]:
        return {}

    def _find_contacts(self, addresses: Collection[str]) -> dict[str, list[Contact]]:
        """Return ``{address: contacts that have it}``, possibly with empty lists.

        The address of a synced mailbox belongs to its owner, even if the owner's
        contact has another address.
        """
        found: dict[str, list[Any]] = {address: [] for address in addresses}
        if not addresses:
            return found
        Account = self.env["praetorx.ms365.account"]
        owners = {
            address: Account.browse(account_id).user_id.partner_id.id
            for address, account_id in Account._organizer_addresses().items()
            if address in found
        }
        partners = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("id", "in", list(owners.values())),
                    "&",
                    ("email_normalized", "in", list(addresses)),
                    ("company_id", "in", [False, *self.companies.ids]),
                ]
            )
        )
        for partner in partners:
            own = {address for address, owner in owners.items() if owner == partner.id}
            for address in own | ({partner.email_normalized} & found.keys()):
                found[address].append(self._contact(partner, owners.get(address)))
        return found

    def _contact(self, partner: Partner, owner_id: int | None = None) -> Contact:
        return Contact(
            partner.id,
            name=partner.name or "",
            owns_mailbox=partner.id == owner_id,
            is_active=partner.active,
            is_user=bool(partner.user_ids),
            is_of_company=partner.company_id in (self.company.browse(), self.company),
            is_person=not partner.is_company,
        )

    def _make_contacts(self, people: list[Attendee]) -> None:
        """Make contacts of people, as far as the company wants them made."""
        allowed = set(self._allowed([person.email for person in people]))
        people = [person for person in people if person.email in allowed]
        made = self.env["res.partner"].create(
            [
                {
                    "name": person_name(person.name) or person.email,
                    "email": person.email,
                }
                for person in people
            ]
        )
        for person, partner in zip(people, made, strict=True):
            self._contacts[person.email] = [self._contact(partner)]

    def _allowed(self, addresses: list[str]) -> list[str]:
        """Return the addresses that may become contacts, by the company's policy."""
        match self.company.ms365_contact_policy:
            case "never":
                return []
            case "known":
                domains = self._known_domains({_domain(one) for one in addresses})
                return [one for one in addresses if _domain(one) in domains]
            case _:
                return addresses

    def _known_domains(self, domains: Collection[str]) -> set[str]:
        """Return the mail domains that users or contacts of the company have."""
        self.env["res.partner"].flush_model(["email_normalized", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT split_part(email_normalized, '@', 2)
                  FROM res_partner
                 WHERE active
                   AND split_part(email_normalized, '@', 2) = ANY(%s)
                   AND (company_id IS NULL OR company_id = %s)
                """,
                list(domains),
                self.company.id,
            )
        )
        return {domain for [domain] in rows}

    def _find_alarms(self, minutes: set[int]) -> dict[int, int]:
        Alarm = self.env["calendar.alarm"]
        found = {}
        known = Alarm.search(
            [
                ("alarm_type", "=", "notification"),
                ("duration_minutes", "in", list(minutes)),
            ],
            order="id desc",
        )
        for alarm in known:
            found[alarm.duration_minutes] = alarm.id
        missing = sorted(minutes - found.keys())
        made = Alarm.create([self._alarm_vals(count) for count in missing])
        return found | dict(zip(missing, made.ids, strict=True))

    def _alarm_vals(self, minutes: int) -> Vals:
        for interval, length in (("days", 1440), ("hours", 60), ("minutes", 1)):
            if minutes % length == 0 and (minutes or interval == "minutes"):
                break
        duration = minutes // length
        units = dict(
            self.env["calendar.alarm"]
            ._fields["interval"]
            ._description_selection(self.env)
        )
        return {
            "alarm_type": "notification",
            "interval": interval,
            "duration": duration,
            "name": self.env._(
                "Notification - %(duration)s %(unit)s",
                duration=duration,
                unit=units[interval],
            ),
        }


def _domain(address: str) -> str:
    """Return the domain of a normalized mail address."""
    return address.rpartition("@")[2]


def _participants(contact: Contact) -> Contact:
    return replace(contact, takes_part=True)


def is_open(*contents: Content | None) -> bool:
    """Return True if contacts and tags may be made of events: they are not private."""
    return all(content.sensitivity == "normal" for content in contents if content)
