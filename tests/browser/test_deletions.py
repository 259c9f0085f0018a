"""Test held deletions and restoring events, on a desktop and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.harness.series import local_start, occurrences, outlook_series, rows

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .situations import create_today, make_hold, make_hold_of_odoo
from .test_phone import PHONE


@pytest.fixture
def phone(anna, open_odoo: ScreenOpener) -> OdooScreen:
    """Return Odoo on the connected person's phone."""
    return open_odoo(anna.client, **PHONE)


def test_my_connection_leads_to_the_decision_to_keep(anna, odoo, world):
    make_hold(anna)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Connection")
    odoo.take_picture("my-connection-held")
    odoo.button("action_open_holds").click()
    form = odoo.page.locator(".o_form_view")
    expect(form).to_contain_text("12 events deleted in Outlook")
    expect(form.locator(".o_data_row")).to_have_count(12)
    odoo.take_picture("hold-of-outlook")
    odoo.button("action_keep").click()
    odoo.take_picture("hold-of-outlook-question")
    odoo.confirm()
    expect(odoo.button("action_keep")).to_be_hidden()
    world.quiesce()
    assert len(anna.events()) == 12


def test_delete_them_archives_and_undo_brings_one_back(anna, odoo, world):
    odoo.open_form("praetorx.ms365.hold", make_hold(anna))
    odoo.button("action_delete").click()
    odoo.confirm()
    expect(odoo.button("action_delete")).to_be_hidden()
    world.quiesce()
    assert anna.events() == []
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Deleted Events")
    found = odoo.page.locator(".o_data_row")
    expect(found).to_have_count(12)
    odoo.take_picture("deleted-events")
    found.first.get_by_role("button", name="Undo").click()
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("Invitations by Mail")
    odoo.take_picture("undo-question")
    dialog.get_by_role("button", name="Bring back").click()
    expect(found).to_have_count(11)
    world.quiesce()
    assert len(anna.events()) == len(anna.outlook_events()) == 1


def test_burst_of_deletions_in_odoo_is_taken_back(anna, odoo, world):
    odoo.open_form("praetorx.ms365.hold", make_hold_of_odoo(anna))
    expect(odoo.page.locator(".o_form_view")).to_contain_text("still in Outlook")
    odoo.take_picture("hold-of-odoo")
    odoo.button("action_keep").click()
    odoo.confirm()
    expect(odoo.button("action_keep")).to_be_hidden()
    world.quiesce()
    assert len(anna.events()) == 12


def test_archived_event_tells_why_and_offers_undo(anna, odoo, world):
    event_id = create_today(anna, "Plan the fair")
    anna.outlook_delete(anna.outlook_event("Plan the fair"))
    world.quiesce()
    odoo.open_event(event_id)
    expect(odoo.page.locator(".o_ms365_deleted")).to_be_visible()
    odoo.take_picture("event-deleted-by-sync")
    odoo.button("action_ms365_restore").click()
    odoo.dialog().get_by_role("button", name="Bring back").click()
    expect(odoo.page.locator(".o_ms365_deleted")).to_be_hidden()
    world.quiesce()
    anna.assert_same("Plan the fair")


def test_archived_date_of_a_series_comes_back_as_an_event_of_its_own(anna, odoo, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    lost = rows(anna)[1]["id"]
    anna.outlook_delete(occurrences(anna)[1]["id"])
    world.quiesce()
    odoo.open_event(lost)
    expect(odoo.page.locator(".o_ms365_deleted")).to_be_visible()
    odoo.take_picture("date-deleted-by-sync")
    odoo.button("action_ms365_restore").click()
    expect(odoo.dialog()).to_contain_text("Invitations by Mail")
    odoo.take_picture("date-undo-question")
    odoo.dialog().get_by_role("button", name="Bring back").click()
    expect(odoo.page.locator(".o_ms365_deleted")).to_be_hidden()
    odoo.take_picture("date-is-back")
    world.quiesce()
    assert len(rows(anna)) == 3
    assert len(anna.events("Standup")) == 4


def test_hold_fits_on_a_phone_and_is_decided_there(anna, phone, world):
    phone.open_form("praetorx.ms365.hold", make_hold(anna))
    expect(phone.page.locator(".o_form_view")).to_contain_text("12 events")
    phone.take_picture("phone-hold")
    phone.assert_fits_the_width()
    phone.page.locator(".o_form_view").get_by_text("Train to Bonn").first.wait_for()
    phone.button("action_keep").tap()
    phone.confirm()
    expect(phone.button("action_keep")).to_be_hidden()
    world.quiesce()
    assert len(anna.events()) == 12


def test_deleted_events_fit_on_a_phone(anna, phone, world):
    create_today(anna, "Plan the fair")
    anna.outlook_delete(anna.outlook_event("Plan the fair"))
    world.quiesce()
    action = "praetorx_ms365_calendar.praetorx_ms365_deleted_event_action_mine"
    phone.page.goto(f"{phone.url}/odoo/action-{action}")
    card = phone.page.locator(".o_kanban_record", has_text="Plan the fair")
    expect(card).to_be_visible()
    phone.take_picture("phone-deleted-events")
    phone.assert_fits_the_width()
    card.get_by_role("button", name="Undo").tap()
    expect(phone.dialog()).to_contain_text("Invitations by Mail")
    phone.take_picture("phone-undo-question")
    phone.assert_fits_the_width()


def test_reset_dialog_counts_before_the_button_is_pressed(
    anna, open_odoo: ScreenOpener, world
):
    make_events_with_a_guest(anna)
    anna.client.set_preferences(ms365_delegate_ids=[(4, world.admin.uid)])
    admin = open_odoo(world.admin)
    admin.page.goto(f"{admin.url}/odoo/action-base.action_res_users/{anna.user_id}")
    admin.page.get_by_role("tab", name="Calendar").click()
    admin.page.get_by_role("button", name="Reset Account").last.click()
    dialog = admin.dialog()
    dialog.get_by_label("Delete from both").check()
    expect(admin.field("ms365_outlook_words")).to_have_text("2 events")
    expect(admin.field("ms365_cancellation_count")).to_have_text("1")
    admin.take_picture("reset-dialog")
    dialog.get_by_role("button", name="Confirm").click()
    dialog.wait_for(state="hidden")
    world.quiesce()
    assert anna.events() == anna.outlook_events() == []


def make_events_with_a_guest(person):
    """Create one event without and one with a guest, in both calendars."""
    create_today(person, "Plan the fair")
    guest_id = person.world.admin.create(
        "res.partner", {"name": "Gus", "email": "gus@elsewhere.example"}
    )
    partners = [(6, 0, [person.partner_id, guest_id])]
    create_today(person, "Review", 14, partner_ids=partners)
