"""Give the reasons of events outside of Odoo's years their key.

Other former reasons stay as they are: they are shown as details of a general sentence.
"""

KEYS = """
    UPDATE praetorx_ms365_event_link
       SET reason = 'outside_years ' || jsonb_build_object(
               'text', reason,
               'year', substring(reason FROM ' in the year (-?[0-9]{1,5})$')::int
           )::text
     WHERE reason ~ ' in the year -?[0-9]{1,5}$'
"""


def migrate(cr, version):
    """Store keys where texts were, in databases from before 19.0.2.0.0."""
    if version:
        cr.execute(KEYS)
