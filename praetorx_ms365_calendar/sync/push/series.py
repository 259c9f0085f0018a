"""Plans the writes of series, one at a time.

After each write the whole series is read, with its exceptions and deleted dates. Only
then the next write is planned.
"""

from __future__ import annotations

from ...engine.authority import addresses_in
from ...engine.errors import GiveUpOnEvent
from ...engine.mail_guard import Mails, mails_of_create, mails_of_series_writes
from ...engine.mapping.graph_recurrence import write_rule
from ...engine.mapping.graph_times import write_series_times
from ...engine.mapping.graph_writer import create_payload, patch_payload
from ...engine.mapping.title_prefix import with_prefix
from ...engine.series import Series, SeriesBase
from ...engine.series_people import without_people
from ...engine.series_plan import SeriesWrite, with_people_agreed
from ...engine.series_units import ALL, RECURRENCE, TIMES
from ...engine.snapshot import CONTENT_FIELDS, Content
from ...graph import calls
from ...graph.client import GraphRequest
from ..records import Link, Meeting, Payload, Vals
from .changing import WriteSeries
from .creating import CreateSeries
from .kind import Edits, Kind, refuse_too_many
from .sending import Nothing, ReadSeries, Sending


class WholeSeries(Kind):
    """Plans the writes of series."""

    field = "recurrence_id"
    is_series = True
    create = CreateSeries

    def is_alive(self, meeting: Meeting) -> bool:
        """Return True if Odoo's calendar has at least one occurrence."""
        return bool(meeting._ms365_rows())

    def is_held(self, link: Link) -> bool:
        """Return True if a person decides about the deletion of occurrences in Odoo."""
        return bool(link._is_held() and link.hold_id.direction == "to_odoo")

    def check(self, meeting: Meeting) -> None:
        """Check that Outlook can express the series.

        :raise GiveUpOnEvent: it cannot
        """
        reason = meeting._ms365_why_twins() or meeting._ms365_why_inexpressible()
        if reason:
            raise GiveUpOnEvent(reason)

    def read_first(self, edits: Edits) -> Sending:
        """Return the step that reads the series first."""
        return ReadSeries(*edits.about)

    def update(self, edits: Edits) -> Sending:
        """Return the next write of the series."""
        entries, _event, link = edits.about
        base = link._series_base
        recurrence = link.recurrence_id
        days = {row.ms365_day for row in recurrence._ms365_rows()}
        days = _days_between(link._window_to_read(), days)
        if base is None or days - _days_between(base.theirs.window, days):
            return self.read_first(edits)
        writes = list(
            link._planned_series_writes(
                entries._recorded_names(), entries._recorded_changes()
            )
        )
        if not writes:
            link_vals = {}
            if not recurrence._ms365_may_invite():
                ours = recurrence._ms365_read_series(base.theirs.window)
                link_vals = link._base_vals(with_people_agreed(base, ours))
            return Nothing(*edits.about, link_vals=link_vals)
        write = writes[0]
        if write.day != ALL and write.day not in (link.occurrence_ids or {}):
            return self.read_first(edits)
        return WriteSeries(
            *edits.about,
            self._write_request(link, base, write),
            write=write,
            link_vals={"sent_snapshot": write.after.to_json()},
            guests=addresses_in(write.content if "attendees" in write.fields else None),
            mails=self._mails(link, base, writes),
        )

    def _mails(self, link: Link, base: SeriesBase, writes: list[SeriesWrite]) -> Mails:
        if not link._organizes():
            return Mails()
        return mails_of_series_writes(base.theirs, writes)

    def _write_request(
        self, link: Link, base: SeriesBase, write: SeriesWrite
    ) -> GraphRequest:
        """Return the request of one write."""
        path = link._event_path()
        event = link.recurrence_id.base_event_id
        refuse_too_many(event, write.fields, write.content)
        if write.day == ALL:
            payload = self._payload_of_all(link, base, write)
            return calls.patch_event(link.remote_id, payload, link._etag, path)
        remote_id, change_key = link.occurrence_ids[write.day]
        etag = f'W/"{change_key}"'
        if write.is_delete:
            return calls.delete_event(remote_id, etag, path)
        payload = patch_payload(
            write.fields,
            with_prefix(write.content, link.title_prefix),
            base_theirs=base.theirs.occurrence(write.day),
            teams_block=link.teams_block or "",
        )
        return calls.patch_event(remote_id, payload, etag, path)

    def _payload_of_all(
        self, link: Link, base: SeriesBase, write: SeriesWrite
    ) -> Payload:
        """Return the body that changes what all occurrences share."""
        payload = patch_payload(
            write.fields & set(CONTENT_FIELDS) - {TIMES},
            with_prefix(write.content, link.title_prefix),
            base_theirs=base.theirs.master,
            teams_block=link.teams_block or "",
        )
        if write.fields & {TIMES, RECURRENCE}:
            zone = write.rule.zone or self.account.user_id.tz
            payload |= write_series_times(write.content.times, zone)
            payload["recurrence"] = write_rule(write.rule, zone)
        return payload

    # ------------------------------------------------------------------
    # Creates
    # ------------------------------------------------------------------

    def content_to_create(self, edits: Edits) -> tuple[Series, Content, Vals]:
        """Return the series to create, without attendees if Exchange may not mail."""
        recurrence = edits.meeting
        sent: Series = recurrence._ms365_series_to_send(self.account)
        if not recurrence._ms365_may_invite():
            sent = without_people(sent)
        return sent, sent.master, {"mails": mails_of_create(sent)}

    def create_payload(
        self, meeting: Meeting, sent: Series, title_prefix: str | None, key: str
    ) -> Payload:
        """Return the body of the request that creates the series."""
        zone = sent.rule.zone or self.account.user_id.tz or "UTC"
        payload = create_payload(
            with_prefix(sent.master, title_prefix),
            stamp=meeting._ms365_stamp(),
            transaction_id=key,
            default_zone=zone,
        )
        payload |= write_series_times(sent.master.times, zone)
        payload["recurrence"] = write_rule(sent.rule, zone)
        return payload


def _days_between(window: tuple[str, str], days: set[str]) -> set[str]:
    return {day for day in days if window[0] <= day <= window[1]}
