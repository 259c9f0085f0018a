from typing import Any

from odoo import api, fields, models

from odoo.addons.praetorx_base.fields import EncryptedChar

from ...const import CONFLICT_POLICIES, DIRECTIONS, MY_CONNECTION

SELF_WRITEABLE = [
    "ms365_sync_enabled",
    "ms365_sync_direction",
    "ms365_days_back",
    "ms365_days_ahead",
    "ms365_conflict_policy",
    "ms365_title_prefix",
    "ms365_busy_times",
]
SELF_READABLE = [
    *SELF_WRITEABLE,
    "ms365_status",
    "ms365_state",
    "ms365_mailbox_address",
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
        DIRECTIONS, "Direction", default="both", required=True, copy=False
    )
    ms365_conflict_policy = fields.Selection(
        CONFLICT_POLICIES,
        "Changed on Both Sides",
        copy=False,
        help="Rule for a field of an event that is changed to different values in "
        "Odoo and in Outlook. Empty: the setting of the company.",
    )
    ms365_account_ids = fields.One2many("praetorx.ms365.account", "user_id")
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

    def _inverse_ms365_days_back(self):
        self._ms365_change_window("days_back")

    def _inverse_ms365_days_ahead(self):
        self._ms365_change_window("days_ahead")

    def _ms365_change_window(self, bound):
        for user in self:
            user._ms365_choose_window(**{bound: user[f"ms365_{bound}"]})

    def _ms365_choose_window(self, **chosen):
        """Set the window. A user with the values of the company follows the company."""
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
    @api.depends_context("uid", "lang", "tz")
    def _compute_ms365_status(self):
        for user in self:
            account = user._ms365_visible_account()
            user.ms365_state = account.state or "signed_out"
            user.ms365_mailbox_address = account.mailbox_address
            user.ms365_status = account.status or self.env._("Switched off.")

    def _ms365_visible_account(self):
        """Return the account if it is one's own, or its administrator looks."""
        account = self.ms365_account_ids[:1]
        is_admin = self.env.user.has_group("base.group_system")
        is_here = account.sudo().company_id in self.env.user.company_ids
        visible = self == self.env.user or (is_admin and is_here)
        return account if visible else account.browse()

    def _ms365_conflict_policy(self):
        """Return the conflict policy of this user, or else of the company."""
        self.ensure_one()
        user_sudo = self.sudo()
        return (
            user_sudo.ms365_conflict_policy
            or user_sudo.company_id.ms365_conflict_policy
        )

    def action_ms365_connect(self) -> dict[str, Any]:
        """Open the dialog that explains the sync and signs in."""
        self._ms365_check_own()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect with Microsoft 365"),
            "res_model": "praetorx.ms365.connect",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_ms365_accept_invitation(self) -> dict[str, Any]:
        """Open the dialog that connects, or *My Connection* if the sync is on."""
        if self.ms365_sync_enabled:
            return self.action_ms365_open_connection()
        return self.action_ms365_connect()

    def action_ms365_open_connection(self) -> dict[str, Any]:
        """Open *My Connection*."""
        self._ms365_check_own()
        return self.env["praetorx.ms365.account"].action_open_mine()

    def action_ms365_sign_in(self) -> dict[str, Any]:
        """Go to Microsoft's page to sign in, and come back to the calendar."""
        self._ms365_check_own()
        return self.env["praetorx.ms365.sign.in"]._begin_by_button("/odoo/calendar")

    def action_ms365_use_other_account(self) -> dict[str, Any]:
        """Go to Microsoft's page to choose another account than the last one."""
        self._ms365_check_own()
        return self.env["praetorx.ms365.sign.in"]._begin_by_button(
            MY_CONNECTION, other_account=True
        )

    def action_ms365_sign_in_by_code(self) -> dict[str, Any]:
        """Open the dialog with the code for Microsoft's page."""
        self._ms365_check_own()
        account = self.env["praetorx.ms365.account"].sudo()._ensure(self)
        return account.sudo(False).action_sign_in_by_code()

    def action_ms365_sync_now(self) -> dict[str, Any]:
        """Wake the workers for this calendar."""
        self._ms365_check_own(administrators_too=True)
        return self.sudo().ms365_account_ids.action_sync_now()

    ms365_title_prefix = fields.Char(
        "Title Prefix",
        copy=False,
        help="Put before the titles of events that Odoo makes in Outlook, such as "
        "[Odoo]. Odoo itself does not show it. A change counts for new events only.",
    )

    ms365_busy_times = fields.Boolean(
        "Busy Times from Outlook",
        copy=False,
        help="Odoo asks Outlook when attendees of your meetings are busy, if they do "
        "not sync with Odoo. It learns the times only, no titles, and forgets them "
        "soon.",
    )
