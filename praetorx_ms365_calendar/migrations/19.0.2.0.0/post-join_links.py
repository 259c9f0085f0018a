"""Links of other services are not shown as Teams links any more; nothing is sent."""

from odoo.addons.praetorx_ms365_calendar.engine.join_links import is_teams_link


def migrate(cr, version):
    """Take links that lead to no host of Microsoft's out of the Teams field."""
    if not version:
        return
    cr.execute(
        "SELECT id, teams_meeting_url FROM calendar_event"
        " WHERE teams_meeting_url IS NOT NULL"
    )
    others = [event_id for event_id, url in cr.fetchall() if not is_teams_link(url)]
    cr.execute(
        "UPDATE calendar_event SET teams_meeting_url = NULL WHERE id = ANY(%s)",
        [others],
    )
