"""Handing a meeting that is in Outlook over to another organizer."""

from dataclasses import replace
from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...const import IN_BOTH
from ...engine.mail_impact import mail_impact, mails_of_new_series
from ...engine.series import Series
from ...engine.snapshot import Attendee


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_organizer_is_fixed = fields.Boolean(
        compute="_compute_ms365_organizer_is_fixed", compute_sudo=True
    )
    ms365_may_change_organizer = fields.Boolean(
        compute="_compute_ms365_organizer_is_fixed", compute_sudo=True
    )

    @api.depends("user_id", "ms365_sync_state", "recurrency")
    @api.depends_context("uid")
    def _compute_ms365_organizer_is_fixed(self):
        """Once a meeting is in Outlook its organizer is changed by an own operation."""
        for event in self:
            primary = event._ms365_organizers_link()
            event.ms365_organizer_is_fixed = bool(primary) or event.ms365_lock_reason
            event.ms365_may_change_organizer = (
                bool(primary) and event._ms365_may_give_away()
            )

    def action_ms365_change_organizer(self) -> dict[str, Any]:
        """Open the dialog that shows the effects of a new organizer."""
        self.ensure_one()
        self._ms365_check_may_change_organizer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Organizer"),
            "res_model": "praetorx.ms365.organizer.change",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_event_id": self.id},
        }

    def _ms365_organizers_link(self):
        """Return the link of the organizer's own copy, empty if there is none.

        Of an occurrence, that of its series.
        """
        return self._origin._ms365_all_links().filtered(
            lambda link: (
                link.is_primary
                and link.is_organizer
                and link.remote_id
                and link.state in IN_BOTH
            )
        )

    def _ms365_whole_meeting(self):
        """Return the events that have one organizer: of a series all that exist."""
        self.ensure_one()
        return self.recurrence_id._ms365_rows() or self

    def _ms365_may_give_away(self):
        """Return True if the viewer may give this meeting to another organizer.

        The organizer may, and so may a delegate that can see it. An administrator
        needs a setting of the company, since the old mailbox cancels the meeting.
        """
        user, organizer = self.env.user, self.user_id
        if user == organizer:
            return True
        if self._check_private_event_conditions():
            return False
        is_open = organizer.sudo().company_id.ms365_colleague_policy == "open"
        is_admin = user.has_group("base.group_system")
        return user._ms365_may_act_for(organizer) or (is_open and is_admin)

    def _ms365_check_may_change_organizer(self):
        """Refuse a new organizer unless the user is the organizer or a delegate.

        :raise UserError: it is somebody else
        """
        self.check_access("write")
        if not self._ms365_may_give_away():
            raise UserError(
                self.env._("Only the organizer can give this meeting to somebody else.")
            )

    def _ms365_obstacle_to_organizer(self, new_organizer):
        """Return the reason against this user as the organizer, False if there is none.

        :param new_organizer: empty to check only the reasons that concern everybody
        """
        self.ensure_one()
        link = self._ms365_organizers_link()
        accounts = self.env["praetorx.ms365.account"]._pushing_accounts()
        events = self._ms365_whole_meeting()
        unsent = self.env["praetorx.ms365.outbox"].sudo()._unsent(events)
        if max(events.mapped("stop")) < fields.Datetime.now():
            return self.env._("This meeting is over.")
        if not link:
            return self.env._("This meeting is not in its organizer's Outlook.")
        if link.state != "synced" or unsent:
            return self.env._(
                "Odoo and Outlook do not agree about this meeting yet. Try again once "
                "it is in sync."
            )
        if not link.account_id._is_ready():
            return self.env._(
                "%s's mailbox is not connected: it could not cancel its meeting.",
                self.user_id.name,
            )
        if link.account_id._delete_policy() == "off":
            return self.env._(
                "Odoo may not delete in Outlook: the old meeting would stay there."
            )
        if not new_organizer:
            return False
        if new_organizer == self.user_id:
            return self.env._("%s organizes this meeting already.", new_organizer.name)
        account = link.account_id.browse(accounts.get(new_organizer.id))
        if not account or not account._is_ready():
            return self.env._(
                "%s does not sync with Outlook, or not at the moment: nobody could "
                "invite the attendees.",
                new_organizer.name,
            )
        return False

    def _ms365_content_with_organizer(self, new_organizer, *, keeps_former):
        """Return the content of this meeting for the new organizer's mailbox."""
        content = self._ms365_shared_content()
        former = self.user_id
        if self._ms365_invitation_policy(new_organizer) != "exchange":
            return replace(content, attendees=())
        people = {one.email: one for one in content.attendees}
        for address in new_organizer.partner_id._ms365_addresses():
            people.pop(address, None)
        for address in former.partner_id._ms365_addresses()[:1]:
            if keeps_former:
                people[address] = Attendee(address, former.name)
        return replace(content, attendees=tuple(sorted(people.values())))

    def _ms365_shared_content(self):
        """Return the content of this event, or the shared content of its series."""
        recurrence = self.recurrence_id
        if recurrence:
            return recurrence._ms365_master(recurrence._ms365_contents_by_day())
        return self._ms365_read_contents()[self]

    def _ms365_invitation_count(self, content):
        """Return the number of mails that a new invitation to this meeting causes.

        :param content: the new content; occurrences that differ cause further mails
        """
        recurrence = self.recurrence_id
        if not recurrence:
            return mail_impact(None, content).count
        before = self._ms365_shared_content()
        contents = {
            day: replace(
                one,
                attendees=content.attendees
                if one.attendees == before.attendees
                else one.attendees,
            )
            for day, one in recurrence._ms365_contents_by_day().items()
        }
        master = replace(before, attendees=content.attendees)
        window = min(contents), max(contents)
        return mails_of_new_series(
            Series.of(master, recurrence._ms365_rule(master), window, contents)
        )

    def _ms365_change_organizer(self, new_organizer, *, keeps_former):
        """Give this meeting a new organizer, in an order that never loses it.

        The old copies are detached and wait; the new organizer's mailbox creates the
        meeting; when Graph has confirmed that, the old organizer's copy is deleted,
        which cancels it for the attendees.
        """
        self.ensure_one()
        former, recurrence = self.user_id, self.recurrence_id
        events = self._ms365_whole_meeting()
        shared = self._ms365_shared_content()
        primary = self._ms365_organizers_link()
        account = primary.account_id.search([("user_id", "=", new_organizer.id)])
        generation = primary.generation + 1
        copies = primary._copies()
        primary.write(
            {
                "successor_id": not recurrence and self.id,
                "successor_series_id": recurrence.id,
            }
        )
        copies.write(
            {"event_id": False, "recurrence_id": False, "state": "deleted_here"}
        )
        copies.flush_recordset()  # the new link takes their place in a unique index
        events._ms365_write_organizer(new_organizer, former, keeps_former=keeps_former)
        events._ms365_write_bookkeeping(
            {"ms365_calendar_id": account._default_calendar().id}
        )
        if recurrence:
            recurrence._ms365_store_shared_people(shared)
        new_link = primary.create(
            {
                "account_id": account.id,
                "calendar_id": account._default_calendar().id,
                "event_id": not recurrence and self.id,
                "recurrence_id": recurrence.id,
                "is_series": bool(recurrence),
                "is_primary": True,
                "generation": generation,
            }
        )
        if recurrence:  # all of it goes at once, as a person has agreed just now
            primary.moved_to_id = new_link
        entries = self.env["praetorx.ms365.outbox"].sudo()._enqueue_upserts(self)
        entries._agree_to_mails()
        self.sudo()._message_log(
            body=self.env._(
                "%(former)s has given the meeting to %(new)s.",
                former=former.name,
                new=new_organizer.name,
            )
        )

    def _ms365_write_organizer(self, new_organizer, former, *, keeps_former):
        """Write the new organizer and the people, as the sync and without a mail."""
        people = [Command.link(new_organizer.partner_id.id)]
        if not keeps_former:
            people.append(Command.unlink(former.partner_id.id))
        for event in self._ms365_for_sync(new_organizer):
            vals = {"user_id": new_organizer.id, "partner_ids": people}
            if event.teams_meeting_url:
                vals |= {"teams_meeting_url": False, "videocall_location": False}
            event.write(vals)
            for attendee in event.attendee_ids:
                is_new = attendee.partner_id == new_organizer.partner_id
                attendee.state = "accepted" if is_new else "needsAction"
            event._ms365_write_bookkeeping(
                {
                    "microsoft_id": False,
                    "ms_universal_event_id": False,
                    "ms_change_key": False,
                    "sync_origin": "odoo",
                }
            )
