import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import hmac

from ...const import LIFECYCLE_ROUTE, NOTIFICATION_ROUTE, PARAMETER
from ...engine import notifications
from ...engine.errors import (
    AlreadyGone,
    FixConfiguration,
    GiveUpOnEvent,
    MailboxUnavailable,
    SignInAgain,
    SyncError,
    TryLater,
)
from ...graph.transport import check_endpoint, new_session
from ...sync.worker.commit_retry import commit_step
from ...sync.worker.mailbox_lock import mailbox_lock
from ...sync.worker.subscribing import SubscriptionJob

_logger = logging.getLogger(__name__)

STATES = [
    ("to_create", "To be created"),
    ("active", "Active"),
    ("refused", "Refused"),
    ("to_delete", "To be deleted"),
    ("removed", "Removed"),
]

#: Several at a time: Graph calls us back, twice, before it answers.
AT_ONCE = 8
RETRY_REFUSED = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
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
    _inherit = ["praetorx.ms365.bookkeeping"]
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
    reason = fields.Char(readonly=True, help="Why Microsoft refused, or failed.")

    _account_unique = models.Constraint(
        "UNIQUE (account_id)", "This account has a subscription already."
    )
    _remote_idx = models.UniqueIndex(
        "(remote_id) WHERE remote_id IS NOT NULL",
        "This subscription is known already.",
    )
    _due_idx = models.Index("(renew_at) WHERE state != 'removed'")

    # ------------------------------------------------------------------
    # What others ask for
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
        """Note down what a lifecycle notification asks for.

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

    def action_try_again(self) -> None:
        """Try at once what is due later, or was refused; an administrator asks."""
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
        self.write(vals)

    @api.model
    def _wake(self, at=None):
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")
        cron.sudo()._trigger(at=at)

    # ------------------------------------------------------------------
    # What Graph knows of us
    # ------------------------------------------------------------------

    @api.model
    def _webhook_root(self):
        """Return the address under which Graph is to call us.

        :raise FixConfiguration: Graph would not call this address
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        root = get_param(PARAMETER % "webhook_base_url") or get_param("web.base.url")
        return check_endpoint(root or "")

    def _client_state(self):
        """Return what Graph repeats to us: nobody else can know it."""
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

    @api.model
    def _cron_renew(self):
        """Create, renew and delete what is due; no transaction is open meanwhile."""
        commit = self.env["ir.cron"]._commit_progress
        look_again = self.env["praetorx.ms365.account"]._look_again
        commit_step(self.env, "a mailbox in trouble", look_again)
        # The job that reads by itself tells as well, unless it is the one that is off.
        watch = self.env["praetorx.ms365.account"]._watch_progress
        commit_step(self.env, "a mailbox without progress", watch)
        self._apply_lifecycle_notifications()
        commit_step(self.env, "a subscription", self._create_missing)
        due = self._due()
        time_left = commit(remaining=len(due))
        with new_session(pool_size=AT_ONCE) as session:
            while due and time_left:
                chunk, due = due[:AT_ONCE], due[AT_ONCE:]
                self._do(chunk, session)
                time_left = commit(len(chunk))
            self.env["praetorx.ms365.farewell"]._say_all(session)
        self._trigger_next()

    def _apply_lifecycle_notifications(self):
        """Heed lifecycle notifications of mailboxes that no puller has at hand."""
        Notification = self.env["praetorx.ms365.notification"]
        for account in Notification._accounts_with_lifecycle():

            def pop(account=account):
                Notification._pop(account)
                account._request_pull(fresh_seconds=0)

            with mailbox_lock(self.env.cr, account.id) as locked:
                # What a puller took before we got the lock is gone after a commit.
                self.env["ir.cron"]._commit_progress()
                if locked:
                    commit_step(self.env, f"account {account.id}", pop)

    def _create_missing(self):
        """Care for accounts that the puller has connected, the first time or anew."""
        accounts = self.env["praetorx.ms365.account"].search(
            Domain("enabled", "=", True)
            & Domain("state", "=", "active")
            & Domain("mailbox_id", "!=", False)
        )
        missing = accounts.filtered(
            lambda account: account.subscription_ids.state in (False, "removed")
        )
        if missing:
            self._switch_on(missing)
        for account in accounts - missing:
            subscription = account.subscription_ids
            if subscription.mailbox_id not in (False, account.mailbox_id):
                # signed in to another mailbox, whose owner cannot end the old one
                subscription.write({"remote_id": False, "mailbox_id": False})
                subscription._wait_for("to_create")

    def _due(self):
        now = fields.Datetime.now()
        wanted = (
            Domain("account_id.enabled", "=", True)
            & Domain("account_id.state", "=", "active")
            & Domain("account_id.mailbox_id", "!=", False)
            & Domain("state", "in", ["to_create", "active", "refused"])
        )
        moved = Domain("state", "in", ["active", "refused"]) & Domain(
            "notification_url", "!=", self._notification_url()
        )
        in_time = Domain("renew_at", "<=", now)
        unwanted = Domain("state", "=", "to_delete") & in_time
        return self.search((wanted & (in_time | moved)) | unwanted, order="renew_at")

    def _notification_url(self):
        try:
            return self._webhook_root() + NOTIFICATION_ROUTE
        except FixConfiguration:
            return False

    def _do(self, chunk, session):
        """Ask Graph for a few subscriptions at once, and record each on its own."""
        planned = []
        try:
            step = partial(self._plan, chunk, planned)
            commit_step(self.env, "a subscription", step)
        except psycopg2.OperationalError:
            # A person is switching one of them: what is due then is due.
            self._wake()
            return
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ms365") as pool:
            responses = [pool.submit(job, session) for _subscription, job in planned]
        for (subscription, job), response in zip(planned, responses, strict=True):
            what = f"subscription {subscription.id}"
            try:
                record = partial(subscription._record, job, response.result())
                commit_step(self.env, what, record)
            except Exception:
                _logger.exception("Microsoft 365: %s", what)

    def _plan(self, chunk, planned):
        """Find out what is to be asked of Graph about each of a few subscriptions.

        :param planned: is filled with subscriptions and their jobs
        """
        planned.clear()
        for subscription in chunk:
            try:
                planned.append((subscription, subscription._job()))
            except SyncError as error:
                subscription._failed(error)
            except psycopg2.OperationalError:
                raise
            except Exception:
                _logger.exception("Microsoft 365: subscription %s", subscription.id)

    def _job(self):
        """Return what is to be asked of Graph now.

        :raise FixConfiguration: Graph cannot call us
        """
        self.ensure_one()
        account = self.account_id
        now = fields.Datetime.now()
        action = {"active": "renew", "to_delete": "delete"}.get(self.state, "create")
        url = self._notification_url()
        if action != "delete":
            url = self._webhook_root() + NOTIFICATION_ROUTE
            if action == "renew" and self.notification_url != url:
                action = "create"
        if action == "create":
            self.write({"notification_url": url, "mailbox_id": account.mailbox_id})
        self.last_try_at = now
        return SubscriptionJob(
            action=action,
            graph_root=account._graph_root(),
            access_token=account._access_token(),
            refresh=account._refresh_job(),
            remote_id=self.remote_id or None,
            notification_url=url or "",
            lifecycle_url=(url or "").replace(NOTIFICATION_ROUTE, LIFECYCLE_ROUTE),
            client_state=self._client_state(),
            expires_at=notifications.requested_expiry(now),
        )

    def _record(self, job, outcome):
        """Store what Graph answered. The switch may have been turned meanwhile."""
        if not self.exists():
            return
        account = self.account_id
        if outcome.refreshed is not None and (
            account.enabled or not isinstance(outcome.refreshed, SyncError)
        ):
            account._record_refresh(outcome.refreshed, job.refresh)
        if outcome.error is not None and account._app_was_changed_since(job.refresh):
            self.renew_at = fields.Datetime.now()
        elif outcome.error is not None:
            self._failed(outcome.error, job.action)
        elif job.action == "delete":
            if self.state == "to_delete":
                self._wait_for("removed")
            else:  # switched on again
                self.remote_id = False
                self._wait_for("to_create")
        else:
            self._succeeded(job, outcome)

    def _succeeded(self, job, outcome):
        now = fields.Datetime.now()
        vals = {
            "remote_id": outcome.remote_id,
            "expires_at": outcome.expires_at,
            "renew_at": notifications.renew_at(outcome.expires_at, now),
            "failures": 0,
            "reason": False,
        }
        if self.state in ("to_delete", "removed"):  # switched off meanwhile
            vals |= {"state": "to_delete", "renew_at": now}
        else:
            vals["state"] = "active"
        self.write(vals)
        if job.action == "create":
            self._ask_to_catch_up()

    def _ask_to_catch_up(self):
        """Have the mailbox read: something may have changed without a notification.

        As a row of its own, since the puller may be writing the account just now.
        """
        Notification = self.env["praetorx.ms365.notification"]
        Notification._store([(self.account_id.id, self.id, "missed", None)])
        self.env.ref("praetorx_ms365_calendar.ir_cron_pull")._trigger()

    def _failed(self, error, action=None):
        now = fields.Datetime.now()
        wait = min(FIRST_RETRY * 2 ** min(self.failures, 10), LONGEST_RETRY)
        vals = {
            "failures": self.failures + 1,
            "reason": error.reason,
            "last_try_at": now,
            "renew_at": now + wait,
        }
        if action == "delete":
            if isinstance(error, TryLater) and self.state == "to_delete":
                self.write(vals)
            else:  # it ends by itself when it is not renewed
                self._wait_for("removed")
            return
        if isinstance(error, AlreadyGone) and self.state == "active":
            self.remote_id = False
            self._wait_for("to_create")
            self._ask_to_catch_up()
            return
        if isinstance(error, FixConfiguration | MailboxUnavailable | GiveUpOnEvent):
            vals |= {"state": "refused", "renew_at": now + RETRY_REFUSED}
        elif isinstance(error, SignInAgain):
            vals["renew_at"] = now  # as soon as the person has signed in
        elif isinstance(error, TryLater) and error.after_seconds:
            asked = timedelta(seconds=error.after_seconds)
            vals["renew_at"] = now + max(wait, asked)
        self.write(vals)

    def _trigger_next(self):
        """Come back when the next one is due."""
        upcoming = self.search(
            Domain("state", "=", "to_delete")
            | (
                Domain("state", "in", ["to_create", "active", "refused"])
                & Domain("account_id.enabled", "=", True)
                & Domain("account_id.state", "=", "active")
                & Domain("account_id.mailbox_id", "!=", False)
            ),
            order="renew_at",
            limit=1,
        )
        if upcoming:
            soon = fields.Datetime.now() + FIRST_RETRY
            self._wake(at=max(upcoming.renew_at, soon))
