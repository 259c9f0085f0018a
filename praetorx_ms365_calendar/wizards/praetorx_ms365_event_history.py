from odoo import Command, api, fields, models

from ..wording import describe_day_count

#: So many changes are shown, the newest ones.
SHOWN_AT_MOST = 100


class PraetorxMs365EventHistory(models.TransientModel):
    """Show the synced changes of an event, with old and new values.

    Contents are read from the versions and stored nowhere else.
    """

    _name = "praetorx.ms365.event.history"
    _description = "History of an Event"
    _rec_name = "event_id"

    event_id = fields.Many2one(
        "calendar.event", required=True, ondelete="cascade", readonly=True
    )
    line_ids = fields.One2many("praetorx.ms365.event.history.line", "history_id")
    note = fields.Char(compute="_compute_note")

    @api.model
    def _start(self, event):
        """Return the action that opens the history of an event."""
        versions_sudo = self.env["praetorx.ms365.version"].sudo()._of_event(event)
        history = self.create(
            {
                "event_id": event.id,
                "line_ids": [
                    Command.create({"version_id": version.id})
                    for version in versions_sudo[:SHOWN_AT_MOST]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("History"),
            "res_model": self._name,
            "res_id": history.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    @api.depends("line_ids")
    def _compute_note(self):
        days = describe_day_count(
            self.env, self.env["praetorx.ms365.sync.log"]._keep_days()
        )
        for history in self:
            if history.line_ids:
                history.note = self.env._(
                    "Changes that reached the other side. They are kept for %(days)s.",
                    days=days,
                )
            else:
                history.note = self.env._(
                    "No change since Odoo and Outlook first agreed on this event, or "
                    "it was long ago: changes are kept for %(days)s.",
                    days=days,
                )
            if history.event_id.sudo()._ms365_has_unsent():
                unsent = self.env._("A change has not reached Outlook yet.")
                history.note = f"{history.note} {unsent}"
