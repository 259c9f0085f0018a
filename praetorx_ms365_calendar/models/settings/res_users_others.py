"""Changes of settings by administrators: of their companies, and each user alone."""

from odoo import models

from .res_users_switch import OF_INTERNAL_USERS, SETTING_OF


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Write settings where this user may change the mailbox.

        Users with a mailbox are written apart: their changes wait for them.

        :raise AccessError: an administrator of another company
        """
        if self.env.su or not OF_INTERNAL_USERS & vals.keys():
            return super().write(vals)
        connected = self.filtered(lambda user: user.sudo().ms365_account_ids)
        accounts = connected.sudo().ms365_account_ids.sudo(False)
        if accounts:
            accounts.check_access("write")
        if SETTING_OF.keys() & vals.keys() and connected and connected != self:
            (self - connected).write(vals)
            return connected.write(vals)
        return super().write(vals)
