"""Show on the event form that the owner must consent before it is sent."""

from typing import Any

from odoo import api, fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_waiting_note = fields.Char(
        compute="_compute_ms365_waiting_note",
        compute_sudo=True,
        help="Why the event is not in Outlook, or not all of it, and what sends it.",
    )
    ms365_may_send = fields.Boolean(
        compute="_compute_ms365_waiting_note", compute_sudo=True
    )

    @api.depends("ms365_sync_state", "user_id", "recurrence_id", "privacy")
    @api.depends_context("uid", "lang")
    def _compute_ms365_waiting_note(self):
        """Describe waiting edits, unless a private event hides them from the viewer."""
        for event in self:
            hidden = event._check_private_event_conditions()
            waits = not hidden and event._ms365_awaits_consent()
            event.ms365_waiting_note = waits and event._ms365_describe_waiting()
            event.ms365_may_send = waits and event.user_id == self.env.user

    def _ms365_awaits_consent(self):
        """Return True if the organizer must consent to send it: it mails others."""
        self.ensure_one()
        event = self._origin
        account_id = (
            self.env["praetorx.ms365.account"]._pushing_accounts().get(event.user_id.id)
        )
        links = event._ms365_all_links()
        is_unknown = event.ms365_sync_state == "none" and not links
        if not account_id or not (is_unknown or any(links.mapped("awaits_word"))):
            return False
        account = self.env["praetorx.ms365.account"].browse(account_id)
        waiting = account._events_awaiting_consent()
        return event in waiting or event.recurrence_id in waiting.recurrence_id

    def _ms365_describe_waiting(self):
        """Explain why this event waits, and when it will be sent."""
        owner = self.user_id.name
        if self._origin._ms365_all_links():
            return self.env._(
                "Outlook has this meeting, but not all of it: it was edited while it "
                "was not synced, and Outlook would mail its attendees. The rest goes "
                "there when %(owner)s sends it.",
                owner=owner,
            )
        if not self._ms365_meeting()._ms365_invites_others():
            return self.env._(
                "This event is not in Outlook yet: another mailbox was connected, and "
                "nothing is copied there unasked. It goes there when it is edited, or "
                "when %(owner)s sends it.",
                owner=owner,
            )
        return self.env._(
            "This meeting is not in Outlook yet: it is from before the sync was "
            "switched on, and Outlook would mail its attendees. It goes there when it "
            "is edited, or when %(owner)s sends it.",
            owner=owner,
        )

    def action_ms365_review_send(self) -> dict[str, Any]:
        """Open the list of people that Outlook would mail about this event."""
        self.ensure_one()
        self.check_access("read")
        account = self.env.user.sudo().ms365_account_ids.sudo(False)
        account._check_owner()
        return self.env["praetorx.ms365.meeting.sending"]._start(account, self)

    def action_ms365_send(self) -> None:
        """The owner's word: send this event, mails and all."""
        self.check_access("read")
        if any(event.user_id != self.env.user for event in self):
            raise self.env["praetorx.ms365.account"]._owner_decides()
        waiting = self.sudo().filtered(lambda event: event._ms365_awaits_consent())
        self.env["praetorx.ms365.outbox"].sudo()._enqueue_upserts(
            waiting, noted_late=True
        )._agree_to_mails()
