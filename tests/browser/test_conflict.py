"""Test how a person resolves a conflict: compare, choose, preview, apply."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .situations import create_today, make_conflict, make_rich_conflict
from .test_phone import PHONE


def row(dialog: Locator, label: str) -> Locator:
    """Return the row of a field in conflict."""
    return dialog.locator(f".o_ms365_choice[aria-label='{label}']")


def choose(dialog: Locator, label: str, side: str) -> None:
    """Choose the value of one side for a field."""
    row(dialog, label).locator(f"[data-side='{side}'] input").check()


def open_decision(odoo: OdooScreen, event_id: int) -> Locator:
    """Open both versions with the button on the event's form."""
    odoo.open_event(event_id)
    odoo.button("action_ms365_decide").click()
    dialog = odoo.dialog()
    expect(dialog.locator(".o_ms365_choice").first).to_be_visible()
    return dialog


def test_changes_are_compared_by_words_and_chosen_field_by_field(anna, odoo, world):
    event_id = make_rich_conflict(anna)
    dialog = open_decision(odoo, event_id)
    labels = dialog.locator(".o_ms365_label")
    expect(labels).to_have_text(["Subject", "Time", "Description"])
    description = row(dialog, "Description")
    expect(description.locator("[data-side='odoo'] ins")).to_have_text(
        ["at eleven sharp"]
    )
    expect(description.locator("[data-side='outlook'] del").first).to_have_text("north")
    expect(dialog.locator(".modal-footer")).to_contain_text("Still to choose: 3")
    odoo.take_picture("conflict-open")

    choose(dialog, "Subject", "odoo")
    choose(dialog, "Time", "outlook")
    choose(dialog, "Description", "outlook")
    mails = dialog.locator(".o_ms365_mails:visible")
    expect(mails).to_contain_text("Outlook sends one mail")
    expect(mails).to_contain_text("Gus Guest")
    odoo.page.mouse.move(0, 0)
    odoo.take_picture("conflict-chosen")
    dialog.locator(".o_ms365_agreed summary").click()
    expect(dialog.locator(".o_ms365_agreed")).to_contain_text("Changed in Outlook")
    mails.scroll_into_view_if_needed()
    odoo.take_picture("conflict-result")

    dialog.locator("button[name='action_apply']").click()
    expect(odoo.page.locator(".o_ms365_conflict")).to_be_hidden()
    world.quiesce()
    anna.assert_same("Plan the autumn fair")
    remote = anna.outlook_event("Plan the autumn fair")
    assert remote["location"]["displayName"] == "Hall 4"
    assert "south gate" in remote["body"]["content"]


def test_one_click_takes_all_of_a_side(anna, odoo, world):
    dialog = open_decision(odoo, make_rich_conflict(anna))
    dialog.get_by_role("button", name="Keep all of Outlook").click()
    expect(dialog.locator(".o_ms365_chosen[data-side='outlook']")).to_have_count(3)
    expect(dialog.locator(".o_ms365_mails:visible")).to_contain_text("mails nobody")
    odoo.take_picture("conflict-all")
    dialog.locator("button[name='action_apply']").click()
    expect(odoo.page.locator(".o_ms365_conflict")).to_be_hidden()
    world.quiesce()
    anna.assert_same("Plan the spring fair with all exhibitors")


def test_decision_is_shown_until_it_is_carried_out(anna, odoo, world):
    dialog = open_decision(odoo, make_conflict(anna))
    world.control.fault("throttle", mailbox=anna.upn, retry_after=2)
    choose(dialog, "Subject", "odoo")
    dialog.locator("button[name='action_apply']").click()
    decided = odoo.page.locator(".o_ms365_decided")
    expect(decided).to_contain_text("The conflict is decided")
    odoo.take_picture("conflict-on-its-way")
    world.quiesce()
    odoo.page.reload()
    expect(odoo.field("name")).to_be_visible()
    expect(decided).to_be_hidden()


def test_deletion_against_an_edit_is_decided_on_the_screen(anna, odoo, world):
    event_id = create_today(anna, "Lunch", location="Canteen")
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_delete(anna.outlook_event("Lunch"))
    anna.write(event_id, name="Lunch with Eve")
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()
    dialog = open_decision(odoo, event_id)
    expect(row(dialog, "Event")).to_contain_text("Delete the event")
    choose(dialog, "Event", "odoo")
    expect(dialog.locator(".o_ms365_mails:visible")).to_contain_text("mails nobody")
    odoo.take_picture("conflict-deletion")
    dialog.locator("button[name='action_apply']").click()
    expect(odoo.page.locator(".o_ms365_conflict")).to_be_hidden()
    world.quiesce()
    anna.assert_same("Lunch with Eve")


def test_not_now_leaves_everything_as_it_is(anna, odoo):
    event_id = make_conflict(anna)
    dialog = open_decision(odoo, event_id)
    choose(dialog, "Subject", "outlook")
    dialog.get_by_role("button", name="Not now").click()
    dialog.wait_for(state="hidden")
    expect(odoo.page.locator(".o_ms365_conflict")).to_be_visible()
    assert anna.event(event_id)["name"] == "Dinner"
    assert len(anna.conflicts()) == 1


def test_own_list_opens_the_comparison(anna, odoo):
    make_conflict(anna)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Conflicts")
    odoo.page.locator(".o_data_row td.o_data_cell").first.click()
    dialog = odoo.dialog()
    choose(dialog, "Subject", "outlook")
    dialog.locator("button[name='action_apply']").click()
    expect(odoo.page.locator(".o_data_row")).to_have_count(0)
    assert anna.conflicts() == []


def test_reminder_leads_to_the_comparison_and_is_done_with_it(anna, odoo):
    make_conflict(anna)
    odoo.open_calendar()
    odoo.page.locator(".o-mail-ActivityMenu-counter").wait_for()
    odoo.page.locator(".o_menu_systray i[aria-label='Activities']").click()
    odoo.take_picture("conflict-activity")
    odoo.page.locator(".o-mail-ActivityGroup", has_text="Conflict").click()
    odoo.page.locator(".o_data_row td.o_data_cell").first.click()
    dialog = odoo.dialog()
    choose(dialog, "Subject", "outlook")
    dialog.locator("button[name='action_apply']").click()
    expect(odoo.page.locator(".o-mail-ActivityMenu-counter")).to_have_count(0)


def test_decided_conflict_still_shows_both_versions(anna, odoo):
    make_conflict(anna)
    [conflict] = anna.conflicts()
    anna.resolve("odoo")
    odoo.open_form("praetorx.ms365.conflict", conflict["id"])
    kept = odoo.page.locator(".o_ms365_comparison .o_ms365_kept")
    expect(kept).to_contain_text("Dinner")
    expect(odoo.page.locator(".o_ms365_comparison")).to_contain_text("Breakfast")
    odoo.take_picture("conflict-decided")


def test_policy_for_conflicts_is_chosen_and_kept(anna, odoo):
    odoo.open_form("praetorx.ms365.account", anna.account("id")["id"])
    field = odoo.field("conflict_policy")
    odoo.take_picture("my-connection-conflicts")
    expect(odoo.field("company_conflict_policy")).to_have_text(
        "Ask the owner of the calendar"
    )
    field.locator("input, select").click()
    odoo.page.get_by_text("Outlook wins", exact=True).click()
    odoo.save()
    assert anna.preferences("ms365_conflict_policy") == {
        "id": anna.user_id,
        "ms365_conflict_policy": "outlook",
    }


@pytest.fixture
def phone(anna, open_odoo: ScreenOpener) -> OdooScreen:
    """Return Odoo on the connected person's phone."""
    return open_odoo(anna.client, **PHONE)


def test_on_a_phone_each_field_is_a_card(anna, phone):
    dialog = open_decision(phone, make_rich_conflict(anna))
    phone.take_picture("phone-conflict-cards")
    phone.assert_fits_the_width()
    first, second = (
        row(dialog, "Subject").locator(f"[data-side='{side}']").bounding_box()
        for side in ("odoo", "outlook")
    )
    assert first["x"] == second["x"]
    assert second["y"] > first["y"]
    for label in ("Subject", "Time", "Description"):
        choose(dialog, label, "odoo")
    dialog.locator(".o_ms365_mails:visible").scroll_into_view_if_needed()
    phone.take_picture("phone-conflict-result")
    phone.assert_fits_the_width()
    dialog.locator("button[name='action_apply']").tap()
    expect(phone.page.locator(".o_ms365_conflict")).to_be_hidden()
