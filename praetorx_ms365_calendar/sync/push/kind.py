"""Plans writes: the interface for single events and for series."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from ...engine.errors import GiveUpOnEvent
from ...engine.snapshot import Content
from ..records import (
    Account,
    Event,
    Link,
    Meeting,
    OutboxEntries,
    OutboxEntry,
    Payload,
    Vals,
)
from .creating import Create
from .sending import Sending


@dataclass(frozen=True)
class Edits:
    """The pending entries of one meeting, and everything that they are about.

    :param meeting: a ``calendar.event`` or a ``calendar.recurrence``; may be empty
    :param link: may be empty
    """

    entries: OutboxEntries
    meeting: Meeting
    link: Link

    @property
    def about(self) -> tuple[OutboxEntries, Event, Link]:
        """Return the first three fields of a sending."""
        return self.entries, self.meeting._ms365_any_event(), self.link


class Kind(ABC):
    """The interface of both kinds of meeting, for one mailbox.

    :attr:`create` is the class of sendings that create a meeting of this kind.
    """

    #: The field by which links and outbox entries know meetings of this kind.
    field: ClassVar[str]
    is_series: ClassVar[bool]
    create: ClassVar[type[Create[Any]]]

    def __init__(self, account: Account) -> None:
        self.account = account

    def meeting_of(self, entry: OutboxEntry) -> Meeting:
        """Return the meeting of an entry, also an archived one."""
        return entry[self.field]

    @abstractmethod
    def is_alive(self, meeting: Meeting) -> bool:
        """Return True if Odoo's calendar has the meeting."""

    @abstractmethod
    def is_held(self, link: Link) -> bool:
        """Return True if a person decides about the deletion of occurrences."""

    @abstractmethod
    def check(self, meeting: Meeting) -> None:
        """Check that Outlook can express the meeting.

        :raise GiveUpOnEvent: it cannot
        """

    @abstractmethod
    def read_first(self, edits: Edits) -> Sending:
        """Return the sending that reads the meeting first."""

    @abstractmethod
    def update(self, edits: Edits) -> Sending:
        """Return the next write for a meeting that Outlook has."""

    @abstractmethod
    def content_to_create(self, edits: Edits) -> tuple[Any, Content, Vals]:
        """Return the content to create, and the one for the first occurrence.

        :return: also further fields of :attr:`create`
        """

    @abstractmethod
    def create_payload(
        self, meeting: Meeting, sent: Any, title_prefix: str | None, key: str
    ) -> Payload:
        """Return the body of the request that creates ``sent``."""


def refuse_too_many(event: Event, names: Collection[str], content: Content) -> None:
    """Check that Outlook takes all attendees.

    :param names: the fields of ``content`` that are written
    :raise GiveUpOnEvent: there are too many
    """
    if "attendees" in names and (reason := event._ms365_why_too_many(content)):
        raise GiveUpOnEvent(reason)
