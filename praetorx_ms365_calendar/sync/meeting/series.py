"""Series: their differences from single events when applied; see ``kind.py``."""

from __future__ import annotations

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.merge import Merge
from ...engine.reasons import parts_skipped
from ...engine.series import Series, SeriesBase
from ...engine.series_deletion import plan_series_deletion
from ...engine.snapshot import Content, RemoteEvent
from ..records import Link, Links, Meeting, OutboxEntry, Vals
from .clues import CluesOfSeries
from .kind import Clues, Kind, Pairs, outcome_vals, read_others_again
from .merge_series import SeriesMerger
from .reading import Reading
from .series_link import link_vals, store
from .series_replies import SeriesReplies
from .series_steps import SeriesSteps


class WholeSeries(Kind[RemoteSeries]):
    """The kind of ``calendar.recurrence``. Works on one series at a time."""

    field = "recurrence_id"
    takes_late_edits = False

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._steps = SeriesSteps(reading)
        self._replies = SeriesReplies(reading, self._steps)
        self._merge = SeriesMerger(reading, self._steps, self._replies)

    # --- names ------------------------------------------------------------------------

    def event_of(self, remote: RemoteSeries) -> RemoteEvent:
        return remote.master

    def link_vals(self, remote: RemoteSeries) -> Vals:
        return link_vals(self.reading.Link, remote)

    def outcome_vals(self, link: Link, remote: RemoteSeries) -> Vals:
        return outcome_vals(link, link._series_base_against(remote.series))

    # --- newcomers --------------------------------------------------------------------

    def clues(self, pairs: Pairs[RemoteSeries]) -> Clues[RemoteSeries]:
        return CluesOfSeries(self.reading.account, self.reading.calendar)

    def base_of_sent(
        self, entry: OutboxEntry, remote: RemoteSeries
    ) -> SeriesBase | None:
        if not entry.sent_content:
            return None
        sent = Series.from_json(entry.sent_content).within(remote.series.window)
        return SeriesBase(sent, sent)

    def link_before_move(self, entry: OutboxEntry, remote: RemoteSeries) -> Links:
        return self.reading.Link  # a series is not moved from Odoo

    def is_linked_to_other(self, link: Link, meeting: Meeting) -> bool:
        return False

    def bring_back(self, link: Link, remote: RemoteSeries) -> bool:
        recurrence = link.recurrence_id
        account = self.reading.account
        if recurrence._ms365_bring_back(remote.series.days, account):
            return True
        recurrence._ms365_discard()
        return False

    def create_meetings(self, pairs: Pairs[RemoteSeries]) -> None:
        for link, remote in pairs:
            if remote.series.days:
                self._create_one(link, remote)
            else:  # nothing of it lies in the window: its time may come
                vals = self.reading.Link._remote_vals(remote.master)
                link.write({**vals, "state": "synced"})

    def forget(self, link: Link) -> None:
        """Drop the link, which was only made to read the series."""
        link.unlink()

    def _create_one(self, link: Link, remote: RemoteSeries) -> None:
        reading = self.reading
        remote = self._steps.first_of(remote)
        recurrence = reading.rows_writer.create_series(remote)
        theirs = remote.series
        link.write({"recurrence_id": recurrence.id, "is_primary": True})
        ours = recurrence._ms365_read_series(theirs.window, theirs=theirs)
        replies = self._replies.write_new(link, remote)
        store(reading, link, remote, SeriesBase(ours, theirs), replies)
        if remote.master.join_url:
            recurrence.base_event_id._ms365_tell_join_link()
        reading.log(
            "create",
            "done",
            event=recurrence.base_event_id,
            remote_id=remote.master.remote_id,
            reason=parts_skipped(remote.master.warnings),
        )
        reading.changed(recurrence._ms365_rows())

    # --- known meetings ---------------------------------------------------------------

    def is_deleted_here(self, link: Link) -> bool:
        """Return True if a user deleted the series in Odoo, or all of its events."""
        if link.state == "deleted_here":
            return True
        if not link.recurrence_id:
            return link.state == "conflict"
        is_empty = not link.recurrence_id._ms365_rows()
        return is_empty and link.is_primary and link.state != "synced"

    def merge(self, pairs: Pairs[RemoteSeries]) -> None:
        for link, remote in pairs:
            self._merge.merge(link, remote)

    def write_replies(self, link: Link, remote: RemoteSeries) -> Vals:
        if self.reading.calendar._is_shared():
            return {}  # nobody replies in a shared calendar
        return self._replies.write_new(link, remote)

    def restore(self, link: Link) -> None:
        link._undo_odoo_deletion()

    def log_unread(self, link: Link, remote: RemoteSeries) -> RemoteSeries:
        """Name the occurrences that cannot be read; see ``SeriesSteps``."""
        return self._steps.log_unread(link, remote)

    def becomes_series(self, link: Link, remote: RemoteSeries) -> None:
        """Keep the event of a link: it is the first occurrence from now on."""
        reading, event, base = self.reading, link.event_id, link._base
        recurrence = reading.rows_writer.wrap(event, remote.series.rule)
        of_series = {
            "event_id": False,
            "recurrence_id": recurrence.id,
            "is_series": True,
        }
        (event.ms365_link_ids - link).write(of_series)
        if base and link.is_primary:
            series_base = recurrence._ms365_base_of_single(base)
            of_series |= reading.Link._base_vals(series_base)
        else:
            of_series["base_snapshot"] = False
        link.write(of_series)
        reading.Outbox._move_edits_to_series(event, recurrence)
        Approval = reading.env["praetorx.ms365.approval"]
        Approval._move_to_series(event, recurrence)
        read_others_again(link)

    # --- deletions --------------------------------------------------------------------

    def is_over(self, link: Link) -> bool:
        if not link.recurrence_id:  # it was a single event until now
            return link._is_deleted_here or link.state == "deleted_there"
        is_deleted = link.state in ("deleted_here", "deleted_there")
        return is_deleted or not link.recurrence_id._ms365_rows()

    def living_content(self, link: Link) -> Content | None:
        ours = self._living_series(link)
        return ours.master if ours else None

    def judge_deletion(
        self, link: Link, ours: Content | None, remote: RemoteSeries | None
    ) -> Merge:
        merge = plan_series_deletion(
            link._series_base,
            self._living_series(link) if ours else None,
            remote.series if remote else None,
            is_organizer=link.is_organizer,
            unedited=link._unedited_names(),
        )
        version: tuple[str | None, str | None] = (None, None)
        if remote:
            version = remote.master.change_key, remote.master.modified_at
        return link._decide(merge, ours, *version)

    def _living_series(self, link: Link) -> Series | None:
        """Return Odoo's side of a series as far as it was agreed on, None if gone."""
        base = link._series_base
        return base and link.recurrence_id._ms365_read_series(base.ours.window)
