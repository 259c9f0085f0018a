from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import IN_BOTH
from ...engine.guests import Invited, replying_guest
from ...engine.mapping.reply_states import REPLY_OF_STATE
from ...engine.replies import ReplyScope, days_with_own_reply, reply_scope


class CalendarAttendee(models.Model):
    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "praetorx.ms365.bookkeeping"]
    _ms365_bookkeeping = frozenset({"access_token"})

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        attendees._ms365_look_for_replies()
        return attendees

    def write(self, vals):
        if "state" not in vals or self.event_id._ms365_is_sync():
            return super().write(vals)
        changing = self.filtered(lambda attendee: attendee.state != vals["state"])
        replying = changing.filtered(
            lambda attendee: (
                vals["state"] in REPLY_OF_STATE and attendee._ms365_replying_account()
            )
        )
        replying._ms365_check_own_reply()
        replying.event_id._ms365_lock()
        result = super().write(vals)
        by_link = replying.filtered(
            lambda attendee: attendee.partner_id != self.env.user.partner_id
        )
        by_link._ms365_log_reply_by_link()
        replying -= by_link
        in_series = replying.filtered("event_id.recurrence_id")
        self.env["praetorx.ms365.outbox"]._enqueue_replies(replying - in_series)
        given = self.grouped(_person_of_series)
        for person, parts in in_series.grouped(_person_of_series).items():
            parts._ms365_reply_to_series(given[person])
        return result

    def _ms365_look_for_replies(self):
        """Have copies read that had replies of these new attendees.

        The people were attendees before, for example until somebody removed them by
        mistake. As long as Outlook does not know that, their replies are valid there.
        """
        links_sudo = self.event_id._ms365_all_links().filtered(
            lambda link: link.state in IN_BOTH and link.remote_id
        )
        if not links_sudo:
            return
        new = self.filtered(lambda attendee: attendee.state == "needsAction")
        unread_sudo = links_sudo.browse()
        for event, attendees in new.grouped("event_id").items():
            addresses = {
                address
                for partner in attendees.sudo().partner_id
                for address in partner._ms365_addresses()
            }
            unread_sudo |= (event._ms365_all_links() & links_sudo).filtered(
                lambda link, addresses=addresses: link._has_reply_of(addresses)
            )
        if unread_sudo:
            unread_sudo.needs_read = True
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    def _ms365_reply_to_series(self, given):
        """Record one person's reply to occurrences of one series.

        :param self: the attendee records with a new reply
        :param given: all attendee records of this one reply
        :raise UserError: Outlook has no such reply
        """
        recurrence = self.event_id.recurrence_id
        reply = REPLY_OF_STATE[self[0].state]
        rows = recurrence._ms365_rows()
        mine = rows.attendee_ids.filtered(
            lambda part: part.partner_id == self.partner_id
        )
        if len(given) > 1:
            given = mine.filtered(lambda part: part.state == self[0].state)
        now = fields.Datetime.now()
        scope = reply_scope(
            given.event_id.mapped("ms365_day"),
            mine.event_id.filtered(lambda row: row.stop > now).mapped("ms365_day"),
            is_every=bool(self.env.context.get("ms365_answers_all")),
        )
        Outbox = self.env["praetorx.ms365.outbox"]
        if scope is ReplyScope.SOME:
            raise UserError(
                self.env._(
                    "Outlook takes answers to one occurrence, or to the whole series: "
                    "choose one of these."
                )
            )
        if scope is ReplyScope.ONE:
            Outbox._enqueue_replies(self)
            return
        account_sudo = self[0]._ms365_replying_account()
        link_sudo = self[0].event_id._ms365_invitation_of(account_sudo)
        Outbox._enqueue_replies(self[0], to_series=True)
        own_days = days_with_own_reply(reply, link_sudo._own_replies_by_day())
        Outbox._enqueue_replies(
            mine.filtered(lambda part: part.event_id.ms365_day in own_days)
        )

    def _ms365_replying_account(self):
        """Return the mailbox that has, or will have, this attendee's invitation.

        It is empty for the organizer and for people without a synced calendar: their
        replies stay in Odoo.
        """
        self.ensure_one()
        Account_sudo = self.env["praetorx.ms365.account"].sudo()
        pushing = Account_sudo._pushing_accounts()
        event_sudo = self.event_id.sudo()
        for user in self.sudo().partner_id.user_ids - event_sudo.user_id:
            account_sudo = Account_sudo.browse(pushing.get(user.id))
            if account_sudo and (
                event_sudo._ms365_invitation_of(account_sudo)
                or event_sudo._ms365_will_invite(account_sudo)
            ):
                return account_sudo
        return Account_sudo

    def _ms365_log_reply_by_link(self):
        """Log that a reply stays in Odoo: anybody may have followed the link."""
        for attendee in self:
            attendee.event_id.sudo()._message_log(
                body=self.env._(
                    "%(name)s has answered by the link of a mail, without signing in: "
                    "the answer is in Odoo only. Outlook gets it when %(name)s answers "
                    "while signed in.",
                    name=attendee.common_name,
                )
            )

    def _ms365_check_own_reply(self):
        """Refuse to reply for somebody else: it would be sent in that person's name.

        A reply through the link in an invitation mail stays in Odoo: we cannot know
        that the attendee has clicked it.

        :raise UserError: it is not the attendee's own reply
        """
        for attendee in self:
            by_mail_link = self.env.su and self.env.user._is_public()
            if attendee.partner_id != self.env.user.partner_id and not by_mail_link:
                raise UserError(
                    self.env._(
                        "%(name)s answers invitations alone: the answer is sent from "
                        "%(name)s's own Outlook calendar.",
                        name=attendee.common_name,
                    )
                )

    def _notify_attendees(self, mail_template, **kwargs):
        """Skip attendees that Exchange notifies: nobody gets two mails."""
        mailed = self.browse()
        if not self.env.context.get("ms365_reminder"):
            for event, attendees in self.grouped("event_id").items():
                if event._ms365_is_managed():
                    mailed |= attendees._ms365_among(event._ms365_outlooks_list())
        return super(CalendarAttendee, self - mailed)._notify_attendees(
            mail_template, **kwargs
        )

    def _ms365_replying_attendee(self, address, name, own_partner):
        """Return the attendee record for a reply that was given under an address.

        :param self: the attendee records of all guests with the address
        :param name: Outlook's display name for the address
        :param own_partner: the owner of the mailbox that shows the reply
        """
        if len(self) < 2:
            return self
        Account = self.env["praetorx.ms365.account"]
        owner_id = Account._organizer_addresses().get(address)
        owner = own_partner & self.partner_id
        owner = owner or Account.sudo().browse(owner_id).user_id.partner_id
        return self.browse(
            replying_guest(
                name,
                [
                    Invited(
                        part.id,
                        name=part.partner_id.name or "",
                        since=part.create_date,
                        owns_mailbox=part.partner_id == owner,
                        is_person=not part.partner_id.is_company,
                    )
                    for part in self
                ],
            )
        )

    def _ms365_among(self, addresses):
        """Return the attendees that have one of the addresses."""
        return self.filtered(
            lambda attendee: (
                not addresses.isdisjoint(attendee.partner_id._ms365_addresses())
            )
        )

    def _microsoft_sync_event(self, reply):
        """Keep the stock connector from sending replies to meetings that we sync."""
        stock = self.filtered(
            lambda attendee: not attendee.event_id._ms365_is_managed()
        )
        return super(CalendarAttendee, stock)._microsoft_sync_event(reply)


def _person_of_series(attendee):
    """Return the key that all attendee records of one person in one series share."""
    return attendee.event_id.recurrence_id, attendee.partner_id
