"""Test that nobody is mailed unseen: the bar before saving, the guard, the list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person
from e2e.harness.world import MANY_MAILS, World

from . import axe
from .odoo_screen import OdooScreen, today_at
from .situations import create_today

GUESTS = ("Gus Guest", "Greta Guest", "Gina Guest")


@pytest.fixture
def guests(world: World) -> list[int]:
    """Return the contacts of three guests; no mail is recorded yet."""
    world.control.reset_mails()
    return [
        world.admin.create(
            "res.partner",
            {"name": name, "email": f"{name.split()[0].lower()}@fair.example"},
        )
        for name in GUESTS
    ]


@pytest.fixture
def two_mails(world: World) -> Iterator[None]:
    """Let the company allow two mails without a question."""
    world.admin.write("res.company", 1, {"ms365_mail_limit": 2})
    yield
    world.admin.write("res.company", 1, {"ms365_mail_limit": MANY_MAILS})


def mails_bar(screen: OdooScreen):
    """Return the bar that names the people whom Outlook will mail."""
    return screen.page.locator(".o_ms365_mail_preview:visible")


def test_form_and_dialogs_name_whom_outlook_mails(odoo, anna: Person, guests, world):
    people = [(6, 0, [anna.partner_id, *guests])]
    event_id = create_today(anna, "Plan the fair", partner_ids=people)
    odoo.open_event(event_id)
    odoo.field("location").locator("input").fill("Hall 4")
    odoo.field("name").locator("textarea, input").first.click()
    expect(mails_bar(odoo)).to_contain_text("Outlook sends 3 mails.")
    expect(mails_bar(odoo)).to_contain_text("Update: Gina Guest, Greta Guest")
    odoo.take_picture("mails-before-saving")
    assert axe.findings(odoo.page) == []
    odoo.save()
    expect(mails_bar(odoo)).to_have_count(0)
    odoo.open_calendar()
    dialog = odoo.click_at(today_at(14))
    expect(mails_bar(odoo)).to_have_count(0)
    tags = dialog.locator(".o_field_widget[name='partner_ids'] input")
    tags.fill("Greta")
    odoo.page.get_by_text("Greta Guest", exact=True).first.click()
    expect(mails_bar(odoo)).to_contain_text("Invitation: Greta Guest")
    odoo.take_picture("mails-quick-create")
    assert axe.findings(odoo.page) == []
    dialog.get_by_role("button", name="Discard").first.click()
    popover = odoo.open_popover("Plan the fair")
    popover.locator("a:has(.fa-trash)").click()
    expect(mails_bar(odoo)).to_contain_text("Cancellation: Gina Guest, Greta Guest")
    odoo.take_picture("mails-before-deleting")
    assert axe.findings(odoo.page) == []
    odoo.dialog().get_by_role("button", name="Keep it").click()
    expect(odoo.event("Plan the fair")).to_be_visible()


def test_many_mails_wait_until_the_author_agrees(
    odoo, anna: Person, guests, two_mails, world
):
    people = [(6, 0, [anna.partner_id, *guests])]
    ids = [
        create_today(anna, name, hour, partner_ids=people)
        for name, hour in (("Plan the fair", 9), ("Plan the dinner", 11))
    ]
    assert world.control.mails() == []
    odoo.open_event(ids[0])
    banner = odoo.page.locator(".o_ms365_approval")
    expect(banner).to_contain_text("Outlook would mail many people at once")
    odoo.take_picture("many-mails-wait")
    assert axe.findings(odoo.page) == []
    banner.get_by_role("button", name="Details").click()
    expect(odoo.field("people")).to_contain_text("Greta Guest")
    expect(odoo.field("together_words")).to_contain_text("2 meetings")
    odoo.take_picture("many-mails")
    odoo.button("action_approve_together").click()
    present = odoo.page.locator(".o_arrow_button_current")
    expect(present).to_contain_text("Approved")
    world.quiesce()
    assert len(world.control.mails()) == 6


def test_waiting_meetings_are_sent_from_a_list(
    anna_unconnected: Person, open_odoo, guests, world
):
    anna = anna_unconnected
    for number, name in enumerate(("Plan the fair", "Plan the dinner"), 1):
        people = [(6, 0, [anna.partner_id, *guests[:number]])]
        anna.create(name, 8 + number, partner_ids=people)
    anna.connect()
    odoo = open_odoo(anna.client)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Connection")
    odoo.button("action_review_waiting").click()
    sending = odoo.page.locator(".o_ms365_sending")
    expect(sending.locator(".o_ms365_mails:visible")).to_contain_text(
        "2 meetings (3 mails)"
    )
    everything = sending.locator("[name='all_selected'] input")
    everything.uncheck()
    expect(sending.locator(".o_ms365_mails:visible")).to_contain_text("0 mails")
    everything.check()
    expect(sending.locator(".o_ms365_mails:visible")).to_contain_text("3 mails")
    sending.locator(".o_data_row .o-checkbox input").nth(1).uncheck()
    expect(sending.locator(".o_ms365_mails:visible")).to_contain_text(
        "1 meeting (1 mail)"
    )
    odoo.take_picture("send-meetings")
    odoo.button("action_send").click()
    expect(sending).to_have_count(0)
    world.quiesce()
    assert [one["kind"] for one in world.control.mails()] == ["invitation"]
