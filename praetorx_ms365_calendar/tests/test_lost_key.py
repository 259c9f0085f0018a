"""Test that a lost encryption key is said once, and stops no other user."""

from odoo.tests import tagged

from odoo.addons.praetorx_base.tests.common import NEW, OLD, use_keys

from .common import SyncCase, new_people


@tagged("post_install", "-at_install")
class TestLostKey(SyncCase):
    def signed_in(self, user, *keys):
        """Let the stock connector have a token of this user, stored with these keys."""
        with use_keys(*keys):
            user.sudo().write(
                {
                    "microsoft_calendar_rtoken": "refresh",
                    "microsoft_synchronization_stopped": False,
                }
            )
            self.env.flush_all()
            self.env.invalidate_all()

    def test_stock_cron_names_all_users_in_one_line(self):
        [dora] = new_people(self.env, "Dora")
        for user in (self.anna, self.cleo, dora):
            self.signed_in(user, OLD)
        logger = "odoo.addons"
        cron = self.env.ref("microsoft_calendar.ir_cron_sync_all_cals")
        with (
            use_keys(NEW),
            self.enter_registry_test_mode(),
            self.assertLogs(logger, "WARNING") as logs,
        ):
            cron.method_direct_trigger()
        self.assertEqual(len(logs.records), 1, logs.output)
        [line] = logs.records
        self.assertEqual(line.args[0], sorted((self.cleo | dora).ids))
        self.assertFalse(line.exc_info)
        self.assertIn("sign in again", line.getMessage())
