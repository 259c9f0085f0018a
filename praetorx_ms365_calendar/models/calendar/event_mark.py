"""The mark of an event: the state of its sync, or the question that it waits for."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import UNDER_WAY
from ...engine.marks import MarkFacts, mark_of

#: The words of each mark; the state of the sync has the same words.
MARKS = [
    ("none", "Not synced"),
    ("synced", "In sync"),
    ("pending", "On its way"),
    ("waiting", "Not in Outlook yet"),
    ("approval", "Waits for approval"),
    ("held", "Deletion held"),
    ("deleted", "Deleted in Outlook"),
    ("conflict", "Conflict"),
    ("error", "Failed"),
]


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_mark = fields.Selection(
        MARKS,
        "Outlook",
        compute="_compute_ms365_mark",
        help="The state of the sync, or the question that waits for a person.",
    )

    @api.depends("ms365_sync_state", "active", "user_id", "partner_ids", "privacy")
    @api.depends_context("uid")
    def _compute_ms365_mark(self):
        """Choose the marks of many events at once: a calendar shows hundreds.

        Of a private event, strangers see only the state of the sync.
        """
        links = self._ms365_deletion_links()
        archived = self.filtered(lambda event: not event.active)
        deleted = archived._ms365_events_of(links._archived_by_sync())
        held = self._ms365_events_of(links._held_in_odoo())
        late = self._ms365_with_late_edit()
        approval = self._ms365_awaiting_approval()
        consent = self._ms365_awaiting_consent()
        asked = approval | consent
        hidden = asked.filtered(lambda event: event._check_private_event_conditions())
        for event in self:
            shows = event not in hidden
            event.ms365_mark = mark_of(
                MarkFacts(
                    state=event.ms365_sync_state or "none",
                    is_late=event in late,
                    is_deleted=event in deleted,
                    is_held=event in held,
                    awaits_approval=shows and event in approval,
                    awaits_consent=shows and event in consent,
                )
            )

    def _ms365_with_late_edit(self):
        """Return those of these events with an edit that waits long after an error."""
        waiting = self.filtered(lambda event: event.ms365_sync_state == "pending")
        if not waiting:
            return waiting
        Outbox_sudo = self.env["praetorx.ms365.outbox"].sudo()
        late_sudo = Outbox_sudo.search(
            Domain("state", "in", UNDER_WAY)
            & Domain("is_late", "=", True)
            & waiting._ms365_edits_domain()
        )
        return waiting._ms365_concerned_by(late_sudo)

    def _ms365_awaiting_approval(self):
        """Return those of these events with a change that waits for approval."""
        waiting_sudo = self.sudo()._ms365_approvals(Domain("state", "=", "waiting"))
        return self._ms365_concerned_by(waiting_sudo)

    def _ms365_concerned_by(self, records_sudo):
        """Return those of these events that outbox entries or approvals are about.

        A record about a series is about all its events.
        """
        of_series = records_sudo.filtered("recurrence_id")
        series_ids = set(of_series.recurrence_id.ids)
        single_ids = set((records_sudo - of_series).event_id.ids)
        return self.filtered(
            lambda event: (
                event._origin.id in single_ids
                or event._origin.recurrence_id.id in series_ids
            )
        )

    def _ms365_awaiting_consent(self):
        """Return those of these events that the organizer must consent to send."""
        accounts = self.env["praetorx.ms365.account"]._pushing_accounts()
        organized = defaultdict(self.browse)
        for event in self:
            account_id = accounts.get(event.user_id.id)
            if account_id and event._origin:
                organized[account_id] |= event
        waiting = self.browse()
        for account_id, events in organized.items():
            account_sudo = self.env["praetorx.ms365.account"].sudo().browse(account_id)
            due_sudo = account_sudo._events_awaiting_consent(among=events._origin)
            series = due_sudo.recurrence_id
            waiting |= events.filtered(
                lambda event, due=due_sudo, series=series: (
                    event._origin in due or event.recurrence_id in series
                )
            )
        return waiting
