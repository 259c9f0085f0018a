"""Test the one way in: the button above the calendar, and its dialog."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .connect_common import ConnectCommon


@tagged("post_install", "-at_install")
class TestConnect(ConnectCommon, TransactionCase):
    def setUp(self):
        super().setUp()
        self.own = self.alice.with_user(self.alice)

    def status(self):
        return self.own.check_synchronization_status().get("praetorx_ms365")

    def use_stock(self, user):
        user.sudo().write(
            {
                "microsoft_calendar_rtoken": "refresh",
                "microsoft_synchronization_stopped": False,
            }
        )

    def test_whoever_syncs_with_nobody_is_offered_our_dialog(self):
        self.assertEqual(self.status(), {"level": "offer", "stock_allowed": False})

    def test_company_can_allow_the_standard_connector_beside_it(self):
        self.alice.company_id.ms365_allow_stock = True
        self.assertEqual(self.status(), {"level": "offer", "stock_allowed": True})

    def test_user_of_the_standard_connector_keeps_its_button(self):
        self.use_stock(self.alice)
        self.assertIsNone(self.status())
        self.assertTrue(self.alice._ms365_may_use_stock())

    def test_connected_user_sees_the_status(self):
        self.connect(self.alice)
        account = self.alice.ms365_account_ids
        self.assertEqual(
            self.status(),
            {
                "level": account.health,
                "count": account.to_do_count,
                "words": account.status,
            },
        )

    def test_companies_with_a_user_of_the_standard_connector_keep_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.use_stock(self.alice)
        self.env["res.users"]._ms365_keep_stock()
        self.assertTrue(self.alice.company_id.ms365_allow_stock)
        self.assertFalse(other.ms365_allow_stock)

    def test_dialog_says_if_nobody_has_set_up_the_app(self):
        self.env["ir.config_parameter"].set_param("microsoft_calendar_client_id", False)
        wizard = self.env["praetorx.ms365.connect"].with_user(self.alice).create({})
        self.assertFalse(wizard.is_set_up)
        self.assertFalse(wizard.is_administrator)

    def test_looking_at_the_dialog_makes_no_account(self):
        Connect = self.env["praetorx.ms365.connect"].with_user(self.alice)
        self.assertTrue(Connect.create({}).is_set_up)
        self.assertFalse(self.alice.sudo().ms365_account_ids)

    def test_nobody_connects_a_colleague(self):
        with self.assertRaises(AccessError):
            self.bob.with_user(self.alice).action_ms365_connect()
        with self.assertRaises(AccessError):
            self.bob.with_user(self.alice).action_ms365_open_connection()

    def test_dialog_opens_the_guide_to_the_app(self):
        wizard = self.env["praetorx.ms365.connect"].create({})
        action = wizard.action_set_up()
        self.assertEqual(action["res_model"], "praetorx.ms365.app.guide")
