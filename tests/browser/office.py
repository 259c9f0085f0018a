"""An office with a full week: people for every screen, and their windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from demo import seed

from e2e.harness.odoo_client import OdooClient
from e2e.harness.person import Person
from e2e.harness.world import World
from e2e.use_cases import (
    group_id,
    make_customer,
    meeting_about_task,
    meeting_of,
    running_business,
)

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .situations import make_dead_letter, make_hold, make_rich_conflict
from .test_german import GERMAN
from .test_phone import PHONE

LANGUAGES = {"en": "en_US", "de": GERMAN}
VIEWERS = ("anna", "ben", "carla", "dora", "frida", "admin")
WINDOWS: dict[str, dict[str, Any]] = {"desk": {}, "phone": PHONE}


@dataclass
class Office:
    """People with a week on both sides, and the ids of special events.

    Anna has to decide, all is well with Ben, Carla has not connected her mailbox, and
    Dora has not pressed *Start*. Frida sets up another company.
    """

    world: World
    anna: Person
    ben: Person
    carla: Person
    dora: Person
    frida: Person
    events: dict[str, int] = field(default_factory=dict)

    def client_of(self, viewer: str) -> OdooClient:
        """Return the client of one of :data:`VIEWERS`."""
        return self.world.admin if viewer == "admin" else getattr(self, viewer).client


@pytest.fixture(scope="module")
def running_world() -> Iterator[World]:
    """Return servers with CRM and Project: some pictures show their records."""
    with running_business("screenshots") as world:
        yield world


@pytest.fixture(scope="module")
def office(in_german: World) -> Iterator[Office]:
    """Return people with a full week, a conflict, failed and held changes."""
    anna, ben = seed.people(in_german)
    seed.before_the_switch(anna, ben)
    for person in (anna, ben):
        person.connect()
    seed.after_the_switch(anna, ben)
    in_german.quiesce()
    carla = Person(in_german, "carla", full_name="Carla Weber", numbered=False)
    dora = Person(in_german, "dora", full_name="Dora Klein", numbered=False)
    dora.outlook_create("Review of the offer", 9)
    dora.create("Kick-off", hour=11, attendees=[ben])
    dora.switch_on().client.sign_in(dora.upn)
    office = Office(in_german, anna, ben, carla, dora, make_new_company(in_german))
    office.events["teams"] = ben.create(
        "Demo for Fabrikam", hour=7, is_teams_meeting=True
    )
    add_records_with_meetings(office)
    in_german.quiesce()
    demo = ben.outlook_event("Demo for Fabrikam")
    ben.outlook_update(demo, location={"displayName": "Room Spree"})
    in_german.quiesce()
    make_hold(anna)
    office.events["conflict"] = make_rich_conflict(anna)
    office.events["failed"] = make_dead_letter(anna)
    yield office
    for person in (anna, ben, dora):
        person.switch_off()


def make_new_company(world: World) -> Person:
    """Return the administrator of a company in which nobody is connected."""
    company = world.admin.create("res.company", {"name": "Fabrikam"})
    people = [
        Person(world, login, full_name=name, company_id=company, numbered=False)
        for login, name in (("emil", "Emil Roth"), ("frida", "Frida Lang"))
    ]
    link = (4, group_id(world, "base.group_system"))
    world.admin.write("res.users", people[-1].user_id, {"group_ids": [link]})
    return people[-1]


def add_records_with_meetings(office: Office) -> None:
    """Add an opportunity and a task with a Teams meeting each, for Ben."""
    world, ben = office.world, office.ben
    groups = ["sales_team.group_sale_salesman", "project.group_project_user"]
    links = [(4, group_id(world, group)) for group in groups]
    world.admin.write("res.users", ben.user_id, {"group_ids": links})
    lead = ben.client.create(
        "crm.lead",
        {
            "name": "Printers for the second floor",
            "partner_id": make_customer(world),
            "type": "opportunity",
        },
    )
    office.events["crm"] = meeting_of(ben, "crm.lead", lead, day=3)
    project = world.admin.create("project.project", {"name": "Helpdesk"})
    task = ben.client.create(
        "project.task",
        {
            "name": "Printer does not answer",
            "project_id": project,
            "user_ids": [(6, 0, [ben.user_id])],
        },
    )
    event_id, _activity = meeting_about_task(ben, task, "Look at the printer", day=2)
    office.events["task"] = event_id


def open_for_viewers(
    office: Office,
    open_odoo: ScreenOpener,
    language: str,
    window: str,
    names: Iterable[str] = VIEWERS,
) -> dict[str, OdooScreen]:
    """Return a browser window for each person who looks at a scene."""
    screens = {}
    for name in names:
        client = office.client_of(name)
        client.set_preferences(lang=LANGUAGES[language])
        client.log_in()
        screens[name] = open_odoo(
            client, locale=LANGUAGES[language].replace("_", "-"), **WINDOWS[window]
        )
    return screens
