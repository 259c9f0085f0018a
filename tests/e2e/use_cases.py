"""Create records of other apps of Odoo, and the meetings about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .harness.person import Person
from .harness.world import World, of_process

CUSTOMER = "purchasing@fabrikam.example"


@contextmanager
def running_business(name: str) -> Iterator[World]:
    """Run an Odoo with CRM and Project, connected to a simulator.

    :param name: begin of the name of its database
    """
    world = World(of_process(name), workers=0, moves_clock=False, template="business")
    world.start()
    try:
        _ask_no_service(world)
        yield world
    finally:
        world.stop()


def _ask_no_service(world: World) -> None:
    """Switch off the services that Odoo would ask about companies and customers."""
    world.admin.call(
        "ir.config_parameter",
        "set_param",
        "crm.iap.lead.enrich.setting",
        "manual",
    )
    companies = world.admin.call("res.company", "search", [])
    world.admin.write("res.company", companies, {"iap_enrich_auto_done": True})


def group_id(world: World, xml_id: str) -> int:
    """Return the id of a group of users."""
    module, name = xml_id.split(".")
    [found] = world.admin.search_read(
        "ir.model.data", [("module", "=", module), ("name", "=", name)], ["res_id"]
    )
    return found["res_id"]


def make_customer(world: World) -> int:
    """Return a new contact with the address of a customer."""
    return world.admin.create("res.partner", {"name": "Fabrikam", "email": CUSTOMER})


def meeting_of(person: Person, model: str, record_id: int, **values: Any) -> int:
    """Create a Teams meeting about a record, as its button does, and sync it."""
    context = person.client.call(model, "action_schedule_meeting", [record_id])[
        "context"
    ]
    return create_with(person, context, **values)


def create_with(person: Person, context: dict[str, Any], **values: Any) -> int:
    """Create a Teams meeting with the defaults of a context, and sync it.

    :param values: fields of the event; ``day`` is the number of days from today
    """
    day = values.pop("day", 1)
    names = ["name", "partner_ids", "res_id", "res_model_id"]
    defaults = person.client.call(
        "calendar.event", "default_get", names, context=context
    )
    start, stop = (person.world.at(hour, day=day) for hour in (9, 10))
    vals = {
        **defaults,
        "is_teams_meeting": True,
        "duration": 1,
        "start": start.strftime("%F %T"),
        "stop": stop.strftime("%F %T"),
        **values,
    }
    event_id = person.client.create("calendar.event", vals, **context)
    person.world.quiesce()
    return event_id


def meeting_about_task(
    person: Person, task: int, summary: str, **values: Any
) -> tuple[int, int]:
    """Create a meeting activity of a task and, with its button, its Teams meeting.

    :return: the ids of the event and of the activity
    """
    admin = person.world.admin
    meeting_type = admin.search_read(
        "mail.activity.type", [("category", "=", "meeting")], ["id"]
    )[0]["id"]
    [model] = admin.search_read("ir.model", [("model", "=", "project.task")], ["id"])
    activity = person.client.create(
        "mail.activity",
        {
            "activity_type_id": meeting_type,
            "res_model_id": model["id"],
            "res_id": task,
            "user_id": person.user_id,
            "summary": summary,
        },
    )
    of_task = {"default_res_model": "project.task", "default_res_id": task}
    action = person.client.call(
        "mail.activity", "action_create_calendar_event", [activity], context=of_task
    )
    return create_with(person, action["context"], **values), activity
