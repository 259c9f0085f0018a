"""Run Odoo and the simulator together, with a common clock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from env.paths import WORK
from graph_simulator.client import Control, Simulator

from .database import Database
from .odoo_client import OdooClient, OdooError
from .odoo_server import ADMIN, OdooServer
from .spare_users import SpareUsers
from .waiting import PATIENCE_SECONDS, eventually

CALLBACK = "/microsoft_account/authentication"
DOMAIN = "contoso.example"
#: Odoo's message, also in its log, if a cron is started while it runs.
CRON_IS_BUSY = "already executing"
#: Tests edit faster than people: the mail guard would take their edits for an import.
MANY_MAILS = 1_000_000
_OPTIONS: dict[str, Any] = {
    # Graph ignores read-only properties, but our client must never send one.
    "refuse_read_only": True,
    # On a busy machine, Odoo answers late: that is no fault which a test asked for.
    "notification_timeout_seconds": PATIENCE_SECONDS,
    "notification_retry_timeout_seconds": PATIENCE_SECONDS,
}
#: After this time without progress, the clock is moved even if work seems in progress.
_STUCK_SECONDS = 1.0
_LOOK_SECONDS = 0.03
DISPATCH, PULL = "ir_cron_dispatch", "ir_cron_pull"
RENEW = "ir_cron_renew_subscriptions"
ALL_CRONS = (DISPATCH, PULL, RENEW)
#: Crons for the kinds of work in :data:`_BUSY`, if not only the puller.
_CRONS_OF = {
    "outbox entry": {DISPATCH},
    "deletion to carry out": {DISPATCH, PULL},
    "mailbox to watch": {RENEW},
    "subscription to make": {RENEW},
}

#: Remaining work of the workers, by the name of its kind.
_BUSY = """
WITH living AS (
    SELECT id, direction FROM praetorx_ms365_account
     WHERE enabled AND state = 'active' AND awaits_start IS NOT TRUE
)
SELECT 'outbox entry', count(*) FROM praetorx_ms365_outbox entry
  JOIN living ON living.id = entry.account_id
 WHERE entry.state IN ('pending', 'sending') AND direction != 'outlook_to_odoo'
UNION ALL
SELECT 'pull asked for', count(*) FROM praetorx_ms365_account account
  JOIN living USING (id) WHERE account.pull_requested_at IS NOT NULL
UNION ALL
SELECT 'change to look for again', count(*) FROM praetorx_ms365_account account
  JOIN living USING (id) WHERE account.look_again_at IS NOT NULL
UNION ALL
SELECT 'round under way', count(*) FROM praetorx_ms365_calendar calendar
  JOIN living ON living.id = calendar.account_id WHERE round_kind IS NOT NULL
UNION ALL
SELECT 'round to begin again', count(*) FROM praetorx_ms365_calendar calendar
  JOIN living ON living.id = calendar.account_id
 WHERE restarts > 0 AND calendar.not_before IS NOT NULL
UNION ALL
SELECT 'event to read', count(*) FROM praetorx_ms365_event_link link
  JOIN living ON living.id = link.account_id
 WHERE needs_read AND remote_id IS NOT NULL
UNION ALL
SELECT 'deletion to carry out', count(*) FROM praetorx_ms365_event_link link
  JOIN living ON living.id = link.account_id
  LEFT JOIN praetorx_ms365_hold hold ON hold.id = link.hold_id
 WHERE link.state = 'gone' AND hold.state IS DISTINCT FROM 'open'
UNION ALL
SELECT 'notification', count(*) FROM praetorx_ms365_notification notification
  JOIN living ON living.id = notification.account_id
UNION ALL
SELECT 'mailbox to watch', count(*) FROM praetorx_ms365_account account
  JOIN living USING (id)
 WHERE account.mailbox_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM praetorx_ms365_subscription subscription
     WHERE subscription.account_id = account.id AND subscription.state != 'removed')
UNION ALL
SELECT 'subscription to make', count(*) FROM praetorx_ms365_subscription subscription
  JOIN living ON living.id = subscription.account_id
 WHERE subscription.state = 'to_create' AND coalesce(failures, 0) = 0
UNION ALL
SELECT 'mailbox to connect', count(*) FROM praetorx_ms365_account
 WHERE enabled AND state = 'active' AND awaits_start AND needs_connect
UNION ALL
SELECT 'mailbox to start', count(*) FROM praetorx_ms365_notification
 WHERE kind = 'start'
UNION ALL
SELECT 'preview to compute', count(*) FROM praetorx_ms365_preview preview
  JOIN praetorx_ms365_account account ON account.id = preview.account_id
 WHERE account.enabled AND account.state = 'active' AND preview.state = 'computing'
UNION ALL
SELECT 'mailbox in work', count(*) FROM pg_locks
 WHERE locktype = 'advisory' AND classid = x'4D333635'::int::oid
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: True if a worker is busy in this database, and True if a cron is requested.
_ACTIVITY = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND pid != pg_backend_pid()
       AND backend_type = 'client backend' AND state != 'idle'
), EXISTS (
    SELECT FROM ir_cron_trigger
      JOIN ir_model_data ON model = 'ir.cron' AND res_id = cron_id
     WHERE module = 'praetorx_ms365_calendar'
       AND call_at <= now() AT TIME ZONE 'utc'
)
"""
#: The earliest time at which delayed work may continue.
_NEXT_MOMENT = """
WITH living AS (
    SELECT id, not_before, pull_requested_at, look_again_at
      FROM praetorx_ms365_account
     WHERE enabled AND state = 'active' AND awaits_start IS NOT TRUE
)
SELECT min(moment) FROM (
    SELECT greatest(entry.not_before, living.not_before)
      FROM praetorx_ms365_outbox entry JOIN living ON living.id = entry.account_id
     WHERE entry.state = 'pending'
    UNION ALL
    SELECT greatest(link.read_not_before, living.not_before)
      FROM praetorx_ms365_event_link link JOIN living ON living.id = link.account_id
     WHERE link.needs_read AND link.remote_id IS NOT NULL
    UNION ALL
    SELECT living.not_before FROM living WHERE pull_requested_at IS NOT NULL
    UNION ALL
    SELECT greatest(living.look_again_at, living.not_before) FROM living
     WHERE look_again_at IS NOT NULL
    UNION ALL
    SELECT greatest(calendar.not_before, living.not_before)
      FROM praetorx_ms365_calendar calendar JOIN living ON living.id = account_id
     WHERE calendar.restarts > 0 AND calendar.not_before IS NOT NULL
) AS waiting (moment)
"""


def of_process(name: str) -> str:
    """Return the name of a database that no other process of pytest-xdist uses."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    return f"{name}_{process}" if process else name


class World:
    """One Odoo server, connected to one simulator by its settings.

    :param name: name of the database
    :param workers: HTTP processes of Odoo; 0 serves browsers
    :param moves_clock: True if the clock can be moved; Odoo then loads ``e2e_clock``
    :param template: the database that is copied, see ``env/databases.py``
    """

    def __init__(
        self,
        name: str,
        *,
        workers: int = 2,
        odoo_port: int = 0,
        simulator_port: int = 0,
        moves_clock: bool = True,
        template: str = "addons",
        **options: Any,
    ) -> None:
        self._clock_file: Path | None = None
        self.ahead_seconds = 0.0
        if moves_clock:
            self._clock_file = WORK / "e2e" / f"{name}.clock"
            self._clock_file.parent.mkdir(parents=True, exist_ok=True)
            self._clock_file.write_text("0")
        self.odoo = OdooServer(
            name,
            workers=workers,
            port=odoo_port,
            clock_file=self._clock_file,
            template=template,
        )
        self._simulator_port = simulator_port
        self._options = options
        self.simulator: Simulator | None = None
        self.app: dict[str, Any] = {}
        self.admin: OdooClient
        self.spare_users = SpareUsers(DOMAIN)

    def start(self) -> None:
        """Start both with a new database, and connect them by Odoo's settings."""
        self.odoo.create_database()
        self.start_simulator()
        try:
            self.odoo.start()
            self.connect()
        except BaseException:
            self.stop()
            raise

    def start_simulator(self) -> None:
        """Start the simulator, with an app that redirects to this Odoo."""
        self.simulator = Simulator.start(
            port=self._simulator_port,
            redirect_uris=self._callbacks(),
            **_OPTIONS | self._options,
        )
        self.app = self.control.demo(self._callbacks())

    def connect(self) -> None:
        """Write the simulator's address into Odoo's settings, like an administrator."""
        self.admin = self.odoo.client(ADMIN)
        self.odoo.configure(
            cal_microsoft_client_id=self.app["client_id"],
            cal_microsoft_client_secret=self.app["client_secret"],
            ms365_graph_endpoint=self.control.url,
            ms365_login_endpoint=self.control.url,
            ms365_webhook_base_url=self.odoo.url,
            ms365_tenant_id=self.app["tenant_id"],
            ms365_company_mail_limit=MANY_MAILS,
        )

    def _callbacks(self) -> list[str]:
        """Return the redirect URIs of the sign-in, for both names of this machine."""
        localhost = self.odoo.url.replace("127.0.0.1", "localhost")
        return [self.odoo.url + CALLBACK, localhost + CALLBACK]

    def stop(self) -> None:
        """Stop both, and drop the database; Odoo's log stays."""
        if self.simulator:
            self.simulator.stop()
        self.odoo.remove()
        if self._clock_file:
            self._clock_file.unlink(missing_ok=True)

    @property
    def control(self) -> Control:
        """Return the simulator's control API."""
        assert self.simulator, "the simulator does not run"
        return self.simulator.control

    @property
    def database(self) -> Database:
        """Return Odoo's database, to read internal data."""
        return self.odoo.database

    # -- time -----------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the current time of both sides: naive UTC, whole seconds."""
        ahead = timedelta(seconds=self.ahead_seconds)
        return datetime.utcnow().replace(microsecond=0) + ahead

    def at(self, hour: float, *, day: int = 1) -> datetime:
        """Return a time ``day`` days from today at ``hour`` o'clock, naive UTC."""
        midnight = self.now().replace(hour=0, minute=0, second=0)
        return midnight + timedelta(days=day, hours=hour)

    def advance(self, seconds: float, *crons: str) -> None:
        """Move the clock on both sides, and wake crons: all if none is named."""
        assert self._clock_file, "this world's clock cannot be moved"
        self.ahead_seconds += seconds
        self._clock_file.write_text(str(self.ahead_seconds))
        self.control.advance(seconds)
        self.wake(*crons)

    # -- rest -----------------------------------------------------------------------

    def wake(self, *crons: str) -> None:
        """Let crons of the addon run now; without names, all that transfer changes."""
        self.database.wake_cron(*(crons or ALL_CRONS))

    def run_cron(self, name: str) -> None:
        """Run one cron to its end, like the button of an administrator.

        Odoo refuses that while a worker runs the same cron. So it is repeated until it
        works.

        :param name: xml id in ``praetorx_ms365_calendar``
        """
        cron_id = self.database.value(
            """SELECT res_id FROM ir_model_data
                WHERE module = 'praetorx_ms365_calendar' AND name = %s""",
            name,
        )

        def runs() -> bool:
            try:
                self.admin.call("ir.cron", "method_direct_trigger", [cron_id])
            except OdooError as error:
                if CRON_IS_BUSY not in str(error):
                    raise
                return False
            return True

        eventually(runs, f"{name} runs to its end")

    def poll(self) -> None:
        """Let the polling cron read mailboxes without recent notifications.

        It acts as after a quarter of an hour without a notification.
        """
        self.database.rows(
            """UPDATE praetorx_ms365_account
                  SET last_notification_at = last_notification_at - interval '1 hour',
                      last_pull_at = last_pull_at - interval '1 hour'"""
        )
        self.run_cron("ir_cron_delta_poll")

    def crons_are_idle(self) -> bool:
        """Return True if no requested cron of the addon remains to run."""
        [(_is_working, is_asked_for)] = self.database.look("activity", _ACTIVITY)
        return not is_asked_for

    def until_crons_idle(self) -> None:
        """Wait until :meth:`crons_are_idle`."""
        eventually(self.crons_are_idle, "the crons are idle")

    def skip_wait(self, *crons: str) -> None:
        """Move the clock to the earliest time of delayed work.

        :param crons: crons to wake; all if none is named
        """
        moment = self.database.value(_NEXT_MOMENT)
        if moment and moment > self.now():
            self.advance((moment - self.now()).total_seconds() + 1, *crons)
        else:
            self.wake(*crons)

    def work_left(self) -> dict[str, int]:
        """Return the amount of remaining work by its kind; empty if none."""
        left = {
            kind: count for kind, count in self.database.look("busy", _BUSY) if count
        }
        if not self._clock_file:  # if the clock cannot be moved, just wait
            left.pop("change to look for again", None)
        return left

    @contextmanager
    def killed_while_sending(
        self, mailbox: str, *, path: str, clients: Iterable[OdooClient]
    ) -> Iterator[None]:
        """Kill Odoo while Graph processes a request of this block, then start it again.

        :param mailbox: address of the mailbox of the request
        :param path: a part of the request's path
        :param clients: clients that log in again, in addition to the administrator's
        """
        slow = self.control.fault(
            "latency", method="POST", path=path, mailbox=mailbox, seconds=1
        )
        yield
        eventually(
            lambda: [one for one in self.control.faults() if one["hits"]],
            "the request is under way",
            meanwhile=self.skip_wait,
        )
        self.odoo.kill_workers()
        # Graph must finish the request before Odoo looks for its result.
        eventually(
            lambda: [
                one
                for one in self.control.requests(mailbox=mailbox)
                if one["fault"] == "latency"
            ],
            "Graph has done it",
        )
        self.control.remove_fault(slow)
        self.odoo.resume()
        for client in (self.admin, *clients):
            client.log_in()

    def quiesce(self, timeout_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until no work remains on either side.

        Delayed work (backoff, ``Retry-After``) does not take long: the clock is moved,
        if that is possible.

        :raise AssertionError: work remains; the message has its kinds
        """
        state: dict[str, float] = {"woken": time.monotonic()}

        def is_quiet() -> bool:
            # The cheap look first: most looks find work. Then twice, since the work
            # that ended last may have caused notifications.
            return not self.work_left() and all(
                self.control.flush_notifications(timeout=5)["is_idle"]
                and not self.work_left()
                for _look in range(2)
            )

        def nudge() -> None:
            [(is_working, is_asked_for)] = self.database.look("activity", _ACTIVITY)
            if time.monotonic() - state["woken"] >= _STUCK_SECONDS:
                state["woken"] = time.monotonic()
                if self._clock_file:
                    self.skip_wait()
                else:
                    self.wake()
            elif is_asked_for and not is_working:
                self.database.ring()  # the addon itself may wake them later, by design
            elif not is_working and self._clock_file:
                state["woken"] = time.monotonic()
                crons = (_CRONS_OF.get(kind, {PULL}) for kind in self.work_left())
                self.skip_wait(*set().union(*crons))

        try:
            eventually(
                is_quiet,
                "rest",
                timeout_seconds=timeout_seconds,
                step_seconds=_LOOK_SECONDS,
                meanwhile=nudge,
            )
        except AssertionError as error:
            raise AssertionError(
                f"{error}; left: {self.work_left()}\n{self.odoo.log.tail()}"
            ) from None
