"""Conflicts of an event: the permission to decide them, and edits that end them."""

from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from .event_capture import CAPTURED_FIELDS


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_may_resolve = fields.Boolean(compute="_compute_ms365_may_resolve")
    ms365_decision_note = fields.Char(
        compute="_compute_ms365_decision_note",
        compute_sudo=True,
        help="That a conflict is decided, until the worker has carried it out.",
    )

    @api.depends("ms365_sync_state")
    @api.depends_context("uid")
    def _compute_ms365_may_resolve(self):
        """Allow a user to decide a conflict only if the user can see it.

        A conflict of a series can be decided from each of its events.
        """
        disputed = self.filtered(lambda event: event.ms365_sync_state == "conflict")
        conflicts = disputed._ms365_conflicts_of_meetings()
        events, series = conflicts.event_id, conflicts.sudo().link_id.recurrence_id
        for event in self:
            event.ms365_may_resolve = event in disputed and (
                event._origin in events or event.recurrence_id in series
            )

    @api.depends("ms365_sync_state", "user_id", "privacy", "partner_ids")
    @api.depends_context("uid", "lang")
    def _compute_ms365_decision_note(self):
        """Explain the pending badge after a decision, as long as that is valid."""
        self.ms365_decision_note = False
        for event in self.filtered(lambda event: event.ms365_sync_state == "pending"):
            if not event._check_private_event_conditions():
                primary = event._ms365_all_links().filtered("is_primary")[:1]
                event.ms365_decision_note = primary._describe_decision()

    def write(self, vals):
        result = super().write(vals)
        if CAPTURED_FIELDS & vals.keys() and not self._ms365_is_sync():
            self._ms365_disputed_sudo()._review()
        return result

    def unlink(self):
        if self._ms365_is_sync():
            return super().unlink()
        disputed_sudo = self._ms365_disputed_sudo()
        result = super().unlink()
        disputed_sudo._review()
        return result

    def action_ms365_decide(self) -> dict[str, Any] | None:
        """Open both versions of this event side by side, to choose from."""
        self.ensure_one()
        conflict = self._ms365_conflicts_of_meetings()[:1]
        return conflict.action_decide() if conflict else None

    def action_ms365_keep_odoo(self) -> None:
        """Resolve the open conflict of this event for Odoo."""
        self._ms365_conflicts_of_meetings().keep_odoo()

    def action_ms365_keep_outlook(self) -> None:
        """Resolve the open conflict of this event for Outlook."""
        self._ms365_conflicts_of_meetings().keep_outlook()

    def _ms365_open_conflicts(self):
        return self.env["praetorx.ms365.conflict"].search(
            [("event_id", "in", self.ids), ("state", "=", "open")]
        )

    def _ms365_conflicts_of_meetings(self):
        """Return the open conflicts of these events and of their series.

        A conflict names one event, also if it is about a whole series.
        """
        return self.env["praetorx.ms365.conflict"].search(
            Domain("state", "=", "open")
            & (
                Domain("event_id", "in", self.ids)
                | Domain("link_id.recurrence_id", "in", self.recurrence_id.ids)
            )
        )

    def _ms365_disputed_sudo(self):
        """Return the open conflicts of these events; most have none."""
        disputed_sudo = self.sudo().filtered(
            lambda event: event.ms365_sync_state == "conflict"
        )
        return (
            disputed_sudo._ms365_open_conflicts()
            if disputed_sudo
            else (self.env["praetorx.ms365.conflict"].sudo())
        )
