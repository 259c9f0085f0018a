"""What Outlook has changed in events that Odoo has, too."""

from psycopg2 import OperationalError

from ...engine.merge import DELETED, next_base, value_for_odoo
from ...engine.recorded_names import names_to_record
from ..meeting.lookups import Lookups
from ..worker.muted_sql_log import muted_sql_log
from .refusals import reason_of
from .where import merge_late_edit


class KnownEvents:
    """The part of the applier that deals with events that are linked."""

    def write_choices(self, link, merge, ours, theirs, change_key):
        """Write what a person chose in a conflict; the outbox carries the rest."""
        event = link.event_id
        base = link._base_against(theirs)
        if merge.to_odoo:
            content = value_for_odoo(base, ours, merge)
            lookups = Lookups(self.env, [content], account=self.account)
            self.writer.write_content(event, content, merge.to_odoo, lookups)
        ours_now = event._ms365_read_contents({event: theirs})[event]
        agreed = next_base(base, ours_now, theirs, merge)
        names, is_waiting = self._names_to_send(link, event, merge, merge.kept_odoo)
        link.write(
            {
                **self.Link._base_vals(agreed),
                "change_key": change_key,
                "state": "synced",
                "needs_read": True,  # answers were not taken while it was in conflict
                "unsent_names": False,
            }
        )
        event._ms365_write_bookkeeping(
            {
                "ms365_sync_state": "pending" if is_waiting else "synced",
                "sync_origin": "odoo" if merge.to_graph else "outlook",
                "synced_field_hash": theirs.hash,
                "ms_change_key": change_key,
            }
        )
        if names:
            self.Outbox._enqueue_upserts(event, names=names)
        self._changed(event)
        self.finish()

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
        lookups = Lookups(self.env, [*theirs, *contents.values()], account=self.account)
        merges = events._detect_pull_conflicts(
            {link.event_id: (link, remote.content) for link, remote in primaries},
            contents,
            {link.event_id: remote.modified_at for link, remote in primaries},
        )
        for link, remote in primaries:
            event = link.event_id
            logged = len(self.log_rows)
            try:
                with muted_sql_log(), self.env.cr.savepoint():
                    self._apply_primary(
                        link, remote, merges[event], contents[event], lookups
                    )
            except OperationalError:
                raise  # a concurrent edit: the whole page starts over
            except Exception as error:  # noqa: BLE001 - one event, whatever it is
                del self.log_rows[logged:]
                lookups.forget()
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
        if merge.decided:
            self.Conflict._close_by_policy(link, merge, **versions)
        base = link._base_against(remote.content)
        if self._comes_back(link):
            self.writer.revive(event)
        if merge.to_odoo:
            content = value_for_odoo(base, ours, merge)
            self.writer.write_content(event, content, merge.to_odoo, lookups, remote)
        replies = self.writer.write_replies(event, remote, link.answers or {})
        self.writer.record_teams_link(event, remote)
        ours_now = event._ms365_read_contents({event: remote.content})[event]
        agreed = next_base(base, ours_now, remote.content, merge)
        names, is_waiting = self._names_to_send(link, event, merge)
        self._end_conflict(link)
        link.write(
            {
                **self.Link._remote_vals(remote),
                **self.Link._base_vals(agreed),
                "answers": replies,
                "state": "synced",
                "reason": False,
                "awaits_word": link.awaits_word and bool(merge.to_graph),
            }
        )
        bookkeeping = {
            "synced_field_hash": remote.content.hash,
            "ms_change_key": remote.change_key,
            "ms365_sync_state": "pending" if is_waiting else "synced",
        }
        if merge.to_odoo:
            bookkeeping["sync_origin"] = "outlook"
        event._ms365_write_bookkeeping(bookkeeping)
        if merge.to_odoo:
            self._changed(event)
        if names:
            self.Outbox._enqueue_upserts(event, noted_late=True, names=names)
            link.unsent_names = False
        self._log(
            "update",
            "done" if merge.to_odoo else "nothing",
            event=event,
            remote_id=remote.remote_id,
            field_names=merge.to_odoo,
            reason=self._describe_skipped(remote, lookups),
        )

    def _names_to_send(self, link, event, merge, chosen=frozenset()):
        """Return what a merge leaves to be sent, and whether anything is on its way.

        What no edit has named stays in Odoo: nothing rides along with Outlook's edit.

        :param chosen: what a person has just decided for Odoo
        """
        if not merge.to_graph:
            return frozenset(), False
        if link.awaits_word:
            return merge.to_graph & chosen, True
        recorded, waiting = self.Outbox._unarrived_names(link, event.id)
        names = names_to_record(merge, recorded, waiting)
        return names, bool(names or waiting is None or waiting & merge.to_graph)

    def _end_conflict(self, link):
        """Close what may be open still: this link is about to be in sync."""
        if link.state not in ("synced", "waiting"):
            self.Conflict._close_gone(link)

    def _apply_attendee_copy(self, link, remote):
        """A copy beside the organizer's: it only tells what its owner answered."""
        replies = link.answers
        if not self.calendar._is_shared():
            replies = self.writer.write_replies(
                link.event_id, remote, link.answers or {}, own_only=not link.is_primary
            )
        if remote.is_organizer and not link.is_primary:
            self._make_primary(link, remote)
        self._end_conflict(link)
        link.write(
            {
                **self.Link._remote_vals(remote),
                "answers": replies,
                "state": "synced",
            }
        )

    def _changed_after_our_delete(self, link, remote):
        """Deleted in Odoo while somebody changed it in Outlook?"""
        if link.moved_to_id:
            merge_late_edit(self, link, remote)
            return
        if not link.is_primary or link._delete_policy() == "off":
            link.write(self.Link._remote_vals(remote))
            return
        self._decide_on_our_delete(link, remote, remote)

    def _decide_on_our_delete(self, link, remote, version):
        """Ask about our deletion, repeat it, or undo it.

        :param remote: Outlook's event, or its series
        :param version: which version of it that is
        """
        merge = self._judge_deletion(link, None, remote, version.modified_at)
        versions = _versions(None, version)
        if merge.conflicts:
            link._dispute_deletion(**versions)
            link.needs_read = False
            self._log("delete", "conflict", remote_id=link.remote_id)
            return
        if merge.decided:
            self.Conflict._close_by_policy(link, merge, **versions)
        if DELETED in merge.kept_outlook:
            self._undo_our_delete(link, remote)
            self.env["praetorx.ms365.approval"]._cancels(link)._end_if_over()
        else:
            self._repeat_our_delete(link, version)

    def _undo_our_delete(self, link, remote):
        """Outlook's version won over our deletion: the event comes back."""
        link.state = "synced"
        if link.event_id:
            self.writer.revive(link.event_id)
            link.event_id.ms365_link_ids._record_undeletion()
            self._apply_changed([(link, remote)])
        else:
            self._apply_unknown([(link, remote)])

    def _repeat_our_delete(self, link, remote):
        """Our deletion stands: it is sent for the version that Outlook has now."""
        was_in_conflict = link.state == "conflict"  # which took its entries as done
        link.write(self.Link._remote_vals(remote) | self.Link._DELETED_HERE)
        if was_in_conflict:
            self.Conflict._close_gone(link)
            if not self.env["praetorx.ms365.approval"]._cancels(link):
                self.Outbox._enqueue_delete_of(link)

    def _judge_deletion(self, link, ours, remote, modified_at=None):
        """Return what it means that one side (None) has deleted the event."""
        event, theirs = link.event_id, remote and remote.content
        return event._detect_pull_conflicts(
            {event: (link, theirs)}, {event: ours}, {event: modified_at}
        )[event]


def _versions(ours, remote):
    """Return both versions of an event as a conflict keeps them."""
    return {
        "ours": ours,
        "theirs": remote.content,
        "change_key": remote.change_key,
        "modified_at": remote.modified_at,
    }
