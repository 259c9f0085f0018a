"""Applies what was read from Graph to Odoo: one page, one transaction."""

import logging
import random
from datetime import timedelta

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import fields

from ..engine.errors import AlreadyGone, BadRemoteEvent
from ..engine.mapping.graph_reader import parse_event
from ..engine.mapping.title_prefix import without_prefix
from ..engine.meetings import (
    Gone,
    Newcomer,
    comes_back,
    is_doubted,
    is_what_was_sent,
    may_have_moved,
    plan_gone,
    plan_newcomer,
    should_be_primary,
    waits_for_organizer,
)
from ..engine.merge import DELETED, next_base, value_for_odoo
from ..engine.retry import DeadLetter, Retry, next_step, whole_seconds
from ..engine.snapshot import Base, Content, RemovedEvent
from .calendars import (
    as_listed,
    carry_over,
    give_way,
    moved_by_us,
    note_where,
    owner_may_bring,
)
from .event_writer import EventWriter
from .known_meetings import KnownMeetings
from .lookups import Lookups
from .quiet import quiet_sql

_logger = logging.getLogger(__name__)

#: Failed reads of one event after which it is quarantined, with its reason.
MAX_READS = 6
#: How long an event is left alone that Graph does not let us read.
READ_PAUSE = timedelta(hours=1)
BUS_CHANNEL = "praetorx_ms365/calendar_changed"


class Applier:
    """Brings remote events of one mailbox into Odoo.

    Everything is read in bulk first; each event is then written on its own savepoint,
    so that one that Odoo refuses is quarantined and the others are applied.
    """

    def __init__(self, account, calendar):
        self.env = account.env
        self.account = account
        self.calendar = calendar
        self.Link = self.env["praetorx.ms365.event.link"]
        self.Outbox = self.env["praetorx.ms365.outbox"]
        self.Conflict = self.env["praetorx.ms365.conflict"]
        self.writer = EventWriter(account, calendar)
        self.log_rows = []
        self.changed_events = self.env["calendar.event"]
        self.request_id = None
        self._unanswered = None  #: looked for once, and only if there are invitations

    def apply(self, payloads, *, request_id=None, listed=True, nameless=0):
        """Apply events as Graph sent them.

        :param payloads: items of a page, or events that were read one by one
        :param listed: it is a page, so that they are in this calendar now
        :param nameless: entries of the page that had no id
        """
        self.request_id = request_id
        if nameless:
            reason = self.env._("%(count)s entries without an id", count=nameless)
            self._log("read", "quarantined", reason=reason)
        remotes, removed_ids, bad = self._parse(payloads)
        remotes = as_listed(remotes, self.calendar)
        links = {
            link.remote_id: link
            for link in self.Link.search(
                [
                    ("account_id", "=", self.account.id),
                    ("remote_id", "in", [*remotes, *removed_ids, *bad]),
                ]
            )
        }
        self._quarantine_unreadable(bad, links)
        self._doubt_removed(removed_ids, links)
        seen = self._ask_for_series(remotes, links)
        if listed:
            here = self.Link.union(*(links[one] for one in remotes if one in links))
            note_where(self, seen | here)
        changed, unknown = [], []
        for remote in remotes.values():
            link = links.get(remote.remote_id)
            if remote.kind != "singleInstance":
                continue
            if link:
                seen |= link
                remote = without_prefix(remote, link.title_prefix)
            if link and link.is_series:
                link.needs_read = True  # no longer a series, or not yet
                continue
            if link and link.state == "kept_there":
                link.write(self.Link._remote_vals(remote))  # not Odoo's any more
                continue
            if link and link._holds(remote):
                # Listed again: it may be back.
                link.needs_read = link.needs_read or link.state == "gone"
                continue
            if remote.is_cancelled:
                if (
                    link
                    and link.event_id
                    and link.state in ("synced", "conflict", "gone")
                ):
                    self._gone(link, remote.change_key, is_cancelled=True)
                elif link:
                    vals = {"change_key": remote.change_key, "sent_snapshot": False}
                    link.write({**vals, "needs_read": False})
            elif link and (link.event_id or link._is_deleted_here):
                changed.append((link, remote))
            else:
                unknown.append((link, remote))
        if self.calendar and self.calendar.round_kind in ("initial", "view"):
            seen.write({"last_seen_round": self.calendar.round_number})
        self._apply_changed(changed)
        self._apply_unknown(unknown)
        self.finish()

    def gone(self, links, *, request_id=None):
        """Graph has confirmed that these events do not exist any more."""
        self.request_id = request_id
        for link in links:
            self._gone(link)
        self.finish()

    def note_sent(self, event, remote):
        """Graph has taken our write: remember its version, show the Teams link.

        The caller ends with :meth:`finish`.
        """
        event._ms365_write_bookkeeping(
            {
                "sync_origin": "odoo",
                "synced_field_hash": remote.content.hash,
                "ms_change_key": remote.change_key,
                "microsoft_id": remote.remote_id,
                "ms_universal_event_id": remote.ical_uid,
                "need_sync_m": False,
            }
        )
        self.writer.note_teams(event, remote)
        self._changed(event)

    def note_move(self, link):
        """A person has moved this event to another calendar in Outlook."""
        self._log("move", "done", event=link._any_event(), remote_id=link.remote_id)
        self._changed(link._all_events())

    def note_carried_over(self, link, merge):
        """An edit in Outlook was saved from an event that was about to go."""
        outcome = "conflict" if merge.conflicts else "done"
        self._log(
            "update",
            outcome,
            event=link.event_id,
            remote_id=link.remote_id,
            field_names=merge.conflicts | merge.to_odoo,
        )
        if merge.conflicts:
            link.event_id._message_log(
                body=self.env._(
                    "Changed in Outlook while Odoo moved it to another calendar. What "
                    "was also changed in Odoo stays as it is in Odoo."
                )
            )
        self._changed(link.event_id)

    def settle(self, link, merge, ours, theirs, change_key):
        """Write what a person chose in a conflict; the outbox carries the rest."""
        event = link.event_id
        base = link._base_against(theirs)
        if merge.to_odoo:
            content = value_for_odoo(base, ours, merge)
            lookups = Lookups(self.env, [content], company=self.account.company_id)
            self.writer.write_content(event, content, merge.to_odoo, lookups)
        ours_now = event._ms365_read_contents({event: theirs})[event]
        agreed = next_base(base, ours_now, theirs, merge)
        link.write(
            {
                **self.Link._base_vals(agreed),
                "change_key": change_key,
                "state": "synced",
                "needs_read": True,  # answers were not taken while it was in conflict
            }
        )
        event._ms365_write_bookkeeping(
            {
                "ms365_sync_state": "pending" if merge.to_graph else "synced",
                "sync_origin": "odoo" if merge.to_graph else "outlook",
                "synced_field_hash": theirs.hash,
                "ms_change_key": change_key,
            }
        )
        if merge.to_graph:
            self.Outbox._enqueue_upserts(event)
        self._changed(event)
        self.finish()

    def take_deletion(self, link):
        """Delete in Odoo what was deleted in Outlook, as a person has decided."""
        event = link.event_id
        self.writer.archive(event)
        event._ms365_write_bookkeeping({"ms365_sync_state": "synced"})
        link.write(link._deleted_vals("odoo"))
        self._changed(event)
        self.finish()

    def unreadable(self, link, error):
        """This one event cannot be read: later again, and in the end quarantined."""
        attempts = link.read_attempts + 1
        now = fields.Datetime.now()
        step = next_step(error, attempts, now=now, rng_fraction=random.random())
        not_before = step.at if isinstance(step, Retry) else now + READ_PAUSE
        self.request_id = error.request_id
        if attempts >= MAX_READS or isinstance(step, DeadLetter):
            self._quarantine(link, link.remote_id, error.reason)
        else:
            link.write(
                {
                    "needs_read": True,
                    "read_attempts": attempts,
                    "read_not_before": whole_seconds(not_before),
                }
            )
        self.finish()

    # ------------------------------------------------------------------
    # Reading the page
    # ------------------------------------------------------------------

    def _parse(self, payloads):
        remotes, removed_ids, bad = {}, set(), {}
        for payload in payloads:
            try:
                remote = parse_event(payload)
            except BadRemoteEvent as error:
                if error.remote_id:
                    bad[error.remote_id] = error.reason
                else:
                    self._log("read", "quarantined", reason=error.reason)
                continue
            if isinstance(remote, RemovedEvent):
                removed_ids.add(remote.remote_id)
                remotes.pop(remote.remote_id, None)
            else:
                remotes[remote.remote_id] = remote  # a repeated item: the last one wins
                removed_ids.discard(remote.remote_id)
        return remotes, removed_ids, bad

    def _doubt_removed(self, removed_ids, links):
        """``@removed`` may mean "left the window": have it read before deleting."""
        doubtful = self.Link.union(
            *(links[remote_id] for remote_id in removed_ids if remote_id in links)
        )
        doubtful = doubtful.filtered(
            lambda link: is_doubted(
                link.state,
                listed_elsewhere=link.calendar_id
                not in (self.calendar, self.calendar.browse()),
            )
        )
        doubtful.needs_read = True
        left = doubtful.filtered(
            lambda link: may_have_moved(
                round_kind=self.calendar.round_kind,
                seen_in=link.last_seen_round,
                round_number=self.calendar.round_number,
            )
        )
        left.write(
            {
                "left_calendar": True,
                "last_seen_round": self.calendar.round_number,
            }
        )

    def _quarantine_unreadable(self, bad, links):
        for remote_id, reason in bad.items():
            self._quarantine(links.get(remote_id), remote_id, reason)

    def _quarantine(self, link, remote_id, reason, remote=None):
        """Name the event that cannot be synced, and why; go on with the others."""
        vals = {"state": "quarantined", "reason": reason, **self.Link._READ}
        if link and link.event_id:
            link.event_id._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        if link:
            link.write(vals)
        else:
            self.Link.create(
                vals
                | self._new_link_vals()
                | {"remote_id": remote_id, "ical_uid": remote and remote.ical_uid}
            )
        self._log(
            "read",
            "quarantined",
            event=link and link.event_id,
            remote_id=remote_id,
            reason=reason,
        )

    def _ask_for_series(self, remotes, links):
        """Have series read that have changed: a page tells only parts of them.

        :return: the links of all series of this page
        """
        masters, exceptions = {}, {}
        for remote in remotes.values():
            if remote.kind == "seriesMaster":
                masters[remote.remote_id] = remote
            elif remote.kind != "singleInstance" and remote.series_master_id:
                masters.setdefault(remote.series_master_id, None)
                if remote.kind == "exception":
                    exceptions.setdefault(remote.series_master_id, []).append(remote)
        unknown = masters.keys() - links.keys()
        for link in self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "in", list(unknown))]
        ):
            links[link.remote_id] = link
        missing = [
            {
                **self._new_link_vals(),
                "remote_id": master_id,
                "ical_uid": master and master.ical_uid,
                "is_series": True,
                "needs_read": True,
            }
            for master_id, master in masters.items()
            if master_id not in links
        ]
        seen = self.Link.create(missing)
        for master_id, master in masters.items():
            link = links.get(master_id)
            if not link:
                continue
            seen |= link
            if link.state == "quarantined" and master:
                is_known = link.change_key == master.change_key
            else:
                is_known = link._holds_series(master, exceptions.get(master_id, ()))
            if not is_known:
                link.write({"is_series": True, "needs_read": True})
        return seen

    # ------------------------------------------------------------------
    # Known events
    # ------------------------------------------------------------------

    def _apply_changed(self, changed):
        primaries = []
        for link, remote in changed:
            if link._is_deleted_here:
                self._changed_after_our_delete(link, remote)
            elif link.is_primary:
                primaries.append((link, remote))
            else:
                self._apply_attendee_copy(link, remote)
        if not primaries:
            return
        theirs = [remote.content for _link, remote in primaries]
        events = self.env["calendar.event"].union(
            *(link.event_id for link, _ in primaries)
        )
        contents = events._ms365_read_contents()
        lookups = Lookups(
            self.env, [*theirs, *contents.values()], company=self.account.company_id
        )
        merges = events._detect_pull_conflicts(
            {link.event_id: (link, remote.content) for link, remote in primaries},
            contents,
            {link.event_id: remote.modified_at for link, remote in primaries},
        )
        for link, remote in primaries:
            event = link.event_id
            logged = len(self.log_rows)
            try:
                with quiet_sql(), self.env.cr.savepoint():
                    self._apply_primary(
                        link, remote, merges[event], contents[event], lookups
                    )
            except OperationalError:
                raise  # a concurrent edit: the whole page starts over
            except Exception as error:  # noqa: BLE001 - one event, whatever it is
                del self.log_rows[logged:]
                self._quarantine(link, remote.remote_id, reason_of(error, remote))

    def _apply_primary(self, link, remote, merge, ours, lookups):
        event = link.event_id
        versions = _versions(ours, remote)
        if merge.conflicts:
            self.Conflict._open(link, merge.conflicts, **versions)
            link.needs_read = False
            self._log(
                "update",
                "conflict",
                event=event,
                remote_id=remote.remote_id,
                field_names=merge.conflicts,
            )
            self._changed(event)
            return
        if merge.settled:
            self.Conflict._close_by_policy(link, merge, **versions)
        base = link._base_against(remote.content)
        if self._comes_back(link):
            self.writer.revive(event)
        if merge.to_odoo:
            content = value_for_odoo(base, ours, merge)
            self.writer.write_content(event, content, merge.to_odoo, lookups, remote)
        answers = self.writer.write_answers(event, remote, link.answers or {})
        self.writer.note_teams(event, remote)
        ours_now = event._ms365_read_contents({event: remote.content})[event]
        agreed = next_base(base, ours_now, remote.content, merge)
        self._end_conflict(link)
        link.write(
            {
                **self.Link._remote_vals(remote),
                **self.Link._base_vals(agreed),
                "answers": answers,
                "state": "synced",
                "reason": False,
            }
        )
        bookkeeping = {
            "synced_field_hash": remote.content.hash,
            "ms_change_key": remote.change_key,
            "ms365_sync_state": "pending" if merge.to_graph else "synced",
        }
        if merge.to_odoo:
            bookkeeping["sync_origin"] = "outlook"
        event._ms365_write_bookkeeping(bookkeeping)
        if merge.to_odoo:
            self._changed(event)
        if (
            merge.to_graph
            and not link.awaits_word
            and not self.Outbox._is_waiting(self.account, event.id)
        ):
            self.Outbox._enqueue_upserts(event, noted_late=True)
        self._log(
            "update",
            "done" if merge.to_odoo else "nothing",
            event=event,
            remote_id=remote.remote_id,
            field_names=merge.to_odoo,
            reason=self._left_out(remote, lookups),
        )

    def _end_conflict(self, link):
        """Close what may be open still: this link is about to be in sync."""
        if link.state not in ("synced", "waiting"):
            self.Conflict._close_gone(link)

    def _apply_attendee_copy(self, link, remote):
        """A copy beside the organizer's: it only tells what its owner answered."""
        answers = link.answers
        if not self.calendar._is_foreign():
            answers = self.writer.write_answers(
                link.event_id, remote, link.answers or {}, own_only=not link.is_primary
            )
        if remote.is_organizer and not link.is_primary:
            self._make_primary(link, remote)
        self._end_conflict(link)
        link.write(
            {
                **self.Link._remote_vals(remote),
                "answers": answers,
                "state": "synced",
            }
        )

    def _changed_after_our_delete(self, link, remote):
        """Deleted in Odoo while somebody changed it in Outlook?"""
        if link.moved_to_id:
            carry_over(self, link, remote)
            return
        if not link.is_primary or link._delete_policy() == "off":
            link.write(self.Link._remote_vals(remote))
            return
        merge = self._judge_deletion(link, None, remote.content, remote.modified_at)
        versions = _versions(None, remote)
        if merge.conflicts:
            self.Conflict._open(link, merge.conflicts, **versions)
            link.needs_read = False
            self._log("delete", "conflict", remote_id=remote.remote_id)
            return
        if merge.settled:
            self.Conflict._close_by_policy(link, merge, **versions)
        if DELETED in merge.kept_outlook:
            self._undo_our_delete(link, remote)
        else:
            self._repeat_our_delete(link, remote)

    def _undo_our_delete(self, link, remote):
        """Outlook's version won over our deletion: the event comes back."""
        link.state = "synced"
        if link.event_id:
            self.writer.revive(link.event_id)
            link.event_id.ms365_link_ids._deletion_taken_back()
            self._apply_changed([(link, remote)])
        else:
            self._apply_unknown([(link, remote)])

    def _repeat_our_delete(self, link, remote):
        """Our deletion stands: it is sent for the version that Outlook has now."""
        was_in_conflict = link.state == "conflict"  # which took its entries as done
        link.write(self.Link._remote_vals(remote) | self.Link._DELETED_HERE)
        if was_in_conflict:
            self.Conflict._close_gone(link)
            self.Outbox._enqueue_delete_of(link)

    def _judge_deletion(self, link, ours, theirs, modified_at=None):
        """Return what it means that one side (None) has deleted the event."""
        event = link.event_id
        return event._detect_pull_conflicts(
            {event: (link, theirs)}, {event: ours}, {event: modified_at}
        )[event]

    # ------------------------------------------------------------------
    # Events that are gone
    # ------------------------------------------------------------------

    def _pass_on(self, link):
        """An attendee's copy is gone, by declining perhaps; the meeting is not.

        :return: whether another attendee's mailbox has it
        """
        heir = link._heir()
        if heir:
            link._hand_over(heir)
        return bool(heir)

    def _gone(self, link, change_key=None, *, is_cancelled=False):
        """The event was deleted or cancelled in Outlook: verified, not guessed."""
        # Gone, and not moved to a calendar that is not synced.
        vals = {"needs_read": False, "left_calendar": False}
        if change_key:
            vals["change_key"] = change_key
        gone = plan_gone(
            is_over=self._is_over(link),
            is_primary=link._is_linked() and link.is_primary,
            is_organizer=link.is_organizer,
            is_cancelled=is_cancelled,
            has_heir=bool(link._heir()),
            direction=link._direction(),
        )
        if gone is Gone.DELETE:
            link.write(vals)
            if not self._is_contested(link, change_key):
                # Archived once it is known how many they are: see sync/deletions.py.
                link.state = "gone"
            return
        if gone is Gone.BURY:
            self.Conflict._close_gone(link)
        elif gone is Gone.HAND_ON:
            self._pass_on(link)
        link.write(vals | {"state": "deleted_there"})
        if gone is Gone.LET_GO:
            events = link.event_id | link._series_rows()
            events._ms365_write_bookkeeping({"ms365_sync_state": "none"})

    def _is_over(self, link):
        """Tell whether the event is deleted in Odoo as well, or gone long since."""
        return link._is_deleted_here or link.state == "deleted_there"

    def _is_contested(self, link, change_key=None, *, is_last_look=False):
        """Deleted in Outlook, edited in Odoo: return whether that was decided on.

        :param is_last_look: the deletion is carried out unless it is contested: what a
            policy has overruled for it is recorded now, and not before
        """
        event = link.event_id
        ours = event._ms365_read_contents()[event] if event.active else None
        merge = self._judge_deletion(link, ours, None)
        versions = {
            "ours": ours,
            "theirs": None,
            "change_key": change_key or link.change_key,
        }
        stays = DELETED in merge.kept_odoo
        if merge.settled and (stays or is_last_look):
            self.Conflict._close_by_policy(link, merge, **versions)
        if merge.conflicts:
            self.Conflict._open(link, merge.conflicts, **versions)
            self._log("delete", "conflict", event=event, remote_id=link.remote_id)
        elif stays:
            link._settle_deleted_there("odoo")
        else:
            if not merge.settled:
                self.Conflict._close_gone(link)
            return False
        self._changed(event)
        return True

    def archive_gone(self, links):
        """Archive in Odoo what is gone from Outlook for certain.

        In bulk; one by one if Odoo refuses one of them, which is then named.
        """
        # The others were deleted there, too, or another mailbox carries them since.
        in_odoo = links.filtered(lambda link: link.event_id and link.is_primary)
        (links - in_odoo).write({"state": "deleted_there"})
        contested = in_odoo.filtered(
            lambda link: self._is_contested(link, is_last_look=True)
        )
        try:
            self._archive_together(in_odoo - contested)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - one of them, whatever it is
            for link in in_odoo - contested:
                self._archive_alone(link)
        self.finish()

    def _archive_alone(self, link):
        try:
            self._archive_together(link)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - this one, whatever it is
            kind = type(error).__name__  # its message may quote the event
            self._quarantine(link, link.remote_id, kind)

    def _archive_together(self, links):
        events = links.event_id
        with quiet_sql(), self.env.cr.savepoint():
            self.writer.archive(events)
            events._ms365_write_bookkeeping(
                {"ms365_sync_state": "synced", "sync_origin": "outlook"}
            )
            links.write(links._deleted_vals("odoo"))
        for link in links:
            self._log("delete", "done", event=link.event_id, remote_id=link.remote_id)
        self._changed(events)

    # ------------------------------------------------------------------
    # Events that are new to this mailbox
    # ------------------------------------------------------------------

    def _apply_unknown(self, unknown):
        """Link what is the same meeting already; create only what is left."""
        if not unknown:
            return
        known = KnownMeetings(self.account, [remote for _link, remote in unknown])
        to_create, uids = [], set()
        for link, remote in unknown:
            # With a link its create was recorded: it comes back after a deletion.
            entry = None if link else known.own_create(remote)
            if entry and entry.event_id:
                link = known.linked_to_this_mailbox(entry.event_id)
            event = known.event(remote)
            former = known.linked_to_this_mailbox(event) if event else self.Link
            kind = plan_newcomer(
                own_create=entry and ("alive" if entry.event_id.active else "deleted"),
                is_known=bool(event),
                former_state=former.state or None,
                former_is_foreign=former.calendar_id._is_foreign(),
                is_organizer=remote.is_organizer,
                has_twin=remote.ical_uid in uids,
                is_foreign=self.calendar._is_foreign(),
                direction=self.calendar.effective_direction or "both",
                waits=not event and self._waits_for_organizer(link, remote),
            )
            match kind:
                case Newcomer.OWN_DELETED:
                    self._own_create_deleted_since(link, remote, entry)
                case Newcomer.OWN:
                    self._link_own_create(link, remote, entry)
                case Newcomer.RETURNS:
                    self._came_back(former, link, remote)
                case Newcomer.TAKES_PLACE:
                    give_way(former, self.calendar)
                    self.writer.take_part(event)
                    self._link_existing(link, remote, event)
                case Newcomer.OTHER_VIEW:
                    self._save_link(link, remote, {"state": "other_view"})
                case Newcomer.SECOND_COPY:
                    self._quarantine_copy(link, remote)
                case Newcomer.KNOWN:
                    self._link_existing(link, remote, event)
                case Newcomer.WAITS:
                    self._wait(link, remote)
                case Newcomer.NEW:
                    to_create.append((link, remote))
            is_taken = kind not in (Newcomer.RETURNS, Newcomer.NOT_WANTED)
            if is_taken and remote.ical_uid:
                uids.add(remote.ical_uid)
        if to_create:
            self._create_events(to_create)

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
        link = self._save_link(link, remote, vals)
        self._log("link", "done", event=event, remote_id=remote.remote_id)
        if self._should_be_primary(link, remote):
            self._make_primary(link, remote)
            if not event.active:  # others have left the meeting, and not this mailbox
                self.writer.revive(event)
                (event.ms365_link_ids - link)._not_left_after_all()
            self._apply_changed([(link, remote)])
        else:
            self._apply_attendee_copy(link, remote)
        self.Outbox._wake_answers(link)

    def _should_be_primary(self, link, remote):
        event = link.event_id
        others = event.ms365_link_ids - link
        return should_be_primary(
            is_organizer=remote.is_organizer,
            has_primary=others._carry_meeting(),
            organizer_syncs=bool(self._organizer_account(remote)),
            organizer_uses_stock=event.user_id._ms365_uses_stock(),
        )

    def _make_primary(self, link, remote):
        link.is_organizer = remote.is_organizer
        link.event_id.ms365_link_ids.filtered("is_primary")._hand_over(link)

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
        if brings_it and self.calendar._is_foreign():
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
                is_what_was_sent(remote.content, sent) for sent in unanswered
            ),
            has_unanswered=bool(unanswered),
        )

    def _unanswered_of_organizer(self, remote):
        """Return what was created for an invitation's organizer without an answer."""
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
            company=self.account.company_id,
        )
        with quiet_sql(), self.env.cr.savepoint():
            events = self._create_batch(pairs, lookups)
        for event, (_link, remote) in zip(events, pairs, strict=True):
            self._log(
                "create",
                "done",
                event=event,
                remote_id=remote.remote_id,
                reason=self._left_out(remote, lookups),
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
                "answers": self.writer.answers(remote),
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

    # ------------------------------------------------------------------
    # Telling what happened
    # ------------------------------------------------------------------

    def _log(
        self,
        operation,
        outcome,
        *,
        event=None,
        remote_id=None,
        field_names=(),
        reason=None,
    ):
        self.log_rows.append(
            {
                "event_id": event.id if event else False,
                "remote_id": remote_id,
                "direction": "pull",
                "origin": "outlook",
                "operation": operation,
                "outcome": outcome,
                "field_names": ", ".join(sorted(field_names)),
                "reason": reason,
                "request_id": self.request_id,
            }
        )

    def _left_out(self, remote, lookups):
        """Say what of an event could not be taken over; no names."""
        notes = list(remote.warnings)
        if count := lookups.without_contact(remote.content.attendees):
            notes.append(
                self.env._("%(count)s attendees have no contact in Odoo", count=count)
            )
        return "; ".join(notes)

    def _changed(self, events):
        self.changed_events |= events

    def finish(self):
        """Connect copies, write the log, have open calendars show what changed."""
        self.Link._connect_waiting()
        if self.log_rows:
            self.env["praetorx.ms365.sync.log"]._log_many(self.account, self.log_rows)
        self.log_rows = []
        users = self.changed_events.partner_ids.user_ids | self.account.user_id
        if self.changed_events:
            for user in users:
                user._bus_send(BUS_CHANNEL, {})
        self.changed_events = self.env["calendar.event"]


def record_read(account, link, answer, *, mailbox_waits=False):
    """Record what reading one linked event brought.

    :param answer: of :func:`..graph.calls.get_event`
    :param mailbox_waits: an error is not this event's: it is read again with the rest
    """
    applier = Applier(account, link.calendar_id or account._default_calendar())
    if isinstance(answer.error, AlreadyGone):
        applier.gone(link, request_id=answer.request_id)
    elif answer.error is None:
        # An id that came with an error message may be of the other format.
        link.remote_id = answer.body.get("id") or link.remote_id
        applier.apply([answer.body], request_id=answer.request_id, listed=False)
        link.exists().write(link._READ)
    elif not mailbox_waits:
        applier.unreadable(link, answer.error)


def _versions(ours, remote):
    """Return both versions of an event as a conflict keeps them."""
    return {
        "ours": ours,
        "theirs": remote.content,
        "change_key": remote.change_key,
        "modified_at": remote.modified_at,
    }


def is_same_meeting_race(error):
    """Tell whether another mailbox was faster to bring the same meeting."""
    return isinstance(error, UniqueViolation) and "primary_unique" in (
        error.diag.constraint_name or ""
    )


def reason_of(error, remote):
    """Return what may be shown of an error that Odoo raised while writing.

    Odoo's messages may quote the event: of a private one only the kind is told.
    """
    _logger.info("Microsoft 365: an event was refused: %s", type(error).__name__)
    kind = type(error).__name__
    if remote.content.sensitivity != "normal":
        return kind
    return f"{kind}: {error}".splitlines()[0][:200]
