"""Series that are gone from a mailbox, as reading them has confirmed."""

from psycopg2 import OperationalError

from ...engine.series_deletion import plan_series_deletion
from ..worker.muted_sql_log import muted_sql_log


class GoneSeries:
    """The part of the applier that deals with series deleted in Outlook.

    It comes before the one for single events, to which it leaves those.
    """

    def _is_over(self, link):
        if not link.recurrence_id:
            return super()._is_over(link)
        is_deleted = link.state in ("deleted_here", "deleted_there")
        return is_deleted or not link.recurrence_id._ms365_rows()

    def _living_content(self, link):
        if not link.is_series:
            return super()._living_content(link)
        ours = self._living_series(link)
        return ours.master if ours else None

    def _living_series(self, link):
        """Return Odoo's side of a series as far as it was agreed on, None if gone."""
        base = link._series_base
        return base and link.recurrence_id._ms365_read_series(base.ours.window)

    def _judge_deletion(self, link, ours, remote, modified_at=None):
        if not link.is_series:
            return super()._judge_deletion(link, ours, remote, modified_at)
        merge = plan_series_deletion(
            link._series_base,
            ours and self._living_series(link),
            remote and remote.series,
            is_organizer=link.is_organizer,
            unedited=link._unedited_names(),
        )
        return link._apply_policy(merge, ours, modified_at)

    def _series_changed_after_our_delete(self, link, remote):
        """Deleted in Odoo while somebody changed it in Outlook?"""
        is_ours = link.is_primary and link.state != "synced"
        if not is_ours or link._delete_policy() == "off":
            link.write(self.Link._remote_vals(remote.master))
        else:
            self._decide_on_our_delete(link, remote, remote.master)

    def _undo_our_delete(self, link, remote):
        if not link.is_series:
            super()._undo_our_delete(link, remote)
            return
        link._undo_odoo_deletion()
        self._apply_one(link, remote)

    def archive_gone(self, links):
        """Archive in Odoo the series that are gone from Outlook for certain."""
        for link in links:
            try:
                with muted_sql_log(), self.env.cr.savepoint():
                    self._archive_series(link)
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - this one, whatever it is
                kind = type(error).__name__  # its message may quote the event
                self._quarantine(link, link.remote_id, kind)
        self.finish()

    def _archive_series(self, link):
        rows = link.recurrence_id._ms365_rows()
        # Deleted there, too, or carried by another mailbox since?
        if not rows or not link.is_primary:
            link.state = "deleted_there"
            return
        if self._is_contested(link, is_last_look=True):
            return
        rows._ms365_for_sync(self.account.user_id).write({"active": False})
        rows._ms365_write_bookkeeping(
            {"ms365_sync_state": "synced", "sync_origin": "outlook"}
        )
        link.write(link._deleted_vals("odoo"))
        self._log_deletion(link, "done")
        self._changed(rows)

    def _log_deletion(self, link, outcome):
        self._log(
            "delete",
            outcome,
            event=link.recurrence_id.base_event_id,
            remote_id=link.remote_id,
        )
