from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ..const import CALLBACK_ROUTE, CONSENT_STATE
from .connect_common import TENANT, TOKEN_PATH, ConnectCommon
from .microsoft import refused, tokens

ALL_OPEN = {
    "action_open_ms365_guide": False,
    "action_open_ms365_settings": False,
    "action_open_ms365_invitation": False,
}


class OnboardingCommon(ConnectCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "ms365_admin",
            groups="base.group_user,base.group_system",
            email="admin@example.com",
        )
        cls.env["praetorx.ms365.account"].search([]).unlink()

    def panel(self, user=None):
        """Return ``{action of a step: whether it is done}``; False without a panel."""
        panels = self.env["onboarding.onboarding"].with_user(user or self.admin)
        panel = panels.get_ms365_panel()
        return panel and {step["method"]: bool(step["done"]) for step in panel["steps"]}

    def set_app(self, client_id, secret):
        set_param = self.env["ir.config_parameter"].set_param
        set_param("microsoft_calendar_client_id", client_id)
        set_param("microsoft_calendar_client_secret", secret)


@tagged("post_install", "-at_install")
class TestOnboarding(OnboardingCommon, TransactionCase):
    """Three steps lead administrators from the installation to connected people."""

    def settings(self, **vals):
        return self.env["res.config.settings"].with_user(self.admin).create(vals)

    def test_steps_are_done_by_facts_and_open_again_without_them(self):
        self.set_app(False, False)
        self.assertEqual(self.panel(), ALL_OPEN)
        self.set_app("the-client", "the-secret")
        self.assertEqual(self.panel(), {**ALL_OPEN, "action_open_ms365_guide": True})
        self.set_app(False, False)
        self.assertEqual(self.panel(), ALL_OPEN)

    def test_accepted_test_counts_for_what_was_tested(self):
        settings = self.settings(cal_microsoft_client_secret="new-secret")
        self.microsoft.respond("POST", TOKEN_PATH, tokens(None))
        settings.action_ms365_test()
        self.assertFalse(self.panel()["action_open_ms365_settings"])
        settings.execute()
        self.assertTrue(self.panel()["action_open_ms365_settings"])
        self.set_app("the-client", "another-secret")
        self.assertFalse(self.panel()["action_open_ms365_settings"])

    def test_refused_test_does_not_count(self):
        self.microsoft.respond(
            "POST", TOKEN_PATH, refused("invalid_client", 7000215, 401)
        )
        settings = self.settings(cal_microsoft_client_secret="the-secret")
        self.assertEqual(settings.action_ms365_test()["params"]["type"], "danger")
        self.assertFalse(self.panel()["action_open_ms365_settings"])

    def test_nothing_is_left_to_do_once_somebody_is_connected(self):
        self.assertTrue(self.panel())
        self.connect(self.alice)
        self.assertFalse(self.panel())

    def test_ordinary_users_see_no_panel(self):
        self.assertFalse(self.panel(self.alice))

    def test_each_company_closes_its_own_panel(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.admin.company_ids = [fields.Command.link(other.id)]
        panels = self.env["onboarding.onboarding"].with_user(self.admin)
        panels.action_close_panel_ms365()
        self.assertFalse(panels.get_ms365_panel())
        there = panels.with_context(allowed_company_ids=other.ids)
        self.assertTrue(there.get_ms365_panel())

    def test_each_step_opens_a_screen(self):
        steps = self.env["onboarding.onboarding.step"].with_user(self.admin)
        models = [getattr(steps, name)()["res_model"] for name in ALL_OPEN]
        self.assertEqual(
            models,
            [
                "praetorx.ms365.app.guide",
                "res.config.settings",
                "praetorx.ms365.invitation",
            ],
        )

    def test_guide_has_the_values_to_copy(self):
        guide = self.env["praetorx.ms365.app.guide"].with_user(self.admin).create({})
        self.assertTrue(guide.redirect_uri.endswith(CALLBACK_ROUTE))
        self.assertEqual(
            guide.notification_url,
            "https://odoo.example.com/praetorx_ms365/notification",
        )
        self.assertIn("Calendars.ReadWrite.Shared", guide.permissions)
        self.assertIn(f"/{TENANT}/v2.0/adminconsent?", guide.consent_url)
        self.assertIn("client_id=the-client", guide.consent_url)
        self.set_app(False, False)
        guide.invalidate_recordset()
        self.assertFalse(guide.consent_url)

    # --- invitations ----------------------------------------------------------------

    def invitation(self, users=None):
        Invitation = self.env["praetorx.ms365.invitation"].with_user(self.admin)
        if users is None:
            Invitation = Invitation.with_context(**Invitation.action_open()["context"])
            return Invitation.create({})
        return Invitation.create({"user_ids": users.ids})

    def test_only_who_may_invite_learns_who_is_not_connected(self):
        Invitation = self.env["praetorx.ms365.invitation"].with_user(self.bob)
        with self.assertRaises(AccessError):
            Invitation.action_open()

    def test_all_who_are_not_connected_are_proposed(self):
        self.connect(self.bob)
        proposed = self.invitation().user_ids
        self.assertIn(self.alice, proposed)
        self.assertNotIn(self.bob, proposed)

    def test_invitation_is_a_mail_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("praetorx_ms365_calendar.mail_template_invitation")
        template.with_context(lang="de_DE").subject = "Verbinden"
        self.bob.lang = "de_DE"
        before = self.env["mail.mail"].search([])
        self.invitation(self.alice | self.bob).action_invite()
        mails = self.env["mail.mail"].search([]) - before
        subjects = {mail.recipient_ids: mail.subject for mail in mails}
        self.assertEqual(
            subjects,
            {
                self.alice.partner_id: "Connect your Outlook calendar with Odoo",
                self.bob.partner_id: "Verbinden",
            },
        )
        for mail in mails:
            [link] = html.fromstring(mail.body_html).xpath(
                "//a[contains(@href, 'connect-outlook')]/@href"
            )
            self.assertTrue(link.startswith("http"))

    def test_only_users_of_the_company_with_an_address_are_invited(self):
        self.alice.email = False
        for users in (self.alice, self.env["res.users"]):
            with self.assertRaises(UserError):
                self.invitation(users).action_invite()

    def test_invitations_are_sent_by_administrators_only(self):
        with self.assertRaises(AccessError):
            self.env["praetorx.ms365.invitation"].with_user(self.alice).create({})

    def test_invitations_go_to_users_of_the_own_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        company = self.admin.company_id
        self.admin.write(
            {"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]}
        )
        vals = {"company_id": company.id, "user_ids": self.alice.ids}
        with self.assertRaises(UserError):
            Invitation = self.env["praetorx.ms365.invitation"].with_user(self.admin)
            Invitation.create(vals).action_invite()

    def test_invited_user_gets_the_dialog_or_the_connection(self):
        own = self.alice.with_user(self.alice)
        action = own.action_ms365_accept_invitation()
        self.assertEqual(action["res_model"], "praetorx.ms365.connect")
        self.connect(self.alice)
        action = own.action_ms365_accept_invitation()
        self.assertEqual(action["res_model"], "praetorx.ms365.account")


@tagged("post_install", "-at_install")
class TestConsentPage(OnboardingCommon, HttpCase):
    """Microsoft leads an administrator back, who need not be a user of Odoo."""

    def page(self, query):
        return self.url_open(f"{CALLBACK_ROUTE}?state={CONSENT_STATE}&{query}").text

    def test_page_says_if_the_consent_was_granted(self):
        self.assertIn("Consent granted", self.page("admin_consent=True&tenant=x"))
        for query in ("error=access_denied&admin_consent=True", "admin_consent=False"):
            with self.subTest(query=query):
                self.assertIn("No consent was granted", self.page(query))
