"""Start and stop the sync of a mailbox."""

from odoo import fields, models
from odoo.fields import Domain

from ...const import ACTIVITY_SIGN_IN
from ...engine.plan import pushes
from ...engine.reasons import because


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _signed_in(self):
        """Forget old errors and start to sync, after the user has signed in."""
        had_stopped = self.filtered(
            lambda account: account.state == "signed_out" and account._is_as_before()
        )
        self.write(
            {
                "state": "active",
                "needs_connect": True,
                "failures": 0,
                "not_before": False,
                "last_error": False,
            }
        )
        for account in had_stopped:
            account._resume_pushing()
        self._await_start()
        for account in self:
            account._waiting_change()._compute_again()
        self._request_pull(fresh_seconds=0)
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")._trigger()
        self.activity_unlink([ACTIVITY_SIGN_IN])

    def _connected(self, *, mailbox_id, address, calendar_id, name, teams_available):
        """Store which mailbox answered; start anew if it is another one than before."""
        self.ensure_one()
        if self.mailbox_id and self.mailbox_id != mailbox_id:
            self._forget_mailbox()
        self._remember_addresses({"mail": address})
        self.write(
            {
                "needs_connect": False,
                "mailbox_id": mailbox_id,
                "teams_available": teams_available,
            }
        )
        if not self.calendar_ids:
            self.env["praetorx.ms365.calendar"].create(
                {
                    "account_id": self.id,
                    "remote_id": calendar_id,
                    "name": name,
                    "is_default": True,
                }
            )
        self.calendars_read_at = False
        self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")._trigger()

    def _forget_mailbox(self, reason=None):
        """Delete all links and calendars when another mailbox takes the place.

        Unsent edits are shown as failed. In the new mailbox they would become new
        meetings with invitations, which nobody has asked for.

        :param reason: why unsent edits are not sent
        """
        self.ensure_one()
        self._end_approvals()
        entries = self.env["praetorx.ms365.outbox"].search(
            [
                ("account_id", "=", self.id),
                ("state", "in", ["pending", "sending", "held"]),
            ]
        )
        self.link_ids.filtered("is_primary")._all_events()._ms365_write_bookkeeping(
            {"ms365_sync_state": "none", "ms_change_key": False}
        )
        entries.write(
            {
                "state": "dead",
                "reason": reason or because("other_mailbox"),
            }
        )
        entries.event_id._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        self.link_ids.unlink()
        self.calendar_ids.unlink()
        self.write(
            {
                "first_pass_done_at": False,
                "started_at": False,
                "ask_before_push": True,
                "other_mailbox_at": fields.Datetime.now(),
                "mailbox_address": False,
                "other_addresses": False,
            }
        )
        self._await_start()

    def _switched_off(self):
        """Hand the meetings over to other mailboxes; mark the rest as not synced."""
        self._end_approvals()
        self.link_ids.filtered(
            lambda link: link.is_primary and link._is_linked()
        )._move_primary_elsewhere()

    def _resume_pushing(self):
        """Become the organizer's mailbox again, and find edits made in between.

        Edits and deletions are known from the links. New events, on either side, are
        found when the whole window has been read. Meetings with guests wait for the
        user's consent, since Exchange would mail the guests.
        """
        self.ensure_one()
        self.calendar_ids.restart_requested = True
        self.link_ids.filtered(
            lambda link: link._is_linked() and link.state in ("synced", "conflict")
        )._resume_links()
        self.link_ids._make_deleted_primary()
        self.link_ids._resume_deletions()

    def _direction_changed(self):
        """Find the changes that the old direction has left out until now."""
        self._show_unsent()
        for account in self.filtered("enabled"):
            if account.state != "signed_out" and pushes(account.direction):
                account._resume_pushing()
            else:
                account.calendar_ids.restart_requested = True
        self._request_pull(fresh_seconds=0)

    def _show_unsent(self):
        """Mark waiting entries as failed when their mailbox becomes read-only."""
        self.filtered(lambda one: not pushes(one.direction))._end_approvals()
        entries = self.env["praetorx.ms365.outbox"].search(
            [
                ("account_id", "in", self.ids),
                ("account_id.direction", "=", "outlook_to_odoo"),
                ("state", "in", ["pending", "sending", "held"]),
            ]
        )
        entries.write({"state": "dead", "reason": because("direction_to_odoo")})
        entries.event_id._ms365_show_state("error")
        self.calendar_ids._stop_sending()

    def _end_approvals(self):
        """End the approvals that wait: nothing is sent to these mailboxes any more."""
        self.env["praetorx.ms365.approval"].search(
            Domain("account_id", "in", self.ids) & Domain("state", "=", "waiting")
        )._end_over("not_sent")
