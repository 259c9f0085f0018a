"""Create, renew and delete subscriptions at Graph, in a cron."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import LIFECYCLE_ROUTE, NOTIFICATION_ROUTE
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
from ...graph.transport import new_session
from ...sync.worker.commit_retry import commit_step
from ...sync.worker.mailbox_lock import mailbox_lock
from ...sync.worker.subscribing import SubscriptionJob

#: Several at a time: Graph calls us back, twice, before it answers.
AT_ONCE = 8
RETRY_REFUSED = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)

_logger = logging.getLogger(__name__)


class PraetorxMs365Subscription(models.Model):
    _inherit = "praetorx.ms365.subscription"

    @api.model
    def _cron_renew(self):
        """Create, renew and delete due subscriptions, without an open transaction."""
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
                self._request(chunk, session)
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
                # See the notifications that a puller removed before we got the lock.
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
                # the user signed in to another mailbox and cannot end the old one
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
        due = self.search((wanted & (in_time | moved)) | unwanted, order="renew_at")
        # A new mailbox is connected first: the client state names it.
        return due.filtered(
            lambda one: one.state == "to_delete" or one.account_id._is_as_before()
        )

    def _notification_url(self):
        try:
            return self._webhook_root() + NOTIFICATION_ROUTE
        except FixConfiguration:
            return False

    def _request(self, chunk, session):
        """Ask Graph for a few subscriptions at once, and record each on its own."""
        planned = []
        try:
            step = partial(self._plan, chunk, planned)
            commit_step(self.env, "a subscription", step)
        except psycopg2.OperationalError:
            # A user is switching one of them: try again after that.
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
        """Plan the request to Graph for each of a few subscriptions.

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
        """Return the job with the next request to Graph.

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
        """Store Graph's response. The user may have switched the sync meanwhile."""
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
