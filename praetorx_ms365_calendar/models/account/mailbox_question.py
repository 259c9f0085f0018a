from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.praetorx_base.fields import EncryptedChar

from ...const import MY_CONNECTION
from ...engine.reasons import because
from ...graph.auth import Tokens

#: After this time the sign-in is forgotten, and has to be repeated.
LIFETIME = timedelta(days=1)


class PraetorxMs365MailboxQuestion(models.Model):
    """A sign-in to a mailbox with another address, until its user says yes.

    The account does not change before. So nothing is read, subscribed to or sent, and
    a former connection goes on.
    """

    _name = "praetorx.ms365.mailbox.question"
    _description = "Microsoft 365 Mailbox to Confirm"
    _inherit = ["praetorx.ms365.expiring", "praetorx.ms365.bookkeeping"]
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", readonly=True
    )
    mailbox_id = fields.Char(required=True, readonly=True)
    address = fields.Char(readonly=True)
    client_id = fields.Char("Client ID", readonly=True)
    scope = fields.Char(readonly=True)
    by_code = fields.Boolean(readonly=True)
    refresh_token = EncryptedChar(groups=fields.NO_ACCESS)
    expires_at = fields.Datetime(default=lambda self: fields.Datetime.now() + LIFETIME)

    _account_unique = models.Constraint(
        "UNIQUE (account_id)", "This user is asked about a mailbox already."
    )

    @api.model
    def _ask(self, account, mailbox, tokens, client_id, scope, by_code=False):
        """Keep a sign-in until its user says whether the mailbox is the right one.

        It takes the place of an older question.
        """
        account.question_ids.unlink()
        self.create(
            {
                "account_id": account.id,
                "mailbox_id": mailbox.mailbox_id,
                "address": mailbox.address,
                "client_id": client_id,
                "scope": scope,
                "by_code": by_code,
                "refresh_token": tokens.refresh_token,
            }
        )
        self.env["praetorx.ms365.sync.log"]._log(
            account,
            operation="connect",
            outcome="held",
            origin="odoo",
            author_id=account.user_id.id,
            reason=because("mailbox_to_confirm", text=mailbox.address or None),
        )

    def _agree(self):
        """Connect the mailbox.

        :raise UserError: another user has it meanwhile, or the sync was switched off
        """
        self.ensure_one()
        account = self.account_id
        if not account.enabled:
            raise UserError(self.env._("The sync was switched off meanwhile."))
        tokens = Tokens("", self.refresh_token or "", 0, self.scope or "")
        account._open_mailbox(
            self.mailbox_id, tokens, self.client_id, self.scope, by_code=self.by_code
        )


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    question_ids = fields.One2many(
        "praetorx.ms365.mailbox.question", "account_id", groups=fields.NO_ACCESS
    )
    question_address = fields.Char(compute="_compute_question", compute_sudo=True)
    has_question = fields.Boolean(compute="_compute_question", compute_sudo=True)

    @api.depends("question_ids.expires_at")
    @api.depends_context("uid")
    def _compute_question(self):
        """Show the question to the owner, who alone can decide."""
        for account in self:
            question = account._open_question()
            account.has_question = bool(question) and account.user_id == self.env.user
            account.question_address = account.has_question and (
                question.address or self.env._("a mailbox without an address")
            )

    def _open_question(self):
        self.ensure_one()
        return self.sudo().question_ids._open()

    def action_use_mailbox(self) -> dict[str, Any]:
        """Say yes: connect the mailbox of the last sign-in."""
        self._check_owner()
        question_sudo = self._open_question()
        if not question_sudo:
            raise UserError(
                self.env._("This question is no longer open. Sign in once more.")
            )
        question_sudo._agree()
        return self.action_open_mine()

    def action_refuse_mailbox(self) -> dict[str, Any]:
        """Say no: forget the last sign-in. A former connection goes on."""
        self._check_owner()
        self.sudo().question_ids.unlink()
        return self.action_open_mine()

    def action_sign_in(self) -> dict[str, Any]:
        """Go to Microsoft's page to sign in, and come back to *My Connection*."""
        self._check_owner()
        return self.env["praetorx.ms365.sign.in"]._begin_by_button(MY_CONNECTION)

    def action_use_other_account(self) -> dict[str, Any]:
        """Go to Microsoft's page to choose another account than the last one."""
        self._check_owner()
        return self.user_id.action_ms365_use_other_account()
