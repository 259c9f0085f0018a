"""Changes about which nothing is left to decide end by themselves, with a reason."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.reasons import because


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    over_reason = fields.Selection(
        [
            ("gone", "The event does not exist any more"),
            ("back", "The deleted event is there again"),
            ("handed_over", "The meeting has another organizer"),
            ("not_sent", "Nothing of the calendar is sent any more"),
            ("equal", "The event in Odoo is as it was before the change"),
            ("overtaken", "The same field was changed or decided later"),
            ("few", "Few people get a mail by now"),
        ],
        readonly=True,
        copy=False,
        help="Why it is over without a decision.",
    )

    @api.model
    def _waiting_about(self, events, recurrences):
        """Return the waiting approvals of these events and series in all mailboxes."""
        return self.search(
            Domain("state", "=", "waiting")
            & (
                Domain("event_id", "in", events.ids)
                | Domain("recurrence_id", "in", recurrences.ids)
            )
        )

    def _end_if_over(self):
        """End those about which nothing is left to decide."""
        for approval in self.exists():
            if approval.state == "waiting" and (reason := approval._why_over()):
                approval._end_over(reason)

    def _end_over(self, reason):
        """End these without a decision; the event stays as it is.

        :param reason: a value of ``over_reason``
        """
        for approval in self:
            approval.over_reason = reason
            approval._overtake("over")
            approval._log("nothing")
            if not approval.link_id.remote_id and reason in ("gone", "not_sent"):
                approval._all_events().exists()._ms365_show_state("none")

    def _why_over(self):
        """Return why nothing is left to decide, None if something is."""
        self.ensure_one()
        events = self.with_context(active_test=False)._all_events().exists()
        living = events.filtered("active")
        if self.operation == "cancel":
            is_back = living or self.link_id.state in ("synced", "waiting")
            return "back" if is_back else None
        if not living:
            return None if self._is_deletion_asked() else "gone"
        if self.link_id.remote_id and self.link_id.is_organizer:
            return None
        organizers = living.user_id
        return "handed_over" if organizers and self.user_id not in organizers else None

    def _is_deletion_asked(self):
        """Return True if the event may come back: its deletion waits for approval."""
        waiting = self._waiting_of(self.account_id, [self.event_key])
        return "cancel" in waiting.mapped("operation")

    def _reason_over(self):
        """Return why it is over, as a reason."""
        match self.over_reason:
            case "gone" | "back" | "equal" | "overtaken" | "few":
                return because(f"over_{self.over_reason}")
            case "handed_over":
                return because("over_handed_over", owner_id=self.user_id.id)
        return because("over_not_sent", owner_id=self.user_id.id)
