"""Events of a mailbox that are not linked to an Odoo event yet."""

from psycopg2 import OperationalError

from odoo import fields

from ...engine.mapping.title_prefix import without_prefix
from ...engine.meetings import (
    Newcomer,
    comes_back,
    is_what_was_sent,
    should_be_primary,
    waits_for_organizer,
)
from ...engine.newcomers import NewcomerFacts, plan_newcomers
from ...engine.snapshot import Base, Content
from ..meeting.lookups import Lookups
from ..worker.muted_sql_log import muted_sql_log
from .find_known import KnownMeetings
from .refusals import is_same_meeting_race, reason_of
from .single_occurrences import SingleOccurrences
from .where import give_way, moved_by_us, owner_may_bring


class NewEvents(SingleOccurrences):
    """The part of the applier that finds out what they are, and makes Odoo events."""

    def _apply_unknown(self, unknown):
        """Link what is the same meeting already; create only what is left."""
        unknown = self._apply_single_occurrences(unknown)
        if not unknown:
            return
        remotes = [remote for _link, remote in unknown]
        known = KnownMeetings(self.account, self.calendar, remotes)
        facts = [self._newcomer(link, remote, known) for link, remote in unknown]
        plan = plan_newcomers(
            facts,
            is_shared=self.calendar._is_shared(),
            direction=self.calendar.effective_direction or "both",
        )
        for number, kind in plan:
            if kind is not Newcomer.NEW:
                self._take_newcomer(kind, *unknown[number], known)
        to_create = [unknown[number] for number, kind in plan if kind is Newcomer.NEW]
        if to_create:
            self._create_events(to_create)

    def _newcomer(self, link, remote, known):
        """Return the facts by which it is decided what an event is."""
        # With a link its create was recorded: it comes back after a deletion.
        entry = None if link else known.own_create(remote)
        event = known.event(remote)
        former = known.linked_to_this_mailbox(event) if event else self.Link
        return NewcomerFacts(
            remote.ical_uid,
            meeting=event.id if event else None,
            own_create=entry and ("alive" if entry.event_id.active else "deleted"),
            former_state=former.state or None,
            former_is_shared=former.calendar_id._is_shared(),
            is_organizer=remote.is_organizer,
            waits=not event and self._waits_for_organizer(link, remote),
            is_of_other_kind=known.is_series(remote),
        )

    def _take_newcomer(self, kind, link, remote, known):
        entry = None if link else known.own_create(remote)
        if entry and entry.event_id:
            link = known.linked_to_this_mailbox(entry.event_id)
        event = known.event(remote)
        former = known.linked_to_this_mailbox(event) if event else self.Link
        match kind:
            case Newcomer.OWN_DELETED:
                self._own_create_deleted_since(link, remote, entry)
            case Newcomer.OWN:
                self._link_own_create(link, remote, entry)
            case Newcomer.RETURNS:
                self._came_back(former, link, remote)
            case Newcomer.TAKES_PLACE:
                give_way(former, self.calendar)
                self.writer.add_owner(event)
                self._link_existing(link, remote, event)
            case Newcomer.OTHER_VIEW:
                self._save_link(link, remote, {"state": "other_view"})
            case Newcomer.SECOND_COPY:
                self._quarantine_copy(link, remote)
            case Newcomer.OTHER_KIND:
                self._quarantine_other_kind(link, remote)
            case Newcomer.KNOWN:
                self._link_existing(link, remote, event)
            case Newcomer.WAITS:
                self._wait(link, remote)

    def _comes_back(self, link):
        links = link.event_id.ms365_link_ids
        return comes_back(
            is_active=link.event_id.active,
            state=link.state,
            archived_by_sync=bool(links._archived_by_sync()),
            is_deleted_here=any(other._is_deleted_here for other in links - link),
        )

    def _came_back(self, former, link, remote):
        """Take an invitation that comes again after the copy was declined or deleted.

        :param former: this mailbox's link to the meeting
        :param link: of the new copy, if it came before the old one was known to be gone
        """
        event, returns = former.event_id, self._comes_back(former)
        if link and link != former:
            link.unlink()
            self.env.flush_all()  # the unique index knows each id but once
        self._save_link(former, remote, {"event_id": event.id})
        if returns:
            self.writer.revive(event)
            self._changed(event)
        self._apply_changed([(former, remote)])

    def _quarantine_copy(self, link, remote):
        reason = self.env._("A second copy of a meeting that is linked already.")
        self._quarantine(link, remote.remote_id, reason, remote)

    def _quarantine_other_kind(self, link, remote):
        """Two events cannot be synced under one iCalUId: the first one stays."""
        if remote.kind == "seriesMaster":
            reason = self.env._(
                "A single event with the same iCalUId is synced already."
            )
        else:
            reason = self.env._("A series with the same iCalUId is synced already.")
        self._quarantine(link, remote.remote_id, reason, remote)

    def _read_others_again(self, link):
        """What was set aside beside this event may be of its kind now."""
        if link.ical_uid:
            self.Link.search(
                [
                    ("ical_uid", "=", link.ical_uid),
                    ("state", "=", "quarantined"),
                    ("id", "!=", link.id),
                ]
            ).needs_read = True

    def _own_create_deleted_since(self, link, remote, entry):
        """We made it, and it was deleted in Odoo before its id was recorded."""
        if link and link.remote_id not in (False, remote.remote_id):
            link = self.Link  # a copy that was made to move it, beside the original
        vals = {**self.Link._DELETED_HERE, "is_primary": True}
        link = self._save_link(link, remote, vals)
        deletes = self.Outbox.search(
            [
                ("account_id", "=", self.account.id),
                ("event_key", "=", entry.event_key),
                ("operation", "=", "delete"),
            ]
        )
        if deletes:  # closed already: there was nothing to delete then
            self.Outbox._enqueue_delete_of(link)

    def _link_own_create(self, link, remote, entry):
        """We made it, and crashed before its id was recorded."""
        sent = Content.from_json(entry.sent_content) if entry.sent_content else None
        base = Base(sent, sent) if sent else None
        remote = without_prefix(remote, entry.title_prefix)
        vals = {
            "event_id": entry.event_id.id,
            "is_primary": True,
            "title_prefix": entry.title_prefix,
        }
        if base:
            vals |= self.Link._base_vals(base)
        moved = moved_by_us(self, entry, remote)
        if moved:
            moved._move_to({**self._new_link_vals(), "remote_id": remote.remote_id})
        link = self._save_link(moved or link, remote, vals)
        self._log("link", "done", event=entry.event_id, remote_id=remote.remote_id)
        self._apply_changed([(link, remote)])

    def _link_existing(self, link, remote, event):
        """The same meeting is in Odoo: through another mailbox, or from stock times."""
        vals = {"event_id": event.id, "is_primary": False}
        if link and link.event_id != event:
            vals["answers"] = False  # they were told to an event that is gone
        link = self._save_link(link, remote, vals)
        self._log("link", "done", event=event, remote_id=remote.remote_id)
        if self._should_be_primary(link, remote):
            self._make_primary(link, remote)
            if not event.active:  # others have left the meeting, and not this mailbox
                self.writer.revive(event)
                (event.ms365_link_ids - link)._undo_attendee_deletion()
            self._apply_changed([(link, remote)])
        else:
            self._apply_attendee_copy(link, remote)
        self.Outbox._requeue_replies(link)

    def _should_be_primary(self, link, remote):
        event = link.event_id
        others = event.ms365_link_ids - link
        return should_be_primary(
            is_organizer=remote.is_organizer,
            has_primary=others._any_represents_meeting(),
            organizer_syncs=bool(self._organizer_account(remote)),
            organizer_uses_stock=event.user_id._ms365_uses_stock(),
        )

    def _make_primary(self, link, remote):
        link.is_organizer = remote.is_organizer
        link.event_id.ms365_link_ids.filtered("is_primary")._move_primary_to(link)

    def _organizer_account(self, remote):
        """Return the id of the organizer's account if its mailbox is synced here."""
        if remote.is_organizer or not remote.organizer:
            return None
        addresses = self.env["praetorx.ms365.account"]._organizer_addresses()
        account_id = addresses.get(remote.organizer.email)
        return account_id if account_id != self.account.id else None

    def _waits_for_organizer(self, link, remote):
        """The organizer's own mailbox will bring this meeting, or has just sent it."""
        account = self.env["praetorx.ms365.account"].browse(
            self._organizer_account(remote)
        )
        brings_it = account.state == "active"
        if brings_it and self.calendar._is_shared():
            # It may be that this calendar is not one of those that its owner syncs.
            brings_it = owner_may_bring(account)
        waited = None
        if link and link.state == "waiting":
            waited = fields.Datetime.now() - link.create_date
        unanswered = self._unanswered_of_organizer(remote)
        return waits_for_organizer(
            organizer_brings_it=brings_it,
            waited=waited,
            is_being_created=any(
                is_what_was_sent(remote.content, *sent) for sent in unanswered
            ),
            has_unanswered=bool(unanswered),
        )

    def _unanswered_of_organizer(self, remote):
        """Return what was created for an invitation's organizer without a response."""
        if remote.is_organizer or not remote.organizer:
            return []
        if self._unanswered is None:
            self._unanswered = self.Outbox._unanswered_creates()
        return self._unanswered.get(remote.organizer.email, [])

    def _wait(self, link, remote):
        self._save_link(link, remote, {"state": "waiting", "is_primary": False})

    def _create_events(self, pairs):
        """Create the events in bulk; one by one if Odoo refuses one of them."""
        try:
            self._create_together(pairs)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - one of them, whatever it is
            for pair in pairs:
                self._create_alone(*pair)

    def _create_alone(self, link, remote):
        try:
            self._create_together([(link, remote)])
        except OperationalError:
            raise
        except Exception as error:
            if is_same_meeting_race(error):
                raise
            self._quarantine(link, remote.remote_id, reason_of(error, remote), remote)

    def _create_together(self, pairs):
        remotes = [remote for _link, remote in pairs]
        lookups = Lookups(
            self.env,
            [remote.content for remote in remotes],
            organizers=[r.organizer for r in remotes if not r.is_organizer],
            account=self.account,
        )
        with muted_sql_log(), self.env.cr.savepoint():
            lookups.make_missing(remotes)
            events = self._create_batch(pairs, lookups)
        for event, (_link, remote) in zip(events, pairs, strict=True):
            self._log(
                "create",
                "done",
                event=event,
                remote_id=remote.remote_id,
                reason=self._describe_skipped(remote, lookups),
            )
        self._changed(events)

    def _create_batch(self, pairs, lookups):
        remotes = [remote for _link, remote in pairs]
        events = self.writer.create_events(remotes, lookups)
        contents = events._ms365_read_contents(
            dict(zip(events, (remote.content for remote in remotes), strict=True))
        )
        link_vals = []
        for event, (link, remote) in zip(events, pairs, strict=True):
            vals = {
                **self.Link._base_vals(Base(contents[event], remote.content)),
                "answers": self.writer.replies(remote),
                "event_id": event.id,
                "is_primary": True,
                "state": "synced",
            }
            if link:
                self._save_link(link, remote, vals)
            else:
                link_vals.append(
                    self._new_link_vals() | self.Link._remote_vals(remote) | vals
                )
            if remote.join_url:
                event._ms365_tell_join_link()
        self.Link.create(link_vals)
        return events

    def _save_link(self, link, remote, vals):
        vals = {
            "state": "synced",
            "reason": False,
            **self.Link._remote_vals(remote),
            **vals,
        }
        if not link:
            return self.Link.create(self._new_link_vals() | vals)
        link.write(vals)
        return link

    def _new_link_vals(self):
        return {
            "account_id": self.account.id,
            "calendar_id": self.calendar.id,
            "last_seen_round": self.calendar.round_number,
        }
