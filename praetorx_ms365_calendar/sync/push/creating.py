"""Creates events and series in Outlook, each only once."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from odoo.fields import Domain

from ...engine.errors import GiveUpOnEvent, SyncError
from ...engine.mail_guard import Mails
from ...engine.mapping.graph_series import read_master
from ...engine.mapping.title_prefix import without_prefix
from ...engine.push_order import must_search, places_to_search
from ...engine.series import Series, SeriesBase, series_without_exceptions
from ...engine.snapshot import Base, Content, RemoteEvent
from ...graph.client import GraphResponse
from ..apply.where import as_seen, parse_as_seen
from ..records import Calendar, Link, OutboxEntries, OutboxEntry, Vals
from .sending import WithRequest, found_event, search_request
from .storing import read_series_next, store_event, warn_without_teams

if TYPE_CHECKING:
    from .recorder import Recorder

Sent = TypeVar("Sent", Content, Series)
AnyCreate = TypeVar("AnyCreate", bound="Create[Any]")


@dataclass(frozen=True)
class Search:
    """A search of one calendar for the event of an earlier try.

    :param place: id of the calendar, False if it is not known yet
    :param home: the calendar of the create
    :param searched: ids of the calendars in which a search found nothing
    :param is_last: whether no other calendar is left
    """

    place: int
    home: Calendar
    searched: frozenset[int]
    is_last: bool

    @property
    def is_elsewhere(self) -> bool:
        """Return True if the event was moved in Outlook if this search finds it."""
        return self.place != self.home.id

    def not_found_vals(self) -> Vals:
        """Return the values of the entries after a search that found nothing."""
        searched = sorted({*self.searched, self.place})
        return {"sought_calendars": searched, "was_sought": self.is_last}

    def moved_vals(self) -> Vals:
        """Return the values of the link if a person has moved the event in Outlook.

        The next rounds find its calendar, or stop following it.
        """
        if not self.is_elsewhere:
            return {}
        return {"left_calendar": True, "last_seen_round": self.home.round_number}


@dataclass(frozen=True, kw_only=True)
class Create(WithRequest, Generic[Sent]):
    """Create an event or a series.

    :param first_sent: the content of an earlier try of the same create
    :param title_prefix: text before the title, in Outlook only
    :param search: the request searches for the event by its stamp, because an earlier
        try may have arrived. It is not known how long Graph remembers keys
    """

    operation: ClassVar[str] = "create"

    first_sent: Sent | None = None
    title_prefix: str | None = None
    search: Search | None = None

    def as_search(self: AnyCreate, first: OutboxEntry) -> AnyCreate:
        """Return the search that comes before another try of this create.

        :param first: the entry of the first try; its calendar is searched first
        """
        home = first.calendar_id or first.account_id._default_calendar()
        searched = frozenset(self.entries._sought_everywhere())
        others = home._others_of_owner().ids
        left = places_to_search(home.id, others, searched=searched)
        return replace(
            self,
            search=Search(left[0], home, searched, is_last=len(left) == 1),
            request=search_request(self.entries, home.browse(left[0])._path()),
            mails=Mails(),
            entry_vals={
                **self.entry_vals,
                "calendar_id": first.calendar_id.id,
                "sought_calendars": sorted(searched),
            },
        )

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the created event, or the result of the search."""
        if self.search:
            self._record_search(recorder, response, self.search)
        else:
            self.record_created(recorder, response)

    def record_gone(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store that the calendar is gone, and so cannot have the event."""
        if self.search and self.search.is_elsewhere:
            self._record_not_found(recorder, self.search)
        else:
            super().record_gone(recorder, response)

    def record_refused(self, error: SyncError) -> None:
        """Store that Outlook does not have the event if Graph has refused it.

        An earlier try was searched before this one.
        """
        if isinstance(error, GiveUpOnEvent) and not self.search:
            self.entries.sent_content = False

    @abstractmethod
    def record_created(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the created event."""

    @abstractmethod
    def sent_vals(self, recorder: Recorder) -> Vals:
        """Return the columns of the link after an earlier create: both sides agree."""

    def _record_search(
        self, recorder: Recorder, response: GraphResponse, search: Search
    ) -> None:
        if remote := found_event(self, recorder, response):
            self.adopt(recorder, remote.remote_id, remote.ical_uid)
        else:
            self._record_not_found(recorder, search)

    def _record_not_found(self, recorder: Recorder, search: Search) -> None:
        self.entries.write(search.not_found_vals())
        recorder.back_into_queue(self)

    def adopt(
        self, recorder: Recorder, existing_id: str, ical_uid: str | None = None
    ) -> None:
        """Link the event that an earlier try has created, and have it read.

        :param ical_uid: if it is known, copies of attendees find the event with it
        """
        is_there = self.recurrence if self.is_series else recorder.event_of(self)
        is_deleted = not is_there or self.link.state == "deleted_here"
        vals = {
            "remote_id": existing_id,
            "needs_read": True,
            "state": "deleted_here" if is_deleted else "synced",
            "title_prefix": self.title_prefix,
            **self.sent_vals(recorder),
            **(self.search.moved_vals() if self.search else {}),
        }
        carried = Domain("ical_uid", "=", ical_uid) & Domain("is_primary", "=", True)
        if ical_uid and not recorder.Link.search_count(carried, limit=1):
            vals["ical_uid"] = ical_uid
        link = self.store_link(recorder, vals)
        link._expect()
        if not is_there:
            recorder.pending_deletes(self).link_id = link
        recorder.back_into_queue(self)

    def store_link(self, recorder: Recorder, vals: Vals) -> Link:
        """Write ``vals`` to the link, with the calendar of the new event."""
        calendar_id = (
            self.entry_vals.get("calendar_id")
            or self.entries[-1].calendar_id.id
            or recorder.default_calendar.id
        )
        return super().store_link(recorder, {"calendar_id": calendar_id, **vals})

    def _sent(self) -> Sent:
        """Return the content that was sent, first by an earlier try."""
        sent: Sent = self.first_sent or self.entries[-1]._read_sent()
        return sent


def needs_search(entries: OutboxEntries, first: OutboxEntry) -> bool:
    """Return True if the event must be searched before its create is sent again.

    :param first: the entry of the first try, empty if there is none
    """
    was_searched = all(entries.mapped("was_sought"))
    return must_search(was_sent=bool(first), was_searched=was_searched)


@dataclass(frozen=True, kw_only=True)
class CreateEvent(Create[Content]):
    """Create a single event.

    :param ours: Odoo's content of the event
    """

    ours: Content

    def record_created(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the created event."""
        remote = parse_as_seen(response.result(), recorder.default_calendar)
        if self.first_sent:
            # An earlier try may have created it, and Outlook may have changed it since.
            self.adopt(recorder, remote.remote_id, remote.ical_uid)
            return
        link = store_event(recorder, self, remote, self.ours, self.title_prefix)
        self._record_done(recorder, response, link, remote)
        warn_without_teams(recorder.event_of(self), self.ours, remote.content)

    def _record_done(
        self,
        recorder: Recorder,
        response: GraphResponse,
        link: Link,
        remote: RemoteEvent,
    ) -> None:
        recorder.account._remember_own_address(link, remote)
        reason = recorder.event_of(self)._ms365_describe_uninvitable()
        recorder.done(self, response, reason=reason)

    def sent_vals(self, recorder: Recorder) -> Vals:
        """Return the columns of the link after an earlier create."""
        sent = self._sent()
        vals: Vals = recorder.Link._base_vals(Base(sent, sent))
        return vals


@dataclass(frozen=True, kw_only=True)
class CreateSeries(Create[Series]):
    """Create a series without exceptions; they are written one by one afterwards."""

    def record_created(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the created series; it is read before its exceptions are written."""
        remote, rule = read_master(response.result())
        remote = as_seen(remote, recorder.default_calendar)
        remote = without_prefix(remote, self.title_prefix)
        assert remote.content is not None
        sent = self._sent()
        theirs = series_without_exceptions(remote.content, rule, sent.window)
        deleted = self.link.state == "deleted_here"
        vals = {
            **recorder.Link._remote_vals(remote),
            # After an earlier try, Outlook may have changed it since.
            **self._base_vals(recorder, None if self.first_sent else theirs),
            "is_series": True,
            "title_prefix": self.title_prefix,
            "state": "deleted_here" if deleted else "synced",
            "reason": False,
        }
        link = self.store_link(recorder, vals)
        link._expect(remote.modified_at)
        read_series_next(recorder, self, link, response)
        self.recurrence._ms365_record_removed(_unmade_days(sent))
        if self.recurrence:
            event = self.recurrence.base_event_id
            warn_without_teams(event, sent.master, remote.content)
        else:
            recorder.pending_deletes(self).link_id = link

    def sent_vals(self, recorder: Recorder) -> Vals:
        """Return the columns of the link after an earlier create."""
        return self._base_vals(recorder)

    def _base_vals(self, recorder: Recorder, theirs: Series | None = None) -> Vals:
        """Return the columns with the agreed base of the created series.

        :param theirs: None if Outlook has the series as it was sent
        """
        sent = self._sent()
        made = series_without_exceptions(sent.master, sent.rule, sent.window)
        return {
            **recorder.Link._base_vals(SeriesBase(made, theirs or made)),
            "unmade_days": _unmade_days(sent),
        }


def _unmade_days(sent: Series) -> list[str]:
    """Return the days of the rule on which the created series has no occurrence."""
    return sorted(sent.expected_days() - set(sent.days))
