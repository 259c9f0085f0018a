"""Name the recordsets that functions take and return; Odoo has no types of its own.

A singular name stands for one record or none, a plural name for any number. Both are
the same class for mypy. So it finds a link that is passed as an event, but not two
links that are passed as one. Fields that no class names may have any type.

These classes describe Odoo's recordsets and are never instantiated. An empty recordset
stands for "none": it is false, and its fields are false or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload

if TYPE_CHECKING:
    from typing_extensions import Self

#: Values of columns by their names, as ``create`` and ``write`` take them.
Vals: TypeAlias = dict[str, Any]
#: An object of Graph's JSON, not yet parsed.
Payload: TypeAlias = dict[str, Any]


class Records(Protocol):
    """The part of Odoo's recordsets that all models have."""

    id: int
    ids: list[int]
    env: Any
    create: Callable[[Vals | list[Vals]], Self]
    write: Callable[[Vals], bool]

    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    @overload
    def __getitem__(self, key: int | slice) -> Self: ...
    def __getitem__(self, key: str | int | slice) -> Any: ...
    def __iter__(self) -> Iterator[Self]: ...
    def __reversed__(self) -> Iterator[Self]: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __contains__(self, record: object) -> bool: ...
    def __or__(self, other: Self) -> Self: ...
    def __and__(self, other: Self) -> Self: ...
    def __sub__(self, other: Self) -> Self: ...
    def browse(self, ids: Any = ()) -> Self: ...
    def exists(self) -> Self: ...
    def filtered(self, condition: str | Callable[[Self], object]) -> Self: ...
    def search(
        self,
        domain: Any,
        *,
        limit: int | None = None,
        order: str | None = None,
    ) -> Self: ...
    def sorted(
        self, key: str | Callable[[Self], Any] | None = None, reverse: bool = False
    ) -> Self: ...
    def sudo(self) -> Self: ...
    def union(self, *others: Self) -> Self: ...


class User(Records):
    """``res.users``."""


class Partner(Records):
    """``res.partner``: a contact."""


class Account(Records):
    """``praetorx.ms365.account``: the connection of one user to one mailbox."""

    user_id: User
    calendar_ids: Calendars
    link_ids: Links


class Calendar(Records):
    """``praetorx.ms365.calendar``: one calendar of a mailbox."""

    account_id: Account


class Event(Records):
    """``calendar.event``: a single event, or a row of a series."""

    recurrence_id: Recurrence
    ms365_link_ids: Links
    partner_ids: Partner
    user_id: User


class Recurrence(Records):
    """``calendar.recurrence``: a series."""

    base_event_id: Event
    calendar_event_ids: Events
    ms365_link_ids: Links


class Link(Records):
    """``praetorx.ms365.event.link``: the link of a copy with its meeting in Odoo."""

    account_id: Account
    calendar_id: Calendar
    event_id: Event
    moved_to_id: Link
    recurrence_id: Recurrence


class OutboxEntry(Records):
    """``praetorx.ms365.outbox``: one edit, until Graph has confirmed it."""

    account_id: Account
    event_id: Event
    link_id: Link
    recurrence_id: Recurrence


class Conflict(Records):
    """``praetorx.ms365.conflict``: fields that both sides changed."""

    link_id: Link


class Preview(Records):
    """``praetorx.ms365.preview``: what the first reading will do."""

    account_id: Account


class Difference(Records):
    """``praetorx.ms365.difference``: what the self-check found."""

    link_id: Link


Accounts: TypeAlias = Account
Calendars: TypeAlias = Calendar
Events: TypeAlias = Event
Links: TypeAlias = Link
OutboxEntries: TypeAlias = OutboxEntry
Recurrences: TypeAlias = Recurrence
#: A single event or a whole series.
Meeting: TypeAlias = Event | Recurrence
