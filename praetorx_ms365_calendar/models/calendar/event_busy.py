"""Attendees who do not sync: say who they are, and when Outlook says they are busy."""

from datetime import datetime

from odoo import api, fields, models

from ...engine.busy_times import Slot, days_of_meeting, is_busy
from ..account.busy_day import MAX_PEOPLE


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_unsynced_note = fields.Char(
        compute="_compute_ms365_unsynced",
        compute_sudo=True,
        help="Attendees whose Outlook Odoo does not know, for the organizer.",
    )
    ms365_asks_busy_times = fields.Boolean(
        compute="_compute_ms365_unsynced",
        compute_sudo=True,
        help="The viewer lets Odoo ask Outlook when attendees are busy.",
    )

    @api.depends("partner_ids", "user_id")
    @api.depends_context("uid", "lang")
    def _compute_ms365_unsynced(self):
        """Tell the organizer only: others cannot do anything about it."""
        account = self._ms365_account_for_busy_times()
        asks = bool(account) and self.env.user.ms365_busy_times
        for event in self:
            is_own = bool(account) and event.user_id == self.env.user
            users = event._ms365_users_without_sync() if is_own else ()
            event.ms365_asks_busy_times = asks and is_own
            event.ms365_unsynced_note = bool(users) and event._ms365_unsynced_note(
                users, asks=asks
            )

    def _ms365_unsynced_note(self, users, *, asks):
        names = ", ".join(users.mapped("name"))
        if asks:
            return self.env._(
                "Without sync with Odoo: %(names)s. Outlook tells when they are busy.",
                names=names,
            )
        return self.env._(
            "Without sync with Odoo: %(names)s. Odoo does not know the appointments in "
            "their Outlook.",
            names=names,
        )

    def _ms365_users_without_sync(self):
        """Return the attendees of this event that use Odoo and do not sync it."""
        self.ensure_one()
        people = self.partner_ids._origin - self.env.user.partner_id
        users_sudo = people.sudo().user_ids.filtered(
            lambda user: user.active and not user.share
        )
        return users_sudo - self._ms365_synced_users_sudo()

    @api.model
    def _ms365_synced_users_sudo(self):
        mailboxes_sudo = self.env["praetorx.ms365.account"].sudo()._synced_mailboxes()
        return mailboxes_sudo.filtered(lambda one: one.state == "active").user_id

    @api.model
    def _ms365_account_for_busy_times(self):
        """Return the user's working mailbox, empty if there is none."""
        account_sudo = self.env["praetorx.ms365.account"].sudo()
        account_id = account_sudo._pushing_accounts().get(self.env.uid)
        account_sudo = account_sudo.browse(account_id or ())
        return account_sudo if account_id and account_sudo._is_ready() else None

    # ------------------------------------------------------------------
    # Odoo's hint "unavailable"
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_unavailable_partner_ids(self):
        """Add the attendees that are busy in Outlook, as far as it is known now."""
        result = super()._compute_unavailable_partner_ids()
        for event in self.filtered("ms365_asks_busy_times"):
            busy = event._ms365_busy_partners()
            event.unavailable_partner_ids |= event.partner_ids.filtered(
                lambda partner, busy=busy: partner._origin in busy
            )
        return result

    @api.model
    def ms365_ask_busy_times(
        self, event_id: int | bool, partner_ids: list[int], start: str, stop: str
    ) -> list[int]:
        """Ask Outlook when attendees are busy; return at once with what is known.

        The puller asks. When it has an answer, the user's open forms are told.

        :param event_id: False for a new event
        :param start: with ``stop``, the time of the meeting in the form
        :return: ids of the partners that are known to be busy
        """
        if not self.env.user.ms365_busy_times:
            return []
        partners = self.env["res.partner"].browse(partner_ids).exists()
        event = self.browse(event_id or ()).exists()._filtered_access("read")
        meeting = self.new(
            {
                "start": fields.Datetime.to_datetime(start),
                "stop": fields.Datetime.to_datetime(stop),
                "partner_ids": partners._filtered_access("read").ids,
                "user_id": self.env.uid,
            },
            origin=event,
        )
        meeting._ms365_ask_busy_times()
        return meeting._ms365_busy_partners().ids

    def _ms365_ask_busy_times(self):
        account_sudo = self._ms365_account_for_busy_times()
        days = self._ms365_busy_days()
        if account_sudo and days:
            BusyDay_sudo = self.env["praetorx.ms365.busy.day"].sudo()
            addresses = self._ms365_addresses_without_sync(account_sudo)
            if BusyDay_sudo._ask(account_sudo, sorted(addresses), days):
                self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    def _ms365_busy_partners(self):
        """Return the attendees that are known to be busy in Outlook at this time."""
        self.ensure_one()
        account_sudo = self._ms365_account_for_busy_times()
        days = self._ms365_busy_days()
        if not account_sudo or not days:
            return self.env["res.partner"]
        partners = self._ms365_addresses_without_sync(account_sudo)
        known = (
            self.env["praetorx.ms365.busy.day"]
            .sudo()
            ._known(account_sudo, partners.keys(), days)
        )
        own = self._ms365_own_slots()
        return self.env["res.partner"].union(
            *(
                partners[address]
                for address, slots in known.items()
                if is_busy(slots, self.start, self.stop, own)
            )
        )

    def _ms365_busy_days(self):
        """Return the days of this meeting, none if it is not looked up.

        The invitation to an all-day event looks like another event of that day.
        """
        if not (self.start and self.stop) or self._origin.allday:
            return []
        return days_of_meeting(self.start, self.stop)

    def _ms365_own_slots(self):
        """Return the times at which attendees have the invitation to this event."""
        event = self._origin
        own = {Slot(event.start, event.stop)} if event else set()
        agreed = event.sudo()._ms365_agreed_theirs() if event else None
        if agreed and not agreed.times.all_day:
            times = (agreed.times.start, agreed.times.end)
            own.add(Slot(*map(datetime.fromisoformat, times)))
        return own

    def _ms365_addresses_without_sync(self, account_sudo):
        """Return address -> attendee, of colleagues that do not sync with Odoo.

        A colleague uses Odoo, or has an address of the organizer's own domain. Exchange
        knows nothing of other people.
        """
        domain = (account_sudo.mailbox_address or "").partition("@")[2].lower()
        synced = self._ms365_synced_users_sudo().partner_id
        found = {}
        people = self.partner_ids._origin - synced - self.env.user.partner_id
        for partner in people[:MAX_PEOPLE]:
            partner_sudo = partner.sudo()
            is_user = any(not user.share for user in partner_sudo.user_ids)
            for address in list(partner_sudo._ms365_addresses())[:1]:
                if is_user or (domain and address.endswith(f"@{domain}")):
                    found.setdefault(address, partner)
        return found
