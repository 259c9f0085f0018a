from typing import Any

from odoo import models
from odoo.exceptions import UserError

from ...const import ACTIVITY_SIGN_IN, NOT_SENT


class PraetorxMs365Account(models.Model):
    """Disconnect a mailbox: keep events, links and unsent edits, but no sign-in."""

    _inherit = "praetorx.ms365.account"

    def action_disconnect(self) -> dict[str, Any]:
        """Show what stays where before the mailbox is disconnected."""
        self._check_owner()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Disconnect your mailbox?"),
            "res_model": "praetorx.ms365.disconnect",
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_can_disconnect(self):
        """
        :raise UserError: there is no connection, or a reset is about to end it
        """
        if not self or self.state == "signed_out":
            raise UserError(self.env._("This mailbox is not connected any more."))
        if self.reset_requested_at:
            raise UserError(
                self.env._(
                    "The reset is still deleting events in Outlook. It disconnects the "
                    "mailbox itself when it is done."
                )
            )

    def _disconnect(self):
        """Sign out, and end the subscription at Microsoft.

        Links and unsent edits are kept for a return to this mailbox. If another one
        takes its place, nothing of them is sent (:meth:`_forget_mailbox`).

        :raise UserError: there is no connection, or a reset is about to end it
        """
        self._check_can_disconnect()
        self._switched_off()
        self._leave_mailbox()
        self._end_preview()
        self._forget_tokens()
        self.write(
            {
                "needs_connect": True,
                "pull_requested_at": False,
                "failures": 0,
                "not_before": False,
                "last_error": False,
            }
        )
        self.activity_unlink([ACTIVITY_SIGN_IN])
        self.env["praetorx.ms365.sync.log"]._log(
            self,
            operation="disconnect",
            outcome="done",
            origin="odoo",
            author_id=self.env.uid,
        )

    def _end_preview(self):
        """End the preview of a mailbox that is not read any more."""
        self._open_preview()._end()
        self.awaits_start = False

    def _unsent_count(self):
        """Return the number of events with edits that are not in Outlook yet."""
        self.ensure_one()
        entries = self.env["praetorx.ms365.outbox"].search(
            [("account_id", "=", self.id), ("state", "in", NOT_SENT)]
        )
        return len(set(entries.mapped("event_key")))
