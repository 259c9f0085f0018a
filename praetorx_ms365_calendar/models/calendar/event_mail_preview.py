"""Say on the form whom Outlook will mail, before an event is saved or deleted.

Only a form with unsaved values computes this: reading and saving an event cost nothing.
"""

from typing import Any

from odoo import api, fields, models

from ...engine.mail_preview import (
    Edit,
    foresee_deletion,
    foresee_edit,
    with_names,
)
from ...wording import describe_mails
from .recurrence import RULE_FIELDS

#: Choice of the stock dialog for deletions -> value of ``recurrence_update``.
REACH_OF_CHOICE = {"one": "self_only", "next": "future_events", "all": "all_events"}
CALENDAR = "/odoo/calendar"
#: What an edit of the repetition may change; not part of an event's content.
REPETITION_FIELDS = (
    "recurrency",
    "rrule_type_ui",
    *(name for name in RULE_FIELDS if name != "event_tz"),
)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_mail_preview = fields.Html(
        "Mails by Outlook",
        compute="_compute_ms365_mail_preview",
        compute_sudo=True,
        sanitize=False,
        help="Whom Outlook will mail when the values of the form are saved.",
    )
    ms365_mail_preview_count = fields.Integer(
        compute="_compute_ms365_mail_preview", compute_sudo=True
    )

    @api.depends(
        "name",
        "description",
        "location",
        "allday",
        "start",
        "stop",
        "start_date",
        "stop_date",
        "partner_ids",
        "privacy",
        "user_id",
        "is_teams_meeting",
        "show_as",
        "alarm_ids",
        "categ_ids",
        "recurrence_update",
        *REPETITION_FIELDS,
    )
    @api.depends_context("uid", "lang")
    def _compute_ms365_mail_preview(self):
        for event in self:
            is_edited = event != event._origin
            mails = is_edited and event._ms365_foresee_mails()
            event.ms365_mail_preview = mails and event._ms365_describe_mails(mails)
            event.ms365_mail_preview_count = mails.count if mails else 0

    def _ms365_foresee_mails(self):
        """Return the mails of the unsaved values, None if the form shows none.

        :return: :class:`Mails`
        """
        self.ensure_one()
        origin = self._origin
        if not self._ms365_sends_mails() or not self.start or not self.stop:
            return None
        others = self.partner_ids._origin | origin.partner_ids
        others -= self.user_id.partner_id
        if not others and not self._ms365_outlooks_list():
            return None
        before = origin._ms365_read_contents()[origin] if origin else None
        after = self._ms365_read_contents()[self]
        moves = bool(origin) and any(
            self[name] != origin[name]
            for name in REPETITION_FIELDS
            if name in self._fields
        )
        if before and not moves and not after.changed_fields(before):
            return None
        link = origin._ms365_all_links().filtered("is_primary")[:1]
        series = link._series_base
        edit = Edit(
            before if link.remote_id else None,
            after,
            origin._ms365_agreed_theirs() if origin else None,
            invites=self._ms365_invitation_policy() == "exchange",
            reach=self.recurrence_update if origin.recurrence_id else "self_only",
            exceptions=len(series.theirs.exceptions) if series else 0,
            moves=moves,
        )
        return foresee_edit(edit)

    def _ms365_foresee_mails_of_deletion(self, reach):
        """Return the mails if this event is deleted, None if our sync sends none.

        :param reach: a value of ``recurrence_update``
        :return: :class:`Mails`
        """
        self.ensure_one()
        event = self.sudo()
        link = event._ms365_all_links().filtered("is_primary")[:1]
        if not event._ms365_sends_mails() or not link.remote_id:
            return None
        if link._delete_policy() == "off" or not link._organizes():
            return None
        return foresee_deletion(event._ms365_agreed_theirs(), reach=reach)

    def action_unlink_event(self, attendee_id=None, recurrence=False):
        """Say whom Outlook mails before an event is deleted on a screen.

        :param recurrence: a value of ``recurrence_update``, or one of the stock dialog
        """
        reach = REACH_OF_CHOICE.get(recurrence, recurrence) or "self_only"
        if not self.env.context.get("ms365_mails_seen"):
            mails = len(self) == 1 and self._ms365_foresee_mails_of_deletion(reach)
            if mails and mails.count:
                return self._ms365_ask_before_deletion(attendee_id, reach)
        elif reach != "self_only" and self.recurrence_id:
            self.action_mass_deletion(reach)
            return {"type": "ir.actions.act_url", "target": "self", "url": CALENDAR}
        return super().action_unlink_event(attendee_id, recurrence)

    def action_ms365_ask_before_archiving(self) -> dict[str, Any] | None:
        """Return the dialog about the cancellations, None if Outlook mails nobody.

        The calendar archives events in its popover. For a series, the dialog asks for
        the events as well.
        """
        self.ensure_one()
        self.check_access("write")
        mails = self._ms365_foresee_mails_of_deletion("self_only")
        if not mails or not mails.count:
            return None
        return self._ms365_deletion_dialog(ms365_archives=True)

    def _ms365_ask_before_deletion(self, attendee_id, reach):
        """Return the action that opens the dialog about the cancellation."""
        choices = {reach: choice for choice, reach in REACH_OF_CHOICE.items()}
        return self._ms365_deletion_dialog(
            default_attendee_id=attendee_id, default_recurrence=choices[reach]
        )

    def _ms365_deletion_dialog(self, **context):
        view = "praetorx_ms365_calendar.calendar_popover_delete_wizard_view_form_mails"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Delete Event"),
            "res_model": "calendar.popover.delete.wizard",
            "views": [(self.env.ref(view).id, "form")],
            "target": "new",
            "context": {"default_calendar_event_id": self.id, **context},
        }

    def _ms365_sends_mails(self):
        """Return True if edits by the viewer are sent to Outlook from here.

        A colleague's edit may wait for the organizer: another text says so.
        """
        organizer = self.user_id
        if self._origin and self._origin._check_private_event_conditions():
            return False  # it would name guests that the viewer may not know
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if organizer.id not in pushing or self._ms365_lock_reason():
            return False
        if not self._origin and organizer._ms365_uses_stock():
            return False
        if self._origin and not self._origin._ms365_is_managed():
            return False
        is_open = organizer.company_id.ms365_colleague_policy == "open"
        return is_open or self.env.user._ms365_may_act_for(organizer)

    def _ms365_describe_mails(self, mails):
        """Return who is mailed as HTML, and if a person must agree first."""
        limits, more = self.user_id.company_id.mapped("ms365_mail_limit"), ""
        limit = min(limits, default=0)
        if mails.count > limit:
            more = self.env._(
                "That is more than %(limit)s: nothing is sent until you agree in “My "
                "Approvals”.",
                limit=limit,
            )
        impact = with_names(mails.impact, self._ms365_names_of_guests())
        return describe_mails(self.env, impact, mails.count, more=more)

    def _ms365_names_of_guests(self):
        """Return address -> name of the contact, of all guests in Odoo."""
        return {
            address: partner.name
            for partner in self.partner_ids._origin | self._origin.partner_ids
            for address in partner._ms365_addresses()
            if partner.name
        }
