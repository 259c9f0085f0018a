"""Show a stored reason as a sentence with its next step."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...const import SETTINGS_ACTION
from ...engine.reasons import REMEDIES
from ...wording import Explained, explain, sentence_of

BUTTONS = [
    ("sign_in", "Sign in"),
    ("try_again", "Try again"),
    ("settings", "Open the settings"),
    ("event", "Open the event"),
    ("outlook", "Open in Outlook"),
    ("calendars", "Choose the calendars"),
    ("connection", "My Connection"),
    ("approval", "Open the change"),
    ("holds", "Held Deletions"),
]


class PraetorxMs365Reasoned(models.AbstractModel):
    """Records with a reason, which is chosen in words when a person looks.

    The column has the key of the reason and its facts: ``engine/reasons.py``.
    """

    _name = "praetorx.ms365.reasoned"
    _description = "Microsoft 365 Reason"

    reason = fields.Char("Stored Reason", readonly=True)
    reason_text = fields.Char(
        "Reason", compute="_compute_reason", search="_search_reason_text"
    )
    reason_remedy = fields.Char("Remedy", compute="_compute_reason")
    reason_words = fields.Char("Reason and Next Step", compute="_compute_reason")
    reason_details = fields.Text("Details", compute="_compute_reason")
    reason_button = fields.Selection(
        BUTTONS, "Remedy Button", compute="_compute_reason"
    )

    @api.depends("reason")
    @api.depends_context("uid", "lang", "tz")
    def _compute_reason(self):
        for record in self:
            shown = record._explained()
            record.reason_text = shown and shown.sentence
            record.reason_remedy = shown and shown.remedy
            record.reason_words = shown and shown.words
            record.reason_details = shown and shown.details
            record.reason_button = shown and shown.button

    def _explained(self) -> Explained | None:
        """Explain the reason to the present user, None if there is no reason."""
        self.ensure_one()
        if not self.reason:
            return None
        return explain(
            self.env,
            self.reason,
            self.sudo()._reason_owner(),
            is_retried=self._is_retried(),
            request_id="request_id" in self._fields and self.request_id,
        )

    def _reason_owner(self):
        """Return the user whose mailbox the reason is about."""
        return self.account_id.user_id

    def _is_retried(self):
        """Return True if Odoo tries again without a person."""
        return False

    def _search_reason_text(self, operator, value):
        """Search reasons whose sentence contains a text, in the user's language."""
        if operator not in ("ilike", "like", "=ilike", "=like", "="):
            return NotImplemented
        wanted = str(value or "").lower().strip("%")
        found = Domain("reason", "ilike", wanted)
        for key in REMEDIES:
            if wanted in sentence_of(self.env, key).lower():
                found |= Domain("reason", "=", key) | Domain(
                    "reason", "=like", f"{key} %"
                )
        return found & Domain("reason", "!=", False)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_remedy(self) -> dict[str, Any] | None:
        """Do or open the next step of the reason.

        :raise UserError: there is none for the present user
        """
        self.ensure_one()
        self.check_access("read")
        if not self.reason_button:
            raise UserError(self.env._("There is nothing to do."))
        step: dict[str, Any] | None = getattr(self, f"_remedy_{self.reason_button}")()
        return step

    def _remedy_sign_in(self):
        return self.env.user.action_ms365_sign_in()

    def _remedy_try_again(self):
        raise UserError(self.env._("There is nothing to do."))

    def _remedy_settings(self):
        return self.env["ir.actions.act_window"]._for_xml_id(SETTINGS_ACTION)

    def _remedy_event(self):
        return _form_of(self._reason_event())

    def _remedy_outlook(self):
        return self._remedy_event()

    def _remedy_calendars(self):
        return self._remedy_connection()

    def _remedy_connection(self):
        return self.env["praetorx.ms365.account"].action_open_mine()

    def _remedy_approval(self):
        return self.env["ir.actions.actions"]._for_xml_id(
            "praetorx_ms365_calendar.praetorx_ms365_approval_action_mine"
        )

    def _remedy_holds(self):
        return self.sudo().account_id.sudo(False).action_open_holds()

    def _reason_event(self):
        """Return the event to open, the first one of a series."""
        return self.event_id


def _form_of(event):
    return {
        "type": "ir.actions.act_window",
        "res_model": "calendar.event",
        "res_id": event.id,
        "view_mode": "form",
        "views": [(False, "form")],
    }
