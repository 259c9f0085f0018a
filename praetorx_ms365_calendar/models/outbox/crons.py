"""The cron of the dispatcher: the worker that sends edits starts here."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...sync.pull.work import PullWork
from ...sync.push.work import PushWork
from ...sync.worker.runner import MailboxRunner


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    @api.model
    def _cron_dispatch(self):
        """Send due entries, mailbox by mailbox; a repetition after a crash is safe."""
        if self.env["praetorx.ms365.account"]._is_paused():
            return
        work_left = MailboxRunner(self.env, PushWork(self.env)).run()
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")
        if work_left:
            cron._trigger()
        if next_at := self._next_at():
            cron._trigger(at=next_at)
        # The puller may have waited for mailboxes that were locked here.
        if PullWork(self.env).due_account_ids([]):
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull")._trigger()

    def _next_at(self):
        """Return the time of the next entry that waits for its time, or None."""
        now = fields.Datetime.now()
        waiting = self.search(
            Domain("state", "=", "pending")
            & Domain("account_id.state", "=", "active")
            & Domain("account_id.enabled", "=", True)
            & Domain("account_id.awaits_start", "=", False)
            & Domain("account_id.direction", "!=", "outlook_to_odoo")
            & (
                Domain("not_before", ">", now)
                | Domain("account_id.not_before", ">", now)
            ),
            order="not_before",
            limit=1,
        )
        if not waiting:
            return None
        return max(waiting.not_before, waiting.account_id.not_before or now)
