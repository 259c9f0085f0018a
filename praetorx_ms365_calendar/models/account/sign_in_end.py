import logging

from odoo import fields, models
from odoo.exceptions import UserError

from ...engine.errors import SyncError
from ...engine.sign_in import plan_sign_in
from ...graph.owner import read_owner
from ...graph.transport import new_session
from .sign_in import SIGN_IN_TIMEOUTS

_logger = logging.getLogger(__name__)


class PraetorxMs365SignIn(models.AbstractModel):
    """The end of a sign-in: look whose mailbox it is, then connect it."""

    _inherit = "praetorx.ms365.sign.in"

    def _accept(self, account, tokens, client_id, scope, *, by_code=False):
        """Connect the mailbox that these tokens open, unless it is another user's.

        :param client_id: the app that the tokens were given to
        :param scope: the scopes that were requested
        :param by_code: the person entered a code, so no client secret was sent
        :return: the step of :func:`plan_sign_in`; with "ask" the user must say yes
        :raise UserError: readable; nothing was changed
        """
        mailbox = self._read_mailbox(account, tokens)
        step = plan_sign_in(
            mailbox,
            known_mailbox_id=account.mailbox_id or "",
            own_addresses=account._addresses_of_user(),
            is_taken=account._is_taken(mailbox.mailbox_id),
        )
        if step == "taken":
            _logger.info(
                "Microsoft 365: user %s signed in to the mailbox of another user",
                self.env.uid,
            )
            raise UserError(account._describe_taken())
        scope = tokens.scope or scope
        if step == "ask":
            account.sign_in_problem = False
            self.env["praetorx.ms365.mailbox.question"].sudo()._ask(
                account, mailbox, tokens, client_id, scope, by_code
            )
        else:
            account._open_mailbox(
                mailbox.mailbox_id, tokens, client_id, scope, by_code=by_code
            )
        return step

    def _read_mailbox(self, account, tokens):
        """Return the mailbox that new tokens open.

        :raise UserError: Graph does not say
        """
        try:
            with new_session(pool_size=1) as session:
                return read_owner(
                    session,
                    account._graph_root(),
                    tokens.access_token,
                    SIGN_IN_TIMEOUTS,
                )
        except SyncError as error:
            _logger.info(
                "Microsoft 365: mailbox of user %s: %s", self.env.uid, error.reason
            )
            raise UserError(self._describe_error(error)) from error

    def _failed(self, message):
        """Show why nothing was connected: on *My Connection*, and as a message.

        The message needs a websocket, which not every server has.
        """
        user = self.env.user
        account = self.env["praetorx.ms365.account"].sudo()._ensure(user)
        account.sign_in_problem = message
        user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "title": self.env._("Microsoft 365"),
                "message": message,
                "sticky": True,
            },
        )


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _addresses_of_user(self):
        """Return the mail addresses that the owner of this account has in Odoo."""
        user_sudo = self.user_id.sudo()
        found = (
            user_sudo.email_normalized,
            user_sudo.partner_id.email_normalized,
            user_sudo.login,
        )
        return {one for one in found if one and "@" in one}

    def _open_mailbox(self, mailbox_id, tokens, client_id, scope, *, by_code=False):
        """Store a sign-in to a mailbox that is free, and start the sync.

        :raise UserError: another user was faster
        """
        self.ensure_one()
        if self.mailbox_id and self.mailbox_id != mailbox_id:
            self._leave_mailbox()
        self._reserve_mailbox(mailbox_id)
        self.question_ids.unlink()
        self.device_code_ids.unlink()
        self.write(
            {
                "signed_in_at": fields.Datetime.now(),
                "signed_in_client_id": client_id,
                "signed_in_scope": scope,
                "signed_in_by_code": by_code,
                "sign_in_problem": False,
            }
        )
        self._store_tokens(tokens)
        self._signed_in()
        self.env["praetorx.ms365.subscription"].sudo()._switch_on(self)

    def _leave_mailbox(self):
        """End the subscription of a mailbox, while there is a token for it."""
        self.env["praetorx.ms365.farewell"].sudo()._of(self)
        self.subscription_ids._wait_for("removed")
