import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.praetorx_base.exceptions import UnreadableSecret
from odoo.addons.praetorx_base.fields import EncryptedChar

from ...engine.errors import TryLater
from ...sync.worker.commit_retry import commit_step
from ...sync.worker.subscribing import SubscriptionJob
from .tokens import RefreshJob

_logger = logging.getLogger(__name__)

#: After so many tries it is left to end by itself, which takes three days at most.
MAX_ATTEMPTS = 6
FIRST_WAIT = timedelta(minutes=1)
AT_ONCE = 20


class PraetorxMs365Farewell(models.Model):
    """The subscription of a former user, until Microsoft has ended it.

    The account may be gone by then. Its last token is kept here, for this one request.
    """

    _name = "praetorx.ms365.farewell"
    _description = "Microsoft 365 Subscription to End"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _rec_name = "remote_id"

    remote_id = fields.Char("Microsoft's Id", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    client_id = fields.Char("Client ID", readonly=True)
    scope = fields.Char(readonly=True)
    by_code = fields.Boolean(readonly=True)
    refresh_token = EncryptedChar(groups=fields.NO_ACCESS)
    tries = fields.Integer(readonly=True)
    not_before = fields.Datetime(
        default=fields.Datetime.now, required=True, readonly=True, index=True
    )
    reason = fields.Char(readonly=True)

    @api.model
    def _of(self, accounts):
        """Have the subscriptions of these accounts ended, while there is a token."""
        for account in accounts:
            remote_ids = account.subscription_ids.filtered("remote_id").mapped(
                "remote_id"
            )
            try:
                token = account._refresh_token() if remote_ids else None
            except UnreadableSecret:
                token = None  # without it the subscription ends by itself
            if not token:
                continue
            self.create(
                [
                    {
                        "remote_id": remote_id,
                        "company_id": account.company_id.id,
                        "client_id": account.signed_in_client_id,
                        "scope": account._scopes_granted(),
                        "by_code": account.signed_in_by_code,
                        "refresh_token": token,
                    }
                    for remote_id in remote_ids
                ]
            )
            self.env["praetorx.ms365.subscription"]._wake()

    @api.model
    def _say_all(self, session):
        """Ask Microsoft to end the due subscriptions, without an open transaction."""
        due = self.search(
            Domain("not_before", "<=", fields.Datetime.now()), limit=AT_ONCE
        )
        for farewell in due:
            try:
                farewell._say(session)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Microsoft 365: farewell %s", farewell.id)
        waiting = self.search([], order="not_before", limit=1)
        if waiting:
            self.env["praetorx.ms365.subscription"]._wake(at=waiting.not_before)

    def _say(self, session):
        """Ask Microsoft to end one subscription, and store the outcome."""
        jobs = []
        what = f"farewell {self.id}"
        commit_step(self.env, what, lambda: jobs.append(self._job()))
        outcome = jobs[-1](session)
        commit_step(self.env, what, partial(self._record, outcome))

    def _job(self):
        """Return the job that ends it, and count the attempt before it is sent."""
        self.tries += 1
        self.not_before = fields.Datetime.now() + FIRST_WAIT * 4 ** min(self.tries, 6)
        Account = self.env["praetorx.ms365.account"]
        registration = Account._registration_of(self.company_id)
        if self.by_code:
            registration = registration._replace(client_secret="")
        return SubscriptionJob(
            action="delete",
            graph_root=Account._graph_root(),
            access_token=None,
            refresh=RefreshJob(
                registration,
                self.refresh_token or "",
                None,
                self.scope,
            ),
            remote_id=self.remote_id,
            notification_url="",
            lifecycle_url="",
            client_state="",
            expires_at=fields.Datetime.now(),
        )

    def _record(self, outcome):
        """Forget it when it is done, or when another try cannot help."""
        if not self.exists():
            return
        error = outcome.error
        if (
            error is None
            or not isinstance(error, TryLater)
            or self.tries >= MAX_ATTEMPTS
        ):
            self.unlink()
        else:
            self.reason = error.reason
