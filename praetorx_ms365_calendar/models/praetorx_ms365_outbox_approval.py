"""Whose edit an outbox entry is, and the word that it waits for."""

from odoo import api, fields, models
from odoo.fields import Domain


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    author_id = fields.Many2one(
        "res.users",
        "Edited by",
        default=lambda self: self.env.uid,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Who made the edit. OdooBot: a program of this database.",
    )
    approval_id = fields.Many2one(
        "praetorx.ms365.approval",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="What this entry waits for, or has waited for.",
    )

    @api.model
    def _of_edits(self, account, event_key, states):
        """Return the edits of one event for one mailbox that are in these states."""
        return self.search(
            Domain("account_id", "=", account.id)
            & Domain("event_key", "=", event_key)
            & Domain("operation", "!=", "respond")
            & Domain("state", "in", states)
        )

    def _is_waiting(self, account, event_key):
        """Tell also of edits that wait for the word of the mailbox's owner."""
        return super()._is_waiting(account, event_key) or bool(
            self.env["praetorx.ms365.approval"]._waiting_of(account, [event_key])
        )


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _ms365_series_to_send(self, account, window=None, base=None):
        """Return this side's :class:`Series` without what waits for a word.

        :param window: first and last day; left out, all that there is
        :param base: the last agreement
        :raise ValueError: Outlook cannot express its rule
        """
        series = self._ms365_read_series(window)
        waiting = self.env["praetorx.ms365.approval"]._waiting_of(
            account, [self._ms365_event_key()]
        )
        return waiting._leave_out(series, base)
