"""Jobs that read mailboxes and look after them."""

from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import str2bool

from ...sync.pull.work import PullWork
from ...sync.push.work import PushWork
from ...sync.worker.commit_retry import commit_step
from ...sync.worker.runner import MailboxRunner

#: Mailboxes without a notification for this long are polled.
POLL_INTERVAL = timedelta(minutes=15)


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    @api.model
    def _is_paused(self):
        """Return True if an administrator has paused all syncing in the settings."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return str2bool(
            parameters_sudo.get_param("microsoft_calendar_sync_paused"), default=False
        )

    @api.model
    def _cron_pull(self):
        """Read the mailboxes that were notified or asked for, page by page."""
        if self._is_paused():
            return
        work_left = MailboxRunner(self.env, PullWork(self.env)).run()
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_pull")
        if work_left:
            cron._trigger()
        # The dispatcher may have waited for mailboxes that were at hand here.
        if PushWork(self.env).due_account_ids([]):
            self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")._trigger()
        active = Domain("state", "=", "active") & Domain("enabled", "=", True)
        waits = Domain("not_before", ">", fields.Datetime.now())
        waiting = self.search(active & waits, order="not_before", limit=1)
        calendar = self.env["praetorx.ms365.calendar"].search(
            Domain("account_id", "any", active) & Domain("restarts", ">", 0) & waits,
            order="not_before",
            limit=1,
        )
        moments = [one.not_before for one in (waiting, calendar) if one]
        looks = Domain("look_again_at", "!=", False)
        if looking := self.search(active & looks, order="look_again_at", limit=1):
            moments.append(looking.look_again_at)
        unread = Domain("account_id", "any", active) & Domain("needs_read", "=", True)
        unread &= Domain("read_not_before", ">", fields.Datetime.now())
        link = self.env["praetorx.ms365.event.link"].search(
            unread & Domain("remote_id", "!=", False), order="read_not_before", limit=1
        )
        moments += link.mapped("read_not_before")
        if moments:
            cron._ms365_wake_at(min(moments))

    @api.model
    def _cron_delta_poll(self):
        """The net: read mailboxes that Graph has not notified about for a while."""
        if self._is_paused():
            return
        now = fields.Datetime.now()
        stop_waiting = partial(self.env["praetorx.ms365.event.link"]._stop_waiting, now)
        commit_step(self.env, "a mailbox in trouble", self._look_again)
        commit_step(self.env, "a copy without its meeting", stop_waiting)
        commit_step(self.env, "a mailbox without progress", self._watch_progress)
        commit_step(
            self.env, "a user who has left", self._close_mailboxes_of_former_users
        )
        lapse = self.env["praetorx.ms365.approval"]._cron_lapse
        commit_step(self.env, "a change that nobody has approved", lapse)
        quiet_since = now - POLL_INTERVAL
        self.search(
            Domain("state", "=", "active")
            & Domain("enabled", "=", True)
            & (
                Domain("last_notification_at", "=", False)
                | Domain("last_notification_at", "<", quiet_since)
                # Microsoft sends no notifications about shared calendars.
                | Domain("calendar_ids", "any", self._unannounced_calendars())
            )
        )._request_pull(fresh_seconds=POLL_INTERVAL.total_seconds() / 2)
