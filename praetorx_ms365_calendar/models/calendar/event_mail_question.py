"""Say whom Outlook will mail before the calendar or a list changes events.

A form shows it in a bar. Dragging, archiving, unarchiving and edits in a list have no
form, so a dialog asks first (``static/src/mail_question/``), but only if somebody is
mailed.
"""

from odoo import api, models

from ...const import DELETED_FOR_GOOD
from ...engine.mail_guard import Mails
from ...engine.mail_preview import together

#: What dragging and resizing writes.
MOVES = frozenset(
    {"start", "stop", "start_date", "stop_date", "allday", "duration"}
    | {"recurrence_update"}
)

#: What a list can write, for several events together.
EDITS = frozenset(
    {"name", "description", "location", "partner_ids", "user_id", "privacy"}
    | {"show_as", "alarm_ids", "categ_ids", "is_teams_meeting"}
)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def ms365_mails_of_move(self, values: dict) -> str | bool:
        """Return whom Outlook mails if an event gets other times, False if nobody.

        :param values: what the calendar is about to write
        """
        self.ensure_one()
        self.check_access("read")
        moved = self.new(
            {name: values[name] for name in MOVES if name in values}, origin=self
        )
        return moved.ms365_mail_preview_count and moved.ms365_mail_preview

    @api.model
    def ms365_mails_of_edits(self, values_by_id: dict) -> str | bool:
        """Return whom Outlook mails about edits in a list, False if nobody.

        Anything else than edits mails nobody.

        :param values_by_id: id of an event -> what the list is about to write
        """
        edited = self.browse()
        mails = []
        edits = values_by_id if isinstance(values_by_id, dict) else {}
        for event_id, values in edits.items():
            if not (str(event_id).isdecimal() and isinstance(values, dict)):
                continue
            event = self.browse(int(event_id)).exists()
            event.check_access("read")
            known = {name: values[name] for name in EDITS if name in values}
            new = event and known and self.new(known, origin=event).sudo()
            found = new and new._ms365_foresee_mails()
            if found and found.count:
                mails.append(found)
                edited |= new
        return bool(mails) and edited._ms365_describe_mails(together(mails))

    def ms365_mails_of_archiving(self, active: bool) -> str | bool:
        """Return whom Outlook mails about archiving, False if nobody.

        :param active: True if archived events are brought back
        """
        self.check_access("read")
        foresee = self._ms365_foresee_mails_of_return
        if not active:
            foresee = self._ms365_foresee_mails_of_archiving
        found = {event: mails for event, mails in foresee().items() if mails.count}
        if not found:
            return False
        events = self.browse().union(*found).sudo()
        return events._ms365_describe_mails(together(found.values()))

    def _ms365_foresee_mails_of_archiving(self):
        """Return ``{event: Mails}`` of the living ones of these events."""
        living = self.filtered("active")
        return {
            event: event._ms365_foresee_mails_of_deletion("self_only") or Mails()
            for event in living
        }

    def _ms365_foresee_mails_of_return(self):
        """Return ``{event: Mails}`` of the archived ones that Outlook gets anew.

        A series is represented by one of its events.
        """
        archived = self.sudo().filtered(
            lambda event: not event.active and event._ms365_is_made_anew()
        )
        by_meeting = archived.grouped(lambda event: event._ms365_meeting())
        one_each = self.sudo().browse().union(*(one[:1] for one in by_meeting.values()))
        return one_each._ms365_mails_of_creates()

    def _ms365_is_made_anew(self):
        """Return True if Outlook gets this archived event as a new one."""
        if not self._ms365_sends_mails():
            return False
        if self._ms365_invitation_policy() != "exchange":
            return False
        link = self._ms365_all_links().filtered("is_primary")[:1]
        return not link.remote_id or link.state in ("deleted_here", *DELETED_FOR_GOOD)
