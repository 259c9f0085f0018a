from datetime import timedelta
from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...const import DIRECTIONS, NOT_SENT
from ...engine.calendars import effective_direction
from ...engine.plan import pushes
from ...engine.reasons import because
from ...engine.snapshot import Attendee
from ...sync.write.lookups import Lookups
from ...wording import CALENDAR_STATUS, say
from .remote_calendar import FROM_THE_START

#: Fields that a user may write. The others come from Microsoft.
CHOICES = {"is_synced", "direction"}
#: Columns that decide which edits are sent, which is cached.
DECIDES_WHAT_IS_SENT = {"is_synced", "direction", "can_edit", "state", "is_default"}
#: Names that Microsoft gives a primary calendar, in the languages of this addon.
STANDARD_NAMES = {"Calendar", "Kalender"}
#: How long a calendar is left alone that Microsoft does not show.
LOOK_AGAIN = timedelta(hours=1)


class PraetorxMs365Calendar(models.Model):
    """Which calendars of a mailbox are synced, and which way.

    The primary one always is; a person adds others, and takes them off again. Taking
    one off deletes nothing: its events stay in Odoo, and are taken up again with it.
    """

    _inherit = "praetorx.ms365.calendar"
    _order = "is_default desc, kind, name, id"

    is_synced = fields.Boolean("Sync", help="Keep this calendar the same in Odoo.")
    direction = fields.Selection(DIRECTIONS, default="both", required=True)
    effective_direction = fields.Selection(
        DIRECTIONS,
        compute="_compute_effective_direction",
        store=True,
        help="What this choice, the mailbox's direction and the rights leave over.",
    )
    kind = fields.Selection(
        [("own", "Own"), ("shared", "Shared"), ("delegated", "Delegated")],
        default="own",
        required=True,
        readonly=True,
    )
    can_edit = fields.Boolean("Writable", default=True, readonly=True)
    can_view_private = fields.Boolean(default=True, readonly=True)
    owner_name = fields.Char("Owner", readonly=True)
    owner_address = fields.Char(readonly=True)
    color = fields.Char(readonly=True)

    state = fields.Selection(
        [
            ("listed", "In the mailbox"),
            ("unreadable", "Cannot be read"),
            ("vanished", "No longer in the mailbox"),
        ],
        default="listed",
        required=True,
        readonly=True,
    )
    not_before = fields.Datetime(readonly=True)
    status = fields.Char("Message", compute="_compute_status")
    needs_permission = fields.Boolean(compute="_compute_status")

    @api.depends("direction", "can_edit", "account_id.direction")
    def _compute_effective_direction(self):
        for calendar in self:
            calendar.effective_direction = effective_direction(
                calendar.direction,
                of_mailbox=calendar.account_id.direction or "both",
                can_edit=calendar.can_edit,
            )

    @api.depends("name", "is_default", "account_id.user_id")
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        """Show the name to the owner only. Other people see the owner's name."""
        is_admin = self.env.user.has_group("base.group_system")
        for calendar in self:
            calendar_sudo = calendar.sudo()
            user = calendar_sudo.account_id.user_id
            if user == self.env.user or is_admin:
                calendar.display_name = calendar_sudo._own_name()
            else:
                calendar.display_name = self.env._("Calendar of %s", user.name)

    def _own_name(self):
        """Return the name, and Microsoft's name of the primary one as Outlook shows it.

        Outlook shows that name in the language of the person.
        """
        self.ensure_one()
        if self.is_default and self.name in STANDARD_NAMES:
            return self.env._("Calendar")
        return self.name

    # ------------------------------------------------------------------
    # Display
    # ------------------------------------------------------------------

    def _in_trouble(self):
        """Return the calendars that are chosen and cannot be read."""
        return self.filtered(
            lambda calendar: (
                calendar.is_synced
                and (calendar.state != "listed" or calendar.restarts > 1)
            )
        )

    @api.depends(
        "is_synced",
        "state",
        "reason",
        "kind",
        "effective_direction",
        "restarts",
        "account_id.state",
        "account_id.enabled",
        "account_id.has_change",
    )
    @api.depends_context("uid", "lang")
    def _compute_status(self):
        for calendar in self:
            calendar.needs_permission = (
                (calendar.is_synced or calendar._waits_to_be_synced())
                and calendar.kind != "own"
                and not calendar.account_id._may_read_shared()
            )
            calendar.status = calendar._describe_status()

    def _is_retried(self):
        return True

    def _waits_to_be_synced(self):
        """Return True if a change that waits would sync this calendar."""
        change = self.sudo().account_id._waiting_change()
        return not self.is_synced and self._origin in change.calendar_ids

    def _describe_status(self):
        """Say how the calendar is doing, and the next step if somebody must act."""
        self.ensure_one()
        owner = self.account_id.user_id
        words = CALENDAR_STATUS[self._status_key()]
        return say(self.env, words, owner, why=self.reason_words or "")

    def _status_key(self):
        """Return the state of the calendar, as a key of its sentence."""
        for key, is_so in (
            ("vanished", self.state == "vanished"),
            ("permission", self.needs_permission),
            ("change_waits", self._waits_to_be_synced()),
            ("not_synced", not self.is_synced),
            ("no_direction", not self.effective_direction),
            ("unreadable", self.state == "unreadable"),
            ("restarts", self.restarts > 1),
            ("not_ready", not self.account_id._is_ready()),
            ("not_read", not self.window_end),
            ("shared", self.kind != "own"),
            ("read_only", not self.can_edit),
        ):
            if is_so:
                return key
        return "in_sync"

    def action_switch(self) -> dict[str, Any] | None:
        """Take the calendar into the sync, or off it: the switch in a list.

        If the mailbox syncs already, this shows first what will happen.
        """
        for calendar in self:
            calendar.is_synced = not calendar.is_synced
        account = self.account_id[:1]
        return account.action_open_preview() if account.has_change else None

    # ------------------------------------------------------------------
    # Choosing
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(
            [{"is_synced": vals.get("is_default", False), **vals} for vals in vals_list]
        )
        self.env["praetorx.ms365.account"]._clear_account_cache()
        return calendars

    def write(self, vals):
        if not self.env.su:
            return self._write_choice(vals)
        decides = vals.keys() & DECIDES_WHAT_IS_SENT
        sudo = self.sudo()
        followed = sudo._followed() if decides else self.browse()
        writable = sudo._writable() if decides else self.browse()
        result = super().write(vals)
        if decides:
            self.env["praetorx.ms365.account"]._clear_account_cache()
            is_followed = sudo._followed()
            (followed - is_followed)._stop_following()
            (is_followed - followed)._start_following()
            sudo._stop_sending()
            (sudo._writable() - writable)._ask_about_ended_deletions()
        return result

    def _write_choice(self, vals):
        """Change what a person may choose, as a change of the mailbox's settings."""
        if not vals.keys() <= CHOICES:
            raise AccessError(self.env._("Only Outlook can change this of a calendar."))
        self.check_access("write")
        for account, calendars in self.grouped("account_id").items():
            commands = [Command.update(one.id, vals) for one in calendars]
            account._change_settings({"calendar_ids": commands})
        return True

    def unlink(self):
        self.env["praetorx.ms365.account"]._clear_account_cache()
        return super().unlink()

    @api.constrains("is_synced", "is_default")
    def _check_default_stays(self):
        for calendar in self:
            if calendar.is_default and not calendar.is_synced:
                raise calendar._primary_stays()

    def _primary_stays(self):
        """Return the error about a primary calendar that somebody takes off."""
        return UserError(
            self.env._(
                "Your primary calendar is always synced. To stop, switch the whole "
                "sync off."
            )
        )

    def _followed(self):
        """Return the calendars that take part at all, also if they cannot be read."""
        return self.filtered(
            lambda calendar: (
                calendar.is_synced
                and calendar.effective_direction
                and calendar.state != "vanished"
            )
        )

    def _readable(self, now):
        """Return the calendars that the puller may ask for now."""
        return self._followed().filtered(
            lambda calendar: (
                (calendar.kind == "own" or calendar.account_id._may_read_shared())
                and (not calendar.not_before or calendar.not_before <= now)
            )
        )

    def _is_shared(self):
        """Return True if this is somebody else's calendar."""
        return bool(self) and self.kind != "own"

    def _others_of_owner(self):
        """Return the calendars to which a person can move an event in Outlook."""
        if self._is_shared():
            return self.browse()
        return self.account_id.calendar_ids.filtered(
            lambda calendar: (
                calendar.kind == "own"
                and calendar.can_edit
                and calendar.state == "listed"
                and calendar != self
            )
        )

    def _owner_partner(self):
        """Return the contact of the owner of these events."""
        if not self._is_shared():
            return self.account_id.user_id.partner_id
        if not self.owner_address:
            return self.env["res.partner"]
        owner = Attendee(self.owner_address, self.owner_name or "")
        lookups = Lookups(self.env, [], account=self.account_id)
        return self.env["res.partner"].browse(lookups.partner(owner))

    def _is_writable(self):
        """Return True if edits in Odoo are sent to this calendar."""
        self.ensure_one()
        return bool(
            self._followed()
            and pushes(self.effective_direction)
            and (not self._is_shared() or self.account_id._may_read_shared())
        )

    def _stop_following(self):
        """The sync has to do with these calendars no more; nothing is deleted."""
        for calendar in self:
            calendar._abandon_round()
            links = self.env["praetorx.ms365.event.link"].search(
                [
                    ("calendar_id", "=", calendar.id),
                    ("state", "in", ["synced", "waiting", "conflict"]),
                ]
            )
            links._stop_following()
            calendar.write({**FROM_THE_START, "retiring_link": False, "restarts": 0})

    def _start_following(self):
        """Read these calendars from the start, and use the old links again."""
        for calendar in self:
            calendar._restart_round()
            calendar._links_to_return()._return_to_calendar()
            if calendar._is_shared():
                calendar._offer_owner_filter()
        self.account_id._request_pull(fresh_seconds=0)

    def _links_to_return(self, remote_ids=None):
        """Return the links of events whose calendar was not synced meanwhile.

        :param remote_ids: of these events only
        """
        off = Domain("calendar_id", "in", self.ids) & Domain(
            "state", "=", "calendar_off"
        )
        if remote_ids is not None:
            off &= Domain("remote_id", "in", remote_ids)
        return self.env["praetorx.ms365.event.link"].search(off)

    def _writable(self):
        """Return the calendars to which edits in Odoo are sent."""
        return self.filtered(lambda calendar: calendar._is_writable())

    def _stop_sending(self):
        """End entries and approvals of calendars that Odoo does not write to any more.

        Entries that wait become failed. Approvals end: there is nothing to approve.
        """
        closed = self - self._writable()
        entries = self.env["praetorx.ms365.outbox"].search(
            Domain("calendar_id", "in", closed.ids) & Domain("state", "in", NOT_SENT)
        )
        held = entries.filtered(lambda entry: entry.state == "held")
        waiting = held.approval_id.filtered(lambda one: one.state == "waiting")
        waiting._end_over("not_sent")
        entries -= held
        entries.write({"state": "dead", "reason": because("calendar_not_sent")})
        entries._all_events()._ms365_show_state("error")

    def _ask_about_ended_deletions(self):
        """Ask about deletions whose approval ended when nothing was sent any more."""
        ended = self.env["praetorx.ms365.approval"].search(
            Domain("link_id.calendar_id", "in", self.ids)
            & Domain("link_id.state", "=", "deleted_here")
            & Domain("operation", "=", "cancel")
            & Domain("over_reason", "=", "not_sent")
        )
        ended.link_id._resume_deletions()

    def _offer_owner_filter(self):
        """Have the calendar view offer the owner's events next to the user's own."""
        self.ensure_one()
        user = self.account_id.user_id
        partner = self._owner_partner()
        filters = self.env["calendar.filters"].with_context(active_test=False)
        domain = [("user_id", "=", user.id), ("partner_id", "=", partner.id)]
        if partner and partner != user.partner_id and not filters.search(domain):
            filters.create({"user_id": user.id, "partner_id": partner.id})

    # ------------------------------------------------------------------
    # Trouble of one calendar
    # ------------------------------------------------------------------

    def _stop_for(self, error):
        """Stop this calendar for a while; the others go on (docs/laws.md, law 9)."""
        self.ensure_one()
        self._abandon_round()
        self.write(
            {
                "state": "unreadable",
                "reason": error.reason,
                "not_before": fields.Datetime.now() + LOOK_AGAIN,
            }
        )

    def _is_shown_again(self):
        """Forget old errors, since Microsoft has answered for these calendars."""
        self.filtered(lambda calendar: calendar.state == "unreadable").write(
            {"state": "listed", "reason": False, "not_before": False}
        )

    def _abandon_round(self):
        """Forget the round under way; the next one starts where this one did."""
        self.ensure_one()
        if self.round_kind == "retiring":
            # Deletions in between are not reported any more.
            self._sweep_links()
            self.retiring_link = False
        self.write({"round_kind": False, "next_link": False, "round_state": False})
