"""Refuse direct edits of attendee rows: guests are edited in the event.

A row holds one person's reply and invitation token. If a client could move it to
somebody else for a while, it would reply for one person in the name of another.
"""

from odoo import api, models
from odoo.exceptions import UserError


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        if attendees._ms365_is_by_client():
            attendees._ms365_check_edited_in_event()
            attendees._ms365_replied_for_others().sudo().with_context(
                ms365_from_sync=True
            ).state = "needsAction"
        return attendees

    def write(self, vals):
        if self._ms365_is_by_client():
            names = vals.keys() & {"partner_id", "event_id"}
            if any(self._ms365_changes(name, vals[name]) for name in names):
                self._ms365_check_edited_in_event(of_any_edit=True)
            if vals.get("state") == "needsAction" and not self._ms365_is_in_edit():
                self._ms365_check_withdraws_no_reply()
        return super().write(vals)

    def unlink(self):
        if self._ms365_is_by_client():
            self._ms365_check_edited_in_event()
        return super().unlink()

    def _ms365_is_by_client(self):
        """Return True if people write these rows, not a program with full rights."""
        return not self.env.su

    def _ms365_is_in_edit(self):
        """Return True if an event is being edited: Odoo does the rest with the rows."""
        return bool(self.env["praetorx.ms365.outbox"]._watches())

    def _ms365_changes(self, name, value):
        """Return True if a write gives these rows to another person or event."""
        return any(attendee[name].id != value for attendee in self)

    def _ms365_in_outlook(self):
        """Return the rows of meetings that are, or will be, in somebody's Outlook."""
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        return self.filtered(
            lambda attendee: (
                attendee.event_id.sudo().user_id.id in pushing
                or attendee.event_id._ms365_all_links()
            )
        )

    def _ms365_check_edited_in_event(self, *, of_any_edit=False):
        """Refuse rows that come, go or change hands without an edit of their event.

        :param of_any_edit: also as a part of such an edit
        :raise UserError: a meeting in Outlook is among them
        """
        if self._ms365_is_in_edit() and not of_any_edit:
            return
        if self._ms365_in_outlook():
            raise UserError(
                self.env._(
                    "Add or remove the attendee in the meeting itself: the line of an "
                    "attendee belongs to one person, with the answer of that person."
                )
            )

    def _ms365_replied_for_others(self):
        """Return new rows with a reply that the person has not given."""
        me = self.env.user.partner_id
        replied = self.filtered(
            lambda one: (
                one.state != "needsAction"
                and one.partner_id != me
                and one.partner_id != one.event_id.user_id.partner_id
            )
        )
        return replied._ms365_in_outlook().filtered(
            lambda one: one._ms365_replying_account()
        )

    def _ms365_check_withdraws_no_reply(self):
        """Refuse to withdraw a reply of somebody else.

        :raise UserError: it is another person's reply
        """
        replied = self.filtered(lambda one: one.state != "needsAction")
        others = replied.filtered(
            lambda one: one.partner_id != self.env.user.partner_id
        )
        for attendee in others:
            if attendee._ms365_replying_account():
                attendee._ms365_check_own_reply()
