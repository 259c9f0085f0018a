from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine.mail_preview import with_names
from ..wording import describe_names, describe_sending


class PraetorxMs365MeetingSending(models.TransientModel):
    """Show the meetings that wait for their owner, with the people of each.

    They were made or edited while they were not synced. Outlook mails their attendees
    when they are sent.
    """

    _name = "praetorx.ms365.meeting.sending"
    _description = "Send Meetings to Outlook"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, readonly=True, ondelete="cascade"
    )
    all_selected = fields.Boolean("All meetings", default=True)
    line_ids = fields.One2many("praetorx.ms365.meeting.sending.line", "sending_id")
    mail_count = fields.Integer(compute="_compute_words")
    words = fields.Char(compute="_compute_words")

    @api.depends("line_ids.is_selected", "line_ids.mail_count")
    @api.depends_context("lang")
    def _compute_words(self):
        for sending in self:
            chosen = sending.line_ids.filtered("is_selected")
            sending.mail_count = sum(chosen.mapped("mail_count"))
            sending.words = describe_sending(self.env, len(chosen), sending.mail_count)

    @api.onchange("all_selected")
    def _onchange_all_selected(self):
        """Select all meetings, or none."""
        self.line_ids.is_selected = self.all_selected

    @api.model
    def _start(self, account, only=None):
        """Return the action that opens the list of meetings that wait.

        :param only: an event; the list has no other meeting then
        """
        events = account.sudo()._events_awaiting_consent()
        if only is not None:
            series = only.recurrence_id
            events = events.filtered(
                lambda event: event in only or event.recurrence_id & series
            )
        mails = events._ms365_mails_of_creates()
        sending = self.create(
            {
                "account_id": account.id,
                "line_ids": [
                    Command.create(
                        {
                            "event_id": event.id,
                            "people": self._names(event, mails[event]),
                            "mail_count": mails[event].count,
                        }
                    )
                    for event in events.sorted("start")
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Meetings to Outlook"),
            "res_model": self._name,
            "res_id": sending.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _names(self, event, mails):
        """Return the names of the people who are mailed about a meeting."""
        impact = with_names(mails.impact, event._ms365_names_of_guests())
        return describe_names(self.env, impact.people)

    def action_send(self) -> dict[str, Any]:
        """Send the selected meetings; the others go on waiting."""
        self.ensure_one()
        chosen = self.line_ids.filtered("is_selected").event_id
        if not chosen:
            raise UserError(self.env._("Select at least one meeting."))
        action = self.account_id._send_waiting(chosen)
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action
