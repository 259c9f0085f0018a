from odoo.tests import Form, tagged

from .common import NEW, OLD, EncryptionCase, key_id


@tagged("post_install", "-at_install")
class TestStatus(EncryptionCase):
    def lines(self, status):
        return {line.key_id: (line.state, line.value_count) for line in status.line_ids}

    def test_an_administrator_sees_key_ids_and_counts(self):
        secrets = self.Secret.create([{"token": "a"}, {"token": "b"}, {"token": "c"}])
        self.env.flush_all()
        self.use(NEW)
        secrets[0].token = "new"
        self.store(secrets[1], "token", "clear")
        status = self.env["praetorx.encryption.status"].create({})
        lines = self.lines(status)
        self.assertEqual(lines[key_id(NEW)], ("newest", 1))
        self.assertEqual(lines[key_id(OLD)], ("missing", 1))
        self.assertEqual(lines[False], ("clear", 1))
        self.assertEqual(status.key_source, "PRAETORX_ENCRYPTION_KEYS")
        self.assertGreaterEqual(status.missing_count, 1)
        self.assertGreaterEqual(status.outdated_count, 1)
        self.use(NEW, OLD)
        lines = self.lines(self.env["praetorx.encryption.status"].create({}))
        self.assertEqual(lines[key_id(OLD)], ("older", 1))

    def test_an_unused_key_is_shown_too(self):
        self.use(NEW, OLD)
        status = self.env["praetorx.encryption.status"].create({})
        self.assertEqual(self.lines(status)[key_id(NEW)], ("newest", 0))

    def test_the_form_opens_and_asks_for_a_rotation(self):
        self.Secret.create({"token": "old"})
        self.env.flush_all()
        self.use(NEW, OLD)
        status = Form(self.env["praetorx.encryption.status"]).save()
        self.assertGreaterEqual(status.outdated_count, 1)
        status.action_rotate()
        with self.enter_registry_test_mode():
            self.env.ref("praetorx_base.ir_cron_rotate").method_direct_trigger()
        self.env.invalidate_all()
        status = Form(self.env["praetorx.encryption.status"]).save()
        self.assertEqual(status.outdated_count, 0)

    def test_the_message_on_unusable_keys_does_not_contain_them(self):
        self.use("not-a-key")
        status = self.env["praetorx.encryption.status"].create({})
        self.assertIn("key 1 of 1", status.problem)
        self.assertNotIn("not-a-key", status.problem)
        self.assertFalse(status.line_ids)
