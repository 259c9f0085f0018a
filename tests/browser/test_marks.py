"""Test the marks of events and what the screens say of others' meetings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person, graph_attendee, graph_time, odoo_time
from e2e.harness.world import World

from . import axe
from .conftest import ScreenOpener
from .odoo_screen import ZONE, OdooScreen, today_at
from .situations import create_today, make_conflict, make_dead_letter, make_hold
from .test_german import GERMAN, in_german
from .test_phone import PHONE
from .wording import untranslated

__all__ = ["in_german"]

#: The words of each mark, in English and in German.
WORDS = {
    "waiting": ("the organizer has to send it", "Der Organisator muss ihn senden"),
    "approval": ("organizer's approval", "Freigabe des Organisators"),
    "conflict": ("Choose a version", "Wählen Sie eine Fassung"),
    "error": ("Open the event to see why", "Öffnen Sie den Termin"),
    "held": ("Decide if it is deleted in Odoo", "in Odoo gelöscht wird"),
}
#: The marks of today's events; the held ones are on the days after.
TODAY = ("waiting", "approval", "conflict", "error")
LANGUAGES = ("en_US", GERMAN)
#: A label of Odoo's own, which is the same in German.
NAMES = frozenset({"Start"})
#: Has a mailbox, and is no user of Odoo.
OUTSIDER = "olga@fair.example"


@pytest.fixture(scope="module")
def marked(in_german: World) -> Iterator[Person]:
    """Return a person with an event for each mark."""
    world = in_german
    person = Person(world, "mara", zone=ZONE.key)
    guest = world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus.guest@fair.example"}
    )
    people = {"partner_ids": [(6, 0, [person.partner_id, guest])]}
    start = today_at(0)
    days = {"start": odoo_time(start), "stop": odoo_time(start + timedelta(hours=47))}
    person.client.create("calendar.event", {"name": "Exhibition", **days, **people})
    person.connect()
    make_hold(person)
    review = create_today(person, "Workshop", hour=16, **people)
    Person(world, "cora", zone=ZONE.key).write(review, location="Room 2")
    make_conflict(person)
    make_dead_letter(person)
    world.control.add_mailbox(
        OUTSIDER, "contoso", display_name="Olga Outside", time_zone=ZONE.key
    )
    invite(OUTSIDER, person)
    yield person
    person.switch_off()


@pytest.mark.parametrize("window", ["desk", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_mark_has_its_own_sign_and_words(
    language: str, window: str, marked: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_in(language, marked, open_odoo, **(PHONE if window == "phone" else {}))
    odoo.open_calendar()
    for mark in TODAY:
        sign = odoo.page.locator(f".fc-event .o_ms365_mark[data-mark={mark}]").first
        words = WORDS[mark][LANGUAGES.index(language)]
        expect(sign).to_be_visible()
        assert words in (sign.get_attribute("aria-label") or "")
        assert sign.get_attribute("aria-label") == sign.get_attribute("data-tooltip")
    odoo.take_picture(f"marks-{language}-{window}")
    assert axe.findings(odoo.page) == []
    odoo.assert_fits_the_width()


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_has_the_marks_as_words(
    language: str, marked: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_in(language, marked, open_odoo)
    odoo.open_calendar()
    odoo.page.locator(".o_switch_view.o_list").click()
    for mark, words in WORDS.items():
        badge = odoo.page.locator(f".o_data_row .o_ms365_mark[data-mark={mark}]").first
        expect(badge).to_be_visible()
        expect(badge).to_contain_text(words[LANGUAGES.index(language)])
    odoo.take_picture(f"marks-list-{language}")
    assert axe.findings(odoo.page) == []
    if language == GERMAN:
        assert untranslated(odoo.page, "de", frozenset()) == []


@pytest.mark.parametrize("window", ["desk", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_meeting_of_an_outsider_names_its_organizer_and_has_no_empty_rows(
    language: str, window: str, marked: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_in(language, marked, open_odoo, **(PHONE if window == "phone" else {}))
    odoo.open_event(marked.only_event("Kick-off")["id"])
    expect(odoo.page.locator(".o_ms365_locked")).to_contain_text("Olga Outside")
    expect(odoo.page.locator(".o_ms365_outlook_text")).to_contain_text("Hall 4")
    expect(odoo.page.locator(".o_ms365_notes_hint")).to_be_visible()
    expect(odoo.page.locator("[name=videocall_location_div]")).to_be_hidden()
    expect(odoo.page.locator("label[for^=location]")).to_be_hidden()
    odoo.take_picture(f"outsider-{language}-{window}")
    assert axe.findings(odoo.page) == []
    odoo.assert_fits_the_width()
    # The message of the first reading is in the language of that time.
    expect(odoo.page.locator(".o_notification")).to_have_count(0)
    assert language != GERMAN or untranslated(odoo.page, "de", NAMES) == []
    odoo.page.get_by_role("tab", name="Option").click()
    expect(odoo.field("ms365_organizer")).to_contain_text("Olga Outside <olga")
    expect(odoo.field("user_id")).to_have_count(0)
    odoo.take_picture(f"outsider-options-{language}-{window}")
    assert axe.findings(odoo.page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_popover_has_no_empty_row_and_a_link_in_words(
    language: str, marked: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_in(language, marked, open_odoo)
    odoo.open_calendar()
    popover = odoo.open_popover("Teams talk")
    expect(popover.locator(".o_ms365_join a")).to_have_text(
        ("Join Teams meeting", "An Teams-Besprechung teilnehmen")[
            LANGUAGES.index(language)
        ]
    )
    expect(popover).not_to_contain_text("https://")
    odoo.take_picture(f"popover-teams-{language}")
    odoo.page.keyboard.press("Escape")
    popover = odoo.open_popover("Kick-off")
    expect(popover).to_contain_text("Olga Outside")
    for row in popover.locator("li.list-group-item").all():
        assert row.inner_text().strip(), row.inner_html()
    odoo.take_picture(f"popover-outsider-{language}")
    assert axe.findings(odoo.page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_busy_colleague_without_sync_is_shown_as_unavailable(
    language: str, marked: Person, open_odoo: ScreenOpener
) -> None:
    world = marked.world
    name = {"en_US": "Cleo Clark", GERMAN: "Klara Klar"}[language]
    colleague = Person(world, "cleo", zone=ZONE.key, full_name=name)
    start = today_at(20).replace(minute=30, tzinfo=None)
    world.control.create_event(
        colleague.upn,
        {
            "subject": "Doctor",
            "start": graph_time(start, ZONE.key),
            "end": graph_time(start + timedelta(hours=1), ZONE.key),
        },
    )
    marked.client.set_preferences(ms365_busy_times=True)
    people = [(6, 0, [marked.partner_id, colleague.partner_id])]
    talk = create_today(marked, f"Talk with {name}", hour=20, partner_ids=people)
    odoo = open_in(language, marked, open_odoo)
    odoo.open_event(talk)
    note = odoo.page.locator(".o_ms365_unsynced_note")
    expect(note).to_contain_text(name)
    tag = odoo.field("partner_ids").locator(".o_tag", has_text=name)
    expect(tag.locator(".fa-moon-o")).to_be_visible()
    expect(odoo.page.locator("body")).not_to_contain_text("Doctor")
    odoo.take_picture(f"busy-{language}")
    assert axe.findings(odoo.page) == []
    assert language != GERMAN or untranslated(odoo.page, "de", NAMES) == []


def invite(host: str, guest: Person) -> None:
    """Have an outsider invite a person to two meetings today."""
    fair = {"body": {"contentType": "html", "content": "<p>We meet in Hall 4.</p>"}}
    talk = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    for subject, hour, values in (("Kick-off", 13, fair), ("Teams talk", 18, talk)):
        start, end = (today_at(hour + n).replace(tzinfo=None) for n in (0, 1))
        guest.world.control.create_event(
            host,
            {
                "subject": subject,
                "start": graph_time(start, ZONE.key),
                "end": graph_time(end, ZONE.key),
                "attendees": [graph_attendee(guest)],
                **values,
            },
        )
    guest.world.quiesce()


def open_in(
    language: str, person: Person, open_odoo: ScreenOpener, **options: Any
) -> OdooScreen:
    """Open Odoo for a person who reads a language."""
    person.client.set_preferences(lang=language)
    person.client.log_in()
    return open_odoo(person.client, locale=language.replace("_", "-"), **options)
