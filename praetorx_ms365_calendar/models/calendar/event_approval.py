"""What of an event waits for the word of its organizer, as its form shows it."""

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
        """Say what waits; nothing of it to those who may not see a private event."""
        waiting = self._ms365_approvals(Domain("state", "=", "waiting"))
        hidden = self.filtered(lambda event: event._check_private_event_conditions())
        for event in self:
            own = waiting.filtered(
                lambda one, event=event: (
                    event not in hidden and one._is_about(event._origin)
                )
            )
            event.ms365_awaits_approval = bool(own)
            event.ms365_approvals_seen = own._as_seen()
            event.ms365_may_approve = any(own.mapped("may_approve"))
            event.ms365_may_take_back = any(own.mapped("may_reject"))
            if own:
                notes = [f"{one.summary} {one._reason_while_waiting()}" for one in own]
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
        """Refuse to make a new series of events of which something waits for a word.

        It would go out with the series, which is another event in Outlook, unasked.

        :param of_series: what waits of their series counts as well
        :return: new events of the current user that wait: these may wait as a series
        :raise UserError: somebody has to decide first
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
        """Say why this event is in Odoo only, if somebody has not agreed to it."""
        if self.ms365_sync_state != "none":
            return False
        ended = self._ms365_approvals(
            Domain("state", "in", ["rejected", "lapsed", "withdrawn", "over"])
            & Domain("operation", "=", "create")
        )
        return ended[-1:]._describe_end() if ended else False

    def action_ms365_approve(self) -> dict[str, Any] | None:
        """Agree to what waits of this event."""
        return self._ms365_waiting_of_viewer().action_approve()

    def action_ms365_reject(self) -> dict[str, Any] | None:
        """Say no to what waits of this event, or take the own edit back."""
        approvals = self._ms365_waiting_of_viewer().filtered("may_reject")
        return approvals.action_reject()

    def action_ms365_open_approvals(self) -> dict[str, Any]:
        """Open what waits of this event."""
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
        """Return what waits of these events, as far as the viewer may see it."""
        return self._ms365_approvals(Domain("state", "=", "waiting"))
