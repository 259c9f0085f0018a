from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError


class ResUsers(models.Model):
    """Delegates: users that may act in the mailbox of another user."""

    _inherit = "res.users"

    ms365_delegate_ids = fields.Many2many(
        "res.users",
        "praetorx_ms365_delegate_rel",
        "user_id",
        "delegate_id",
        "Delegates",
        copy=False,
        domain=[("share", "=", False)],
        help="They may make, change and cancel meetings in your name without asking "
        "you: Outlook mails the attendees from your mailbox.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "ms365_delegate_ids"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "ms365_delegate_ids"]

    @api.model
    def default_get(self, fields):
        """Give nobody a delegate by a default: people choose their own."""
        return super().default_get(
            [name for name in fields if name != "ms365_delegate_ids"]
        )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(
            vals.get("ms365_delegate_ids") for vals in vals_list
        ):
            raise AccessError(self._ms365_only_own_delegates())
        return super().create(vals_list)

    def write(self, vals):
        if "ms365_delegate_ids" in vals and not self.env.su and self != self.env.user:
            raise AccessError(self._ms365_only_own_delegates())
        return super().write(vals)

    def _ms365_only_own_delegates(self):
        return self.env._("Users can only choose their own delegates.")

    def _ms365_may_decide_for(self, owner, mails):
        """Return True if this user may decide about held deletions, and conflicts.

        An administrator may help where nobody is mailed in the owner's name, and
        wherever the company lets colleagues act unasked.

        :param owner: the owner of the mailbox
        :param mails: how many mails Outlook would send
        """
        if self._ms365_may_act_for(owner):
            return True
        is_open = owner.sudo().company_id.ms365_colleague_policy == "open"
        return self._is_admin() and (is_open or not mails)

    def _ms365_may_act_for(self, owner):
        """Return True if edits of this user may leave a mailbox without approval.

        This is so for the owner, a delegate, and a member of the group of delegates
        that the owner's company names. It is so for programs that run as OdooBot, since
        nobody can sign in as OdooBot. All other users need approval, also
        administrators (docs/adr/0010-who-acts-in-a-mailbox.md).

        :param owner: the owner of the mailbox; nobody for an event that has none
        """
        if not owner or self == owner or self.id == SUPERUSER_ID:
            return True
        owner_sudo, user_sudo = owner.sudo(), self.sudo()
        if user_sudo.share or not user_sudo.active:
            return False
        group = owner_sudo.company_id.ms365_delegate_group_id
        return user_sudo in owner_sudo.ms365_delegate_ids or (
            bool(group) and group in user_sudo.all_group_ids
        )
