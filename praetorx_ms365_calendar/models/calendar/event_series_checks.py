"""Refuse edits of a series that Outlook cannot express, before they are saved.

For some of these edits, Odoo deletes events or the whole series. Outlook would then
cancel meetings that nobody wanted to delete.
"""

from odoo import models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_check_stays_a_series(self, vals, carried):
        """Refuse edits that remove occurrences although no person deletes them.

        :param vals: of the edit
        :param carried: the series of these events that are, or will be, in Outlook
        :raise UserError: Outlook cannot express the edit
        """
        of_many = vals.get("recurrence_update") in ("all_events", "future_events")
        in_outlook = carried.filtered(lambda one: one._ms365_may_be_in_outlook())
        if not of_many or not in_outlook:
            return
        if vals.get("recurrency") is False and len(self) == 1:
            raise UserError(
                self.env._(
                    "This series is in Outlook, which cannot make a single event of "
                    "it. Delete the events that you do not need; or delete the series, "
                    "and create a single event."
                )
            )
        if len(self) > 1 and vals.keys() & self._get_recurrent_fields():
            raise UserError(
                self.env._(
                    "The repetition of several events cannot be changed at once: these "
                    "series are in Outlook. Open one event of each series instead."
                )
            )

    def _ms365_check_within_reach(self):
        """Refuse to edit single occurrences so far ahead that Graph does not show them.

        :raise UserError: the edit would not be sent
        """
        for recurrence, rows in self.grouped("recurrence_id").items():
            link_sudo = recurrence.sudo().ms365_link_ids.filtered("is_primary")[:1]
            is_all = not recurrence._ms365_rows() - rows
            if is_all or not link_sudo.base_snapshot or not link_sudo._is_writable():
                continue
            first, last = link_sudo._window_to_read()
            for row in rows.filtered("ms365_day"):
                if not first <= row.ms365_day <= last:
                    raise UserError(
                        self.env._(
                            "“%(event)s” is too far from today: events of Outlook are "
                            "read from %(first)s to %(last)s. Change the whole "
                            "series, or this event in Outlook.",
                            event=row.display_name,
                            first=first,
                            last=last,
                        )
                    )

    def _ms365_single_in_outlook(self):
        """Return the single events of these that Outlook has, or may have by now."""
        singles = self.filtered(lambda event: event.active and not event.recurrence_id)
        sent_before = self.env["praetorx.ms365.outbox"]._sent_before(singles)
        return singles.filtered(
            lambda event: event.sudo().ms365_link_ids or event.id in sent_before
        )

    def _ms365_check_still_there(self):
        """Refuse an edit that has archived the events themselves.

        Odoo does so if an event must repeat on other days than its own.

        :raise UserError: Outlook would cancel the event, and invite to another one
        """
        if self - self.exists().filtered("active"):
            raise UserError(
                self.env._(
                    "This event is not on one of the days on which it would repeat. "
                    "Move it to the first of them, and save it; then have it repeat."
                )
            )
