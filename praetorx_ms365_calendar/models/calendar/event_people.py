"""The people of a meeting: owners of copies in Outlook, attendees and replies."""

from collections import defaultdict

from odoo import api, fields, models

from ...engine.mapping.reply_states import REPLY_OF_STATE, STATE_OF_REPLY
from ...engine.mapping.text import person_name
from ...engine.meetings import ORGANIZER_DECIDES
from ...engine.reasons import because


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_lock_reason = fields.Char(
        compute="_compute_ms365_lock_reason",
        compute_sudo=True,
        help="Why the meeting can be changed in its organizer's Outlook only.",
    )

    ms365_mail_note = fields.Char(
        compute="_compute_ms365_mail_note",
        compute_sudo=True,
        help="Who mails the attendees when the meeting is made, changed or deleted.",
    )
    ms365_people_note = fields.Char(
        compute="_compute_ms365_people_note",
        help="Who takes part on one side only, and why.",
    )

    @api.depends("user_id", "ms365_sync_state", "privacy", "partner_ids")
    @api.depends_context("uid", "lang")
    def _compute_ms365_lock_reason(self):
        for event in self:
            event.ms365_lock_reason = event._ms365_lock_reason()

    # ------------------------------------------------------------------
    # Ownership
    # ------------------------------------------------------------------

    def _ms365_lock_reason(self):
        """Return why only the organizer can change this meeting (docs/laws.md, law 6).

        Return False if Odoo may change it: its primary copy is in the organizer's
        mailbox, or it is not in Outlook. Personal fields (availability, reminders,
        tags) may always be changed.
        """
        self.ensure_one()
        event_sudo = self._origin.sudo()
        links = event_sudo._ms365_all_links()
        primary = links.filtered("is_primary")[:1]
        is_free = primary.state not in ORGANIZER_DECIDES
        organizer = event_sudo.user_id
        if not primary or primary._may_be_organized_here() or is_free:
            return False
        if not organizer:
            return self._ms365_lock_of_outsider()
        if organizer._ms365_uses_stock():
            return False
        return self.env._(
            "%(organizer)s organizes this meeting in Outlook and does not sync with "
            "Odoo: it can be changed in %(organizer)s's Outlook only. Your "
            "answer, availability, reminders and tags are yours to change.",
            organizer=organizer.name,
        )

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------

    def _ms365_invitation_policy(self, organizer=None):
        """Return the sender of mails to attendees: ``exchange``, ``odoo`` or ``none``.

        :param organizer: a new organizer instead of the event's present one
        """
        company_sudo = (organizer or self.user_id).sudo().company_id
        return company_sudo.ms365_invitation_policy or "exchange"

    def _ms365_outlooks_list(self):
        """Return the addresses of the attendees in Outlook."""
        self.ensure_one()
        theirs = self.sudo()._origin._ms365_agreed_theirs()
        return {attendee.email for attendee in theirs.attendees} if theirs else set()

    @api.depends("user_id", "partner_ids", "ms365_sync_state")
    def _compute_ms365_mail_note(self):
        for event in self:
            event.ms365_mail_note = event._ms365_mail_note()

    def _ms365_mail_note(self):
        """Explain the sender of mails to attendees, False if it is as in stock Odoo."""
        others = len(self.partner_ids - self.user_id.partner_id)
        if self.ms365_waiting_note:
            return False  # it is said there
        if self.ms365_lock_reason or self.recurrency or not self._ms365_is_managed():
            return False
        in_outlook = len(self._ms365_outlooks_list())
        policy = self._ms365_invitation_policy()
        if not others and not in_outlook:
            return False
        if policy != "exchange" and in_outlook:
            return self.env._(
                "Outlook mails the attendees on its own list (%(count)s). %(rest)s",
                count=in_outlook,
                rest=self._ms365_mail_rule(policy),
            )
        return self._ms365_mail_rule(policy)

    def _ms365_mail_rule(self, policy):
        """Explain the effect of a mail policy on this meeting."""
        if policy == "odoo":
            return self.env._(
                "Odoo mails invitations and new dates. The attendees are listed in "
                "Odoo only: Outlook does not know them."
            )
        if policy == "none":
            return self.env._(
                "Nobody mails the attendees. They are listed in Odoo only: Outlook "
                "does not know them."
            )
        account = self.user_id.sudo().ms365_account_ids
        if account and account.state != "active":
            return self.env._(
                "Outlook mails the attendees once %(organizer)s's mailbox is "
                "connected again. Until then nobody is told.",
                organizer=self.user_id.name,
            )
        return self.env._(
            "Outlook mails the attendees: invitations, changes and cancellations. Odoo "
            "does not."
        )

    @api.depends("partner_ids", "ms365_sync_state")
    @api.depends_context("uid")
    def _compute_ms365_people_note(self):
        for event in self:
            is_hidden = event._check_private_event_conditions()
            event.ms365_people_note = not is_hidden and event._ms365_people_note()

    def _ms365_people_note(self):
        """Name the people that take part on one side only, False if there are none."""
        self.ensure_one()
        event_sudo = self._origin.sudo()
        theirs = event_sudo._ms365_agreed_theirs()
        if not theirs:
            return False
        known = {
            address
            for partner in event_sudo.partner_ids
            for address in partner._ms365_addresses()
        }
        strangers = [one for one in theirs.attendees if one.email not in known]
        notes = []
        if names := [*strangers, *theirs.unmapped_attendees]:
            notes.append(
                self.env._(
                    "In Outlook also invited, without a contact in Odoo: %(names)s.",
                    names=", ".join(
                        person_name(one.name or one.email) for one in names
                    ),
                )
            )
        if left_out := event_sudo._ms365_uninvitable():
            notes.append(
                self.env._(
                    "Not in Outlook, because the mail address is missing: %(names)s.",
                    names=", ".join(left_out.mapped("display_name")),
                )
            )
        return " ".join(notes) or False

    def _ms365_uninvitable(self):
        """Return the attendees that Exchange cannot invite."""
        return self.partner_ids.filtered(lambda partner: not partner._ms365_addresses())

    def _ms365_describe_uninvitable(self):
        """Return a reason with the number of attendees that Exchange cannot invite.

        Return None if there are none.
        """
        left_out = self._ms365_uninvitable()
        if not left_out:
            return None
        return because("uninvitable", count=len(left_out))

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _ms365_link_of(self, account):
        """Return the link of this event's copy in a mailbox, empty if there is none.

        For an occurrence, it is the link of the series. If a mailbox has an invitation
        to this occurrence only, it is the occurrence's own link.
        """
        links = self._ms365_all_links().filtered(
            lambda link: link.account_id == account
        )
        own = links.filtered(lambda link: link.event_id and link.remote_id)
        here = own.filtered(lambda link: link.state != "deleted_there")
        return here or (links - own) or links

    def _ms365_invitation_of(self, account):
        """Return the same, if it is the mailbox owner's own copy."""
        return self._ms365_link_of(account).filtered(
            lambda link: not link.calendar_id._is_shared()
        )

    def _ms365_will_invite(self, account):
        """Return True if the owner of a mailbox will find an invitation in it.

        The event is in its organizer's Outlook, or under way to it.
        """
        self.ensure_one()
        start, end = account._window()
        return (
            self.ms365_sync_state != "none"
            and self._ms365_is_managed()
            and self.stop >= start
            and self.start < end
        )

    def change_attendee_status(self, status, recurrence_update_setting):
        """Know that all of a series was meant, though Odoo may have one event of it."""
        every = recurrence_update_setting == "all_events"
        events = self.with_context(ms365_answers_all=every)
        return super(CalendarEvent, events).change_attendee_status(
            status, recurrence_update_setting
        )

    def _ms365_attendees_of(self, user):
        """Return the part that a user takes in this event."""
        return self.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == user.partner_id
        )

    def _ms365_reply_of(self, user):
        """Return Graph's value of a user's reply, None if there is none."""
        return REPLY_OF_STATE.get(self._ms365_attendees_of(user)[:1].state)

    def _ms365_write_replies(self, replies, names, own_partner):
        """Write Outlook's replies to the matching attendees.

        :param replies: address -> Graph's response value
        :param names: address -> display name in Outlook
        :param own_partner: the owner of the mailbox that was read
        """
        given = {
            address: reply
            for address, reply in replies.items()
            if reply in STATE_OF_REPLY
        }
        repliers = self._ms365_repliers(given, names, own_partner)
        for part in self.attendee_ids:
            told = [
                given[address]
                for address in part.partner_id._ms365_addresses()
                if repliers.get(address) == part
            ]
            state = STATE_OF_REPLY[told[0]] if told else None
            if state and part.state != state:
                part.state = state

    def _ms365_repliers(self, addresses, names, own_partner):
        """Return address -> the attendee record that its reply in Outlook is for.

        :param addresses: the addresses to return, if an attendee has them
        :param names: see :meth:`_ms365_write_replies`, like ``own_partner``
        """
        holders = defaultdict(self.attendee_ids.browse)
        for part in self.attendee_ids:
            for address in part.partner_id._ms365_addresses():
                if address in addresses:
                    holders[address] |= part
        return {
            address: parts._ms365_replying_attendee(
                address, names.get(address, ""), own_partner
            )
            for address, parts in holders.items()
        }

    def _ms365_without_reply(self, addresses, names, own_partner):
        """Return those of the addresses with an attendee that has no reply in Odoo.

        :param names: see :meth:`_ms365_write_replies`, like ``own_partner``
        """
        if "needsAction" not in self.attendee_ids.mapped("state"):
            return frozenset()
        repliers = self._ms365_repliers(addresses, names, own_partner)
        return frozenset(
            address for address, part in repliers.items() if part.state == "needsAction"
        )
