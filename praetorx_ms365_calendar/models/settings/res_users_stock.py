"""Tell the stock connector that it has nothing to do for users of this addon."""

from odoo import api, models
from odoo.exceptions import UserError


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
