import logging
import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import hmac

from ...const import PARAMETER
from ...engine import notifications
from ...engine.errors import FixConfiguration
from ...engine.reasons import because, read_reason
from ...graph.transport import check_endpoint
from ...muted_sql_log import muted_sql_log

_logger = logging.getLogger(__name__)

STATES = [
    ("to_create", "To be created"),
    ("active", "Active"),
    ("refused", "Refused"),
    ("to_delete", "To be deleted"),
    ("removed", "Removed"),
]

#: Graph allows no two authorizations of a subscription sooner after each other.
AUTHORIZE_PAUSE = timedelta(minutes=10)
#: Stands for a subscription that there is not; takes as long to verify as a real one.
UNKNOWN = (0, 0, str(uuid.UUID(int=0)), str(uuid.UUID(int=0)))


class PraetorxMs365Subscription(models.Model):
    """Graph's promise to tell us when a mailbox has changed; one per account.

    It is made, renewed and deleted by a cron worker only: Graph calls our address
    back before it answers, so a web request would wait for itself.
    """

    _name = "praetorx.ms365.subscription"
    _description = "Microsoft 365 Subscription"
    _inherit = ["praetorx.ms365.reasoned", "praetorx.ms365.bookkeeping"]
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", readonly=True
    )
    user_id = fields.Many2one(related="account_id.user_id")
    state = fields.Selection(STATES, default="to_create", required=True, readonly=True)
    remote_id = fields.Char("Microsoft's Id", readonly=True, copy=False)
    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        groups=fields.NO_ACCESS,
        help="Goes into the client state that proves a notification.",
    )
    mailbox_id = fields.Char(readonly=True, help="The mailbox it was made for.")
    resource = fields.Char(readonly=True, default="me/events")
    notification_url = fields.Char("Address Called", readonly=True)
    expires_at = fields.Datetime("Expires", readonly=True)
    renew_at = fields.Datetime(
        "Next Step",
        readonly=True,
        required=True,
        default=fields.Datetime.now,
        help="When it is renewed, or tried again.",
    )
    last_try_at = fields.Datetime("Last Try", readonly=True)
    failures = fields.Integer(readonly=True)

    _account_unique = models.Constraint(
        "UNIQUE (account_id)", "This account has a subscription already."
    )
    _remote_idx = models.UniqueIndex(
        "(remote_id) WHERE remote_id IS NOT NULL",
        "This subscription is known already.",
    )
    _due_idx = models.Index("(renew_at) WHERE state != 'removed'")

    def _is_refused(self):
        """Return True if Microsoft has not been able to notify this server so far."""
        return any(
            one.state == "refused" or (one.state == "to_create" and one.failures)
            for one in self
        )

    # ------------------------------------------------------------------
    # Requests from other models
    # ------------------------------------------------------------------

    @api.model
    def _switch_on(self, accounts):
        """Want a subscription for these accounts; the cron makes it."""
        for account in accounts:
            subscription = self.search([("account_id", "=", account.id)])
            if not subscription:
                self.create({"account_id": account.id})
            elif subscription.state in ("to_delete", "removed"):
                known = subscription.remote_id and subscription.state == "to_delete"
                subscription._wait_for("active" if known else "to_create")
        self._wake()

    @api.model
    def _switch_off(self, accounts):
        """Want no subscription for these accounts any more."""
        for subscription in self.search([("account_id", "in", accounts.ids)]):
            subscription._wait_for("to_delete" if subscription.remote_id else "removed")
        self._wake()

    def _apply_lifecycle(self, kind):
        """Record the request of a lifecycle notification.

        :param kind: ``reauthorizationRequired``, ``subscriptionRemoved``, ``missed``
        """
        now = fields.Datetime.now()
        for subscription in self.exists():
            if subscription.state != "active":
                continue
            if kind == "subscriptionRemoved":
                subscription.remote_id = False
                subscription._wait_for("to_create")
            elif kind == "reauthorizationRequired":
                # Renewing authorizes, too: it is the only thing we ever do.
                last = subscription.last_try_at or now - AUTHORIZE_PAUSE
                subscription.renew_at = max(now, last + AUTHORIZE_PAUSE)
            subscription.account_id._request_pull(fresh_seconds=0)
        self._wake()

    def _is_retried(self):
        return True

    def action_try_again(self) -> None:
        """Try refused or waiting subscriptions at once, for an administrator."""
        self.check_access("read")
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only administrators look after these."))
        for subscription in self.sudo():
            if subscription.state == "refused":
                subscription._wait_for("to_create")
            else:
                subscription.renew_at = fields.Datetime.now()
        self._wake()

    def _wait_for(self, state):
        vals = {"state": state, "renew_at": fields.Datetime.now(), "failures": 0}
        if state in ("to_create", "removed"):
            vals["reason"] = False
        if state == "removed":
            vals["remote_id"] = False
        # If the cron has just written the row, Odoo repeats the request by itself.
        with muted_sql_log():
            self.write(vals)
            self.flush_recordset(vals)

    @api.model
    def _wake(self, at=None):
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")
        cron.sudo()._trigger(at=at)

    # ------------------------------------------------------------------
    # Webhook
    # ------------------------------------------------------------------

    @api.model
    def _webhook_root(self):
        """Return the address under which Graph is to call us.

        :raise FixConfiguration: Graph would not call this address
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        root = get_param(PARAMETER % "webhook_base_url") or get_param("web.base.url")
        try:
            return check_endpoint(root or "")
        except FixConfiguration as error:
            facts = read_reason(error.reason).facts
            raise FixConfiguration(because("webhook_wrong", **facts)) from error

    def _client_state(self):
        """Return the secret that Graph repeats in each notification."""
        self.ensure_one()
        return notifications.client_state(
            self._client_state_secret(), self.sudo().key, self.account_id.mailbox_id
        )

    @api.model
    def _client_state_secret(self):
        return hmac(self.env(su=True), "praetorx-ms365-client-state", "1")

    @api.model
    def _receive(self, received):
        """Store the notifications that are Graph's. The others leave a line in the log.

        For each one an HMAC is computed and compared, also if there is no such
        subscription: neither the response nor its time tells which ones there are.

        :param received: :class:`~..engine.notifications.Notification` list
        :return: how many were stored
        """
        known = self._known({entry.subscription_id for entry in received})
        secret = self._client_state_secret()
        rows = []
        rejected = 0
        for entry in received:
            account_id, id_, key, mailbox_id = known.get(entry.subscription_id, UNKNOWN)
            genuine = notifications.verify_client_state(
                entry.client_state, secret, key, mailbox_id
            )
            if genuine and account_id:
                rows.append(
                    (
                        account_id,
                        id_,
                        entry.lifecycle_event or "change",
                        entry.remote_id or None,
                        entry.etag or None,
                        entry.change_type or None,
                    )
                )
            else:
                rejected += 1
        if rejected:
            ids = ", ".join(sorted({entry.subscription_id for entry in received})[:5])
            # No warning: anybody may send these, as often as they like.
            _logger.info(
                "Microsoft 365: %s notifications rejected, unknown subscription or "
                "wrong client state; subscriptions named: %r",
                rejected,
                ids[:500],
            )
        self.env["praetorx.ms365.notification"]._store(rows)
        return len(rows)

    def _known(self, remote_ids):
        """Return ``{remote id: (account id, id, key, mailbox id)}``."""
        self.flush_model()
        self.env["praetorx.ms365.account"].flush_model(["mailbox_id", "enabled"])
        self.env.cr.execute(
            """SELECT subscription.remote_id, account.id, subscription.id,
                      subscription.key, coalesce(account.mailbox_id, '')
                 FROM praetorx_ms365_subscription AS subscription
                 JOIN praetorx_ms365_account AS account
                   ON account.id = subscription.account_id
                WHERE subscription.remote_id = ANY(%s)
                  AND subscription.state = 'active' AND account.enabled""",
            [list(remote_ids)],
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    # ------------------------------------------------------------------
    # The cron
    # ------------------------------------------------------------------
