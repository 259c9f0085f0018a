"""Send the edits of an event in conflict when the conflict is resolved.

Former versions closed the outbox entries of such edits, and then sent all fields that
differed. Now only recorded fields are sent. So this script records all fields.
"""

from psycopg2.extras import Json

from odoo.addons.praetorx_ms365_calendar.engine.recorded_names import NAMES

REMEMBER = """
    UPDATE praetorx_ms365_event_link
       SET unsent_names = %s
     WHERE state = 'conflict' AND is_primary AND unsent_names IS NULL
"""


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if version:
        cr.execute(REMEMBER, [Json(sorted(NAMES))])
