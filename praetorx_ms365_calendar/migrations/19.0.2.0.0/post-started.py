"""Let mailboxes that are synced already go on, without a preview."""

START = """
    UPDATE praetorx_ms365_account
       SET started_at = COALESCE(first_pass_done_at, now() AT TIME ZONE 'utc')
     WHERE started_at IS NULL
       AND (first_pass_done_at IS NOT NULL OR state != 'signed_out')
"""


def migrate(cr, version):
    """Ask nobody who has connected a mailbox before 19.0.2.0.0."""
    if version:
        cr.execute(START)
