"""Correct all-day series in zones east of Greenwich: they were a day early.

Former versions used the UTC date of an instant as the day of an occurrence. This script
corrects only the stored days. The next reading of the series moves each event in Odoo.
Nothing is sent.
"""

from datetime import date, timedelta

from odoo import SUPERUSER_ID, api

from odoo.addons.praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    rule_days,
)

FIND_ALL_DAY = """
    SELECT id
      FROM praetorx_ms365_event_link
     WHERE recurrence_id IS NOT NULL
       AND base_snapshot->'theirs' ? 'master'
       AND (base_snapshot->'theirs'->'master'->'times'->>'all_day')::boolean
"""
READ_AGAIN = """
    UPDATE praetorx_ms365_event_link
       SET needs_read = TRUE, sent_snapshot = NULL
     WHERE recurrence_id = ANY(%s) AND remote_id IS NOT NULL
"""
MOVE_DAYS = """
    UPDATE calendar_event
       SET ms365_day = to_char(ms365_day::date + 1, 'YYYY-MM-DD')
     WHERE recurrence_id = ANY(%s) AND ms365_day IS NOT NULL
"""
_DAY = timedelta(days=1)


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    cr.execute(FIND_ALL_DAY)
    links = env["praetorx.ms365.event.link"].browse([row[0] for row in cr.fetchall()])
    early = env["calendar.recurrence"]
    for link in links:
        base = link._series_base
        if _is_early(base.theirs):
            moved = SeriesBase(_moved(base.ours), _moved(base.theirs))
            link.write(link._base_vals(moved))
            early |= link.recurrence_id
    for link in early.ms365_link_ids:
        for name in ("occurrence_ids", "occurrence_answers"):
            of_days = link[name] or {}
            link[name] = {_next(day): value for day, value in of_days.items()}
    env.flush_all()
    cr.execute(MOVE_DAYS, [early.ids])
    # The day of each id may be wrong, in all of these series: read them again.
    cr.execute(READ_AGAIN, [links.recurrence_id.ids])
    env.invalidate_all()


def _next(day):
    return (date.fromisoformat(day) + _DAY).isoformat()


def _is_early(series):
    """Return True if the rule lets its occurrences begin a day later than these."""
    window = series.first, _next(series.last)
    of_rule = rule_days(series.rule, window)
    days = set(series.days)
    return not days <= of_rule and {_next(day) for day in days} <= of_rule


def _moved(series):
    """Return a series with the same contents, each one day later."""
    contents = {_next(day): one for day, one in series.contents().items()}
    window = series.first, _next(series.last)
    return Series.of(series.master, series.rule, window, contents)
