"""Ask the puller to read mailboxes."""

from typing import Any

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.tools import SQL

from ...muted_sql_log import muted_sql_log

#: Looking at the calendar does not ask again for a mailbox read this recently.
FRESH_SECONDS = 20


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _request_pull(self, fresh_seconds=FRESH_SECONDS):
        """Ask the puller for these mailboxes, unless they were read just now."""
        now = fields.Datetime.now()
        due = self.filtered(
            lambda account: (
                account.enabled
                and account.state == "active"
                and not (
                    fresh_seconds
                    and account.last_pull_at
                    and (now - account.last_pull_at).total_seconds() < fresh_seconds
                )
            )
        )
        if due:
            due.filtered(lambda account: not account.pull_requested_at)._record_request(
                now
            )
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    def _record_request(self, now):
        """Record that these mailboxes must be read.

        The puller often writes the same rows. If a row is locked, the request is stored
        as a notification. So neither a user nor a cron waits or tries again.
        """
        self.flush_recordset(["pull_requested_at"])
        new = self.filtered(lambda account: not account.pull_requested_at)
        try:
            with muted_sql_log(), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        """UPDATE praetorx_ms365_account
                              SET pull_requested_at = %s
                            WHERE id IN (SELECT id FROM praetorx_ms365_account
                                          WHERE id = ANY(%s)
                                            FOR NO KEY UPDATE NOWAIT)""",
                        now,
                        new.ids,
                    )
                )
        except OperationalError:
            self.env["praetorx.ms365.notification"]._store(
                [(account.id, None, "missed", None) for account in new]
            )
        new.invalidate_recordset(["pull_requested_at"])

    def action_sync_now(self) -> dict[str, Any]:
        """Wake the workers for these mailboxes, and send late edits at once.

        The pauses that Microsoft sets for a mailbox stay.
        """
        self.check_access("read")
        self.sudo()._request_pull(fresh_seconds=0)
        self.sudo()._late_entries()._send_at_once()
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()
        stopped = self.filtered(
            lambda account: account.state != "active" or account.failures
        )
        if stopped:
            return self._notify_user(stopped[0].status, kind="warning")
        return self._notify_user(self.env._("Sync started."))

    def action_resync(self) -> None:
        """Read the whole window again: links are kept, nothing is mailed."""
        self.check_access("write")
        # The puller may have a page at hand: it restarts the round itself.
        self.sudo().calendar_ids.restart_requested = True
        self.sudo()._request_pull(fresh_seconds=0)
