import logging

from odoo.tests import tagged

from odoo.addons.praetorx_base import hooks
from odoo.addons.praetorx_base.crypto.keyring import Keyring
from odoo.addons.praetorx_base.exceptions import UnreadableSecret

from .common import NEW, OLD, EncryptionCase, key_id
from .models import OTHER_PARAMETER, PARAMETER

LOGGER = "odoo.addons.praetorx_base.places"


@tagged("post_install", "-at_install")
class TestHooks(EncryptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.banks = cls.env["res.bank"].create(
            [{"name": str(number)} for number in range(1100)]
        )
        cls.env.flush_all()
        # as they were before the field was encrypted
        cls.env.cr.execute(
            "UPDATE res_bank SET bic = 'BIC' || name WHERE id = ANY(%s)",
            [cls.banks.ids[1:]],
        )
        cls.env.invalidate_all()

    def test_existing_values_are_encrypted_and_restored(self):
        before = self.banks.mapped("bic")
        write_date = self.banks[5].write_date
        self.assertGreaterEqual(
            hooks.encrypt_existing(self.env, "res.bank", "bic"), 1099
        )
        self.assertSealed(self.stored(self.banks[1], "bic"))
        self.assertSealed(self.stored(self.banks[-1], "bic"))
        self.assertIsNone(self.stored(self.banks[0], "bic"))
        self.assertEqual(self.banks.mapped("bic"), before)
        self.assertEqual(hooks.encrypt_existing(self.env, "res.bank", "bic"), 0)
        self.assertGreaterEqual(
            hooks.decrypt_existing(self.env, "res.bank", "bic"), 1099
        )
        self.assertEqual(self.stored(self.banks[7], "bic"), "BIC7")
        self.assertEqual(self.banks[5].write_date, write_date)
        self.assertEqual(hooks.decrypt_existing(self.env, "res.bank", "bic"), 0)

    def test_values_that_cannot_be_decrypted_stay_and_are_logged(self):
        hooks.encrypt_existing(self.env, "res.bank", "bic")
        self.use(NEW)
        self.banks[2].bic = "READABLE"
        envelope = self.stored(self.banks[1], "bic")
        with self.assertLogs(LOGGER, logging.WARNING) as logged:
            self.assertEqual(hooks.decrypt_existing(self.env, "res.bank", "bic"), 1)
        self.assertEqual(len(logged.output), 1)
        self.assertIn("1098 encrypted values of res.bank.bic", logged.output[0])
        self.assertIn(key_id(OLD), logged.output[0])
        self.assertEqual(self.stored(self.banks[1], "bic"), envelope)
        self.assertEqual(self.stored(self.banks[2], "bic"), "READABLE")

    def test_envelopes_of_older_versions_open_once_they_are_tied(self):
        first, second = self.banks[1:3]
        envelope = Keyring.parse(OLD).encrypt("BIC1", "res.bank.bic")
        self.store(first, "bic", envelope)
        with self.assertRaises(UnreadableSecret):
            first.bic  # noqa: B018
        self.assertEqual(hooks.tie_existing_to_rows(self.env), 1)
        self.assertEqual(hooks.tie_existing_to_rows(self.env), 0)
        self.assertNotEqual(self.stored(first, "bic"), envelope)
        self.assertEqual(first.bic, "BIC1")
        self.store(second, "bic", self.stored(first, "bic"))
        with self.assertRaises(UnreadableSecret):
            second.bic  # noqa: B018

    def test_an_envelope_that_is_not_tied_is_refused_everywhere(self):
        """An envelope of an old dump cannot be moved to another row."""
        bank = self.banks[1]
        planted = Keyring.parse(OLD).encrypt("PLANTED", "res.bank.bic")
        hooks.encrypt_existing(self.env, "res.bank", "bic")
        self.store(bank, "bic", planted)
        specification = {"bic": {}}
        with self.assertRaises(UnreadableSecret):
            bank.read(["bic"])
        [shown] = bank.web_read(specification)
        self.assertIn("copied from elsewhere", shown["bic"])
        for ways in (self.rotate_all, self.decrypt_all):
            with self.subTest(way=ways.__name__):
                with self.assertLogs(level=logging.WARNING) as logged:
                    ways()
                self.assertIn("1 encrypted values of res.bank.bic", logged.output[0])
                self.assertEqual(self.stored(bank, "bic"), planted)
        with self.assertRaises(UnreadableSecret):
            bank.bic  # noqa: B018
        bank.bic = planted  # written by the ORM, it is a text like any other
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(bank.bic, planted.upper())

    def rotate_all(self):
        """Encrypt all readable values with a newer key."""
        self.use(NEW, OLD)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["praetorx.encryption"].rotate()
        self.env.invalidate_all()

    def decrypt_all(self):
        hooks.decrypt_existing(self.env, "res.bank", "bic")

    def test_only_encrypted_columns_are_taken(self):
        with self.assertRaises(TypeError):
            hooks.encrypt_existing(self.env, "res.bank", "name")
        with self.assertRaises(TypeError):
            hooks.encrypt_existing(self.env, "praetorx.test.holder", "token")

    def make_parameters(self):
        for key in (PARAMETER, OTHER_PARAMETER):
            self.parameters.create({"key": key, "value": "x"})
            param = self.parameters.search([("key", "=", key)])
            self.store(param, "value", f"clear {key}")
        self.env.registry.clear_cache("stable")
        return self.parameters.search([("key", "in", (PARAMETER, OTHER_PARAMETER))])

    def test_existing_parameters_are_encrypted_and_restored(self):
        params = self.make_parameters()
        self.assertEqual(self.parameters.get_param(PARAMETER), f"clear {PARAMETER}")
        self.assertEqual(
            hooks.encrypt_parameters(self.env, PARAMETER, OTHER_PARAMETER, "no.such"), 2
        )
        for param in params:
            self.assertSealed(self.stored(param, "value"))
            self.assertEqual(self.parameters.get_param(param.key), f"clear {param.key}")
        self.assertEqual(hooks.decrypt_parameters(self.env, PARAMETER), 1)
        stored = {param.key: self.stored(param, "value") for param in params}
        self.assertEqual(stored[PARAMETER], f"clear {PARAMETER}")
        self.assertSealed(stored[OTHER_PARAMETER])

    def test_installing_encrypts_and_uninstalling_restores_all_parameters(self):
        params = self.make_parameters()
        hooks.post_init_hook(self.env)
        for param in params:
            self.assertSealed(self.stored(param, "value"))
        hooks.uninstall_hook(self.env)
        for param in params:
            self.assertEqual(self.stored(param, "value"), f"clear {param.key}")
