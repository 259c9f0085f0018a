from odoo import api, fields, models


class CalendarEvent(models.Model):
    """What a person can do about a deletion of the sync, from the event itself."""

    _inherit = "calendar.event"

    ms365_is_held = fields.Boolean(
        compute="_compute_ms365_deletion",
        help="It is gone from Outlook; whether from Odoo, too, has to be decided.",
    )
    ms365_can_restore = fields.Boolean(
        compute="_compute_ms365_deletion",
        help="The sync has archived it, and the viewer may bring it back.",
    )

    @api.depends("active", "ms365_sync_state")
    @api.depends_context("uid")
    def _compute_ms365_deletion(self):
        links = self._ms365_deletion_links()
        held = links.filtered(lambda link: link.hold_id.state == "open").event_id
        restorable = links.filtered("can_restore").event_id
        for event in self:
            event.ms365_is_held = event._origin in held
            event.ms365_can_restore = event._origin in restorable

    def _ms365_deletion_links(self):
        """Return the links that the viewer may see and that concern a deletion."""
        return self.env["praetorx.ms365.event.link"].search(
            [
                ("event_id", "in", self._origin.ids),
                ("state", "in", ["gone", "deleted_there"]),
            ]
        )

    def action_ms365_open_hold(self):
        """Open what waits for a decision."""
        return self._ms365_deletion_links().hold_id.account_id.action_open_holds()

    def action_ms365_restore(self):
        """Ask before bringing the event back on both sides."""
        return self._ms365_deletion_links().action_restore()
