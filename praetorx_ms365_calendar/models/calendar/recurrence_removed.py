"""Record the occurrences that people delete; no other occurrence counts as deleted.

A date may have no row for many reasons: it was outside the window, an edit made the
rows anew, or another addon deleted them. Only a deletion by a person is repeated in
Outlook.
"""

from datetime import date

from odoo import fields, models

from odoo.addons.calendar.models.calendar_recurrence import MAX_RECURRENT_EVENT

from ...engine.recurrence import occurrence_days


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    ms365_removed_days = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Days of the occurrences that a person has deleted, and that Outlook may "
        "still have.",
    )

    def _ms365_removed_days(self):
        """Return the days of the occurrences that a person has deleted."""
        return frozenset(self.sudo().ms365_removed_days or ())

    def _ms365_record_removed(self, days):
        """Record that a person has deleted the occurrences of these days."""
        for recurrence in self.sudo():
            removed = recurrence._ms365_removed_days() | set(days)
            recurrence.ms365_removed_days = sorted(removed)

    def _ms365_undo_removed(self, days):
        """Forget that a person has deleted the occurrences of these days."""
        for recurrence in self.sudo():
            removed = recurrence._ms365_removed_days() - set(days)
            recurrence.ms365_removed_days = sorted(removed)

    def _ms365_fit_count(self):
        """Let series that are new to Outlook end with their last remaining event.

        Deletions before the sync began were not recorded. If the rule were counted from
        the first remaining event, it would continue after the last one.
        """
        Outbox = self.env["praetorx.ms365.outbox"]
        for recurrence in self.filtered(lambda one: one.end_type == "count"):
            recurrence_sudo = recurrence.sudo()
            is_known = (
                recurrence_sudo.ms365_link_ids
                or recurrence_sudo.ms365_shared
                or recurrence_sudo.ms365_removed_days
                or Outbox._sent_before(recurrence)
            )
            rows = recurrence._ms365_rows()
            limit = min(recurrence.count, MAX_RECURRENT_EVENT)
            if is_known or len(rows) >= limit or recurrence._ms365_why_inexpressible():
                continue
            contents = recurrence._ms365_contents_by_day()
            rule = recurrence._ms365_rule(recurrence._ms365_master(contents))
            last = date.fromisoformat(max(contents))
            days = occurrence_days(rule, date.fromisoformat(rule.start), last)
            if 0 < len(days) < limit:
                recurrence._ms365_write({"count": len(days)})

    def _ms365_forget_removed(self, theirs=None):
        """Forget deletions that are carried out, or overruled: their rows are back.

        :param theirs: Outlook's present :class:`Series`; by default, all are forgotten
        """
        for recurrence in self.sudo().filtered("ms365_removed_days"):
            still = set()
            if theirs:
                first, last = theirs.window
                removed = recurrence._ms365_removed_days()
                beyond = {day for day in removed if not first <= day <= last}
                still = beyond | (removed & set(theirs.days))
                still -= set(recurrence._ms365_rows().mapped("ms365_day"))
            recurrence.ms365_removed_days = sorted(still)
