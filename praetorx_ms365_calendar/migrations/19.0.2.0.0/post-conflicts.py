"""Edits of events that were in conflict are sent once the conflict is decided.

Former versions took their outbox entries as done, and sent all that differed then.
Now only what is remembered is sent: here that is everything.
"""

from psycopg2.extras import Json

from odoo.addons.praetorx_ms365_calendar.engine.noted import NAMES

REMEMBER = """
    UPDATE praetorx_ms365_event_link
       SET unsent_names = %s
     WHERE state = 'conflict' AND is_primary AND unsent_names IS NULL
"""


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if version:
        cr.execute(REMEMBER, [Json(sorted(NAMES))])
