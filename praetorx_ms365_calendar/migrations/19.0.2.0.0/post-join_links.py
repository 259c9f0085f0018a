"""Stop showing links of other services as Teams links; nothing is sent."""

from odoo.addons.praetorx_ms365_calendar.engine.join_links import is_teams_link


def migrate(cr, version):
    """Clear the Teams field of each event with a link to a host not of Microsoft."""
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
