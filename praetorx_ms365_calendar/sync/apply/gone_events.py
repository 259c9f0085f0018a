"""Events that are gone from a mailbox, as reading them has confirmed."""

from psycopg2 import OperationalError

from ...engine.meetings import Gone, plan_gone
from ...engine.merge import DELETED
from ..worker.muted_sql_log import muted_sql_log


class GoneEvents:
    """The part of the applier that deals with what was deleted in Outlook."""

    def apply_deletion(self, link):
        """Delete in Odoo what was deleted in Outlook, as a person has decided."""
        events = link._living_events()
        self.writer.archive(events)
        events._ms365_write_bookkeeping({"ms365_sync_state": "synced"})
        link.write(link._deleted_vals("odoo"))
        self._changed(events)
        self.finish()

    def _move_primary(self, link):
        """An attendee's copy is gone, by declining perhaps; the meeting is not.

        :return: whether another attendee's mailbox has it
        """
        successor = link._next_primary()
        if successor:
            link._move_primary_to(successor)
        return bool(successor)

    def _gone(self, link, change_key=None, *, is_cancelled=False):
        """The event was deleted or cancelled in Outlook: verified, not guessed."""
        # Gone, and not moved to a calendar that is not synced.
        vals = {"needs_read": False, "left_calendar": False}
        if change_key:
            vals["change_key"] = change_key
        gone = plan_gone(
            link._facts(),
            is_over=self._is_over(link),
            is_cancelled=is_cancelled,
            has_next_primary=bool(link._next_primary()),
            direction=link._direction(),
        )
        if gone is Gone.DELETE:
            link.write(vals)
            if not self._is_contested(link, change_key):
                # sync/apply/carry_out_deletions.py counts them before it archives.
                link.state = "gone"
            return
        if gone is Gone.TOMBSTONE:
            self.Conflict._close_gone(link)
        elif gone is Gone.MOVE_PRIMARY:
            self._move_primary(link)
        link.write(vals | {"state": "deleted_there"})
        if gone is Gone.LET_GO:
            link._rows()._ms365_write_bookkeeping({"ms365_sync_state": "none"})

    def _is_over(self, link):
        """Tell whether the event is deleted in Odoo as well, or gone long since."""
        return link._is_deleted_here or link.state == "deleted_there"

    def _is_contested(self, link, change_key=None, *, is_last_look=False):
        """Deleted in Outlook, edited in Odoo: return whether that was decided on.

        :param is_last_look: the deletion is carried out unless it is contested: what a
            policy has overruled for it is recorded now, and not before
        """
        ours = self._living_content(link)
        merge = self._judge_deletion(link, ours, None)
        versions = {
            "ours": ours,
            "theirs": None,
            "change_key": change_key or link.change_key,
        }
        stays = DELETED in merge.kept_odoo
        if merge.decided and (stays or is_last_look):
            self.Conflict._close_by_policy(link, merge, **versions)
        if merge.conflicts:
            link._dispute_deletion(**versions)
            event = link._any_event()
            self._log("delete", "conflict", event=event, remote_id=link.remote_id)
        elif stays:
            link._resolve_deleted_there("odoo")
        else:
            if not merge.decided:
                self.Conflict._close_gone(link)
            return False
        self._changed(link._living_events())
        return True

    def _living_content(self, link):
        """Return what Odoo holds of an event, None if it is not in its calendar."""
        event = link.event_id
        return event._ms365_read_contents()[event] if event.active else None

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
        with muted_sql_log(), self.env.cr.savepoint():
            self.writer.archive(events)
            events._ms365_write_bookkeeping(
                {"ms365_sync_state": "synced", "sync_origin": "outlook"}
            )
            links.write(links._deleted_vals("odoo"))
        for link in links:
            self._log("delete", "done", event=link.event_id, remote_id=link.remote_id)
        self._changed(events)
