from typing import Any

from odoo import api, fields, models

from odoo.addons.praetorx_base.fields import EncryptedChar

from ...const import CONFLICT_POLICIES, DIRECTIONS

SELF_WRITEABLE = [
    "ms365_sync_enabled",
    "ms365_sync_direction",
    "ms365_days_back",
    "ms365_days_ahead",
    "ms365_conflict_policy",
    "ms365_title_prefix",
]
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
    "ms365_hold_count",
    "ms365_calendar_ids",
    "ms365_needs_shared_scope",
]


class ResUsers(models.Model):
    """The settings and the status of the sync, as shown in the preferences."""

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
    # Preferences
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
        """Set one bound. A user with the values of the company follows the company."""
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
            user.ms365_hold_count = user._ms365_visible_account().hold_count

    def _ms365_visible_account(self):
        """Return the account if it is one's own, or an administrator looks."""
        visible = self == self.env.user or self.env.user.has_group("base.group_system")
        return self.ms365_account_ids[:1] if visible else self.ms365_account_ids[:0]

    def _ms365_conflict_policy(self):
        """Return the conflict policy of this user, or else of the company."""
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

    ms365_hold_count = fields.Integer(
        compute="_compute_ms365_counts", compute_sudo=True
    )

    def action_ms365_open_holds(self) -> dict[str, Any]:
        """Open the held deletions of this user."""
        return (
            self.env["praetorx.ms365.account"]
            .search([("user_id", "=", self.id)])
            .action_open_holds()
        )

    ms365_title_prefix = fields.Char(
        "Title Prefix",
        copy=False,
        help="Put before the titles of events that Odoo makes in Outlook, such as "
        "[Odoo]. Odoo itself does not show it. A change counts for new events only.",
    )
