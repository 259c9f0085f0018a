"""Define the content of an event in one form, to compare, hash, merge and store it.

Both sides are read into the same :class:`Content`, so that "changed" has one meaning.
``ours`` is Odoo, ``theirs`` is Graph. A :class:`Base` has both contents as they were
when the sides last agreed.

The two contents of a base may differ, because one side cannot store all values of the
other. For example, Graph's ``showAs`` has five values, and Odoo's ``show_as`` has two.
Odoo also cleans HTML. We compare each side with its own content in the base, so such
differences are not sent to the other side.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from .body_limits import is_cut
from .mapping.canonical import recalled_html

#: Fields of an event that only the organizer's mailbox may write (docs/laws.md, law 6).
ORGANIZER_FIELDS = frozenset(
    {
        "subject",
        "body",
        "times",
        "location",
        "attendees",
        "sensitivity",
        "online_meeting",
    }
)
#: Fields that each mailbox has for itself. Writing them mails nobody.
PERSONAL_FIELDS = frozenset({"show_as", "reminder", "categories"})


@dataclass(frozen=True, slots=True)
class Times:
    """Start and end as one field, because they are always changed together.

    :param start: ``YYYY-MM-DDTHH:MM:SS`` in UTC, or ``YYYY-MM-DD`` for all-day events
    :param end: the same; for all-day events **exclusive**, the day after the last one
    :param all_day: whether start and end are dates without a zone
    :param zone: IANA name of the event's own zone, None if unknown. It is not compared:
        if a single event keeps its instants, another zone is not a change
    """

    start: str
    end: str
    all_day: bool = field(default=False, kw_only=True)
    zone: str | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True, order=True)
class Attendee:
    """An attendee. Two attendees are equal if they have the same address.

    :param email: normalized: lower case, without name
    :param name: display name; not compared
    :param kind: ``required``, ``optional`` or ``resource``. Odoo does not have it, so
        it is not compared. We keep it to send it back with the list
    """

    email: str
    name: str = field(default="", compare=False)
    kind: str = field(default="required", compare=False)

    def to_json(self) -> dict[str, str]:
        """Return plain values for a JSON column."""
        return {"email": self.email, "name": self.name, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Content:
    """The synced content of one single event, with Graph's names and values.

    :param subject: one line of text
    :param body: canonical HTML of the part that people write: without ``html`` and
        ``body`` tags, and without Microsoft's Teams block
    :param times: see :class:`Times`
    :param location: display name of the place
    :param attendees: sorted by address, without the organizer
    :param sensitivity: ``normal``, ``personal``, ``private`` or ``confidential``
    :param show_as: Graph's five values, or ``unknown``
    :param reminder: minutes before start, None when off
    :param categories: display names, sorted, each once
    :param online_meeting: whether it is a Teams meeting
    :param unmapped_attendees: attendees without a mail address (X.500 entries of a
        directory). They are not compared. We keep them to send them back with the list
    """

    subject: str
    times: Times
    body: str = ""
    location: str = ""
    attendees: tuple[Attendee, ...] = ()
    sensitivity: str = "normal"
    show_as: str = "busy"
    reminder: int | None = None
    categories: tuple[str, ...] = ()
    online_meeting: bool = False
    unmapped_attendees: tuple[Attendee, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return {
            "subject": self.subject,
            "times": {
                "start": self.times.start,
                "end": self.times.end,
                "all_day": self.times.all_day,
                "zone": self.times.zone,
            },
            "body": self.body,
            "location": self.location,
            "attendees": [attendee.to_json() for attendee in self.attendees],
            "sensitivity": self.sensitivity,
            "show_as": self.show_as,
            "reminder": self.reminder,
            "categories": list(self.categories),
            "online_meeting": self.online_meeting,
            "unmapped_attendees": [a.to_json() for a in self.unmapped_attendees],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Content:
        """Read the output of :meth:`to_json`."""
        return cls(**{name: read(data[name]) for name, read in _FROM_JSON.items()})

    def changed_fields(self, other: Content) -> frozenset[str]:
        """Return the names of the fields that differ from ``other``."""
        return frozenset(
            name
            for name in CONTENT_FIELDS
            if getattr(self, name) != getattr(other, name)
        )

    def with_fields(self, names: Iterable[str], source: Content) -> Content:
        """Return a copy with the named fields from ``source``."""
        return replace(self, **{name: getattr(source, name) for name in names})

    @property
    def invites_nobody(self) -> bool:
        """True if no write to this event mails anybody, because it has no attendees."""
        return not (self.attendees or self.unmapped_attendees)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the content; equal contents have equal hashes."""
        data = self.to_json()
        del data["times"]["zone"], data["unmapped_attendees"]
        data["attendees"] = [attendee.email for attendee in self.attendees]
        canonical = json.dumps(
            data, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


#: Names of the fields that are compared, merged and sent.
CONTENT_FIELDS = tuple(f.name for f in fields(Content) if f.compare)


def _same(value: Any) -> Any:
    return value


def _attendees(data: list[dict[str, str]]) -> tuple[Attendee, ...]:
    return tuple(Attendee(**item) for item in data)


_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(CONTENT_FIELDS, _same),
    "body": recalled_html,
    "times": lambda data: Times(**data),
    "attendees": _attendees,
    "categories": tuple,
    "unmapped_attendees": _attendees,
}


@dataclass(frozen=True, slots=True)
class Base:
    """The base snapshot: both sides as they were when they last agreed."""

    ours: Content
    theirs: Content

    def to_json(self) -> dict[str, Any]:
        """Return all fields of ``theirs``, and the fields of ``ours`` that differ."""
        ours = self.ours.to_json()
        theirs = self.theirs.to_json()
        overlay = {name: ours[name] for name in ours if ours[name] != theirs[name]}
        return {"theirs": theirs, "ours": overlay}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Base:
        """Read the output of :meth:`to_json`."""
        theirs, ours = data["theirs"], data["ours"]
        if is_cut(theirs["body"]):  # the part that Odoo shows counts as the whole body
            ours = {name: value for name, value in ours.items() if name != "body"}
        return cls(
            ours=Content.from_json(theirs | ours),
            theirs=Content.from_json(theirs),
        )


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """An event of Graph, parsed once when it is read.

    :param remote_id: immutable id, opaque and case-sensitive
    :param change_key: changes with every write to the event, by any client
    :param ical_uid: the same in every attendee's mailbox; None if missing
    :param kind: ``singleInstance``, ``occurrence``, ``exception``, ``seriesMaster``
    :param content: None for occurrences in their minimal form
    :param teams_block: Microsoft's HTML inside the body, unchanged; empty without one
    :param is_organizer: whether the mailbox owner is the organizer
    :param on_behalf: whether it is in another person's calendar, and this person is the
        organizer
    :param replies: address -> reply (Graph's value), for every attendee
    :param own_reply: reply of the mailbox owner (Graph's value)
    :param replied_at: time of that reply, naive UTC; None if unknown
    :param reply_requested: whether the organizer wants mails about replies
    :param organizer: None if the organizer's address is not a mail address
    :param modified_at: ``lastModifiedDateTime`` as sent (UTC, sortable text)
    :param transaction_id: the idempotency key from the create request
    :param stamp: our extended property, if the request asked for it
    :param warnings: texts about skipped parts, for example invalid addresses
    """

    remote_id: str
    change_key: str
    kind: str
    content: Content | None
    ical_uid: str | None = None
    series_master_id: str | None = None
    is_organizer: bool = True
    on_behalf: bool = False
    is_cancelled: bool = False
    organizer: Attendee | None = None
    own_reply: str = "none"
    replied_at: datetime | None = None
    reply_requested: bool = True
    replies: dict[str, str] = field(default_factory=dict)
    join_url: str | None = None
    teams_block: str = ""
    modified_at: str = ""
    transaction_id: str | None = None
    stamp: str | None = None
    warnings: tuple[str, ...] = ()
    web_link: str | None = None

    @property
    def full_content(self) -> Content:
        """The content of an event that is no occurrence in its minimal form."""
        assert self.content is not None
        return self.content

    @property
    def etag(self) -> str:
        """The value for ``If-Match``."""
        return f'W/"{self.change_key}"'

    def is_older_than(self, modified_at: str | None) -> bool:
        """Return True if this version is older than the one of ``modified_at``.

        Pages sometimes list an older version again.
        """
        return is_older(self.modified_at, modified_at)


def is_older(first: str | None, second: str | None) -> bool:
    """Return True if the first version is older than the second.

    Both are ``lastModifiedDateTime``, with up to seven decimals. Graph omits trailing
    zeros.

    :return: False if one of the two is missing, because the order is unknown
    """
    if not first or not second:
        return False
    return _sortable(first) < _sortable(second)


def _sortable(instant: str) -> tuple[str, str]:
    seconds, _dot, decimals = instant.rstrip("Z").partition(".")
    return seconds, decimals.ljust(7, "0")


@dataclass(frozen=True, slots=True)
class RemovedEvent:
    """An ``@removed`` entry of a delta page: an event left the view for any reason."""

    remote_id: str
