"""Test how a person reads the history of an event, and restores a version."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person, graph_time
from e2e.harness.series import (
    assert_same_series,
    local_start,
    move_and_prolong,
    outlook_series,
    rows,
)

from .conftest import ScreenOpener
from .odoo_screen import ZONE, OdooScreen, today_at
from .situations import create_today
from .test_phone import PHONE


def make_history(person: Person) -> int:
    """Return an event with a guest, changed in Odoo and then in Outlook."""
    world = person.world
    guest = world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus.guest@fair.example"}
    )
    partners = [(6, 0, [person.partner_id, guest])]
    event_id = create_today(person, "Plan the fair", partner_ids=partners)
    person.write(event_id, location="Hall 4", description="<p>At the gate</p>")
    world.quiesce()
    later = today_at(15).replace(tzinfo=None)
    person.outlook_update(
        person.outlook_event("Plan the fair"),
        subject="Plan the spring fair",
        start=graph_time(later, ZONE.key),
        end=graph_time(later.replace(hour=16), ZONE.key),
    )
    world.quiesce()
    return event_id


def open_history(odoo: OdooScreen, event_id: int) -> Locator:
    """Open the history with the button on the event's form."""
    odoo.open_event(event_id)
    odoo.button("action_ms365_history").click()
    dialog = odoo.dialog()
    expect(dialog.locator(".o_kanban_record:not(.o_kanban_ghost)")).to_have_count(2)
    return dialog


@pytest.mark.parametrize(("size", "window"), [("desk", {}), ("phone", PHONE)])
def test_version_is_restored_from_the_history(
    anna: Person, open_odoo: ScreenOpener, size: str, window: dict[str, Any]
) -> None:
    event_id = make_history(anna)
    odoo = open_odoo(anna.client, **window)
    dialog = open_history(odoo, event_id)
    newest = dialog.locator(".o_kanban_record").first
    expect(newest).to_contain_text("Outlook")
    expect(newest).to_contain_text("Plan the spring fair")
    odoo.take_picture(f"history-{size}")
    odoo.assert_fits_the_width()
    newest.get_by_role("button", name="Restore").click()
    mails = odoo.page.locator(".o_ms365_version_restore .o_ms365_mails:visible")
    expect(mails).to_contain_text("Gus Guest")
    odoo.take_picture(f"history-restore-{size}")
    odoo.assert_fits_the_width()
    odoo.dialog().locator("button[name='action_restore']").click()
    expect(odoo.page.locator(".modal")).to_have_count(0)
    anna.world.quiesce()
    assert anna.event(event_id)["name"] == "Plan the fair"
    anna.assert_same("Plan the fair")


def make_moved_series(person: Person) -> int:
    """Return an event of a series that was moved and prolonged in Outlook."""
    world = person.world
    start = local_start(world)
    master = outlook_series(person, "Standup", start)
    world.quiesce()
    move_and_prolong(person, master, start)
    world.quiesce()
    event_id: int = rows(person)[0]["id"]
    return event_id


@pytest.mark.parametrize(("size", "window"), [("desk", {}), ("phone", PHONE)])
def test_times_and_rule_of_a_series_are_restored(
    anna: Person, open_odoo: ScreenOpener, size: str, window: dict[str, Any]
) -> None:
    event_id = make_moved_series(anna)
    odoo = open_odoo(anna.client, **window)
    odoo.open_event(event_id)
    odoo.button("action_ms365_history").click()
    odoo.dialog().get_by_role("button", name="Restore").first.click()
    dialog = odoo.page.locator(".o_ms365_version_restore")
    expect(dialog).to_contain_text("for 4 events")
    odoo.take_picture(f"history-restore-series-{size}")
    odoo.assert_fits_the_width()
    odoo.dialog().locator("button[name='action_restore']").click()
    expect(odoo.page.locator(".modal")).to_have_count(0)
    anna.world.quiesce()
    assert len(assert_same_series(anna)) == 4


def test_row_of_the_log_opens_event_and_history(anna: Person, odoo: OdooScreen) -> None:
    make_history(anna)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Sync Log")
    row = odoo.page.locator(".o_data_row", has_text="Plan the spring fair").first
    row.wait_for()
    odoo.take_picture("log-list")
    row.locator("td.o_data_cell").first.click()
    expect(odoo.field("title")).to_contain_text("Plan the spring fair")
    odoo.take_picture("log-form")
    odoo.button("action_open_history").click()
    expect(odoo.dialog()).to_contain_text("Hall 4")
