from odoo import models


class ResUsers(models.Model):
    """Who is archived, deleted or no internal user any more stops syncing at once."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"active", "group_ids"}:
            left = self.sudo().filtered(lambda user: not user.active or user.share)
            left._ms365_stop_sync()
        return result

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
