"""Lets the cron workers of one Odoo server begin as soon as they are woken.

Loaded server-wide (``--load``), never installed. Odoo lets each worker sleep up to a
tenth of a second first, so that many of them do not all ask PostgreSQL at once. Here
there are two, and the tests wait for them all the time.
"""

import select
import time

from odoo.service import server


def _sleep(worker):
    if worker.db_queue:
        return
    connection = worker.dbcursor._cnx
    sources = [worker.wakeup_fd_r, connection]
    select.select(sources, [], [], server.SLEEP_INTERVAL + worker.pid % 10)
    time.sleep(worker.pid % 10 / 1000)
    connection.poll()
    server.empty_pipe(worker.wakeup_fd_r)


server.WorkerCron.sleep = _sleep
