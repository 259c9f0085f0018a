"""Switch the sync of users on and off, and stop it when they leave."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...const import ACTIVITY_SIGN_IN
from .res_users import SELF_WRITEABLE

#: Fields that internal users alone may set.
OF_INTERNAL_USERS = frozenset(SELF_WRITEABLE)
#: Field of a user -> the setting of the mailbox.
SETTING_OF = {
    "ms365_sync_direction": "direction",
    "ms365_days_back": "days_back",
    "ms365_days_ahead": "days_ahead",
}
#: Fields that decide which calendars are synced; the result is cached.
DECIDES_WHO_SYNCS = {
    "active",
    "company_id",
    "email",
    "login",
    "ms365_sync_direction",
    "ms365_sync_enabled",
}


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users.filtered("ms365_sync_enabled")._ms365_switch_on()
        return users

    def write(self, vals):
        if any(vals[name] for name in OF_INTERNAL_USERS & vals.keys()):
            self._ms365_check_internal()
        vals, chosen = self._ms365_split(vals)
        if vals.get("active") is False:
            vals = {**vals, "ms365_sync_enabled": False}
        was_on = self._ms365_switched_on() if "ms365_sync_enabled" in vals else None
        direction = vals.get("ms365_sync_direction")
        turned = self.filtered(
            lambda user: direction and user.sudo().ms365_sync_direction != direction
        )
        result = super().write(vals)
        for account_sudo in self.sudo().ms365_account_ids if chosen else ():
            account_sudo._change_settings(chosen)
        if was_on is not None:
            is_on = self._ms365_switched_on()
            (is_on - was_on)._ms365_switch_on()
            (was_on - is_on)._ms365_switch_off()
        if DECIDES_WHO_SYNCS & vals.keys():
            self.env["praetorx.ms365.account"]._clear_account_cache()
        turned.sudo().ms365_account_ids._direction_changed()
        if vals.keys() & {"active", "group_ids"}:
            left = self.sudo().filtered(lambda user: not user.active or user.share)
            left._ms365_stop_sync()
        return result

    def _ms365_check_internal(self):
        """
        :raise UserError: one of them is a portal or public user
        """
        if any(user.share for user in self.sudo()):
            raise UserError(self.env._("Only internal users can sync a calendar."))

    def _ms365_split(self, vals):
        """Take out what a person changes for mailboxes that exist already.

        :return: the values for the users, and those for their mailboxes
        """
        names = vals.keys() & SETTING_OF.keys()
        if self.env.su or not names:
            return vals, {}
        if not all(user.ms365_account_ids for user in self.sudo()):
            return vals, {}
        vals = dict(vals)
        return vals, {SETTING_OF[name]: vals.pop(name) for name in names}

    def _ms365_switched_on(self):
        return self.filtered(lambda user: user.sudo().ms365_sync_enabled)

    def _ms365_switch_on(self):
        """Make the account, and start at once if the user was signed in before.

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
        """Stop the sync; keep the links for the day it is switched on again."""
        for account in self.sudo().ms365_account_ids:
            account._switched_off()
            account._park_tokens()
            account.question_ids.unlink()
            account.device_code_ids.unlink()
            account.activity_unlink([ACTIVITY_SIGN_IN])
            account.env["praetorx.ms365.subscription"]._switch_off(account)

    def _ms365_check_own(self, *, administrators_too=False):
        """Refuse to change the preferences of other users.

        :raise AccessError: these are the preferences of somebody else
        """
        self.ensure_one()
        if self == self.env.user:
            return
        if administrators_too and self.env.user.has_group("base.group_system"):
            # Administrators of another company look after other mailboxes.
            account_ids = self.sudo().ms365_account_ids.ids
            self.env["praetorx.ms365.account"].browse(account_ids).check_access("read")
            return
        raise AccessError(self.env._("Users can only connect their own calendar."))

    def unlink(self):
        self.sudo()._ms365_stop_sync(for_good=True)
        return super().unlink()

    def _ms365_stop_sync(self, *, for_good=False):
        """Stop the sync of these users, and keep nothing of their grants.

        :param for_good: the users are about to be deleted
        """
        accounts_sudo = self.sudo().with_context(active_test=False).ms365_account_ids
        if not accounts_sudo:
            return
        self.filtered("ms365_sync_enabled").ms365_sync_enabled = False
        accounts_sudo._close_mailboxes()
        if for_good:
            accounts_sudo.unlink()
