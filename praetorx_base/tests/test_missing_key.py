from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.praetorx_base.exceptions import UnreadableSecret, UnusableKeys

from .common import NEW, OLD, EncryptionCase, key_id
from .models import PARAMETER


@tagged("post_install", "-at_install")
class TestMissingKey(EncryptionCase):
    """Only the values of a missing key fail; everything else keeps working."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.Secret.create({"name": "lost", "token": "t", "note": "n"})
        cls.parameters.set_param(PARAMETER, "parameter")
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.envelope = self.stored(self.secret, "token")
        self.use(NEW)

    def test_reading_it_names_the_key(self):
        with self.assertRaisesRegex(UnreadableSecret, key_id(OLD)) as caught:
            self.secret.token  # noqa: B018
        self.assertEqual(caught.exception.key_id, key_id(OLD))
        with self.assertRaises(UserError):
            self.secret.read(["token"])

    def test_other_fields_are_read_written_and_listed(self):
        self.assertEqual(self.secret.name, "lost")
        self.assertEqual(self.secret.read(["name"])[0]["name"], "lost")
        self.assertTrue(self.secret.has_token)
        self.secret.name = "renamed"
        self.assertEqual(self.secret.search([("name", "=", "renamed")]), self.secret)
        self.assertEqual(self.secret.search([("token", "!=", False)]), self.secret)
        self.assertEqual(self.stored(self.secret, "token"), self.envelope)

    def test_one_lost_value_does_not_hide_the_others(self):
        readable = self.Secret.create({"token": "fine"})
        self.env.flush_all()
        self.env.invalidate_all()
        both = self.Secret.browse((self.secret + readable).ids)
        self.assertEqual(both[1].token, "fine")
        with self.assertRaises(UnreadableSecret):
            both[0].token  # noqa: B018

    def test_it_is_readable_again_with_the_key(self):
        self.use(NEW, OLD)
        self.assertEqual(self.secret.token, "t")

    def test_it_can_be_replaced(self):
        self.secret.fetch(["token"])
        self.secret.token = "replaced"
        self.assertSealed(self.stored(self.secret, "token"), NEW)
        self.env.invalidate_all()
        self.assertEqual(self.secret.token, "replaced")

    def test_it_can_be_emptied(self):
        self.secret.token = False
        self.assertIsNone(self.stored(self.secret, "token"))

    def test_a_form_opens_and_saves(self):
        specification = {"name": {}, "token": {}}
        [shown] = self.secret.web_read(specification)
        self.assertIn(key_id(OLD), shown["token"])
        self.secret.web_save({"name": "saved", "token": shown["token"]}, specification)
        self.assertEqual(self.secret.name, "saved")
        self.assertEqual(self.stored(self.secret, "token"), self.envelope)
        changed = self.secret.onchange({"name": "typed"}, ["name"], specification)
        self.assertNotIn("token", changed["value"])
        self.secret.web_save({"token": "entered"}, specification)
        self.env.invalidate_all()
        self.assertEqual(self.secret.token, "entered")

    def test_a_note_that_comes_back_is_not_saved_by_any_way(self):
        [shown] = self.secret.web_read({"token": {}})
        self.secret.write({"token": shown["token"]})
        self.assertEqual(self.stored(self.secret, "token"), self.envelope)

    def test_nothing_is_saved_without_any_key(self):
        for keys in ("broken", ""):
            self.use(keys or " , ")
            with self.assertRaisesRegex(UnusableKeys, "nothing was saved"):
                self.secret.token = "new"
            with self.assertRaises(UnusableKeys):
                self.Secret.create({"token": "new"})
            self.Secret.create({"name": "without a secret"})
            self.secret.name = "without a secret"
            self.assertEqual(self.stored(self.secret, "token"), self.envelope)

    def test_a_damaged_value_names_its_key_and_breaks_nothing_else(self):
        self.use(OLD)
        for damaged in (self.envelope[:-4], self.envelope[:-4] + "AAAA", "px1:cut"):
            self.store(self.secret, "token", damaged)
            with self.assertRaises(UnreadableSecret):
                self.secret.token  # noqa: B018
            self.assertEqual(self.secret.note, "n")

    def test_the_message_shows_neither_ciphertext_nor_clear_text(self):
        with self.assertRaises(UnreadableSecret) as caught:
            self.secret.note  # noqa: B018
        self.assertNotIn(self.stored(self.secret, "note"), str(caught.exception))
        self.assertIsNone(caught.exception.__cause__)

    def test_a_parameter_names_the_key(self):
        with self.assertRaisesRegex(UnreadableSecret, key_id(OLD)):
            self.parameters.get_param(PARAMETER)
        self.assertTrue(self.parameters.get_param("database.uuid"))

    def test_settings_open_and_save_without_the_key(self):
        param = self.parameters.search([("key", "=", PARAMETER)])
        envelope = param.value
        Settings = self.env["res.config.settings"]
        specification = {"praetorx_test_secret": {}, "company_id": {}}
        shown = Settings.onchange({}, [], specification)["value"]
        self.assertIn(key_id(OLD), shown["praetorx_test_secret"])
        values = {"praetorx_test_secret": shown["praetorx_test_secret"]}
        [saved] = Settings.web_save(values, specification)
        Settings.browse(saved["id"]).execute()
        self.assertEqual(param.value, envelope)
        # the note is now in the table of the settings: it is no secret in clear text
        self.assertNotIn(None, self.env["praetorx.encryption"].count_by_key())
        [saved] = Settings.web_save({"praetorx_test_secret": "entered"}, specification)
        Settings.browse(saved["id"]).execute()
        self.assertEqual(self.parameters.get_param(PARAMETER), "entered")
