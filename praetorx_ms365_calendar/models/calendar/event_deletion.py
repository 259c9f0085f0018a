from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain


class CalendarEvent(models.Model):
    """Actions on the event form about a deletion by the sync."""

    _inherit = "calendar.event"

    ms365_is_held = fields.Boolean(
        compute="_compute_ms365_deletion",
        help="The event is no longer in Outlook. A person has to decide if it is "
        "deleted in Odoo, too.",
    )
    ms365_can_restore = fields.Boolean(
        compute="_compute_ms365_deletion",
        help="The sync has archived it, and the viewer may bring it back.",
    )

    @api.depends("active", "ms365_sync_state")
    @api.depends_context("uid")
    def _compute_ms365_deletion(self):
        links = self._ms365_deletion_links()
        held = self._ms365_events_of(links._held_in_odoo())
        restorable = self._ms365_events_of(links.filtered("can_restore"))
        for event in self:
            event.ms365_is_held = event in held
            event.ms365_can_restore = event in restorable

    def _ms365_events_of(self, links):
        """Return those of these events that, or whose series, these links are of."""
        single_ids = set(links.event_id.ids)
        by_series = links.sudo().grouped("recurrence_id")
        return self.filtered(
            lambda event: (
                event._origin.id in single_ids
                or any(
                    not link_sudo.lost_days or event.ms365_day in link_sudo.lost_days
                    for link_sudo in by_series.get(event._origin.recurrence_id, ())
                    if link_sudo.recurrence_id
                )
            )
        )

    def _ms365_deletion_links(self):
        """Return the links that the viewer may see and that concern a deletion."""
        return self.env["praetorx.ms365.event.link"].search(
            (
                Domain("event_id", "in", self._origin.ids)
                | Domain("recurrence_id", "in", self._origin.recurrence_id.ids)
            )
            & (
                Domain("state", "in", ["gone", "deleted_there"])
                | Domain("hold_id.state", "=", "open")
            )
        )

    def action_ms365_open_hold(self) -> dict[str, Any]:
        """Open the deletions that wait for a decision."""
        return self._ms365_deletion_links().hold_id.account_id.action_open_holds()

    def action_ms365_restore(self) -> dict[str, Any]:
        """Ask before bringing the event back on both sides."""
        return self._ms365_deletion_links().action_restore()
