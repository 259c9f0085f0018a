"""Series that are gone from a mailbox, as reading them has confirmed."""

from psycopg2 import OperationalError

from .quiet import quiet_sql


class GoneSeries:
    """The part of the applier that deals with series deleted in Outlook.

    It comes before the one for single events, to which it leaves those.
    """

    def _is_over(self, link):
        if not link.recurrence_id:
            return super()._is_over(link)
        is_deleted = link.state in ("deleted_here", "deleted_there")
        return is_deleted or not link.recurrence_id._ms365_rows()

    def _is_contested(self, link, change_key=None, *, is_last_look=False):
        """Deleted in Outlook, edited in Odoo: return whether a person is asked."""
        if not link.recurrence_id:
            return super()._is_contested(link, change_key, is_last_look=is_last_look)
        recurrence, base = link.recurrence_id, link._series_base
        ours = base and recurrence._ms365_read_series(base.ours.window)
        if not ours or not link.is_organizer:  # nobody else can have it back
            return False
        if ours.contents() == base.ours.contents() and ours.rule == base.ours.rule:
            return False
        link._dispute_deletion(ours.master, None, change_key or link.change_key)
        rows = recurrence._ms365_rows()
        rows._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        self._log_deletion(link, "conflict")
        self._changed(rows)
        return True

    def archive_gone(self, links):
        """Archive in Odoo the series that are gone from Outlook for certain."""
        for link in links:
            try:
                with quiet_sql(), self.env.cr.savepoint():
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
        if self._is_contested(link):
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
