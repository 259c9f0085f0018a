from typing import Any

from markupsafe import Markup

from odoo import fields, models

from ..const import IN_BOTH


class PraetorxMs365Disconnect(models.TransientModel):
    """Disconnect the user's own mailbox, after showing what stays where."""

    _name = "praetorx.ms365.disconnect"
    _description = "Disconnect a Mailbox"

    consequences = fields.Html(
        "What Will Happen", compute="_compute_consequences", compute_sudo=True
    )

    def _own_account_sudo(self):
        return self.env.user.sudo().ms365_account_ids

    def _compute_consequences(self):
        """Describe the consequences for the current user, whoever made the dialog."""
        account = self._own_account_sudo()
        steps = self._describe_consequences(account) if account else []
        for wizard in self:
            wizard.consequences = Markup("<ul>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % step for step in steps
            )

    def _describe_consequences(self, account):
        env = self.env
        linked = account.link_ids.filtered(lambda link: link.state in IN_BOTH)
        steps = [
            env._(
                "All events stay, in Odoo and in Outlook. Nothing is deleted, and "
                "nobody gets a mail."
            ),
            env._(
                "Changes are no longer synced. If you connect this mailbox again, Odoo "
                "knows which events belong together, and makes none twice."
            ),
        ]
        if linked:
            words = env._("Events in both calendars now: %(count)s.", count=len(linked))
            steps[0] = f"{steps[0]} {words}"
        if unsent := account._unsent_count():
            steps.append(
                env._(
                    "Events with changes that are not in Outlook yet: %(count)s. These "
                    "changes wait, and are sent if you connect this mailbox again. To "
                    "another mailbox they are never sent.",
                    count=unsent,
                )
            )
        if account.approval_count:
            steps.append(
                env._(
                    "Changes that wait for your approval: %(count)s. "
                    "They are not sent.",
                    count=account.approval_count,
                )
            )
        steps.append(
            env._(
                "Odoo deletes its access to the mailbox, and Microsoft stops notifying "
                "Odoo."
            )
        )
        return steps

    def action_disconnect(self) -> dict[str, Any]:
        """Disconnect the mailbox of the current user."""
        account_sudo = self._own_account_sudo()
        account_sudo._check_can_disconnect()
        account_sudo.sudo(False)._check_owner()
        account_sudo._disconnect()
        return account_sudo.sudo(False).action_open_mine() | {"target": "main"}
