"""Test rights on a meeting, warnings about mails, and changing the organizer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person, graph_attendee, graph_time

from .odoo_screen import ZONE, OdooScreen, today_at
from .test_phone import PHONE


@pytest.fixture
def ben(world) -> Iterator[Person]:
    """Return a second person with a calendar that is synced both ways."""
    person = Person(world, "ben", zone=ZONE.key).connect()
    yield person
    person.switch_off()


@pytest.fixture
def phone(anna, open_odoo) -> OdooScreen:
    """Return Odoo on the connected person's phone."""
    return open_odoo(anna.client, **PHONE)


@pytest.fixture
def fair(anna, world) -> int:
    """Return a meeting of an outside organizer with Anna as attendee."""
    host = Person(world, "olga", zone=ZONE.key)
    start, end = (today_at(hour).replace(tzinfo=None) for hour in (9, 10))
    world.control.create_event(
        host.upn,
        {
            "subject": "Fair",
            "start": graph_time(start, ZONE.key),
            "end": graph_time(end, ZONE.key),
            "attendees": [graph_attendee(anna)],
        },
    )
    world.quiesce()
    return anna.only_event("Fair")["id"]


@pytest.fixture
def planning(anna, ben, world) -> int:
    """Return Anna's meeting with Ben, tomorrow."""
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    return event_id


def see_read_only_meeting(odoo: OdooScreen, event_id: int) -> None:
    odoo.open_event(event_id)
    banner = odoo.page.locator(".o_ms365_locked")
    expect(banner).to_contain_text("changed in")
    for name in ("name", "location", "partner_ids", "start"):
        expect(odoo.field(name).locator("input:visible")).to_have_count(0)
    expect(odoo.field("show_as").locator("input, select").first).to_be_enabled()


def test_meeting_of_an_outsider_is_read_only_and_says_why(fair, odoo):
    see_read_only_meeting(odoo, fair)
    odoo.take_picture("event-read-only")
    odoo.page.get_by_role("tab", name="Options").click()
    for name in ("alarm_ids", "categ_ids"):
        expect(odoo.field(name).locator("input")).to_be_enabled()
    odoo.take_picture("event-read-only-options")


def test_read_only_meeting_fits_a_phone(fair, phone):
    see_read_only_meeting(phone, fair)
    phone.take_picture("phone-event-read-only")
    phone.assert_fits_the_width()


def test_form_says_who_mails(planning, odoo):
    odoo.open_event(planning)
    note = odoo.page.locator(".o_ms365_mail_note")
    expect(note).to_contain_text("Outlook mails the attendees")
    odoo.take_picture("event-mail-note")


def test_mail_note_fits_a_phone(planning, phone):
    phone.open_event(planning)
    note = phone.page.locator(".o_ms365_mail_note")
    note.scroll_into_view_if_needed()
    expect(note).to_be_visible()
    phone.take_picture("phone-event-mail-note")
    phone.assert_fits_the_width()


def open_organizer_dialog(
    odoo: OdooScreen, event_id: int, new: Person, *, tab: str = "Options"
) -> None:
    odoo.open_event(event_id)
    odoo.page.get_by_role("tab", name=tab).click()
    odoo.button("action_ms365_change_organizer").click()
    choose_record(odoo, odoo.dialog().locator("[name='new_organizer_id'] input"), new)
    expect(odoo.page.locator(".modal:visible")).to_have_count(1)


def choose_record(odoo: OdooScreen, field: Locator, person: Person) -> None:
    """Choose a person in a field that searches, on a desk or on a phone."""
    field.click()
    if field.get_attribute("readonly") is not None:  # a phone opens a dialog instead
        cards = odoo.page.locator(".o_kanban_record")
        cards.get_by_text(person.name, exact=True).first.click()
        return
    field.fill(person.name)
    # This key waits for the search; a click may meet the list as it is drawn anew.
    field.press("Enter")
    expect(field).to_have_value(person.name)


def test_organizer_is_changed_after_a_preview(planning, anna, ben, odoo, world):
    open_organizer_dialog(odoo, planning, ben)
    dialog = odoo.dialog()
    expect(dialog).to_contain_text(f"invites 1 person ({anna.name})")
    expect(dialog).to_contain_text(f"tells 1 person ({ben.name})")
    odoo.take_picture("organizer-change")
    dialog.get_by_role("button", name="Change organizer").click()
    dialog.wait_for(state="hidden")
    world.quiesce()
    [approval] = ben.client.search_read(
        "praetorx.ms365.approval", [("state", "=", "waiting")], ["seen"]
    )
    ben.client.call(
        "praetorx.ms365.approval",
        "action_approve",
        [approval["id"]],
        context={"ms365_seen": approval["seen"]},
    )
    world.quiesce()
    assert anna.event(planning)["user_id"][0] == ben.user_id
    living = [one for one in ben.outlook_events("Planning") if one["isOrganizer"]]
    assert len(living) == 1


def test_somebody_who_does_not_sync_is_refused_in_words(planning, odoo, world):
    cleo = Person(world, "cleo", zone=ZONE.key)
    open_organizer_dialog(odoo, planning, cleo)
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("does not sync with Outlook")
    expect(dialog.get_by_role("button", name="Change organizer")).to_be_hidden()
    odoo.take_picture("organizer-change-refused")


def test_organizer_dialog_fits_a_phone(anna, phone, world):
    # This name must come first: a phone lists 40 people at a time.
    aaron = Person(world, "aaron", zone=ZONE.key).connect()
    event_id = anna.create("Planning", attendees=[aaron])
    world.quiesce()
    open_organizer_dialog(phone, event_id, aaron)
    expect(phone.dialog()).to_contain_text("invites 1 person")
    phone.take_picture("phone-organizer-change")
    phone.assert_fits_the_width()
    aaron.switch_off()
