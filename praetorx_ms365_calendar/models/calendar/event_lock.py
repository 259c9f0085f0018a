"""Lock events before an edit, always in the same order (docs/adr/0011)."""

from odoo import models
from odoo.tools import SQL


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_lock(self, *, deletes=False):
        """Lock these events, and all events of their series, before anything else.

        Each edit locks the events before links, outbox and attendees. If two people
        edit, one waits at the events and holds nothing that the other needs.

        :param deletes: they are about to be deleted
        :raise psycopg2.OperationalError: a row has changed since this transaction
            began; Odoo repeats the request
        """
        if not self.env["praetorx.ms365.account"]._pushing_accounts():
            return
        recurrence_ids = self.sudo().recurrence_id.ids
        if recurrence_ids:
            self._ms365_lock_rows(
                SQL("calendar_recurrence WHERE id = ANY(%s)", recurrence_ids),
                deletes=deletes,
            )
        if self.ids:
            self._ms365_lock_rows(
                SQL(
                    "calendar_event WHERE id = ANY(%s) OR recurrence_id = ANY(%s)",
                    self.ids,
                    recurrence_ids,
                ),
                deletes=deletes,
            )

    def _ms365_lock_rows(self, rows, *, deletes):
        """Lock rows in the order of their ids; a refusal is not logged.

        :param rows: table and condition
        """
        strength = SQL("UPDATE") if deletes else SQL("NO KEY UPDATE")
        query = SQL("SELECT id FROM %s ORDER BY id FOR %s", rows, strength)
        self.env.cr.execute(query, log_exceptions=False)
