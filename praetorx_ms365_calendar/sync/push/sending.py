"""One event's outbox entries, and the request that deals with them."""

from dataclasses import dataclass, field, replace
from typing import Any

from ...engine.deletions import how_to_delete
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.plan import Patch
from ...engine.series import Series
from ...engine.series_plan import SeriesWrite
from ...engine.snapshot import Content
from ...graph import calls
from ...graph.client import GraphRequest


@dataclass(frozen=True, slots=True)
class Sending:
    """One event's outbox entries, and the request that deals with them.

    :param kind: ``create``, ``patch``, ``delete``, ``cancel``, ``read`` (look before
        writing), ``find`` (was it created before the process died?), ``inspect`` (is
        there anything that cannot be moved?) or ``move`` (a copy in another
        calendar); of series ``create_series``, ``series`` (any other write) or
        ``read_series``; of answers to invitations a kind of ``replies.py``
    :param request: None where nothing has to be sent
    :param ours: Odoo's content that is being sent; of what nobody has edited, the last
        agreement
    :param first_sent: what an earlier try of the same create sent
    :param title_prefix: what is put before the title, in Outlook only
    :param entry_vals: to be written to the entries before the request is sent
    :param link_vals: to be written to the link before that
    :param guests: the addresses on the list that this writes, as far as it writes one
    :param reason: why nothing is sent, an outcome of the sync log
    :param reply: Graph's value, for a reply to an invitation
    :param searches_first: an earlier try of this create may have arrived. The request
        asks for the event by its stamp: nobody knows how long Graph remembers keys
    """

    kind: str
    entries: Any
    event: Any
    link: Any
    request: GraphRequest | None = None
    ours: Content | None = None
    patch: Patch | None = None
    first_sent: Content | Series | None = None
    title_prefix: str | None = None
    series_write: SeriesWrite | None = None
    entry_vals: dict[str, Any] = field(default_factory=dict)
    link_vals: dict[str, Any] = field(default_factory=dict)
    guests: frozenset[str] = frozenset()
    reason: str = "nothing"
    reply: str | None = None
    searches_first: bool = False

    @property
    def event_key(self):
        """Id of the event, also after it was deleted."""
        return self.entries[-1].event_key

    @property
    def calendar_id(self):
        """Id of the calendar that it is created in; False for the primary one."""
        return self.entry_vals.get("calendar_id") or self.entries[-1].calendar_id.id

    def with_search_first(self, calendar_path):
        """Return this create, or the search to be made before it is tried again."""
        if not self.first_sent or all(self.entries.mapped("was_sought")):
            return self
        request = _search(self.entries, calendar_path)
        return replace(self, searches_first=True, request=request)

    def mark(self):
        """Note down that this is being sent, and what: a crash may come any time."""
        if self.link_vals:
            self.link.write(self.link_vals)
        vals = {"state": "sending", "readings": 0, **self.entry_vals}
        self.entries.write(vals)


def delete_linked(account, entries, event, link):
    """Return what deletes a linked event or series, as the company has chosen."""
    theirs = link._theirs()
    way = how_to_delete(
        link._delete_policy(),
        is_organizer=link.is_organizer,
        has_attendees=bool(theirs and theirs.attendees),
    )
    if way == "leave":
        vals = {"state": "kept_there"}
        return Sending("nothing", entries, event, link, link_vals=vals)
    if way == "cancel":
        message = account.company_id.ms365_cancel_message or ""
        request = calls.cancel_event(link.remote_id, message)
    else:
        request = calls.delete_event(link.remote_id, link._etag, link._event_path())
    vals = {"state": "deleted_here"}
    return Sending(way, entries, event, link, request, link_vals=vals)


def find_for_deletion(entries, event, link):
    """Return what a deletion comes down to of which nobody knows what it deletes.

    Where a create was sent, but no response came, its event is looked for by its stamp.
    """
    last = entries[-1]
    if link.remote_id or not _was_sent_once(last):
        return Sending("nothing", entries, event, link)
    request = _search(entries, last.calendar_id._path())
    return Sending("find", entries, event, link, request)


def _search(entries, calendar_path):
    """Return the request for the event that a create of these entries has made.

    :param calendar_path: where it was created; None for the primary calendar
    """
    return calls.find_stamped(STAMP_PROPERTY_ID, entries[-1].stamp, calendar_path)


def _was_sent_once(entry):
    siblings = entry.search(
        [
            ("account_id", "=", entry.account_id.id),
            ("event_key", "=", entry.event_key),
        ]
    )
    return any(sibling.sent_content for sibling in siblings)
