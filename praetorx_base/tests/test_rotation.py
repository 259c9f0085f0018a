import logging

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NEW, OLD, EncryptionCase, key_id
from .models import PARAMETER

LOGGER = "odoo.addons.praetorx_base.places"


@tagged("post_install", "-at_install")
class TestRotation(EncryptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secrets = cls.Secret.create(
            [{"token": f"t{number}", "note": f"n{number}"} for number in range(1100)]
        )
        cls.parameters.set_param(PARAMETER, "parameter")
        cls.env.flush_all()
        cls.cron = cls.env.ref("praetorx_base.ir_cron_rotate")

    def rotate(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            count = self.env(cr=cr)["praetorx.encryption"].rotate()
        self.env.invalidate_all()
        return count

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def counts(self):
        return dict(self.env["praetorx.encryption"].count_by_key())

    def test_everything_moves_to_the_newest_key(self):
        self.use(NEW, OLD)
        self.assertGreaterEqual(self.counts()[key_id(OLD)], 2201)
        self.assertGreaterEqual(self.rotate(), 2201)
        self.assertEqual(self.counts()[key_id(OLD)], 0)
        self.use(NEW)
        self.assertEqual(self.secrets[1099].token, "t1099")
        self.assertEqual(self.secrets[0].note, "n0")
        self.assertEqual(self.parameters.get_param(PARAMETER), "parameter")

    def test_rotating_again_changes_nothing(self):
        self.use(NEW, OLD)
        self.rotate()
        envelope = self.stored(self.secrets[0], "token")
        self.assertEqual(self.rotate(), 0)
        self.assertEqual(self.stored(self.secrets[0], "token"), envelope)

    def test_values_in_clear_text_are_encrypted(self):
        self.store(self.secrets[3], "token", "clear")
        self.assertEqual(self.counts()[None], 1)
        self.rotate()
        self.assertSealed(self.stored(self.secrets[3], "token"))
        self.assertEqual(self.secrets[3].token, "clear")

    def test_an_interrupted_rotation_goes_on_where_it_was(self):
        self.use(NEW, OLD)
        self.secrets[:700].fetch(["token"])
        for secret in self.secrets[:10]:
            secret.token = secret.token + "!"
        self.env.flush_all()
        done = self.stored(self.secrets[0], "token")
        self.assertSealed(done, NEW)
        self.rotate()
        self.assertEqual(self.stored(self.secrets[0], "token"), done)
        self.assertEqual(self.counts()[key_id(OLD)], 0)

    def test_values_without_their_key_are_kept_and_named(self):
        envelope = self.stored(self.secrets[0], "token")
        self.use(NEW)
        self.secrets[1].token = "readable"
        with self.assertLogs(LOGGER, logging.WARNING) as logged:
            self.rotate()
        self.assertIn(key_id(OLD), logged.output[0])
        self.assertEqual(self.stored(self.secrets[0], "token"), envelope)
        self.assertEqual(self.secrets[1].token, "readable")

    def test_the_scheduler_rotates_only_when_asked(self):
        self.use(NEW, OLD)
        self.run_cron()
        self.assertEqual(self.counts()[key_id(NEW)], 0)
        self.env["praetorx.encryption"].request_rotation()
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        )
        self.run_cron()
        self.assertEqual(self.counts()[key_id(OLD)], 0)
        self.use(OLD, NEW)
        self.run_cron()
        self.assertEqual(self.counts()[key_id(OLD)], 0)

    def test_a_damaged_value_does_not_keep_the_scheduler_busy(self):
        damaged = self.stored(self.secrets[0], "token")[:-4] + "AAAA"
        self.store(self.secrets[0], "token", damaged)
        self.use(NEW, OLD)
        self.env["praetorx.encryption"].request_rotation()
        with self.assertLogs(LOGGER, logging.WARNING):
            self.run_cron()
            self.run_cron()
        with self.assertNoLogs(LOGGER, logging.INFO):
            self.run_cron()
        self.assertEqual(self.stored(self.secrets[0], "token"), damaged)

    def test_users_cannot_ask_for_it(self):
        user = new_test_user(self.env, "praetorx_user", groups="base.group_user")
        Status = self.env["praetorx.encryption.status"].with_user(user)
        with self.assertRaises(AccessError):
            Status.action_rotate()
        with self.assertRaises(AccessError):
            Status.create({})
