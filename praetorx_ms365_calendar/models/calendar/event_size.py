"""How many people Outlook takes in one meeting."""

from odoo import models
from odoo.exceptions import UserError

from ...engine.guests import MAX_ATTENDEES
from ...engine.reasons import because
from ...wording import advice_of


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_check_size(self):
        """Refuse more attendees than Outlook takes, before anything is sent.

        :raise UserError: there are too many
        """
        for event in self:
            if len(event.partner_ids) <= MAX_ATTENDEES:
                continue
            if (
                event._ms365_is_managed()
                and event._ms365_invitation_policy() == "exchange"
            ):
                content = event._ms365_read_contents()[event]
                if reason := event._ms365_why_too_many(content):
                    raise UserError(advice_of(self.env, reason))

    def _ms365_why_too_many(self, content):
        """Return a reason if these are too many attendees, False if they are not."""
        count = len(content.attendees) + len(content.unmapped_attendees)
        if count <= MAX_ATTENDEES:
            return False
        return because("too_many_people", limit=MAX_ATTENDEES, count=count)
