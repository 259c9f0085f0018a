from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.praetorx_base.fields import EncryptedChar

from ...const import ACTIVITY_SIGN_IN, CONFLICT_POLICIES, DIRECTIONS

SELF_WRITEABLE = [
    "ms365_sync_enabled",
    "ms365_sync_direction",
    "ms365_days_back",
    "ms365_days_ahead",
    "ms365_conflict_policy",
]
#: What people choose for their own sync; portal users have none.
OF_INTERNAL_USERS = {*SELF_WRITEABLE, "ms365_calendar_ids", "ms365_title_prefix"}
SELF_READABLE = [
    *SELF_WRITEABLE,
    "ms365_company_conflict_policy",
    "ms365_status",
    "ms365_state",
    "ms365_mailbox_address",
    "ms365_waiting_event_count",
    "ms365_waiting_mail_count",
    "ms365_conflict_count",
    "ms365_dead_letter_count",
    "ms365_calendar_ids",
    "ms365_needs_shared_scope",
]
#: Fields that decide whose calendars take part, which is cached.
DECIDES_WHO_SYNCS = {
    "active",
    "company_id",
    "email",
    "login",
    "ms365_sync_direction",
    "ms365_sync_enabled",
}


class ResUsers(models.Model):
    """The switch of each user, and what the stock connector is told about it."""

    _inherit = "res.users"

    # The stock tokens, encrypted at rest. Both addons keep using them by these names.
    microsoft_calendar_rtoken = EncryptedChar()
    microsoft_calendar_token = EncryptedChar()

    ms365_sync_enabled = fields.Boolean(
        "Sync with Microsoft 365",
        copy=False,
        help="Keeps your Odoo calendar and your Outlook calendar the same, in seconds.",
    )
    ms365_sync_direction = fields.Selection(
        DIRECTIONS, "Sync Direction", default="both", required=True, copy=False
    )
    ms365_conflict_policy = fields.Selection(
        CONFLICT_POLICIES,
        "If Both Sides Changed",
        copy=False,
        help="Rule for a field of an event that is changed to different values in "
        "Odoo and in Outlook. Empty: the setting of the company.",
    )
    ms365_company_conflict_policy = fields.Selection(
        related="company_id.ms365_conflict_policy", string="As the Company"
    )
    ms365_account_ids = fields.One2many("praetorx.ms365.account", "user_id")
    ms365_calendar_ids = fields.One2many(
        "praetorx.ms365.calendar",
        string="Calendars",
        compute="_compute_ms365_calendars",
        compute_sudo=True,
        readonly=False,
    )
    ms365_needs_shared_scope = fields.Boolean(
        compute="_compute_ms365_calendars", compute_sudo=True
    )
    ms365_days_back = fields.Integer(
        "Days Back",
        compute="_compute_ms365_window",
        inverse="_inverse_ms365_days_back",
        compute_sudo=True,
        help="How far back events are synced, in days.",
    )
    ms365_days_ahead = fields.Integer(
        "Days Ahead",
        compute="_compute_ms365_window",
        inverse="_inverse_ms365_days_ahead",
        compute_sudo=True,
        help="How far ahead events are synced, in days.",
    )
    ms365_state = fields.Selection(
        selection="_selection_ms365_state",
        compute="_compute_ms365_status",
        compute_sudo=True,
    )
    ms365_status = fields.Char(
        "Sync Status", compute="_compute_ms365_status", compute_sudo=True
    )
    ms365_mailbox_address = fields.Char(
        "Mailbox", compute="_compute_ms365_status", compute_sudo=True
    )
    ms365_waiting_event_count = fields.Integer(
        compute="_compute_ms365_counts", compute_sudo=True
    )
    ms365_waiting_mail_count = fields.Integer(
        compute="_compute_ms365_counts", compute_sudo=True
    )
    ms365_conflict_count = fields.Integer(
        compute="_compute_ms365_counts", compute_sudo=True
    )
    ms365_dead_letter_count = fields.Integer(
        compute="_compute_ms365_counts", compute_sudo=True
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + SELF_READABLE

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + SELF_WRITEABLE

    @api.model
    def _selection_ms365_state(self):
        state = self.env["praetorx.ms365.account"]._fields["state"]
        return state._description_selection(self.env)

    # ------------------------------------------------------------------
    # What the preferences show
    # ------------------------------------------------------------------

    @api.depends(
        "ms365_account_ids.days_back",
        "ms365_account_ids.days_ahead",
        "company_id.ms365_days_back",
        "company_id.ms365_days_ahead",
    )
    def _compute_ms365_window(self):
        for user in self:
            window = (user.ms365_account_ids[:1] or user.company_id)._ms365_window()
            user.ms365_days_back = window["days_back"]
            user.ms365_days_ahead = window["days_ahead"]

    @api.depends("ms365_account_ids.calendar_ids")
    @api.depends_context("uid")
    def _compute_ms365_calendars(self):
        for user in self:
            account = user._ms365_visible_account()
            user.ms365_calendar_ids = account.calendar_ids
            user.ms365_needs_shared_scope = account.needs_shared_scope

    def _inverse_ms365_days_back(self):
        for user in self:
            user._ms365_choose_window(days_back=user.ms365_days_back)

    def _inverse_ms365_days_ahead(self):
        for user in self:
            user._ms365_choose_window(days_ahead=user.ms365_days_ahead)

    def _ms365_choose_window(self, **chosen):
        """Set one bound; who chooses what the company has follows the company."""
        self.ensure_one()
        account = self.env["praetorx.ms365.account"].sudo()._ensure(self)
        window = account._ms365_window() | chosen
        if account._ms365_window() != window:
            own = window != self.company_id._ms365_window()
            account.write({**window, "own_window": own})
            account._request_pull(fresh_seconds=0)

    @api.depends(
        "ms365_sync_enabled",
        "ms365_account_ids.status",
        "ms365_account_ids.state",
        "ms365_account_ids.mailbox_address",
    )
    @api.depends_context("uid")
    def _compute_ms365_status(self):
        for user in self:
            account = user._ms365_visible_account()
            user.ms365_state = account.state or "signed_out"
            user.ms365_mailbox_address = account.mailbox_address
            user.ms365_status = account.status or self.env._("Switched off.")

    @api.depends("ms365_sync_enabled")
    @api.depends_context("uid")
    def _compute_ms365_counts(self):
        for user in self:
            account = user._ms365_visible_account()
            if not user.ms365_sync_enabled:
                account = account.browse()
            user.ms365_waiting_event_count = account.waiting_event_count
            user.ms365_waiting_mail_count = account.waiting_mail_count
            user.ms365_conflict_count = account.conflict_count
            user.ms365_dead_letter_count = account.dead_letter_count

    def _ms365_visible_account(self):
        """Return the account if it is one's own, or an administrator looks."""
        visible = self == self.env.user or self.env.user.has_group("base.group_system")
        return self.ms365_account_ids[:1] if visible else self.ms365_account_ids[:0]

    def _ms365_conflict_policy(self):
        """Return what this user, or else the company, wants for conflicts."""
        self.ensure_one()
        user_sudo = self.sudo()
        return (
            user_sudo.ms365_conflict_policy
            or user_sudo.company_id.ms365_conflict_policy
        )

    def action_ms365_sign_in(self) -> dict[str, Any]:
        """Go to Microsoft's page to sign in, and come back to the preferences."""
        self._ms365_check_own()
        url = self.env["praetorx.ms365.sign.in"]._begin("/odoo/calendar")
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def action_ms365_sync_now(self) -> dict[str, Any]:
        """Wake the workers for this calendar."""
        self._ms365_check_own(administrators_too=True)
        return self.sudo().ms365_account_ids.action_sync_now()

    def action_ms365_refresh_calendars(self) -> dict[str, Any]:
        """Have the list of calendars read again."""
        self._ms365_check_own(administrators_too=True)
        return self.sudo().ms365_account_ids.action_refresh_calendars()

    def action_ms365_push_waiting(self) -> dict[str, Any]:
        """Send the meetings from before the switch, after the person has confirmed."""
        self._ms365_check_own()
        return (
            self.env["praetorx.ms365.account"]
            .search([("user_id", "=", self.id)])
            .action_push_waiting()
        )

    def _ms365_check_own(self, administrators_too=False):
        """
        :raise AccessError: these are the preferences of somebody else
        """
        self.ensure_one()
        if self == self.env.user:
            return
        if administrators_too and self.env.user.has_group("base.group_system"):
            # Those of another company administer other mailboxes.
            account_ids = self.sudo().ms365_account_ids.ids
            self.env["praetorx.ms365.account"].browse(account_ids).check_access("read")
            return
        raise AccessError(self.env._("Users can only connect their own calendar."))

    # ------------------------------------------------------------------
    # The switch
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users.filtered("ms365_sync_enabled")._ms365_switch_on()
        return users

    def write(self, vals):
        if any(vals[name] for name in OF_INTERNAL_USERS & vals.keys()):
            self._ms365_check_internal()
        if "ms365_calendar_ids" in vals:
            vals = dict(vals)
            self._ms365_choose_calendars(vals.pop("ms365_calendar_ids"))
        if vals.get("active") is False:
            vals = {**vals, "ms365_sync_enabled": False}
        was_on = self._ms365_switched_on() if "ms365_sync_enabled" in vals else None
        direction = vals.get("ms365_sync_direction")
        turned = self.filtered(
            lambda user: direction and user.sudo().ms365_sync_direction != direction
        )
        result = super().write(vals)
        if was_on is not None:
            is_on = self._ms365_switched_on()
            (is_on - was_on)._ms365_switch_on()
            (was_on - is_on)._ms365_switch_off()
        if DECIDES_WHO_SYNCS & vals.keys():
            self.env["praetorx.ms365.account"]._clear_account_cache()
        turned.sudo().ms365_account_ids._direction_changed()
        return result

    def _ms365_check_internal(self):
        """
        :raise UserError: one of them is a portal or public user
        """
        if any(user.share for user in self.sudo()):
            raise UserError(self.env._("Only internal users can sync a calendar."))

    def _ms365_choose_calendars(self, commands):
        """Write what the list in the preferences has, with the rights of the person.

        :param commands: of a list that only lets its rows be changed
        :raise AccessError: the list is somebody else's, or more was to be done to it
        """
        self._ms365_check_own(administrators_too=True)
        own = self.sudo().ms365_account_ids.calendar_ids
        Calendar = self.env["praetorx.ms365.calendar"]
        for command, calendar_id, values in commands:
            if command == Command.LINK:
                continue
            if command != Command.UPDATE or calendar_id not in own.ids:
                raise AccessError(self.env._("Calendars come and go in Outlook only."))
            Calendar.browse(calendar_id).write(values)

    def _ms365_switched_on(self):
        return self.filtered(lambda user: user.sudo().ms365_sync_enabled)

    def _ms365_switch_on(self):
        """Make the account, and go on at once if the person was signed in before.

        :raise UserError: this is not for portal users
        """
        self._ms365_check_internal()
        for user_sudo in self.sudo():
            account = user_sudo.env["praetorx.ms365.account"]._ensure(user_sudo)
            account._clear_account_cache()
            account._unpark_tokens()
            if account._is_signed_in():
                account._signed_in()
                account._resume_pushing()
                account.env["praetorx.ms365.subscription"]._switch_on(account)

    def _ms365_switch_off(self):
        """Stop; what is linked stays so, for the day it is switched on again."""
        for account in self.sudo().ms365_account_ids:
            account._switched_off()
            account._park_tokens()
            account.activity_unlink([ACTIVITY_SIGN_IN])
            account.env["praetorx.ms365.subscription"]._switch_off(account)

    # ------------------------------------------------------------------
    # What the stock connector is told
    # ------------------------------------------------------------------

    def _ms365_is_ours(self):
        """Whether this addon, and not the stock connector, syncs this one user."""
        return len(self) == 1 and self.sudo().ms365_sync_enabled

    def _ms365_uses_stock(self):
        """Whether the stock connector syncs this user's calendar."""
        user_sudo = self.sudo()
        return bool(
            user_sudo
            and not user_sudo.ms365_sync_enabled
            and user_sudo.microsoft_calendar_rtoken
            and not user_sudo.microsoft_synchronization_stopped
        )

    def _get_microsoft_sync_status(self):
        """Stock pushes nothing, forbids nothing and asks nothing while "paused"."""
        if self._ms365_is_ours():
            return "sync_paused"
        return super()._get_microsoft_sync_status()

    def _get_microsoft_calendar_token(self):
        if self._ms365_is_ours():
            return False
        return super()._get_microsoft_calendar_token()

    def _sync_microsoft_calendar(self):
        if self._ms365_is_ours():
            return False
        return super()._sync_microsoft_calendar()

    def check_synchronization_status(self):
        status = super().check_synchronization_status()
        if self._ms365_is_ours():
            account = self.sudo().ms365_account_ids
            if not account._app_client_id():
                status["microsoft_calendar"] = "missing_credentials"
            elif account.state == "active":
                status["microsoft_calendar"] = "sync_active"
            else:
                status["microsoft_calendar"] = "sync_stopped"
            status["praetorx_ms365"] = True
        return status

    @api.model
    def _has_setup_microsoft_credentials(self):
        if self.env.user._ms365_is_ours():
            return bool(self.env.user.sudo().ms365_account_ids._app_client_id())
        return super()._has_setup_microsoft_credentials()

    def _set_microsoft_auth_tokens(self, access_token, refresh_token, ttl):
        """The stock sign-in, and the stock reset, which clears all three."""
        if not self._ms365_is_ours():
            return super()._set_microsoft_auth_tokens(access_token, refresh_token, ttl)
        if refresh_token:
            raise UserError(
                self.env._("Sign in by the button in your preferences, tab Calendar.")
            )
        self.sudo().ms365_account_ids._forget_tokens()
        return None

    def stop_microsoft_synchronization(self):
        if not self._ms365_is_ours():
            return super().stop_microsoft_synchronization()
        self._ms365_check_own(administrators_too=True)
        self.sudo().ms365_sync_enabled = False
        return None

    def restart_microsoft_synchronization(self):
        if not self._ms365_is_ours():
            return super().restart_microsoft_synchronization()
        self._ms365_check_own(administrators_too=True)
        self.sudo().ms365_account_ids._request_pull()
        return None
