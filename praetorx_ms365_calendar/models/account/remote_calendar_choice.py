from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import DIRECTIONS
from ...engine.calendars import effective_direction
from ...engine.plan import pushes
from ...engine.snapshot import Attendee
from ...sync.write.lookups import Lookups
from .remote_calendar import FROM_THE_START

#: Fields that a user may write. The others come from Microsoft.
CHOICES = {"is_synced", "direction"}
#: Columns that decide which edits are sent, which is cached.
DECIDES_WHAT_IS_SENT = {"is_synced", "direction", "can_edit", "state", "is_default"}
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
    reason = fields.Char(readonly=True)
    not_before = fields.Datetime(readonly=True)
    status = fields.Char(compute="_compute_status")
    needs_permission = fields.Boolean(compute="_compute_status")

    @api.depends("direction", "can_edit", "account_id.direction")
    def _compute_effective_direction(self):
        for calendar in self:
            calendar.effective_direction = effective_direction(
                calendar.direction,
                of_mailbox=calendar.account_id.direction or "both",
                can_edit=calendar.can_edit,
            )

    @api.depends("name", "account_id.user_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show the name to the owner only. Other people see the owner's name."""
        is_admin = self.env.user.has_group("base.group_system")
        for calendar in self:
            calendar_sudo = calendar.sudo()
            user = calendar_sudo.account_id.user_id
            if user == self.env.user or is_admin:
                calendar.display_name = calendar_sudo.name
            else:
                calendar.display_name = self.env._("Calendar of %s", user.name)

    # ------------------------------------------------------------------
    # Display
    # ------------------------------------------------------------------

    @api.depends(
        "is_synced", "state", "reason", "kind", "effective_direction", "restarts"
    )
    def _compute_status(self):
        for calendar in self:
            calendar.needs_permission = (
                calendar.is_synced
                and calendar.kind != "own"
                and not calendar.account_id._may_read_shared()
            )
            calendar.status = calendar._describe_status()

    def _describe_status(self):
        self.ensure_one()
        env = self.env
        if self.state == "vanished":
            return env._("No longer in your mailbox. Its events stay in Odoo.")
        if not self.is_synced:
            return env._("Not synced.")
        if self.needs_permission:
            return env._("Sign in again to allow shared calendars.")
        if not self.effective_direction:
            return env._(
                "Nothing to sync: your sync only sends, and this calendar cannot be "
                "written."
            )
        if self.state == "unreadable":
            return env._(
                "Stopped: Microsoft does not show this calendar (%(reason)s). Trying "
                "again by itself.",
                reason=self.reason or "?",
            )
        if self.restarts > 1:
            return env._(
                "Microsoft stops before this calendar is read completely. Odoo tries "
                "again automatically."
            )
        if not self.window_end:
            return env._("Will be read in a moment.")
        if self.kind != "own":
            return env._("In sync, read every 15 minutes.")
        if not self.can_edit:
            return env._("In sync, read only.")
        return env._("In sync.")

    def action_switch(self) -> None:
        """Take the calendar into the sync, or off it: the switch in a list."""
        for calendar in self:
            calendar.is_synced = not calendar.is_synced

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
        if not self.env.su and not vals.keys() <= CHOICES:
            raise AccessError(self.env._("Only Outlook can change this of a calendar."))
        decides = vals.keys() & DECIDES_WHAT_IS_SENT
        sudo = self.sudo()
        followed = sudo._followed() if decides else self.browse()
        result = super().write(vals)
        if decides:
            self.env["praetorx.ms365.account"]._clear_account_cache()
            is_followed = sudo._followed()
            (followed - is_followed)._stop_following()
            (is_followed - followed)._start_following()
            sudo._stop_sending()
        return result

    def unlink(self):
        self.env["praetorx.ms365.account"]._clear_account_cache()
        return super().unlink()

    @api.constrains("is_synced", "is_default")
    def _check_default_stays(self):
        for calendar in self:
            if calendar.is_default and not calendar.is_synced:
                raise UserError(
                    self.env._(
                        "Your primary calendar is always synced. To stop, switch the "
                        "whole sync off."
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
            self.env["praetorx.ms365.event.link"].search(
                [("calendar_id", "=", calendar.id), ("state", "=", "calendar_off")]
            )._return_to_calendar()
            if calendar._is_shared():
                calendar._offer_owner_filter()
        self.account_id._request_pull(fresh_seconds=0)

    def _stop_sending(self):
        """Mark waiting entries as failed when their calendar becomes read-only."""
        closed = self.filtered(lambda calendar: not calendar._is_writable())
        entries = self.env["praetorx.ms365.outbox"].search(
            [
                ("calendar_id", "in", closed.ids),
                ("state", "in", ["pending", "sending"]),
            ]
        )
        reason = self.env._("Not sent: its calendar is not synced in this direction.")
        entries.write({"state": "dead", "reason": reason})
        entries._all_events()._ms365_show_state("error")

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
