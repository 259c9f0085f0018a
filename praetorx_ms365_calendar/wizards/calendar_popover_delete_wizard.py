from typing import Any

from odoo import api, fields, models

#: Choice of the dialog -> value of ``recurrence_update``.
_REACH = {"one": "self_only", "next": "future_events", "all": "all_events"}


class CalendarPopoverDeleteWizard(models.TransientModel):
    """Extend the stock dialog: say whom Outlook mails about a deletion."""

    _inherit = "calendar.popover.delete.wizard"

    ms365_mail_preview = fields.Html(
        "Mails by Outlook", compute="_compute_ms365_mail_preview", sanitize=False
    )
    ms365_mail_preview_count = fields.Integer(compute="_compute_ms365_mail_preview")
    ms365_asks_reach = fields.Boolean(compute="_compute_ms365_mail_preview")

    @api.depends("calendar_event_id", "delete")
    @api.depends_context("uid", "lang")
    def _compute_ms365_mail_preview(self):
        for wizard in self:
            event = wizard.calendar_event_id.sudo()
            mails = bool(event) and event._ms365_foresee_mails_of_deletion(
                wizard._ms365_reach()
            )
            wizard.ms365_mail_preview = mails and event._ms365_describe_mails(mails)
            wizard.ms365_mail_preview_count = mails.count if mails else 0
            is_asked = not self.env.context.get("default_recurrence")
            wizard.ms365_asks_reach = is_asked and bool(event.recurrence_id)

    def _ms365_reach(self):
        """Return the events of a series that are deleted."""
        asked_before = self.env.context.get("default_recurrence")
        choice = asked_before or self.delete
        return _REACH.get(choice, choice) or "self_only"

    def action_ms365_delete(self) -> dict[str, Any]:
        """Delete the event, or archive it where stock Odoo does."""
        self.ensure_one()
        if not self.env.context.get("ms365_archives"):
            return self.action_delete()
        event = self.calendar_event_id
        if event.recurrence_id:
            event.action_mass_archive(self._ms365_reach())
        else:
            event.action_archive()
        return {"type": "ir.actions.act_window_close"}

    def close(self):
        """Delete without another question: this dialog has shown the mails."""
        seen = self.with_context(ms365_mails_seen=True)
        return super(CalendarPopoverDeleteWizard, seen).close()
