"""Moves the clock of the addons under test, in every process of one Odoo server.

Loaded server-wide (``--load``), never installed. The file that ``E2E_CLOCK_FILE``
names holds the seconds by which ``fields.Datetime.now`` runs ahead. Only calls out of
our addons see it: the scheduler compares its triggers with PostgreSQL's own clock.
"""

import os
import sys
from datetime import timedelta

from odoo import fields

_FILE = os.environ["E2E_CLOCK_FILE"]
_real_now = fields.Datetime.now


def _offset():
    with open(_FILE) as handle:
        return timedelta(seconds=float(handle.read() or 0))


def _now(*args):
    caller = sys._getframe(1).f_globals.get("__name__", "")
    now = _real_now(*args)
    if caller.startswith("odoo.addons.praetorx_"):
        return (now + _offset()).replace(microsecond=0)
    return now


fields.Datetime.now = staticmethod(_now)
