"""Create situations for screens that need both Odoo and Outlook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from e2e.harness.person import Person, graph_time, odoo_time
from e2e.harness.waiting import eventually

from .odoo_screen import ZONE, today_at


def create_today(person: Person, name: str, hour: int = 9, **values: Any) -> int:
    """Create an event of one hour in Odoo today, and wait until it is in Outlook.

    :param hour: local time in the person's zone
    """
    utc = ZoneInfo("UTC")
    start = today_at(hour).astimezone(utc)
    stop = today_at(hour + 1).astimezone(utc)
    event_id = person.client.create(
        "calendar.event",
        {"name": name, "start": odoo_time(start), "stop": odoo_time(stop), **values},
    )
    person.world.quiesce()
    return event_id


def make_conflict(person: Person) -> int:
    """Return an event in conflict: *Dinner* in Odoo and *Breakfast* in Outlook."""
    control = person.world.control
    event_id = create_today(person, "Lunch")
    remote = person.outlook_event("Lunch")
    control.fault("notification_lost", mailbox=person.upn, times=None)
    person.outlook_update(remote, subject="Breakfast")
    person.write(event_id, name="Dinner")
    control.flush_notifications()
    control.clear_faults()
    person.world.quiesce()
    assert person.event(event_id)["ms365_sync_state"] == "conflict"
    return event_id


def make_rich_conflict(person: Person, **agreed: Any) -> int:
    """Return an event with many changes on both sides, also in the attendees.

    Subject, time and description are in conflict, and the rest is merged.

    :param agreed: more fields of the event in Odoo, before these changes
    """
    control = person.world.control
    guests = person.world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus.guest@fair.example"}
    )
    event_id = create_today(
        person,
        "Plan the fair",
        partner_ids=[(6, 0, [person.partner_id, guests])],
        **agreed,
    )
    # Not in the same write: Odoo would add the contact data of all attendees.
    person.write(
        event_id,
        description="<p>We meet at the <b>north gate</b>.</p>"
        "<ul><li>Bring the floor plan</li><li>Bring the badges</li></ul>",
    )
    person.world.quiesce()
    remote = person.outlook_event("Plan the fair")
    control.fault("notification_lost", mailbox=person.upn, times=None)
    later = today_at(15)
    person.outlook_update(
        remote,
        subject="Plan the spring fair with all exhibitors",
        start=graph_time(later.replace(tzinfo=None), ZONE.key),
        end=graph_time(later.replace(hour=16, tzinfo=None), ZONE.key),
        location={"displayName": "Hall 4"},
        body={
            "contentType": "html",
            "content": "<p>We meet at the <b>south gate</b>.</p>"
            "<ul><li>Bring the floor plan</li><li>Bring the badges</li>"
            "<li>Parking: deck C</li></ul>",
        },
    )
    start = today_at(11).astimezone(ZoneInfo("UTC"))
    person.write(
        event_id,
        name="Plan the autumn fair",
        start=odoo_time(start),
        stop=odoo_time(start + timedelta(hours=2)),
        description="<p>We meet at the <b>north gate</b> at eleven sharp.</p>"
        "<ul><li>Bring the floor plan</li></ul>",
    )
    control.flush_notifications()
    control.clear_faults()
    person.world.quiesce()
    assert person.event(event_id)["ms365_sync_state"] == "conflict"
    return event_id


def make_dead_letter(person: Person) -> int:
    """Return an event with a dead letter: its new name *Dinner*, after many tries."""
    world = person.world
    event_id = create_today(person, "Lunch")
    world.control.fault("server_error", method="PATCH", mailbox=person.upn, times=None)
    person.write(event_id, name="Dinner")
    eventually(
        lambda: person.event(event_id)["ms365_sync_state"] == "error",
        "the change is given up",
        meanwhile=lambda: _skip_the_wait(person),
    )
    world.control.clear_faults()
    world.quiesce()
    return event_id


def _skip_the_wait(person: Person) -> None:
    """Make the next try due now, and add three tries: the real wait is a day."""
    person.world.database.rows(
        """UPDATE praetorx_ms365_outbox
              SET not_before = now() AT TIME ZONE 'utc', attempts = attempts + 3
            WHERE state = 'pending' AND not_before > now() AT TIME ZONE 'utc'
              AND account_id IN (SELECT id FROM praetorx_ms365_account
                                  WHERE user_id = %s)""",
        person.user_id,
    )
    person.world.wake("ir_cron_dispatch")


def make_hold(person: Person, count: int = 12) -> int:
    """Return the open hold after ``count`` events were deleted in Outlook at once."""
    world = person.world
    control = world.control
    titles = ("Plan the fair", "Call the printer", "Review", "Train to Bonn")
    for number in range(count):
        person.outlook_create(titles[number % 4], 9 + number % 4, day=number + 1)
    world.quiesce()
    control.fault("notification_lost", mailbox=person.upn, times=None)
    for event in person.outlook_events():
        person.outlook_delete(event)
    control.flush_notifications()
    control.clear_faults()
    world.poll()
    world.quiesce()
    return _open_hold(person)


def make_hold_of_odoo(person: Person, count: int = 12) -> int:
    """Return the open hold after ``count`` events were deleted in Odoo at once."""
    for number in range(count):
        person.outlook_create(f"Interview {number + 1}", day=number + 1)
    person.world.quiesce()
    ids = [event["id"] for event in person.events()]
    person.client.unlink("calendar.event", ids)
    person.world.quiesce()
    return _open_hold(person)


def _open_hold(person: Person) -> int:
    [hold] = person.client.search_read(
        "praetorx.ms365.hold", [("state", "=", "open")], ["id"]
    )
    return hold["id"]
