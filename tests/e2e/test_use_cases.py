"""Use cases of the product page, with the apps of Odoo that have meetings.

Each is described, with pictures, in ``docs/use-cases.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .harness.person import Person
from .harness.waiting import eventually
from .harness.world import CRON_IS_BUSY, World
from .use_cases import (
    CUSTOMER,
    group_id,
    make_customer,
    meeting_about_task,
    meeting_of,
    running_business,
)

PersonMaker = Callable[..., Person]


@pytest.fixture(scope="module")
def business_world() -> Iterator[World]:
    """Return an Odoo with CRM and Project, connected to a simulator."""
    with running_business("e2e_use_cases") as world:
        yield world


@pytest.fixture
def business(business_world: World) -> Iterator[World]:
    """Return the servers without mails; check the log after the test."""
    business_world.control.reset_mails()
    business_world.odoo.log.new_complaints()
    yield business_world
    business_world.odoo.assert_no_complaints([CRON_IS_BUSY])


@pytest.fixture
def employ(business: World) -> Iterator[PersonMaker]:
    """Return a function that creates connected people in groups of Odoo."""
    made: list[Person] = []

    def make(first_name: str, *groups: str, **values: Any) -> Person:
        person = Person(business, first_name, **values)
        made.append(person)
        links = [(4, group_id(business, group)) for group in groups]
        business.admin.write("res.users", person.user_id, {"group_ids": links})
        return person.connect()

    yield make
    business.admin.write(
        "res.users",
        [person.user_id for person in made],
        {"ms365_sync_enabled": False},
    )


def test_opportunity_gets_a_teams_meeting_with_the_customer(business, employ):
    anna = employ("anna", "sales_team.group_sale_salesman")
    customer = make_customer(business)
    lead = anna.client.create(
        "crm.lead",
        {"name": "New printers", "partner_id": customer, "type": "opportunity"},
    )
    event_id = meeting_of(anna, "crm.lead", lead)
    event = anna.event(event_id)
    remote = anna.outlook_event("New printers")
    assert event["teams_meeting_url"] == remote["onlineMeeting"]["joinUrl"]
    [guest] = remote["attendees"]
    assert guest["emailAddress"]["address"] == CUSTOMER
    [mail] = business.control.mails()
    assert mail["to"] == CUSTOMER
    anna.outlook_update(remote, subject="New printers, second floor")
    business.quiesce()
    anna.assert_same("New printers, second floor")
    linked = anna.client.read("calendar.event", event_id, "opportunity_id")
    assert linked["opportunity_id"][0] == lead
    found = anna.client.read("crm.lead", lead, "calendar_event_ids")
    assert found["calendar_event_ids"] == [event_id]


def test_task_gets_a_teams_meeting_which_its_activity_follows(business, employ):
    anna = employ("anna", "project.group_project_user")
    project = business.admin.create("project.project", {"name": "Helpdesk"})
    task = anna.client.create(
        "project.task",
        {
            "name": "Printer is on fire",
            "project_id": project,
            "user_ids": [(6, 0, [anna.user_id])],
        },
    )
    event_id, activity = meeting_about_task(anna, task, "Look at the printer")
    remote = anna.outlook_event("Printer is on fire")
    assert anna.event(event_id)["teams_meeting_url"]
    # A new day in Outlook is a new deadline of the activity.
    start, stop = (
        {"dateTime": business.at(hour, day=5).isoformat(), "timeZone": "UTC"}
        for hour in (9, 10)
    )
    anna.outlook_update(remote, start=start, end=stop)
    business.quiesce()
    anna.assert_same("Printer is on fire")
    found = anna.client.read("mail.activity", activity, "date_deadline", "res_id")
    assert found["date_deadline"] == business.at(9, day=5).strftime("%F")
    assert found["res_id"] == task


def test_auditor_reads_who_changed_what(business, employ):
    anna = employ("anna")
    event_id = anna.create("Budget")
    business.quiesce()
    anna.write(event_id, name="Budget 2027")
    business.quiesce()
    anna.outlook_update(
        anna.outlook_event("Budget 2027"), location={"displayName": "Hall"}
    )
    business.quiesce()

    def rows() -> list[dict[str, Any]]:
        return business.admin.search_read(
            "praetorx.ms365.sync.log",
            [("event_id", "=", event_id), ("outcome", "=", "done")],
            ["direction", "operation", "field_names", "author_id", "user_id"],
            order="id",
        )

    eventually(lambda: len(rows()) >= 3, "three changes are in the log")
    created, renamed, moved = rows()
    assert (created["direction"], created["operation"]) == ("push", "create")
    assert (renamed["direction"], renamed["field_names"]) == ("push", "subject")
    assert renamed["author_id"][0] == anna.user_id
    assert (moved["direction"], moved["field_names"]) == ("pull", "location")
    assert not moved["author_id"]
