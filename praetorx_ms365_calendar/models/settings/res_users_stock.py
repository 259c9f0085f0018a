"""Tell the stock connector that it has nothing to do for users of this addon."""

import logging

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.praetorx_base.exceptions import UnreadableSecret

_logger = logging.getLogger(__name__)

#: Context key of the stock cron: ids of users whose tokens cannot be read.
UNREADABLE_IDS = "ms365_unreadable_ids"


class ResUsers(models.Model):
    _inherit = "res.users"

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
        skipped_ids = self.env.context.get(UNREADABLE_IDS, ())
        if self._ms365_is_ours() or self.id in skipped_ids:
            return False
        return super()._sync_microsoft_calendar()

    @api.model
    def _sync_all_microsoft_calendar(self):
        """Pass over users whose tokens cannot be read, and name them in one line."""
        signed_in_sudo = self.sudo().search(
            [
                ("microsoft_calendar_rtoken", "!=", False),
                ("microsoft_synchronization_stopped", "=", False),
                ("ms365_sync_enabled", "=", False),
            ]
        )
        unreadable = signed_in_sudo.filtered(
            lambda user: not user._ms365_is_token_readable()
        )
        if unreadable:
            _logger.warning(
                "Microsoft 365: the encryption key for the tokens of users %s is "
                "missing: their calendars are not synced. Add the key again, or let "
                "these users sign in again.",
                sorted(unreadable.ids),
            )
        skipping = self.with_context(**{UNREADABLE_IDS: tuple(unreadable.ids)})
        return super(ResUsers, skipping)._sync_all_microsoft_calendar()

    def _ms365_is_token_readable(self):
        """Return True if the key of this user's refresh token is there."""
        try:
            return bool(self.microsoft_calendar_rtoken)
        except UnreadableSecret:
            return False

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
            status["praetorx_ms365"] = {
                "level": account.health,
                "count": account.to_do_count,
                "words": account.status,
            }
        elif self == self.env.user and not self.share and not self._ms365_uses_stock():
            status["praetorx_ms365"] = {
                "level": "offer",
                "stock_allowed": self._ms365_may_use_stock(),
            }
        return status

    def _ms365_may_use_stock(self):
        """Return True if this user may sign in with the stock connector."""
        return self._ms365_uses_stock() or self.sudo().company_id.ms365_allow_stock

    @api.model
    def _ms365_keep_stock(self):
        """Allow the stock connector in each company that has a user of it."""
        users = self.sudo().search([("microsoft_synchronization_stopped", "=", False)])
        in_use = users.filtered(lambda user: user._ms365_uses_stock())
        in_use.company_ids.ms365_allow_stock = True

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
            raise UserError(self.env._("Sign in by the button above your calendar."))
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
