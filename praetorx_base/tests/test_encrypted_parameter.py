from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.praetorx_base.exceptions import UnreadableSecret, UnusableKeys
from odoo.addons.praetorx_base.sealing import MASK

from .common import NEW, OLD, EncryptionCase
from .models import OTHER_PARAMETER, PARAMETER

PLAIN = "praetorx_base.test.plain"


@tagged("post_install", "-at_install")
class TestEncryptedParameter(EncryptionCase):
    def stored_parameter(self, key):
        self.env.flush_all()
        query = SQL("SELECT value FROM ir_config_parameter WHERE key = %s", key)
        rows = self.env.execute_query(query)
        return rows[0][0] if rows else None

    def test_code_sees_clear_text_and_the_database_an_envelope(self):
        self.parameters.set_param(PARAMETER, "secret")
        self.assertEqual(self.parameters.get_param(PARAMETER), "secret")
        self.assertSealed(self.stored_parameter(PARAMETER))

    def test_other_parameters_are_left_alone(self):
        self.parameters.set_param(PLAIN, "text")
        self.assertEqual(self.stored_parameter(PLAIN), "text")
        self.assertEqual(self.parameters.get_param(PLAIN), "text")

    def test_set_param_returns_the_previous_clear_text(self):
        self.assertFalse(self.parameters.set_param(PARAMETER, "one"))
        self.assertEqual(self.parameters.set_param(PARAMETER, "two"), "one")
        self.assertEqual(self.parameters.set_param(PARAMETER, False), "two")
        self.assertFalse(self.parameters.get_param(PARAMETER))
        self.assertIsNone(self.stored_parameter(PARAMETER))

    def test_setting_the_same_value_changes_nothing(self):
        self.parameters.set_param(PARAMETER, "secret")
        envelope = self.stored_parameter(PARAMETER)
        self.parameters.set_param(PARAMETER, "secret")
        self.assertEqual(self.stored_parameter(PARAMETER), envelope)

    def test_the_list_of_parameters_shows_and_exports_the_envelope(self):
        self.parameters.set_param(PARAMETER, "secret")
        param = self.parameters.search([("key", "=", PARAMETER)])
        [read] = param.web_read({"value": {}})
        self.assertSealed(read["value"])
        self.assertSealed(param.export_data(["value"])["datas"][0][0])

    def test_a_value_that_is_entered_in_the_list_is_encrypted(self):
        param = self.parameters.create({"key": PARAMETER, "value": "created"})
        self.assertSealed(self.stored_parameter(PARAMETER))
        self.assertEqual(self.parameters.get_param(PARAMETER), "created")
        param.write({"value": "edited"})
        self.assertSealed(self.stored_parameter(PARAMETER))
        self.assertEqual(self.parameters.get_param(PARAMETER), "edited")

    def test_renaming_keeps_the_value(self):
        param = self.parameters.create({"key": PARAMETER, "value": "secret"})
        param.key = OTHER_PARAMETER
        self.assertSealed(self.stored_parameter(OTHER_PARAMETER))
        self.assertEqual(self.parameters.get_param(OTHER_PARAMETER), "secret")
        param.key = PLAIN
        self.assertEqual(self.stored_parameter(PLAIN), "secret")
        param.key = PARAMETER
        self.assertSealed(self.stored_parameter(PARAMETER))

    def test_writing_several_at_once_encrypts_each_for_itself(self):
        params = self.parameters.create(
            [{"key": key, "value": "x"} for key in (PARAMETER, OTHER_PARAMETER, PLAIN)]
        )
        params.write({"value": "same"})
        self.assertEqual(
            [self.parameters.get_param(key) for key in params.mapped("key")],
            ["same"] * 3,
        )
        self.assertEqual(self.stored_parameter(PLAIN), "same")

    def test_an_envelope_of_another_parameter_does_not_open(self):
        self.parameters.set_param(PARAMETER, "secret")
        self.parameters.set_param(OTHER_PARAMETER, "other")
        param = self.parameters.search([("key", "=", OTHER_PARAMETER)])
        self.store(param, "value", self.stored_parameter(PARAMETER))
        self.env.registry.clear_cache("stable")
        with self.assertRaises(UnreadableSecret):
            self.parameters.get_param(OTHER_PARAMETER)

    def test_the_cache_follows_the_keys(self):
        self.parameters.set_param(PARAMETER, "secret")
        self.assertEqual(self.parameters.get_param(PARAMETER), "secret")
        self.use(NEW)
        with self.assertRaises(UnreadableSecret):
            self.parameters.get_param(PARAMETER)
        self.use(NEW, OLD)
        self.assertEqual(self.parameters.get_param(PARAMETER), "secret")

    def test_nothing_is_saved_without_any_key(self):
        self.use("broken")
        with self.assertRaises(UnusableKeys):
            self.parameters.set_param(PARAMETER, "secret")
        self.parameters.set_param(PLAIN, "text")

    def test_the_settings_form_works_and_leaves_no_clear_text(self):
        Settings = self.env["res.config.settings"]
        settings = Settings.create({"praetorx_test_secret": " entered "})
        settings.execute()
        self.assertEqual(self.parameters.get_param(PARAMETER), "entered")
        self.assertSealed(self.stored(settings, "praetorx_test_secret"))
        self.assertEqual(Settings.create({}).praetorx_test_secret, MASK)
        Settings.create({}).execute()
        self.assertEqual(self.parameters.get_param(PARAMETER), "entered")
        Settings.create({"praetorx_test_secret": False}).execute()
        self.assertIsNone(self.stored_parameter(PARAMETER))

    def test_clients_get_dots_and_can_set(self):
        admin = new_test_user(self.env, "px_admin", groups="base.group_system")
        parameters = self.env["ir.config_parameter"].with_user(admin)
        self.assertFalse(parameters.set_param(PARAMETER, "secret"))
        self.assertEqual(parameters.get_param(PARAMETER), MASK)
        self.assertEqual(parameters.set_param(PARAMETER, "newer"), MASK)
        parameters.set_param(PARAMETER, MASK)
        self.assertEqual(self.parameters.get_param(PARAMETER), "newer")
        Settings = self.env["res.config.settings"].with_user(admin)
        shown = Settings.default_get(["praetorx_test_secret"])
        self.assertEqual(shown["praetorx_test_secret"], MASK)
        specification = {"praetorx_test_secret": {}}
        [saved] = Settings.web_save({"praetorx_test_secret": "form"}, specification)
        self.assertEqual(saved["praetorx_test_secret"], MASK)
        Settings.browse(saved["id"]).execute()
        self.assertEqual(self.parameters.get_param(PARAMETER), "form")

    def test_text_that_looks_like_an_envelope_is_text(self):
        for key in (PARAMETER, PLAIN):
            for text in ("px1:", "px1:0123456789ab:AAAA"):
                self.parameters.set_param(key, text)
                self.assertEqual(self.parameters.get_param(key), text)
        self.assertSealed(self.stored_parameter(PARAMETER))

    def test_the_list_may_send_the_envelope_back(self):
        self.parameters.set_param(PARAMETER, "secret")
        param = self.parameters.search([("key", "=", PARAMETER)])
        param.write({"value": param.value})
        self.assertEqual(self.parameters.get_param(PARAMETER), "secret")
