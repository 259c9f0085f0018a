"""Handing a meeting that is in Outlook over to another organizer."""

from dataclasses import replace

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine.snapshot import Attendee


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
                bool(primary)
                and not event.recurrency
                and event._ms365_is_organizer_or_admin()
            )

    def action_ms365_change_organizer(self):
        """Open the dialog that shows what changing the organizer would do."""
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
        """Return the link of the organizer's own copy, empty if there is none."""
        return self._origin.sudo().ms365_link_ids.filtered(
            lambda link: (
                link.is_primary
                and link.is_organizer
                and link.remote_id
                and link.state in ("synced", "conflict")
            )
        )

    def _ms365_is_organizer_or_admin(self):
        is_admin = self.env.user.has_group("base.group_system")
        hidden = self._check_private_event_conditions()
        return self.user_id == self.env.user or (is_admin and not hidden)

    def _ms365_check_may_change_organizer(self):
        """Only the organizer gives a meeting away, or an administrator who sees it.

        :raise UserError: it is somebody else
        """
        self.check_access("write")
        if not self._ms365_is_organizer_or_admin():
            raise UserError(
                self.env._("Only the organizer can give this meeting to somebody else.")
            )

    def _ms365_obstacle_to_organizer(self, new_organizer):
        """Say why this user cannot become the organizer, False if nothing stands by.

        :param new_organizer: empty for what stands in the way of everybody
        """
        self.ensure_one()
        link = self._ms365_organizers_link()
        accounts = self.env["praetorx.ms365.account"]._pushing_accounts()
        unsent = self.env["praetorx.ms365.outbox"].sudo()._unsent(self)
        if self.recurrency:
            return self.env._("The organizer of a series cannot be changed.")
        if self.stop < fields.Datetime.now():
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
        """Return what the new organizer's mailbox will hold of this meeting."""
        content = self._ms365_read_contents()[self]
        former = self.user_id
        if self._ms365_invitation_policy(new_organizer) != "exchange":
            return replace(content, attendees=())
        people = {one.email: one for one in content.attendees}
        people.pop(new_organizer.email_normalized, None)
        if keeps_former and former.email_normalized:
            people[former.email_normalized] = Attendee(
                former.email_normalized, former.name
            )
        return replace(content, attendees=tuple(sorted(people.values())))

    def _ms365_change_organizer(self, new_organizer, *, keeps_former):
        """Give this meeting a new organizer, in an order that never loses it.

        The old copies are detached and wait; the new organizer's mailbox creates the
        meeting; when Graph has confirmed that, the old organizer's copy is deleted,
        which cancels it for the attendees.
        """
        self.ensure_one()
        former = self.user_id
        primary = self._ms365_organizers_link()
        account = primary.account_id.search([("user_id", "=", new_organizer.id)])
        generation = primary.generation + 1
        copies = self.sudo().ms365_link_ids
        primary.successor_id = self
        copies.write({"event_id": False, "state": "deleted_here"})
        copies.flush_recordset()  # the new link takes their place in a unique index
        self._ms365_take_organizer(new_organizer, former, keeps_former=keeps_former)
        primary.create(
            {
                "account_id": account.id,
                "calendar_id": account._default_calendar().id,
                "event_id": self.id,
                "is_primary": True,
                "generation": generation,
            }
        )
        self.env["praetorx.ms365.outbox"].sudo()._enqueue_upserts(self)
        self.sudo()._message_log(
            body=self.env._(
                "%(former)s has given the meeting to %(new)s.",
                former=former.name,
                new=new_organizer.name,
            )
        )

    def _ms365_take_organizer(self, new_organizer, former, *, keeps_former):
        """Write the new organizer and the people, as the sync and without a mail."""
        event = self._ms365_for_sync(new_organizer)
        people = [Command.link(new_organizer.partner_id.id)]
        if not keeps_former:
            people.append(Command.unlink(former.partner_id.id))
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
