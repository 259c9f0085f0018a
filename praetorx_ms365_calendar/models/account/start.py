"""Let a mailbox wait until its owner has seen the preview and pressed *Start*."""

from typing import Any

from odoo import fields, models

from ...engine.choices import Choices
from ...engine.delta import window_bounds


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    awaits_start = fields.Boolean(
        readonly=True, help="Nothing is read or sent before the owner presses Start."
    )
    started_at = fields.Datetime(
        readonly=True, help="When the owner had the sync begin in this mailbox."
    )
    only_own = fields.Boolean(
        "Only Where I Organize",
        readonly=True,
        help="Meetings that other people organize do not come to Odoo.",
    )
    without_attendees = fields.Boolean(
        readonly=True,
        help="Meetings from before the start that have attendees stay where they are.",
    )
    preview_ids = fields.One2many("praetorx.ms365.preview", "account_id")

    def _await_start(self):
        """Compute a preview and wait for the owner, unless the sync has begun."""
        for account in self.filtered(lambda account: not account.started_at):
            account.awaits_start = True
            account.env["praetorx.ms365.preview"]._begin(account)

    def _choose(self, *, only_from_today, only_own, without_attendees):
        """Store the choices of the owner; read everything again if they allow more."""
        self.ensure_one()
        vals = {"only_own": only_own, "without_attendees": without_attendees}
        if only_from_today and self.days_back:
            vals |= {"days_back": 0, "own_window": True}
        before = self._choices()
        self.write(vals)
        if self.started_at and before != self._choices():
            self.calendar_ids.restart_requested = True
            self._request_pull(fresh_seconds=0)

    def _start(self):
        """Begin to sync."""
        self.ensure_one()
        self.write(
            {
                "awaits_start": False,
                "started_at": fields.Datetime.now(),
                "first_pass_counts": False,
            }
        )
        self._open_preview()._end()
        self._request_pull(fresh_seconds=0)
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()

    def _choices(self):
        """Return the choices that leave meetings of Outlook out."""
        self.ensure_one()
        return Choices(only_own=self.only_own, without_attendees=self.without_attendees)

    def _chosen(self):
        """Return the choices as columns of a preview."""
        self.ensure_one()
        return {
            "only_from_today": self.own_window and not self.days_back,
            "only_own": self.only_own,
            "without_attendees": self.without_attendees,
        }

    def _window_from_today(self):
        """Return the bounds of the synced window if it had no past days."""
        return window_bounds(fields.Datetime.now(), 0, self.days_ahead)

    def _open_preview(self):
        """Return the preview that is computed or ready, empty without one."""
        return self.preview_ids.filtered(lambda preview: preview.state != "over")[:1]

    def action_open_preview(self) -> dict[str, Any]:
        """Open the preview of this mailbox; have it computed if there is none."""
        self.ensure_one()
        self.check_access("read")
        account_sudo = self.sudo()
        if not account_sudo._open_preview():
            self._check_owner()
            account_sudo.env["praetorx.ms365.preview"]._begin(account_sudo)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What will happen"),
            "res_model": "praetorx.ms365.preview",
            "res_id": account_sudo._open_preview().id,
            "views": [(False, "form")],
        }

    def action_start(self) -> dict[str, Any]:
        """Start the sync without a look at the preview; nobody is mailed."""
        self.ensure_one()
        preview = self.env["praetorx.ms365.preview"].search(
            [("account_id", "=", self.id), ("state", "!=", "over")], limit=1
        )
        if not preview:
            self._check_owner()
            return self.action_open_mine()
        return preview.with_context(ms365_at_once=True).action_start()
