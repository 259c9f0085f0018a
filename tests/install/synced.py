"""Create data of our addons in all their tables. Standard input of ``odoo shell``.

Two people sync, and one has stopped. The rows are like those of the sync; nothing is
sent.
"""

from odoo import fields

env = globals()["env"](context={"no_mail_to_attendees": True})
PREFIX = "praetorx_ms365_calendar."
now = fields.Datetime.now()
first, second, third = env["res.users"].search(
    [("login", "like", "internal.%"), ("microsoft_calendar_rtoken", "!=", False)],
    limit=3,
    order="id",
)
events = env["calendar.event"].search(
    [("user_id", "=", first.id), ("start", ">", now), ("recurrence_id", "=", False)],
    limit=3,
)

for user in first + second + third:
    user.ms365_sync_enabled = True
    account = user.ms365_account_ids
    user.write({"microsoft_calendar_rtoken": f"refresh-{user.id}"})
    account.write(
        {
            "state": "active",
            "signed_in_at": now,
            "mailbox_id": f"mailbox-{user.id}",
            "mailbox_address": user.email,
            "first_pass_done_at": now,
        }
    )
    env["praetorx.ms365.calendar"].create(
        {
            "account_id": account.id,
            "remote_id": f"calendar-{user.id}",
            "name": "Calendar",
            "is_default": True,
        }
    )
    account.message_post(body="A note")
    account.activity_schedule(f"{PREFIX}mail_activity_sign_in", user_id=user.id)
third.ms365_sync_enabled = False

account = first.ms365_account_ids
for number, event in enumerate(events):
    event.with_user(first).write(
        {"name": f"Edited {number}", "ms365_calendar_id": account.calendar_ids.id}
    )
    env["praetorx.ms365.event.link"].create(
        {
            "account_id": account.id,
            "calendar_id": account.calendar_ids.id,
            "event_id": event.id,
            "remote_id": f"remote-{number}",
            "is_primary": True,
        }
    )

link = env["praetorx.ms365.event.link"].search([], limit=1)
conflict = env["praetorx.ms365.conflict"].create(
    {"account_id": account.id, "link_id": link.id, "event_id": link.event_id.id}
)
conflict._ask_the_owner()
conflict._close("gone")  # Odoo keeps the activity, archived
env.flush_all()
assert env["praetorx.ms365.outbox"].search_count([]), "edits are in the outbox"
env["praetorx.ms365.subscription"]._switch_on(account)
env.company.write({"ms365_client_id": "own", "ms365_client_secret": "own-secret"})
parameters = env["ir.config_parameter"]
parameters.set_param(f"{PREFIX}graph_endpoint", "https://graph.example.com")
parameters.set_param("praetorx_base.rotation_to_key", "0" * 12)
env["ir.filters"].create(
    {"name": "Mine", "model_id": "praetorx.ms365.outbox", "user_ids": first.ids}
)
env["ir.attachment"].create(
    {"name": "x", "raw": b"x", "res_model": account._name, "res_id": account.id}
)
env.cr.commit()
