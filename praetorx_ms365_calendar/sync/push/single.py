"""Plans the writes of single events."""

from __future__ import annotations

from dataclasses import replace

from ...engine.authority import addresses_in
from ...engine.list_changes import only_changes
from ...engine.mail_guard import Mails, mails_of_create
from ...engine.mail_impact import mail_impact
from ...engine.mapping.graph_copy import copy_payload
from ...engine.mapping.graph_writer import create_payload, patch_payload
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.mapping.title_prefix import with_prefix
from ...engine.plan import only_odoo_invites, plan_patch
from ...engine.push_order import must_inspect
from ...engine.snapshot import Base, Content
from ...graph import calls
from ...graph.client import GraphRequest
from ..records import Account, Link, Meeting, OutboxEntry, Payload, Records, Vals
from .changing import PatchEvent, ReadEvent
from .creating import CreateEvent
from .kind import Edits, Kind, refuse_too_many
from .moving import Inspect, Move
from .sending import Nothing, ReadSeries, Sending


class SingleEvents(Kind):
    """Plans the writes of single events.

    :param waiting: approvals of edits that are not sent yet
    """

    field = "event_id"
    is_series = False
    create = CreateEvent

    def __init__(self, account: Account, waiting: Records) -> None:
        super().__init__(account)
        self._waiting = waiting

    def meeting_of(self, entry: OutboxEntry) -> Meeting:
        """Return the event of an entry, also an archived one."""
        return entry.event_id.with_context(active_test=False)

    def is_alive(self, meeting: Meeting) -> bool:
        """Return True if Odoo's calendar has the event."""
        return bool(meeting.active)

    def is_held(self, link: Link) -> bool:
        """Return False: the state of the link tells."""
        return False

    def check(self, meeting: Meeting) -> None:
        """Accept all events: Outlook can express them."""

    def read_first(self, edits: Edits) -> Sending:
        """Return the sending that reads the event first, or the series it became."""
        if edits.link.is_series:
            return ReadSeries(*edits.about)
        return ReadEvent(*edits.about, _read_request(edits.link))

    def update(self, edits: Edits) -> Sending:
        """Return the update of the changed fields."""
        entries, event, link = edits.about
        base = link._base
        if base is None:
            return self.read_first(edits)
        ours = self._ours_of_edits(edits)
        invites = event._ms365_invitation_policy() == "exchange"
        patch = plan_patch(
            base,
            ours,
            is_organizer=link._organizes(),
            invites=invites,
            recorded=entries._recorded_names(),
        )
        if patch is None:
            agreed = {} if invites else link._base_vals(only_odoo_invites(base, ours))
            return Nothing(*edits.about, link_vals=agreed)
        refuse_too_many(event, patch.fields, patch.content)
        payload = patch_payload(
            patch.fields,
            with_prefix(patch.content, link.title_prefix),
            base_theirs=base.theirs,
            teams_block=link.teams_block or "",
        )
        path = link._event_path()
        sent = Base(patch.agreed, patch.content)
        return PatchEvent(
            *edits.about,
            calls.patch_event(link.remote_id, payload, link._etag, path),
            patch=patch,
            title_prefix=link.title_prefix,
            link_vals={"sent_snapshot": sent.to_json()},
            guests=addresses_in(patch.content if "attendees" in patch.fields else None),
            mails=Mails.of(
                mail_impact(base.theirs, patch.content, is_organizer=link._organizes())
            ),
        )

    def _ours(self, edits: Edits) -> Content:
        """Return Odoo's content without the edits that wait for an approval."""
        event = edits.meeting
        now = event._ms365_read_contents()[event]
        waiting = self._waiting.filtered(lambda one: one.event_key == event.id)
        ours: Content = waiting._without_edits(now, edits.link._base)
        return ours

    def _ours_of_edits(self, edits: Edits) -> Content:
        """Return the same, but of lists only the changes by these edits."""
        changes = edits.entries._recorded_changes()
        return only_changes(self._ours(edits), edits.link._base.ours, changes)

    # ------------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------------

    def move(self, edits: Edits) -> Sending:
        """Return the copy to another calendar; the former event is deleted next.

        The whole event is read first: the copy must not lose anything.
        """
        entries, event, link = edits.about
        source, base = entries[-1].move_source or {}, link._base
        if must_inspect(
            has_base=base is not None,
            source_version=source.get("changeKey"),
            change_key=link.change_key,
        ):
            return Inspect(*edits.about, _read_request(link))
        ours = self._ours_of_edits(edits)
        recorded = entries._recorded_names()
        patch = plan_patch(base, ours, is_organizer=True, recorded=recorded)
        ours = patch.agreed if patch else base.ours
        key = self._key_of_move(edits)
        first = entries._first_attempt(key)
        calendar = event.ms365_calendar_id
        entry_vals = {
            "idempotency_key": key,
            "calendar_id": calendar.id,
            "was_sought": False,
            "sought_calendars": False,
        }
        if not first:
            entry_vals["sent_content"] = ours.to_json()
        payload = copy_payload(
            source,
            patch.content if patch else base.theirs,
            patch.fields if patch else (),
            stamp=event._ms365_stamp(),
            transaction_id=key,
            default_zone=self.account.user_id.tz or "UTC",
        )
        return Move(
            *edits.about,
            calls.create_event(payload, calendar._path()),
            ours=ours,
            first_sent=first._read_sent() if first else None,
            entry_vals=entry_vals,
        )

    def search_for_copy(self, edits: Edits) -> Sending:
        """Return the search for the copy of a move that had no response.

        If the copy exists, it is adopted. The next step moves it back, if the move was
        withdrawn, or deletes it, if the event was deleted.
        """
        first = edits.entries._lost_move()
        sent = first._read_sent()
        return Move(*edits.about, ours=sent, first_sent=sent).as_search(first)

    def _key_of_move(self, edits: Edits) -> str:
        generation = edits.link.generation + 1
        key: str = edits.meeting._ms365_transaction_id(self.account, generation)
        return key

    # ------------------------------------------------------------------
    # Creates
    # ------------------------------------------------------------------

    def content_to_create(self, edits: Edits) -> tuple[Content, Content, Vals]:
        """Return the content to create, without attendees if Exchange may not mail."""
        sent = ours = self._ours(edits)
        if edits.meeting._ms365_invitation_policy() != "exchange":
            sent = replace(ours, attendees=())
        return sent, sent, {"ours": ours, "mails": mails_of_create(sent)}

    def create_payload(
        self, meeting: Meeting, sent: Content, title_prefix: str | None, key: str
    ) -> Payload:
        """Return the body of the request that creates the event."""
        return create_payload(
            with_prefix(sent, title_prefix),
            stamp=meeting._ms365_stamp(),
            transaction_id=key,
            default_zone=self.account.user_id.tz or "UTC",
        )


def _read_request(link: Link) -> GraphRequest:
    return calls.get_event(link.remote_id, STAMP_PROPERTY_ID, link._event_path())
