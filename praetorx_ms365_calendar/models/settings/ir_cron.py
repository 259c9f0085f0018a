import threading
import time
from functools import partial

from odoo import SUPERUSER_ID, fields, models
from odoo.sql_db import db_connect
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

#: Calls within this time after the last one are joined into one, at its end.
PAUSE_SECONDS = 0.5
#: How often the cron workers look by themselves.
LOOK_SECONDS = 60


class CronNotifier:
    """Wakes the cron workers of a database, at once but not too often.

    Each ring costs every cron worker a look at all jobs, and the puller a request to
    Graph. The last ring of a burst is never lost, only late.
    """

    def __init__(self, dbname: str) -> None:
        self._dbname = dbname
        self._lock = threading.Lock()
        self._notified_at = 0.0
        self._timer: threading.Timer | None = None

    def notify(self) -> None:
        """Wake the workers now, or as soon as the last ring is long enough ago."""
        with self._lock:
            if self._timer is not None:
                return  # that one will do
            wait = self._notified_at + PAUSE_SECONDS - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._notify)
                self._timer.daemon = True
                self._timer.start()
                return
        self._notify()

    def _notify(self) -> None:
        with self._lock:
            self._timer = None
            self._notified_at = time.monotonic()
        with db_connect("postgres").cursor() as cr:
            function = SQL.identifier(ODOO_NOTIFY_FUNCTION)
            cr.execute(SQL("SELECT %s('cron_trigger', %s)", function, self._dbname))

    def notify_in(self, seconds: float) -> None:
        """Wake the workers after some seconds."""
        timer = threading.Timer(seconds, self.notify)
        timer.daemon = True
        timer.start()


_notifiers: dict[str, CronNotifier] = {}


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _ms365_wake_at(self, moment):
        """Trigger this job at a moment, in time also where that is within a minute.

        The cron workers look by themselves once a minute only.

        :param moment: naive UTC
        """
        self._trigger(at=moment)
        seconds = (moment - fields.Datetime.now()).total_seconds()
        if seconds < LOOK_SECONDS:
            cr = self.env.cr
            notifier = _notifiers.setdefault(cr.dbname, CronNotifier(cr.dbname))
            # A little later: the trigger is due from the whole second on.
            cr.postcommit.add(partial(notifier.notify_in, max(seconds, 0) + 1))

    def _ms365_wake(self):
        """Trigger this job as ``_trigger`` does, but many times a second.

        If the process ends before it notifies the cron workers, they find the stored
        trigger by themselves within a minute.
        """
        self.ensure_one()
        cr = self.env.cr
        cr.execute(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, %s)",
            [self.id, fields.Datetime.now()],
        )
        cr.postcommit.add(
            _notifiers.setdefault(cr.dbname, CronNotifier(cr.dbname)).notify
        )

    def _trigger_list(self, at_list):
        """Keep the person out of the triggers of our jobs.

        A job locks its triggers for as long as it runs. Were one made by a user, then
        deleting that user would wait for the job, and the job perhaps for the user.
        """
        if (self.sudo().model_id.model or "").startswith("praetorx.ms365."):
            self = self.with_user(SUPERUSER_ID)
        return super()._trigger_list(at_list)
