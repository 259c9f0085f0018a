"""Make series endless again that Odoo has changed from "for ever" to 720 times.

Nothing is sent: in Outlook these series still have no end. A series that Outlook does
not have yet is marked, and will be sent without an end. Deletions of occurrences that
are still to be sent get a record: without it they would not count any more.
"""

from odoo import SUPERUSER_ID, api

FIND_ENDLESS = """
    SELECT link.id, recurrence.id
      FROM praetorx_ms365_event_link link
      JOIN calendar_recurrence recurrence ON recurrence.id = link.recurrence_id
     WHERE link.is_primary
       AND recurrence.end_type = 'count'
       AND recurrence.count = 720
       AND link.base_snapshot->'theirs' ? 'master'
       AND link.base_snapshot->'theirs'->'rule'->>'count' IS NULL
       AND link.base_snapshot->'theirs'->'rule'->>'until' IS NULL
       AND link.base_snapshot->'ours'->'rule'->>'count' IS NULL
       AND link.base_snapshot->'ours'->'rule'->>'until' IS NULL
"""
#: A write that was in progress may have sent 720. Reading the series shows the result.
READ_AGAIN = """
    UPDATE praetorx_ms365_event_link
       SET sent_snapshot = NULL, needs_read = TRUE
     WHERE id = ANY(%s) AND sent_snapshot IS NOT NULL
"""
NOTE_REMOVED = """
    UPDATE calendar_recurrence
       SET ms365_removed_days = removed.days
      FROM (
        SELECT link.recurrence_id, jsonb_agg(day.day ORDER BY day.day) AS days
          FROM praetorx_ms365_event_link link,
               jsonb_array_elements_text(link.base_snapshot->'ours'->'days') day(day)
         WHERE link.is_primary
           AND link.recurrence_id IS NOT NULL
           AND link.base_snapshot->'theirs'->'days' ? day.day
           AND EXISTS (
               SELECT FROM calendar_event event
                WHERE event.recurrence_id = link.recurrence_id AND event.active)
           AND NOT EXISTS (
               SELECT FROM calendar_event event
                WHERE event.recurrence_id = link.recurrence_id AND event.active
                  AND COALESCE(event.ms365_day, day.day) = day.day)
           AND (EXISTS (
               SELECT FROM calendar_event event
                WHERE event.recurrence_id = link.recurrence_id AND NOT event.active
                  AND event.ms365_day = day.day)
             OR EXISTS (
               SELECT FROM praetorx_ms365_outbox entry
                WHERE entry.recurrence_id = link.recurrence_id
                  AND entry.operation = 'upsert' AND entry.state <> 'done'))
         GROUP BY link.recurrence_id
      ) removed
     WHERE removed.recurrence_id = calendar_recurrence.id
       AND calendar_recurrence.ms365_removed_days IS NULL
"""


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    cr.execute(NOTE_REMOVED)
    cr.execute(FIND_ENDLESS)
    found = cr.fetchall()
    env.invalidate_all()
    for _link_id, recurrence_id in found:
        recurrence = env["calendar.recurrence"].browse(recurrence_id)
        recurrence._ms365_write({"end_type": "forever"})
        recurrence._compute_name()
    env.flush_all()
    env["calendar.recurrence"]._ms365_mark_of_stock()
    cr.execute(READ_AGAIN, [[link_id for link_id, _recurrence_id in found]])
    env.invalidate_all()
