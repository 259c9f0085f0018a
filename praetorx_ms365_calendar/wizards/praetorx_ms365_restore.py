from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..wording import describe_event_count


class PraetorxMs365Restore(models.TransientModel):
    """Ask before deleted events are restored: people may be invited again."""

    _name = "praetorx.ms365.restore"
    _description = "Bring Back Events That the Sync Deleted"

    link_ids = fields.Many2many("praetorx.ms365.event.link")
    event_count = fields.Integer("Events", compute="_compute_counts")
    mail_count = fields.Integer("Mails", compute="_compute_counts")
    odoo_only_count = fields.Integer("In Odoo Only", compute="_compute_counts")

    @api.depends("link_ids")
    def _compute_counts(self):
        for wizard in self:
            links_sudo = wizard._links_sudo()
            again = links_sudo._goes_to_outlook_again()
            wizard.event_count = len(links_sudo)
            wizard.mail_count = again._mails_to_create()
            wizard.odoo_only_count = len(links_sudo - again)

    def _links_sudo(self):
        """Return the links that can still be restored, with full rights.

        :raise AccessError: the links belong to another user
        """
        self.link_ids.check_access("read")
        return self.link_ids.sudo().filtered("can_restore")

    def action_restore(self) -> dict[str, Any]:
        """Restore the events on both sides."""
        self.ensure_one()
        links_sudo = self._links_sudo()
        if not links_sudo:
            raise UserError(
                self.env._(
                    "There is nothing to bring back: the events are back, or it is "
                    "too late."
                )
            )
        links_sudo._restore()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "%(events)s brought back.",
                    events=describe_event_count(self.env, len(links_sudo)),
                ),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
