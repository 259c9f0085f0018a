from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import SyncCase


@tagged("post_install", "-at_install")
class TestWaiting(SyncCase):
    """Test that a mailbox continues as soon as Microsoft's wait is over."""

    def test_mailbox_that_waits_amid_a_round_is_read_on_in_time(self):
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_pull")
        until = fields.Datetime.now() + timedelta(seconds=90)
        self.account._default_calendar().round_kind = "initial"
        self.account.write({"not_before": until, "pull_requested_at": False})
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(until, triggers.mapped("call_at"))
