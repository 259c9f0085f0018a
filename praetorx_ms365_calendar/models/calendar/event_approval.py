"""Show on the event form the changes that wait for the organizer's approval."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_approval_note = fields.Char(
        compute="_compute_ms365_approval",
        compute_sudo=True,
        help="What waits for approval, or was not sent since nobody approved it.",
    )
    ms365_awaits_approval = fields.Boolean(
        "Waits for Approval", compute="_compute_ms365_approval", compute_sudo=True
    )
    ms365_may_approve = fields.Boolean(
        compute="_compute_ms365_approval", compute_sudo=True
    )
    ms365_approvals_seen = fields.Char(
        compute="_compute_ms365_approval",
        compute_sudo=True,
        help="The versions of what waits that the note tells of.",
    )
    ms365_may_take_back = fields.Boolean(
        compute="_compute_ms365_approval", compute_sudo=True
    )

    @api.depends("ms365_sync_state", "recurrence_id")
    @api.depends_context("uid", "lang")
    def _compute_ms365_approval(self):
        """Describe waiting changes, unless the viewer may not see a private event."""
        waiting = self._ms365_approvals(Domain("state", "=", "waiting"))
        hidden = self.filtered(lambda event: event._check_private_event_conditions())
        for event in self:
            own = waiting.filtered(
                lambda one, event=event: (
                    event not in hidden and one._is_about(event._origin)
                )
            )
            event.ms365_awaits_approval = bool(own)
            event.ms365_approvals_seen = own._with_other_parts()._as_seen()
            event.ms365_may_approve = any(own.mapped("may_approve"))
            event.ms365_may_take_back = any(own.mapped("may_reject"))
            if own:
                notes = [f"{one.summary} {one._describe_waiting()}" for one in own]
                event.ms365_approval_note = " ".join(notes)
            else:
                event.ms365_approval_note = (
                    event not in hidden and event._ms365_why_not_sent()
                )

    def _ms365_approvals(self, domain):
        """Return approvals about these events or their series."""
        origin = self._origin
        return self.env["praetorx.ms365.approval"].search(
            domain
            & (
                Domain("event_id", "in", origin.ids)
                | Domain("recurrence_id", "in", origin.recurrence_id.ids)
            ),
            order="id",
        )

    def _ms365_check_nothing_waits(self, *, of_series=True):
        """Refuse to turn events into a new series while a change waits for approval.

        A new series is another event in Outlook. So the waiting change would be sent
        with it, without approval.

        :param of_series: changes of their series that wait count, too
        :return: waiting new events of the current user: they may wait as a series
        :raise UserError: somebody must decide first
        """
        waiting = self.sudo()._ms365_approvals(Domain("state", "=", "waiting"))
        if not of_series:
            waiting = waiting.filtered(lambda one: not one.recurrence_id)
        own = waiting.filtered(
            lambda one: one.operation == "create" and one.author_id == self.env.user
        )
        if others := waiting - own:
            raise UserError(
                self.env._(
                    "A change of this event waits for the approval of %(owner)s. Have "
                    "%(owner)s decide about it first; then change the repetition.",
                    owner=others[0].user_id.name,
                )
            )
        return own

    def _ms365_why_not_sent(self):
        """Explain that this event is in Odoo only, if its creation was not approved."""
        if self.ms365_sync_state != "none":
            return False
        ended = self._ms365_approvals(
            Domain("state", "in", ["rejected", "lapsed", "withdrawn", "over"])
            & Domain("operation", "=", "create")
        )
        return ended[-1:]._describe_end() if ended else False

    def action_ms365_approve(self) -> dict[str, Any] | None:
        """Approve the waiting changes of this event."""
        return self._ms365_waiting_of_viewer().action_approve()

    def action_ms365_reject(self) -> dict[str, Any] | None:
        """Reject the waiting changes of this event, or withdraw the user's own."""
        approvals = self._ms365_waiting_of_viewer().filtered("may_reject")
        return approvals.action_reject()

    def action_ms365_open_approvals(self) -> dict[str, Any]:
        """Open the waiting changes of this event."""
        approvals = self._ms365_waiting_of_viewer()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Waiting for Approval"),
            "res_model": "praetorx.ms365.approval",
        }
        if len(approvals) == 1:
            return action | {"views": [(False, "form")], "res_id": approvals.id}
        return action | {
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", approvals.ids)],
        }

    def _ms365_waiting_of_viewer(self):
        """Return the waiting changes of these events that the viewer may see."""
        return self._ms365_approvals(Domain("state", "=", "waiting"))
