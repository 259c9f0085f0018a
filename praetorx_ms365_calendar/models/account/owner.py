"""Keep decisions about a mailbox to its owner."""

from odoo import api, models
from odoo.exceptions import AccessError


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _check_owner(self):
        """Refuse everybody but the owner, administrators too.

        :raise AccessError: it is the mailbox of somebody else
        """
        self.check_access("read")
        if self.user_id != self.env.user:
            raise self._owner_decides()

    @api.model
    def _owner_decides(self):
        """Return the error for everybody who may not decide in the owner's place."""
        return AccessError(
            self.env._("Only the owner of the calendar can decide this.")
        )
