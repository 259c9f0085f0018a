"""Fill a database with the data of an office. Standard input of ``odoo shell``.

The environment variable ``OFFICE_EVENTS`` is the number of single events. The ORM makes
the first ones, and SQL copies them.
"""

import os
import uuid
from datetime import timedelta

from odoo import Command, fields

EVENTS = int(os.environ["OFFICE_EVENTS"])
env = globals()["env"](context={"no_mail_to_attendees": True, "mail_notrack": True})
START = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
# Added to the column in each copy; `copies` is the number of the copy.
SHIFT = "{} + make_interval(days => (copies * 149) %% 700 - 200)"


def make_companies():
    """Make two more companies, and return all."""
    names = [f"{name} {uuid.uuid4().hex[:6]}" for name in ("Second", "Third")]
    env["res.company"].create([{"name": name} for name in names])
    return env["res.company"].search([])


def make_users(companies):
    """Make users of every kind, some with tokens of the stock connector."""
    kinds = (
        ("internal", "base.group_user", True),
        ("retired", "base.group_user", False),
        ("portal", "base.group_portal", True),
        ("public", "base.group_public", True),
        ("administrator", "base.group_system", True),
    )
    vals_list = [
        {
            "name": f"{kind} {company.name}",
            "login": f"{kind}.{company.id}.{number}@example.com",
            "email": f"{kind}.{company.id}.{number}@example.com",
            "company_id": company.id,
            "company_ids": [Command.set(companies.ids)],
            "group_ids": [Command.set([env.ref(group).id])],
            "active": active,
        }
        for kind, group, active in kinds
        for company in companies
        for number in range(2)
    ]
    users = env["res.users"].with_context(no_reset_password=True).create(vals_list)
    for user in users[::2]:
        user.write(
            {
                "microsoft_calendar_rtoken": f"refresh-{user.id}",
                "microsoft_calendar_token": f"access-{user.id}",
                "microsoft_calendar_token_validity": "2100-01-01 00:00:00",
            }
        )
    return users


def event_vals(name, user, companions, **vals):
    """Return the values of one event of a user, with other attendees."""
    partners = user.partner_id | companions.partner_id
    start = vals.pop("start", START)
    return {
        "name": name,
        "user_id": user.id,
        "start": start,
        "stop": start + timedelta(hours=1),
        "partner_ids": [Command.set(partners.ids)],
        **vals,
    }


def make_single_events(users):
    """Make events of several kinds for each user."""
    alarm = env["calendar.alarm"].search([], limit=1)
    tag = env["calendar.event.type"].create({"name": f"Tag {uuid.uuid4().hex[:6]}"})
    kinds = (
        {},
        {"allday": True},
        {"active": False},
        {"privacy": "private", "show_as": "free"},
        {"alarm_ids": [Command.set(alarm.ids)], "categ_ids": [Command.set(tag.ids)]},
        {"microsoft_id": "AAMkAD=", "ms_universal_event_id": "0400000082="},
    )
    vals_list = [
        event_vals(f"Event {number}", user, users[:number], **kind)
        for user in users
        for number, kind in enumerate(kinds)
    ]
    return env["calendar.event"].create(vals_list)


def make_series(users):
    """Make a daily, a weekly and an endless series, one of them of an archived user."""
    rules = (
        {"rrule_type": "daily", "end_type": "count", "count": 20},
        {
            "rrule_type": "weekly",
            START.strftime("%a").lower(): True,
            "end_type": "end_date",
            "until": START + timedelta(days=200),
        },
        {
            "rrule_type": "weekly",
            START.strftime("%a").lower(): True,
            "end_type": "forever",
        },
    )
    return env["calendar.event"].create(
        [
            event_vals("Series", user, users[:2], recurrency=True, interval=1, **rule)
            for user, rule in zip(users, rules, strict=False)
        ]
    )


def copy_rows(table, where, copies, **changes):
    """Copy rows by SQL, ``copies`` times; ``changes`` is SQL for changed values."""
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND column_name != 'id'""",
        [table],
    )
    names = [name for (name,) in env.cr.fetchall()]
    values = [changes.get(name, f'"{name}"').format(name) for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    env.cr.execute(
        f"""INSERT INTO {table} ({columns})
            SELECT {", ".join(values)}
              FROM {table}, generate_series(1, %s) AS copies WHERE {where}""",
        [copies],
    )


def copy_events(events):
    """Copy single events up to the wanted number; each copy has one attendee."""
    env.flush_all()
    missing = EVENTS - len(events)
    ids = ", ".join(map(str, events.ids))
    copy_rows(
        "calendar_event",
        f"id IN ({ids})",
        -(-missing // len(events)),
        start=SHIFT,
        stop=SHIFT,
        start_date=SHIFT,
        stop_date=SHIFT,
        microsoft_id="NULL",
        ms_universal_event_id="NULL",
        access_token="NULL",
    )
    env.cr.execute(
        """INSERT INTO calendar_attendee (event_id, partner_id, state)
           SELECT e.id, u.partner_id, 'accepted'
             FROM calendar_event e JOIN res_users u ON u.id = e.user_id
            WHERE NOT EXISTS (SELECT FROM calendar_attendee a WHERE a.event_id = e.id)
        """
    )


all_users = make_users(make_companies())
make_series(all_users)
copy_events(make_single_events(all_users))
parameters = env["ir.config_parameter"]
parameters.set_param("microsoft_calendar_client_id", "stock-app")
parameters.set_param("microsoft_calendar_client_secret", "stock-secret")
env.cr.commit()
