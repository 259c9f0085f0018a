"""Print the data after an upgrade as JSON. Standard input of ``odoo shell``.

The database was made by ``synced_before.py``. Nothing is committed.
"""

import json

from odoo.addons.praetorx_base.exceptions import UnreadableSecret
from odoo.addons.praetorx_ms365_calendar.engine.mapping.graph_series import read_series
from odoo.addons.praetorx_ms365_calendar.sync.apply.applier import Applier

from install import outlook

env = globals()["env"]
Link = env["praetorx.ms365.event.link"]
links = {link.remote_id: link for link in Link.search([("is_primary", "=", True)])}


def read_again(link, told):
    """Read a series again from Outlook."""
    before = env["praetorx.ms365.outbox"].search([])
    remote = read_series(*told, link._window_to_read())
    Applier(link.account_id, link.calendar_id).apply_series(link, remote)
    link.write(link._READ)
    env.flush_all()
    env.invalidate_all()
    rows = link.recurrence_id._ms365_rows()
    return {
        "days": [str(row.start_date) for row in rows],
        "names": rows.mapped("name"),
        "entries": len(env["praetorx.ms365.outbox"].search([]) - before),
    }


def edited(link):
    """Return the changes that Odoo has recorded since the last agreement."""
    if link.is_series:
        write = link._next_series_write()
        return write and [write.day, *sorted(write.fields)]
    event = link.event_id
    return sorted(event._ms365_read_contents()[event].changed_fields(link._base.ours))


def secret(record, name):
    try:
        return record[name]
    except UnreadableSecret:
        return "unreadable"


anna, ben = (
    env["res.users"].search([("login", "=", f"{name}@example.com")])
    for name in ("anna", "ben")
)
secrets = [
    secret(anna, "microsoft_calendar_rtoken"),
    secret(anna, "microsoft_calendar_token"),
    secret(ben.ms365_account_ids, "parked_refresh_token"),
    secret(env.company, "ms365_client_secret"),
]
all_day = read_again(
    links["all day"], outlook.all_day_series("all day", body=outlook.HOSTILE)
)
found = {
    "secrets": secrets,
    "all day": all_day,
    "edited": {remote_id: edited(link) for remote_id, link in links.items()},
}
print(json.dumps(found))
