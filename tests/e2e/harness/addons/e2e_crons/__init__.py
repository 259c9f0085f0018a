"""Has the cron workers of one Odoo server begin at once and take their turn.

Loaded server-wide (``--load``), never installed. Odoo lets each worker sleep up to a
tenth of a second first, so that many of them do not all ask PostgreSQL at once; and
whatever else runs on the machine goes before them. Here there are two, and the tests
wait for them all the time.
"""

import select
import time
from unittest.mock import patch

from odoo.service import server

_start_behind_others = server.WorkerCron.start


def _start(worker):
    with patch.object(server.os, "nice"):
        _start_behind_others(worker)


def _sleep(worker):
    if worker.db_queue:
        return
    connection = worker.dbcursor._cnx
    sources = [worker.wakeup_fd_r, connection]
    select.select(sources, [], [], server.SLEEP_INTERVAL + worker.pid % 10)
    time.sleep(worker.pid % 10 / 1000)
    connection.poll()
    server.empty_pipe(worker.wakeup_fd_r)


server.WorkerCron.start = _start
server.WorkerCron.sleep = _sleep
