from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.praetorx_base.exceptions import EncryptedFieldMisuse
from odoo.addons.praetorx_base.sealing import MASK

from .common import EncryptionCase


@tagged("post_install", "-at_install")
class TestClients(EncryptionCase):
    """A secret can be set and used, but no client gets it back, whoever the user is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        admin = new_test_user(
            cls.env, "px_admin", groups="base.group_system,base.group_partner_manager"
        )
        cls.bank_sudo = cls.env["res.bank"].create({"name": "Bank", "bic": "SECRET"})
        cls.bank = cls.bank_sudo.with_user(admin)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def test_no_way_of_reading_gives_the_secret(self):
        bank, name = self.bank, "bic"
        specification = {name: {}}
        domain = [("id", "=", bank.id)]
        ways = {
            "attribute": lambda: bank[name],
            "read": lambda: bank.read([name])[0][name],
            "read by a superuser": lambda: self.bank_sudo.read([name])[0][name],
            "search_read": lambda: bank.search_read(domain, [name])[0][name],
            "web_read": lambda: bank.web_read(specification)[0][name],
            "web_search_read": lambda: bank.web_search_read(domain, specification)[
                "records"
            ][0][name],
            "web_save": lambda: bank.web_save({"name": "x"}, specification)[0][name],
        }
        for way, read in ways.items():
            for cached in (False, True):
                with self.subTest(way=way, cached=cached):
                    if not cached:
                        self.env.invalidate_all()
                    self.assertEqual(read(), MASK)
                    self.assertEqual(self.bank_sudo.bic, "SECRET")
        changes = bank.onchange({"name": "x"}, ["name"], {"name": {}, name: {}})
        self.assertNotIn("SECRET", repr(changes))
        self.assertNotIn("SECRET", repr(bank.copy_data()))
        with self.assertRaises(EncryptedFieldMisuse):
            bank.export_data([name])

    def test_a_new_value_is_not_read_back(self):
        [saved] = self.bank.web_save({"bic": "ENTERED"}, {"bic": {}})
        self.assertEqual(saved["bic"], MASK)
        self.assertEqual(self.bank_sudo.bic, "ENTERED")

    def test_code_of_a_user_may_assign(self):
        self.bank.bic = "ASSIGNED"
        self.assertEqual(self.bank.bic, MASK)
        self.assertEqual(self.bank_sudo.bic, "ASSIGNED")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.bank_sudo.bic, "ASSIGNED")

    def test_dots_that_come_back_change_nothing(self):
        envelope = self.stored(self.bank_sudo, "bic")
        self.bank.write({"bic": MASK})
        self.bank.web_save({"bic": MASK}, {"bic": {}})
        self.assertEqual(self.stored(self.bank_sudo, "bic"), envelope)
        self.assertEqual(self.bank_sudo.bic, "SECRET")

    def test_an_empty_secret_is_shown_as_empty(self):
        self.bank.bic = False
        self.assertFalse(self.bank.bic)
        self.assertFalse(self.bank.read(["bic"])[0]["bic"])

    def test_no_field_of_an_administrator_shows_it(self):
        with self.assertRaises(ValidationError):
            self.env["ir.model.fields"].create(
                {
                    "name": "x_secret",
                    "model_id": self.env["ir.model"]._get_id("res.partner.bank"),
                    "ttype": "char",
                    "related": "bank_id.bic",
                    "readonly": True,
                    "store": False,
                }
            )

    def test_the_status_of_the_keys_is_for_administrators(self):
        for groups in ("base.group_portal", "base.group_public", "base.group_user"):
            user = new_test_user(self.env, f"px_{groups}", groups=groups)
            status = self.env["praetorx.encryption.status"].with_user(user)
            with self.subTest(groups=groups):
                with self.assertRaises(AccessError):
                    status.default_get(["line_ids"])
                with self.assertRaises(AccessError):
                    status.onchange({}, [], {"line_ids": {}, "key_source": {}})
