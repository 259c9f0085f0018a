"""Show administrators the three steps of the set-up, until facts say that all are done.

Odoo's module ``onboarding`` keeps the steps, and which company has closed the panel. It
has no panel of its own any more: ours is ``static/src/onboarding/``.
"""

from typing import Any

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.praetorx_base.exceptions import UnreadableSecret

from ...const import ONBOARDING, ONBOARDING_STEP, SETTINGS_ACTION


class OnboardingOnboarding(models.Model):
    _inherit = "onboarding.onboarding"

    @api.model
    def get_ms365_panel(self) -> dict[str, Any] | bool:
        """Return the panel of the current company.

        :return: False for ordinary users, after it was closed, and when all is done
        """
        panel = self.env.ref(ONBOARDING, raise_if_not_found=False)
        if not panel or not self.env.user.has_group("base.group_system"):
            return False
        progress = panel._search_or_create_progress()
        panel.step_ids._ms365_look_at_facts()
        if progress.is_onboarding_closed or progress.onboarding_state == "done":
            return False
        return {
            "title": panel.name,
            "steps": [step._ms365_describe() for step in panel.step_ids],
        }

    @api.model
    def action_close_panel_ms365(self) -> None:
        """Close the panel of the current company."""
        self.env.ref(ONBOARDING)._search_or_create_progress().action_close()


class OnboardingStep(models.Model):
    _inherit = "onboarding.onboarding.step"

    def _ms365_look_at_facts(self):
        """Bring the state of our steps up to date; a step can be open again."""
        facts = self.env.company._ms365_set_up_facts()
        for name, is_done in facts.items():
            step = self.env.ref(ONBOARDING_STEP % name, raise_if_not_found=False)
            if not step or step not in self:
                continue
            if is_done:
                step.action_set_just_done()
            elif step.current_progress_step_id:
                step.current_progress_step_id.step_state = "not_done"

    def _ms365_describe(self):
        self.ensure_one()
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "button": self.button_text,
            "done": self.done_text if self.current_step_state != "not_done" else False,
            "method": self.panel_step_open_action_name,
        }

    @api.model
    def action_open_ms365_guide(self) -> dict[str, Any]:
        """Open the guide for the registration of the Azure app."""
        return self.env["praetorx.ms365.app.guide"]._open()

    @api.model
    def action_open_ms365_settings(self) -> dict[str, Any]:
        """Open the settings, where the Azure app is entered and tested."""
        return self.env["ir.actions.act_window"]._for_xml_id(SETTINGS_ACTION)

    @api.model
    def action_open_ms365_invitation(self) -> dict[str, Any]:
        """Open the dialog that invites users to connect their calendars."""
        return self.env["praetorx.ms365.invitation"].action_open()


class ResCompany(models.Model):
    _inherit = "res.company"

    def _ms365_set_up_facts(self):
        """Return ``{step of the set-up: whether it is done}``."""
        self.ensure_one()
        Account_sudo = self.env["praetorx.ms365.account"].sudo()
        connected = Account_sudo.search_count(
            Domain("company_id", "child_of", self.id)
            & Domain("mailbox_id", "!=", False)
            & Domain("enabled", "=", True),
            limit=1,
        )
        try:
            app = Account_sudo._registration_of(self)
            is_entered = bool(app.client_id and app.client_secret)
            is_accepted = is_entered and self._ms365_is_accepted(app)
        except UnreadableSecret:
            is_entered, is_accepted = True, False
        return {
            "register": is_entered,
            "test": is_accepted or (is_entered and bool(connected)),
            "invite": bool(connected),
        }

    def _ms365_is_accepted(self, registration):
        """Return True if Microsoft has accepted this Azure app in a test."""
        fingerprint = self._ms365_fingerprint(registration)
        tested = Domain("ms365_accepted_app", "=", fingerprint)
        return bool(self.sudo().search_count(tested, limit=1))
