"""Keep all state in memory: tenants, apps, mailboxes with calendars and events."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import ids
from .clock import Clock
from .items import Event, Item

if TYPE_CHECKING:
    from .sharing import Share

CONSUMER_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


@dataclass
class Tenant:
    """A directory. A URL may name it by its GUID or by one of its ``domains``."""

    id: str
    name: str
    domains: list[str] = field(default_factory=list)


@dataclass
class App:
    """An app registration.

    ``secrets`` map a value to its time of expiry, or ``None``. ``redirect_uris`` are
    compared letter by letter. ``app_only`` allows client credentials.
    ``allows_public_flows`` is the switch "Allow public client flows": a sign-in by
    device code then needs no secret.
    """

    client_id: str
    tenant_id: str
    name: str
    secrets: dict[str, datetime | None] = field(default_factory=dict)
    redirect_uris: list[str] = field(default_factory=list)
    is_multi_tenant: bool = False
    is_public: bool = False
    app_only: bool = True
    allows_public_flows: bool = False


@dataclass
class Calendar:
    """A calendar of a mailbox."""

    id: str
    number: int
    name: str
    is_default: bool
    change_key: str
    color: str = "auto"


@dataclass
class LogEntry:
    """One write to a calendar, in the order of the mailbox's sequence.

    ``gone`` is set if the event moved to another calendar: its former default id here.
    """

    sequence: int
    event: Event
    calendar: Calendar
    time: datetime
    gone: str | None = None


class Mailbox:
    """A user with a mailbox.

    Delta reads ``log``. Each write adds an entry. So the cost of a round depends on the
    number of changes, not on the number of events.
    """

    def __init__(
        self,
        tenant: Tenant,
        upn: str,
        display_name: str,
        *,
        mailbox_id: str | None = None,
        mail: str | None = None,
        aliases: list[str] | None = None,
        kind: str = "work",
        time_zone: str = "UTC",
        teams: bool | None = None,
    ) -> None:
        self.id = mailbox_id or ids.stable_uuid("mailbox", upn.lower())
        self.tenant = tenant
        self.upn = upn
        self.display_name = display_name
        self.mail = mail
        self.aliases = aliases or []
        self.kind = kind
        self.time_zone = time_zone
        #: Changed settings, by their names in ``mailboxSettings``.
        self.settings: dict[str, Any] = {}
        self.teams = (kind == "work") if teams is None else teams
        #: Reason to refuse subscriptions, or ``None``; see ``routes.subscriptions``.
        self.refuse_subscriptions: str | None = None
        #: Sign-in refused with this OAuth error and AADSTS number, or ``None``.
        self.sign_in_error: tuple[str, int, str] | None = None
        self.calendars: dict[str, Calendar] = {}
        #: Calendars of other people in this mailbox's list, by their ids here.
        self.shares: dict[str, Share] = {}
        self.events: list[Event] = []
        self.by_id: dict[str, Event] = {}
        self.deleted_ids: set[str] = set()
        self.log: list[LogEntry] = []
        self.sequence = 0
        self.sync_generation = 1
        self.transactions: dict[str, tuple[Event, str]] = {}
        self._calendar_numbers = itertools.count(1)
        self.share_numbers = itertools.count(1)
        self._key_number = itertools.count(1)
        self.add_calendar("Calendar", is_default=True)

    @property
    def is_personal(self) -> bool:
        """Return True if it is a personal account (outlook.com)."""
        return self.kind == "personal"

    @property
    def address(self) -> str:
        """Return the address for mails."""
        return self.mail or self.upn

    @property
    def default_calendar(self) -> Calendar:
        """Return the primary calendar."""
        return next(iter(self.calendars.values()))

    def next_change_key(self) -> str:
        """Return a new change key for this mailbox."""
        return ids.change_key(self.id, next(self._key_number))

    def add_calendar(self, name: str, is_default: bool = False) -> Calendar:
        """Add an empty calendar."""
        number = next(self._calendar_numbers)
        calendar = Calendar(
            ids.calendar_id(self.id, number),
            number,
            name,
            is_default,
            self.next_change_key(),
        )
        self.calendars[calendar.id] = calendar
        return calendar

    def add(self, event: Event) -> None:
        """Add a new event and give it its ids."""
        self.events.append(event)
        event.immutable_id = ids.immutable_id(self.id, event.number)
        event.id = ids.default_id(self.id, event.calendar.number, event.number)
        self._index(event)

    def move(self, event: Event, calendar: Calendar) -> None:
        """Move an event; its default id changes, its immutable one does not."""
        old_id, old_calendar = event.id, event.calendar
        self.by_id.pop(old_id, None)
        event.calendar = calendar
        event.id = ids.default_id(self.id, calendar.number, event.number)
        self._index(event)
        self.sequence += 1
        entry = LogEntry(self.sequence, event, old_calendar, event.modified, old_id)
        self.log.append(entry)

    def record(self, event: Event) -> None:
        """Record a write to an event for delta."""
        self.sequence += 1
        event.sequence = self.sequence
        event.first_sequence = event.first_sequence or self.sequence
        event.keep_version()
        entry = LogEntry(self.sequence, event, event.calendar, event.modified)
        self.log.append(entry)

    def remove(self, event: Event) -> None:
        """Remove an event; a record stays, so that delta reports the removal."""
        event.is_deleted = True
        for event_id in (event.id, event.immutable_id):
            self.by_id.pop(event_id, None)
            self.deleted_ids.add(event_id)
        if event.transaction_id:
            self.transactions.pop(event.transaction_id, None)
        self.record(event)

    def find(self, item_id: str) -> Item | None:
        """Return the item with an id (in either format), if it still exists."""
        event = self.by_id.get(item_id)
        if event is not None:
            return event.item()
        parts = ids.split_occurrence_id(item_id)
        if parts is None:
            return None
        event = self.by_id.get(parts[0])
        if event is None or not event.has_occurrence(parts[1]):
            return None
        return event.item(parts[1])

    def living(self, calendar: Calendar | None = None) -> list[Event]:
        """Return the existing events, of one calendar or of all."""
        return [
            event
            for event in self.events
            if not event.is_deleted and (calendar is None or event.calendar is calendar)
        ]

    def log_after(self, sequence: int) -> int:
        """Return the position in the log of the first entry after ``sequence``."""
        return bisect_right(self.log, sequence, key=lambda entry: entry.sequence)

    def sequence_at(self, moment: datetime) -> int:
        """Return the sequence of the last write up to a moment."""
        at = bisect_right(self.log, moment, key=lambda entry: entry.time)
        return self.log[at - 1].sequence if at else 0

    def lose_sync_state(self) -> None:
        """Make all delta tokens invalid."""
        self.sync_generation += 1

    def _index(self, event: Event) -> None:
        self.by_id[event.id] = event
        self.by_id[event.immutable_id] = event


class Store:
    """All data of directories and mailboxes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tenants: dict[str, Tenant] = {}
        self.apps: dict[str, App] = {}
        self.mailboxes: dict[str, Mailbox] = {}
        self._by_address: dict[str, Mailbox] = {}
        #: Address of a distribution list -> the addresses of its members.
        self.groups: dict[str, list[str]] = {}
        self._copies: dict[str, list[Event]] = {}

    def clear(self) -> None:
        """Delete all data."""
        self.tenants.clear()
        self.apps.clear()
        self.mailboxes.clear()
        self._by_address.clear()
        self.groups.clear()
        self._copies.clear()

    def add_tenant(
        self, name: str, tenant_id: str | None = None, domains: list[str] | None = None
    ) -> Tenant:
        """Add a directory."""
        tenant_id = tenant_id or ids.stable_uuid("tenant", name)
        tenant = Tenant(tenant_id, name, domains or [])
        self.tenants[tenant.id] = tenant
        return tenant

    def tenant(self, name: str) -> Tenant | None:
        """Find a directory by GUID, name or domain."""
        lower = name.lower()
        for tenant in self.tenants.values():
            names = [tenant.id, tenant.name, *tenant.domains]
            if lower in (known.lower() for known in names):
                return tenant
        return None

    def add_app(self, app: App) -> App:
        """Add an app registration."""
        self.apps[app.client_id] = app
        return app

    def add_mailbox(self, mailbox: Mailbox) -> Mailbox:
        """Add a mailbox.

        :raise ValueError: one of its addresses is already used
        """
        addresses = {mailbox.upn, mailbox.address, *mailbox.aliases}
        for address in addresses:
            if address.lower() in self._by_address:
                raise ValueError(f"address {address} is taken")
        self.mailboxes[mailbox.id] = mailbox
        for address in addresses:
            self._by_address[address.lower()] = mailbox
        return mailbox

    def mailbox(self, key: str) -> Mailbox | None:
        """Find a mailbox by id, user principal name or address."""
        return self.mailboxes.get(key) or self._by_address.get(key.lower())

    def members(self, address: str) -> list[str]:
        """Return the addresses of a group's members, or the address itself."""
        return self.groups.get(address.lower(), [address])

    def new_event(self, calendar: Calendar, mailbox: Mailbox, **values: Any) -> Event:
        """Create an event, without notifications and mails."""
        number = len(mailbox.events) + 1
        now = self.clock.now()
        values.setdefault("ical_uid", ids.ical_uid(mailbox.id, number))
        event = Event(
            mailbox=mailbox,
            calendar=calendar,
            number=number,
            created=now,
            modified=now,
            change_key=mailbox.next_change_key(),
            **values,
        )
        mailbox.add(event)
        self._copies.setdefault(event.ical_uid, []).append(event)
        return event

    def copies(self, ical_uid: str) -> list[Event]:
        """Return the existing copies of a meeting in all mailboxes."""
        return [
            event for event in self._copies.get(ical_uid, []) if not event.is_deleted
        ]
