"""Refuse deletions of a series that Outlook may still need."""

from datetime import date, timedelta

from odoo import models
from odoo.exceptions import UserError

from ...const import DELETED_FOR_GOOD, IN_BOTH
from ...engine.recurrence import occurrence_days

#: How far ahead dates are looked for that lie beyond the window.
LONG_AHEAD = timedelta(days=366 * 5)


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _ms365_may_be_in_outlook(self):
        """Return True if Outlook has this series, or may have it by now."""
        self.ensure_one()
        links_sudo = self.sudo().ms365_link_ids.filtered("is_primary")
        if links_sudo:
            return any(link.state not in DELETED_FOR_GOOD for link in links_sudo)
        return bool(self.env["praetorx.ms365.outbox"]._sent_before(self))

    def _ms365_is_emptied(self):
        """Return True if a person has deleted dates one by one, not the series."""
        links_sudo = self.sudo().ms365_link_ids.filtered("is_primary")
        is_told = "deleted_here" in links_sudo.mapped("state")
        return bool(self._ms365_removed_days()) and not is_told

    def _ms365_check_may_delete_all(self, since=None):
        """Refuse to delete a series with dates that Odoo does not show.

        A user that deletes the events in Odoo has not seen the other dates.

        :param since: delete all dates from this day on; by default, only the dates of
            the events
        :raise UserError: Outlook has earlier dates, or later ones
        """
        link_sudo = self.sudo().ms365_link_ids.filtered("is_primary")[:1]
        base = link_sudo._series_base
        if not base or link_sudo.state not in IN_BOTH:
            return
        rule, (first, last) = base.theirs.rule, base.theirs.window
        after = date.fromisoformat(last) + timedelta(days=1)
        has_later = not since and occurrence_days(rule, after, after + LONG_AHEAD)
        if rule.start < (since or first) or has_later:
            raise UserError(
                self.env._(
                    "Outlook has more dates of this series than Odoo shows. To delete "
                    "the whole series, choose “All events”; to keep the other dates, "
                    "change its end in Outlook."
                )
            )
