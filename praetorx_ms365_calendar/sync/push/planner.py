"""What the outbox entries of one event come down to: at most one request."""

from dataclasses import replace

from ...const import DELETED_FOR_GOOD
from ...engine.authority import addresses_in
from ...engine.errors import GiveUpOnEvent
from ...engine.list_changes import only_changes
from ...engine.mapping.graph_copy import copy_payload
from ...engine.mapping.graph_writer import create_payload, patch_payload
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.mapping.title_prefix import with_prefix
from ...engine.outgoing import Outgoing, plan_outgoing
from ...engine.plan import only_odoo_invites, plan_patch
from ...engine.snapshot import Base
from ...graph import calls
from .sending import Sending, delete_linked, find_for_deletion
from .series_planner import plan_series


class Planner:
    """Plans the sendings of one mailbox from what the database holds now.

    It only reads; :meth:`Sending.mark` writes.

    :param entries: all that will be planned, so that they are read in bulk
    """

    def __init__(self, account, entries):
        self.env = account.env
        self.account = account
        links = self.env["praetorx.ms365.event.link"].search(
            [
                ("account_id", "=", account.id),
                ("event_id", "in", entries.event_id.ids),
            ]
        )
        self._links = {link.event_id: link for link in links}
        self._waiting = self.env["praetorx.ms365.approval"]._waiting_of(
            account, entries.mapped("event_key")
        )

    def plan(self, entries) -> Sending:
        """Return what the pending entries of one event come down to."""
        last = entries[-1].with_prefetch(entries._prefetch_ids)  # slices lose it
        if last._is_series:
            return plan_series(self.account, entries, last)
        event = last.event_id.with_context(active_test=False)
        link = self._link_of(entries, event)
        deletes = last.operation == "delete"
        is_back = link.state == "synced" and link.event_id.active
        if is_back and (deletes or not event):
            # Outlook's version won over the deletion: the event is there again.
            event = link.event_id
        step = plan_outgoing(
            link._facts(),
            deletes=deletes,
            is_alive=event.active,
            is_in_series=bool(event.recurrence_id),
            is_to_move=bool(link) and link._is_to_move(),
        )
        match step:
            case Outgoing.READ:
                return self._read(entries, event, link)
            case Outgoing.DELETE:
                return self._delete(entries, event, link)
            case Outgoing.MOVE:
                return self._move(entries, event, link)
            case Outgoing.PATCH:
                unwanted_copy = self._find_unwanted_copy(entries, event, link)
                return unwanted_copy or self._patch(entries, event, link)
            case Outgoing.CREATE:
                return self._create(entries, event, link)
        reasons = {Outgoing.IN_CONFLICT: "conflict", Outgoing.AWAITS_DECISION: "held"}
        reason = reasons.get(step, "nothing")
        return Sending("nothing", entries, event, link, reason=reason)

    def _link_of(self, entries, event):
        if event in self._links:
            return self._links[event]
        own = entries.link_id.filtered(lambda link: link.account_id == self.account)
        return own[:1]

    def _ours(self, event, link):
        """Return what Odoo holds, without what waits for the owner's word."""
        now = event._ms365_read_contents()[event]
        waiting = self._waiting.filtered(lambda one: one.event_key == event.id)
        return waiting._without_edits(now, link._base)

    def _ours_of_edits(self, entries, event, link):
        """Return the same, of lists only what these edits have added and removed."""
        ours = self._ours(event, link)
        return only_changes(ours, link._base.ours, entries._recorded_changes())

    def _read(self, entries, event, link):
        request = calls.get_event(link.remote_id, STAMP_PROPERTY_ID, link._event_path())
        return Sending("read", entries, event, link, request)

    def _delete(self, entries, event, link):
        if link.remote_id and link.state not in DELETED_FOR_GOOD:
            return delete_linked(self.account, entries, event, link)
        return find_for_deletion(entries, event, link)

    def _patch(self, entries, event, link):
        base = link._base
        if base is None:
            return self._read(entries, event, link)
        ours = self._ours_of_edits(entries, event, link)
        invites = event._ms365_invitation_policy() == "exchange"
        patch = plan_patch(
            base,
            ours,
            is_organizer=link._organizes(),
            invites=invites,
            recorded=entries._recorded_names(),
        )
        if patch and "attendees" in patch.fields:
            self._refuse_too_many(event, patch.content)
        if patch is None:
            agreed = {} if invites else link._base_vals(only_odoo_invites(base, ours))
            return Sending("nothing", entries, event, link, link_vals=agreed)
        payload = patch_payload(
            patch.fields,
            with_prefix(patch.content, link.title_prefix),
            base_theirs=base.theirs,
            teams_block=link.teams_block or "",
        )
        request = calls.patch_event(
            link.remote_id, payload, link._etag, link._event_path()
        )
        sent = Base(patch.agreed, patch.content)
        return Sending(
            "patch",
            entries,
            event,
            link,
            request,
            patch.agreed,
            patch,
            title_prefix=link.title_prefix,
            link_vals={"sent_snapshot": sent.to_json()},
            guests=addresses_in(patch.content if "attendees" in patch.fields else None),
        )

    def _refuse_too_many(self, event, content):
        if reason := event._ms365_why_too_many(content):
            raise GiveUpOnEvent(reason)

    def _move(self, entries, event, link):
        """Make a copy in the other calendar; what it leaves behind is deleted then.

        The whole event is looked at first: the copy is to lose nothing of it.
        """
        source = entries[-1].move_source
        base = link._base
        if base is None or not source or source.get("changeKey") != link.change_key:
            look = self._read(entries, event, link)
            return replace(look, kind="inspect")
        ours = self._ours_of_edits(entries, event, link)
        recorded = entries._recorded_names()
        patch = plan_patch(base, ours, is_organizer=True, recorded=recorded)
        ours = patch.agreed if patch else base.ours
        key = event._ms365_transaction_id(self.account, link.generation + 1)
        first_sent = entries._first_sent(key)
        calendar = event.ms365_calendar_id
        entry_vals = {"idempotency_key": key, "calendar_id": calendar.id}
        if not first_sent:
            entry_vals["sent_content"] = ours.to_json()
        payload = copy_payload(
            source,
            patch.content if patch else base.theirs,
            patch.fields if patch else (),
            stamp=event._ms365_stamp(),
            transaction_id=key,
            default_zone=self.account.user_id.tz or "UTC",
        )
        return Sending(
            "move",
            entries,
            event,
            link,
            calls.create_event(payload, calendar._path()),
            ours,
            first_sent=first_sent,
            entry_vals=entry_vals,
        )

    def _find_unwanted_copy(self, entries, event, link):
        """Look for the copy of a move that is not wanted any more, if there may be one.

        No response came to it: what was found is taken for the event, and moved back.
        """
        key = event._ms365_transaction_id(self.account, link.generation + 1)
        first_sent = entries._first_sent(key)
        if not first_sent or all(entries.mapped("was_sought")):
            return None
        calendar = entries._first_attempt(key).calendar_id
        move = Sending(
            "move",
            entries,
            event,
            link,
            first_sent=first_sent,
            entry_vals={"calendar_id": calendar.id},
        )
        return move.with_search_first(calendar._path())

    def _create(self, entries, event, link):
        ours = self._ours(event, link)
        # Deleted in Outlook, and a person wants it back: a new event.
        link_vals = link._next_generation_vals() if link.remote_id else {}
        generation = link_vals.get("generation", link.generation)
        key = event._ms365_transaction_id(self.account, generation)
        first_sent = entries._first_sent(key)
        calendar = event.ms365_calendar_id
        entry_vals = {
            "idempotency_key": key,
            "calendar_id": calendar.id,
            "was_sought": False,
        }
        sent = ours
        if event._ms365_invitation_policy() != "exchange":
            sent = replace(ours, attendees=())  # Exchange would mail them
        self._refuse_too_many(event, sent)
        if first_sent:
            title_prefix = entries._first_attempt(key).title_prefix
        else:
            title_prefix = self.account.user_id.ms365_title_prefix
            entry_vals["sent_content"] = sent.to_json()
            entry_vals["title_prefix"] = title_prefix
        payload = create_payload(
            with_prefix(sent, title_prefix),
            stamp=event._ms365_stamp(),
            transaction_id=key,
            default_zone=self.account.user_id.tz or "UTC",
        )
        request = calls.create_event(payload, calendar._path())
        sending = Sending(
            "create",
            entries,
            event,
            link,
            request,
            ours,
            first_sent=first_sent,
            title_prefix=title_prefix,
            entry_vals=entry_vals,
            link_vals=link_vals,
            guests=addresses_in(sent),
        )
        return sending.with_search_first(calendar._path())
