"""Read an event from Graph's JSON. The input is not trusted.

Every payload gives a value or raises :class:`BadRemoteEvent`.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

from ..body_limits import MAX_READ_LENGTH
from ..errors import BadRemoteEvent
from ..reasons import because
from ..snapshot import Attendee, Content, RemoteEvent, RemovedEvent
from .body import html_from_text, split_body
from .graph_times import read_times
from .stamp import STAMP_PROPERTY_ID, Stamp, make_stamp, parse_stamp, transaction_id
from .text import mail_address, one_line, person_name
from .untrusted_json import UntrustedJson

__all__ = [
    "MAX_BODY_LENGTH",
    "STAMP_PROPERTY_ID",
    "Stamp",
    "make_stamp",
    "parse_event",
    "parse_stamp",
    "transaction_id",
]

#: In characters. Graph itself accepts requests up to 4 MB.
MAX_BODY_LENGTH = 5 * 1024 * 1024
#: In characters. A database index cannot hold a longer id; real ids have 100 to 200.
_MAX_ID_LENGTH = 1024
_MAX_URL_LENGTH = 4096

_KINDS = frozenset({"singleInstance", "occurrence", "exception", "seriesMaster"})
_SENSITIVITIES = frozenset({"normal", "personal", "private", "confidential"})
_SHOW_AS = frozenset({"free", "tentative", "busy", "oof", "workingElsewhere"})
_ATTENDEE_KINDS = frozenset({"required", "optional", "resource"})
_REPLIES = frozenset(
    "none organizer tentativelyAccepted accepted declined notResponded".split()
)


def parse_event(payload: object) -> RemoteEvent | RemovedEvent:
    """Read one event of a response, or one entry of a delta page.

    :param payload: the decoded JSON value, of any type
    :raise BadRemoteEvent: it is invalid; nothing else is ever raised
    """
    if not isinstance(payload, dict):
        text = f"the event is a {type(payload).__name__}"
        raise BadRemoteEvent(because("unreadable", text=text))
    event = UntrustedJson(payload)
    event.remote_id = _remote_id(event)
    if "@removed" in event:
        return RemovedEvent(event.remote_id)
    return _Reader(event, event.remote_id).read()


class _Reader:
    """Read one event, and collect a warning for each part that is left out."""

    def __init__(self, event: UntrustedJson, remote_id: str) -> None:
        self._event = event
        self._remote_id = remote_id
        self._warnings: list[str] = []
        self._replies: dict[str, str] = {}
        self._teams_block = ""

    def read(self) -> RemoteEvent:
        event = self._event
        kind = event.text("type", "singleInstance")
        if kind not in _KINDS:
            raise event.bad("its type is unknown")
        organizer = self._organizer()
        return RemoteEvent(
            remote_id=self._remote_id,
            change_key=self._change_key(),
            kind=kind,
            content=self._content(kind, organizer),
            ical_uid=self._optional_id("iCalUId"),
            series_master_id=self._optional_id("seriesMasterId"),
            is_organizer=event.flag("isOrganizer", default=True),
            is_cancelled=event.flag("isCancelled"),
            organizer=organizer,
            own_reply=_reply(event.object("responseStatus")),
            replied_at=_instant(event.object("responseStatus"), "time"),
            reply_requested=event.flag("responseRequested", default=True),
            replies=self._replies,
            join_url=self._join_url(),
            teams_block=self._teams_block,
            modified_at=event.text("lastModifiedDateTime"),
            transaction_id=self._optional_id("transactionId"),
            stamp=self._stamp(),
            warnings=tuple(self._warnings),
            web_link=self._url(event, "webLink"),
        )

    def _content(self, kind: str, organizer: Attendee | None) -> Content | None:
        event = self._event
        times = read_times(event)
        if kind == "occurrence" and "subject" not in event:
            return None  # a delta page has only the times; the master has the rest
        attendees, unmapped = self._attendees(organizer)
        return Content(
            subject=one_line(event.text("subject")),
            times=times,
            body=self._body(),
            location=one_line(event.object("location").text("displayName")),
            attendees=attendees,
            sensitivity=_sensitivity(event),
            show_as=_show_as(event),
            reminder=self._reminder(),
            categories=_categories(event),
            online_meeting=self._is_teams_meeting(),
            unmapped_attendees=unmapped,
        )

    def _change_key(self) -> str:
        """Return the change key; an occurrence of a delta page has it only as etag."""
        key = self._event.text("changeKey")
        if not key:
            etag = self._event.text("@odata.etag")
            key = etag.removeprefix("W/").strip('"')
        if not key or len(key) > _MAX_ID_LENGTH:
            raise self._event.bad("it has no change key")
        return key

    def _body(self) -> str:
        body = self._event.object("body")
        content = body.text("content")
        if len(content) > MAX_BODY_LENGTH:
            raise self._event.bad(f"its body has {len(content)} characters")
        if body.text("contentType").lower() == "text":
            is_read = len(content) <= MAX_READ_LENGTH
            content = html_from_text(content) if is_read else escape(content)
        own, self._teams_block = split_body(content)
        return own

    def _organizer(self) -> Attendee | None:
        address = self._event.object("organizer").object("emailAddress")
        email = mail_address(address.text("address"))
        return Attendee(email, _name(address, email)) if email else None

    def _attendees(
        self, organizer: Attendee | None
    ) -> tuple[tuple[Attendee, ...], tuple[Attendee, ...]]:
        """Read the attendees: first all with a mail address, then all without."""
        known: dict[str, Attendee] = {}
        unmapped: list[Attendee] = []
        for entry in self._event.objects("attendees"):
            address = entry.object("emailAddress")
            written = address.text("address").strip()
            email = mail_address(written)
            kind = _enum_value(entry, "type", _ATTENDEE_KINDS, "required")
            reply = _reply(entry.object("status"))
            if email is None:
                self._warnings.append("an attendee without a usable address is skipped")
                if written:
                    unmapped.append(Attendee(written, _name(address, written), kind))
            elif not organizer or email != organizer.email:
                known.setdefault(email, Attendee(email, _name(address, email), kind))
                self._replies.setdefault(email, reply)
        return tuple(sorted(known.values())), tuple(unmapped)

    def _reminder(self) -> int | None:
        minutes = self._event.integer("reminderMinutesBeforeStart")
        return minutes if self._event.flag("isReminderOn") else None

    def _is_teams_meeting(self) -> bool:
        """Return True for a Teams meeting, False for Skype.

        Skype is the older provider. It cannot be switched on any more.
        """
        provider = self._event.text("onlineMeetingProvider").lower()
        is_online = self._event.flag("isOnlineMeeting")
        return is_online and not provider.startswith("skype")

    def _join_url(self) -> str | None:
        meeting = self._event.object("onlineMeeting")
        return self._url(meeting, "joinUrl") or self._url(
            self._event, "onlineMeetingUrl"
        )

    def _url(self, parent: UntrustedJson, name: str) -> str | None:
        """Read a web address that is shown as a link; other addresses are skipped."""
        url = one_line(parent.text(name))
        if not url:
            return None
        is_web = url.lower().startswith(("https://", "http://"))
        if not is_web or len(url) > _MAX_URL_LENGTH:
            self._warnings.append(f"{name} is no web address and is skipped")
            return None
        return url

    def _optional_id(self, name: str) -> str | None:
        value = self._event.text(name)
        if len(value) > _MAX_ID_LENGTH:
            self._warnings.append(f"{name} is too long and is skipped")
            return None
        return value or None

    def _stamp(self) -> str | None:
        for entry in self._event.objects("singleValueExtendedProperties"):
            if entry.text("id").casefold() == STAMP_PROPERTY_ID.casefold():
                return entry.text("value")[:_MAX_ID_LENGTH] or None
        return None


def _remote_id(event: UntrustedJson) -> str:
    remote_id = event.text("id")
    if not remote_id or len(remote_id) > _MAX_ID_LENGTH:
        raise event.bad("it has no id")
    return remote_id


def _enum_value(
    parent: UntrustedJson, name: str, words: frozenset[str], default: str
) -> str:
    """Read an enumeration value; an unknown value becomes the default."""
    word = parent.text(name, default)
    return word if word in words else default


def _sensitivity(event: UntrustedJson) -> str:
    """Read the sensitivity; an unknown value counts as ``private``, to be safe."""
    default = "private" if event.text("sensitivity") else "normal"
    return _enum_value(event, "sensitivity", _SENSITIVITIES, default)


def _show_as(event: UntrustedJson) -> str:
    return (
        _enum_value(event, "showAs", _SHOW_AS, "unknown")
        if "showAs" in event
        else "busy"
    )


def _reply(status: UntrustedJson) -> str:
    return _enum_value(status, "response", _REPLIES, "none")


def _instant(parent: UntrustedJson, name: str) -> datetime | None:
    """Read a moment in UTC; the year 1 stands for no moment in Graph."""
    try:
        moment = datetime.fromisoformat(parent.text(name)[:19])
    except ValueError:
        return None
    return moment.replace(tzinfo=None) if moment.year > 1 else None


def _name(address: UntrustedJson, email: str | None) -> str:
    """Read a display name; if there is none, Graph returns the address as the name."""
    name = person_name(address.text("name"))
    return "" if name.lower() == (email or "").lower() else name


def _categories(event: UntrustedJson) -> tuple[str, ...]:
    names = {one_line(name) for name in event.texts("categories")}
    return tuple(sorted(names - {""}))
