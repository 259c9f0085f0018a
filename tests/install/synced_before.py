"""Let two people sync some events of each kind. Standard input of ``odoo shell``.

It also runs with the code of 19.0.1.0.0, except for the window of a series.
"""

from dataclasses import replace

from odoo import Command, fields

from odoo.addons.praetorx_ms365_calendar.engine.mapping.graph_series import read_series
from odoo.addons.praetorx_ms365_calendar.engine.snapshot import Base
from odoo.addons.praetorx_ms365_calendar.sync.apply.applier import Applier

from install import outlook

env = globals()["env"](context={"no_mail_to_attendees": True, "tz": "Europe/Berlin"})
Link = env["praetorx.ms365.event.link"]
now = fields.Datetime.now()


def person(name):
    """Return a user after the sign-in and the first reading of the mailbox."""
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": name,
                "login": f"{name.lower()}@example.com",
                "email": f"{name.lower()}@example.com",
                "group_ids": [Command.set([env.ref("base.group_user").id])],
                "tz": "Europe/Berlin",
            }
        )
    )
    user.ms365_sync_enabled = True
    user.sudo().write(
        {
            "microsoft_calendar_rtoken": f"refresh token of {name}",
            "microsoft_calendar_token": f"access token of {name}",
            "microsoft_calendar_token_validity": "2100-01-01 00:00:00",
        }
    )
    user.ms365_account_ids.write(
        {
            "state": "active",
            "signed_in_at": now,
            "mailbox_id": f"mailbox of {name}",
            "mailbox_address": user.email,
            "needs_connect": False,
            "first_pass_done_at": now,
        }
    )
    env["praetorx.ms365.calendar"].create(
        {
            "account_id": user.ms365_account_ids.id,
            "remote_id": f"calendar of {name}",
            "name": "Calendar",
            "is_default": True,
        }
    )
    return user


def link(remote_id):
    return Link.search([("remote_id", "=", remote_id)])


def pull(*payloads):
    """Store a page of Anna's calendar."""
    Applier(account, account._default_calendar()).apply(list(payloads))
    flush()


def pull_series(master, instances):
    """Store a series of Anna's calendar, read as a whole."""
    vals = {
        "account_id": account.id,
        "calendar_id": account.calendar_ids.id,
        "remote_id": master["id"],
        "is_series": True,
        "needs_read": True,
    }
    one = link(master["id"]) or Link.create(vals)
    remote = read_series(master, instances, one._window_to_read())
    Applier(account, account.calendar_ids).apply_series(one, remote)
    link(master["id"]).write(one._READ)
    flush()


def flush():
    env.flush_all()
    env.invalidate_all()


def let_go(event, **vals):
    """Let Anna edit an event."""
    event.with_user(anna).write(vals)
    flush()


anna, ben = person("Anna"), person("Ben")
account = anna.ms365_account_ids
ben.ms365_account_ids.parked_refresh_token = "parked token of Ben"
env.company.write({"ms365_client_id": "own", "ms365_client_secret": "own secret"})
env["ir.config_parameter"].set_param("microsoft_calendar_client_secret", "the secret")

# --- single events ------------------------------------------------------------------

bodies = {
    "plain": '<p class="MsoNormal" style="color:red">Hello</p>',
    "hostile": outlook.HOSTILE,
    "renamed": outlook.HOSTILE,
    "rewritten": outlook.HOSTILE,
    "archived": outlook.HOSTILE,
    "disputed": outlook.HOSTILE,
    "under way": outlook.HOSTILE,
    "held": outlook.HOSTILE,
    "with own picture": '<p><img src="/web/image/7" style="position:fixed"></p>',
    "long": outlook.HOSTILE + "<p>word</p>" * 9000,
}
pull(*(outlook.event(remote_id, body=body) for remote_id, body in bodies.items()))
pull(
    outlook.online_meeting("teams", "https://teams.microsoft.com/l/meetup-join/abc"),
    outlook.online_meeting("other service", "https://meet.example.com/abc"),
)
let_go(link("disputed").event_id, name="Ours")
pull(
    outlook.event(
        "disputed",
        "CK2",
        body=outlook.HOSTILE,
        subject="Theirs",
        lastModifiedDateTime="2026-03-01T09:00:00Z",
    )
)
env["praetorx.ms365.outbox"].search([]).write({"state": "done"})
let_go(link("renamed").event_id, name="Renamed here")
let_go(link("rewritten").event_id, description="<p>Rewritten here</p>")
let_go(link("under way").event_id, location="Hall")
link("archived").write({"state": "deleted_there", "deleted_at": now})
link("archived").event_id._ms365_write_bookkeeping({"active": False})

base = link("under way")._base
ours, theirs = (replace(one, location="Hall") for one in (base.ours, base.theirs))
link("under way").sent_snapshot = Base(ours, theirs).to_json()

link("held").state = "gone"
env["praetorx.ms365.hold"]._hold(account, "to_odoo", link("held"))

# --- series -------------------------------------------------------------------------

account.write({"own_window": True, "days_ahead": 40})
pull_series(*outlook.all_day_series("all day", body=outlook.HOSTILE))
for remote_id in ("endless", "endless under way", "one deleted"):
    pull_series(*outlook.series(remote_id, body=outlook.HOSTILE))
for_720_weeks = {"type": "numbered", "numberOfOccurrences": 720}
pull_series(*outlook.series("for 720 weeks", end=for_720_weeks))
link("endless under way").sent_snapshot = link("endless under way").base_snapshot
rows = link("one deleted").recurrence_id._ms365_rows()
let_go(rows[1], active=False)
env.cr.commit()
