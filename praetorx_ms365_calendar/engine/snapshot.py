"""The canonical content of an event: what is compared, hashed, merged and stored.

Both sides are read into the same :class:`Content`, so that "changed" has one meaning.
``ours`` is Odoo, ``theirs`` is Graph. A :class:`Base` holds both as they were when the
sides last agreed: they may differ where one side cannot hold what the other can (five
values of ``showAs`` against two of ``show_as``, HTML that a sanitizer rewrites), and
comparing each side with its own base keeps such differences from travelling.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from .body_limits import is_cut
from .mapping.canonical import recalled_html

#: Properties of an event that only its organizer's mailbox may write (law 6).
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
#: Properties that each mailbox holds for itself; writing them mails nobody.
PERSONAL_FIELDS = frozenset({"show_as", "reminder", "categories"})


@dataclass(frozen=True, slots=True)
class Times:
    """Start and end as one unit: they are only ever changed together.

    :param start: ``YYYY-MM-DDTHH:MM:SS`` in UTC, or ``YYYY-MM-DD`` for all-day events
    :param end: the same; for all-day events **exclusive**, the day after the last one
    :param all_day: dates without a zone
    :param zone: IANA name of the event's own zone, None where unknown. It does not
        take part in comparisons: the same instants in another zone are no change of
        a single event
    """

    start: str
    end: str
    all_day: bool = False
    zone: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Attendee:
    """An invited person, known by the address alone.

    :param email: normalized: lower case, without name
    :param name: display name; no part of comparisons
    :param kind: ``required``, ``optional`` or ``resource``; no part of comparisons
        (Odoo does not know it), kept to be sent back with the list
    """

    email: str
    name: str = field(default="", compare=False)
    kind: str = field(default="required", compare=False)

    def to_json(self) -> dict[str, str]:
        """Return plain values for a JSON column."""
        return {"email": self.email, "name": self.name, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Content:
    """The synced content of one single event, in the words of Graph.

    :param subject: one line of text
    :param body: canonical HTML of the part that people write: without the document
        frame and without Microsoft's Teams block
    :param times: see :class:`Times`
    :param location: display name of the place
    :param attendees: sorted by address, the organizer not among them
    :param sensitivity: ``normal``, ``personal``, ``private`` or ``confidential``
    :param show_as: Graph's five values, or ``unknown``
    :param reminder: minutes before start, None when off
    :param categories: display names, sorted, without repeats
    :param online_meeting: a Teams meeting
    :param unmapped_attendees: whom no mail address names (X.500 entries of a
        directory): no part of comparisons, kept to be sent back with the list
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
        """Read what :meth:`to_json` wrote."""
        return cls(**{name: read(data[name]) for name, read in _FROM_JSON.items()})

    def changed_fields(self, other: Content) -> frozenset[str]:
        """Return the names of the fields whose values differ from ``other``'s."""
        return frozenset(
            name
            for name in CONTENT_FIELDS
            if getattr(self, name) != getattr(other, name)
        )

    def with_fields(self, names: Iterable[str], source: Content) -> Content:
        """Return a copy that takes the named fields from ``source``."""
        return replace(self, **{name: getattr(source, name) for name in names})

    @property
    def invites_nobody(self) -> bool:
        """Tell whether no write to this event mails anybody."""
        return not (self.attendees or self.unmapped_attendees)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical content: equal contents, equal hashes."""
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


_FROM_JSON = dict.fromkeys(CONTENT_FIELDS, _same) | {
    "body": recalled_html,
    "times": lambda data: Times(**data),
    "attendees": _attendees,
    "categories": tuple,
    "unmapped_attendees": _attendees,
}


@dataclass(frozen=True, slots=True)
class Base:
    """Both sides as they were when they last agreed."""

    ours: Content
    theirs: Content

    def to_json(self) -> dict[str, Any]:
        """Return theirs in full, and of ours only the fields that differ from it."""
        ours = self.ours.to_json()
        theirs = self.theirs.to_json()
        overlay = {name: ours[name] for name in ours if ours[name] != theirs[name]}
        return {"theirs": theirs, "ours": overlay}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Base:
        """Read what :meth:`to_json` wrote."""
        theirs, ours = data["theirs"], data["ours"]
        if is_cut(theirs["body"]):  # what Odoo shows of it counts as the whole
            ours = {name: value for name, value in ours.items() if name != "body"}
        return cls(
            ours=Content.from_json(theirs | ours),
            theirs=Content.from_json(theirs),
        )


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """A Graph event, parsed once at the edge.

    :param remote_id: immutable id, opaque and case-sensitive
    :param change_key: changes with every write to the event, by whomever
    :param ical_uid: the same in every attendee's mailbox; None where missing
    :param kind: ``singleInstance``, ``occurrence``, ``exception``, ``seriesMaster``
    :param content: None for occurrences in their minimal form
    :param teams_block: Microsoft's HTML inside the body, verbatim; empty without one
    :param is_organizer: whether the owner of the mailbox organizes it
    :param on_behalf: seen in somebody else's calendar, whose owner organizes it
    :param answers: address -> Graph's response word, of every attendee
    :param own_response: Graph's response word of the mailbox's owner
    :param answered_at: when the owner gave it, naive UTC; None where that is not told
    :param response_requested: the organizer wants to be told of answers
    :param organizer: None where the organizer's address is not a mail address
    :param modified_at: ``lastModifiedDateTime`` as sent (UTC, sortable text)
    :param transaction_id: the idempotency key that the creator sent
    :param stamp: our extended property, where it was asked for
    :param warnings: what was skipped in words (unusable attendee addresses, ...)
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
    own_response: str = "none"
    answered_at: datetime | None = None
    response_requested: bool = True
    answers: dict[str, str] = field(default_factory=dict)
    join_url: str | None = None
    teams_block: str = ""
    modified_at: str = ""
    transaction_id: str | None = None
    stamp: str | None = None
    warnings: tuple[str, ...] = ()
    web_link: str | None = None

    @property
    def etag(self) -> str:
        """What ``If-Match`` takes."""
        return f'W/"{self.change_key}"'

    def is_older_than(self, modified_at: str | None) -> bool:
        """Tell whether this version was replaced by the one of ``modified_at``.

        Pages replay older versions at times. Graph writes up to seven decimals, and
        leaves out those that are zero.
        """
        return is_older(self.modified_at, modified_at)


def is_older(first: str | None, second: str | None) -> bool:
    """Tell whether one version was replaced by another, by ``lastModifiedDateTime``.

    Where one of the two is not told, nobody can say.
    """
    if not first or not second:
        return False
    return _sortable(first) < _sortable(second)


def _sortable(instant: str) -> tuple[str, str]:
    seconds, _dot, decimals = instant.rstrip("Z").partition(".")
    return seconds, decimals.ljust(7, "0")


@dataclass(frozen=True, slots=True)
class RemovedEvent:
    """A tombstone of a delta page: gone from the view, which may mean anything."""

    remote_id: str
