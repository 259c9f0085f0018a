"""Test the reset of an account: each pair of choices does as the dialog says."""

from __future__ import annotations

from typing import Any

import pytest

from .harness.person import Person, mark
from .harness.series import assert_same_series, local_start, odoo_series, rows
from .harness.waiting import eventually
from .harness.world import World
from .test_deletions import guest

ALONE, MEETING, ONLY_IN_ODOO = "Alone", "Meeting", "Only in Odoo"
BOTH = {ALONE, MEETING}
ALL = {ALONE, MEETING, ONLY_IN_ODOO}


@pytest.fixture
def anna(make_person: Any, world: World) -> Person:
    """Return a person with two linked events and a meeting from before the switch."""
    person: Person = make_person("anna")
    partners = [(6, 0, [person.partner_id, guest(world)])]
    person.create(ONLY_IN_ODOO, day=2, partner_ids=partners)
    person.connect()
    person.create(ALONE, day=3)
    person.create(MEETING, day=4, partner_ids=partners)
    world.quiesce()
    world.control.reset_mails()
    return person


def open_dialog(person: Person, delete: str, sync: str) -> int:
    """Choose in the dialog, as the person's delegate, and return its id."""
    person.client.set_preferences(ms365_delegate_ids=[(4, person.world.admin.uid)])
    return person.world.admin.create(
        "microsoft.calendar.account.reset",
        {"user_id": person.user_id, "delete_policy": delete, "sync_policy": sync},
    )


def preview(person: Person, dialog_id: int) -> dict[str, int]:
    """Return the text of the dialog before the button is pressed."""
    names = ("outlook", "cancellation", "odoo", "return", "send", "invitation")
    values = person.world.admin.read(
        "microsoft.calendar.account.reset",
        dialog_id,
        *(f"ms365_{name}_count" for name in names),
    )
    return {name: values[f"ms365_{name}_count"] for name in names}


def press(person: Person, dialog_id: int) -> None:
    """Press *Confirm*, and wait until the account is signed out."""
    person.world.admin.call(
        "microsoft.calendar.account.reset", "reset_account", [dialog_id]
    )
    eventually(
        lambda: person.account("state")["state"] == "signed_out",
        "the account is signed out",
        meanwhile=person.world.quiesce,
    )


def sign_in_again(person: Person) -> None:
    person.sign_in()
    eventually(
        lambda: person.account("first_pass_done_at")["first_pass_done_at"],
        "the calendar has been read again",
        meanwhile=person.world.quiesce,
    )
    person.world.quiesce()


def mails(world: World, kind: str) -> int:
    return len(world.control.mails(kind=kind))


@pytest.mark.parametrize(
    ("delete", "sync", "in_odoo", "in_outlook"),
    [
        ("dont_delete", "new", ALL, BOTH),
        ("dont_delete", "all", ALL, ALL),
        ("delete_microsoft", "new", ALL, set()),
        ("delete_microsoft", "all", ALL, ALL),
        ("delete_odoo", "new", {ONLY_IN_ODOO}, BOTH),
        ("delete_odoo", "all", ALL, ALL),
        ("delete_both", "new", {ONLY_IN_ODOO}, set()),
        ("delete_both", "all", {ONLY_IN_ODOO}, {ONLY_IN_ODOO}),
    ],
)
def test_reset_does_what_the_dialog_says(
    anna, world, delete, sync, in_odoo, in_outlook
):
    """Complaint odoo/odoo#126097: "Delete from Odoo" on reset deleted nothing."""
    dialog_id = open_dialog(anna, delete, sync)
    said = preview(anna, dialog_id)
    press(anna, dialog_id)
    left = {event["subject"] for event in anna.outlook_events()}
    assert len(BOTH - left) == said["outlook"]
    assert mails(world, "cancellation") == said["cancellation"]
    assert len(ALL) - len(anna.events()) == said["odoo"]
    world.control.reset_mails()
    sign_in_again(anna)
    assert {event["name"] for event in anna.events()} == in_odoo
    assert {event["subject"] for event in anna.outlook_events()} == in_outlook
    assert len(anna.events()) == len(in_odoo)
    assert len(anna.outlook_events()) == len(in_outlook)
    assert len(in_outlook - left) == said["send"]
    assert mails(world, "invitation") == said["invitation"]
    assert len(world.control.mails()) == said["invitation"]
    # And it stays so.
    before = mark(world)
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []
    assert {event["name"] for event in anna.events()} == in_odoo


def test_nobody_waits_for_microsoft_and_a_hanging_graph_only_delays_it(anna, world):
    world.control.fault("server_error", method="DELETE", mailbox=anna.upn, times=2)
    before = mark(world)
    dialog_id = open_dialog(anna, "delete_both", "new")
    world.admin.call("microsoft.calendar.account.reset", "reset_account", [dialog_id])
    assert anna.account("status")["status"].startswith("Being reset")
    world.quiesce()
    eventually(
        lambda: anna.account("state")["state"] == "signed_out",
        "the account is signed out",
        meanwhile=world.skip_wait,
    )
    assert anna.outlook_events() == []
    assert anna.writes(before)


def test_many_events_are_deleted_without_asking_twice(anna, world):
    for number in range(12):
        anna.create(f"Event {number}", day=number + 5)
    world.quiesce()
    dialog_id = open_dialog(anna, "delete_microsoft", "new")
    assert preview(anna, dialog_id)["outlook"] == 14
    press(anna, dialog_id)
    assert anna.outlook_events() == []


def test_another_mailbox_gets_nothing_before_its_owner_has_said_so(anna, world):
    dialog_id = open_dialog(anna, "dont_delete", "all")
    press(anna, dialog_id)
    other = Person(world, "other")
    anna.client.sign_in(other.upn)
    anna.use_mailbox()
    eventually(
        lambda: anna.account("first_pass_done_at")["first_pass_done_at"],
        "the other calendar has been read",
        meanwhile=world.quiesce,
    )
    world.quiesce()
    assert world.control.events(other.upn) == []
    assert anna.account("waiting_event_count")["waiting_event_count"] == len(ALL)


STANDUP, RETRO = "Standup", "Retro"


@pytest.mark.parametrize(
    ("delete", "sync", "in_odoo", "in_outlook"),
    [
        ("dont_delete", "all", 2, 2),
        ("delete_microsoft", "new", 2, 0),
        ("delete_microsoft", "all", 2, 2),
        ("delete_odoo", "new", 0, 2),
        ("delete_odoo", "all", 2, 2),
        ("delete_both", "all", 0, 0),
    ],
)
def test_series_are_treated_as_the_dialog_says(
    make_person, world, delete, sync, in_odoo, in_outlook
):
    """Two series are in both calendars: one alone, and one with a guest."""
    person: Person = make_person("anna")
    person.connect()
    partners = [(6, 0, [person.partner_id, guest(world)])]
    odoo_series(person, STANDUP, local_start(world), 14)
    odoo_series(person, RETRO, local_start(world, hour=13), partner_ids=partners)
    world.quiesce()
    # One date of its own, and one that was deleted: Outlook tells each by itself.
    of_retro = [row["id"] for row in rows(person) if row["name"] == RETRO]
    person.write(of_retro[1], location="Hall", recurrence_update="self_only")
    person.unlink(of_retro[2])
    world.quiesce()
    world.control.reset_mails()
    dialog_id = open_dialog(person, delete, sync)
    said = preview(person, dialog_id)
    words = world.admin.read(
        "microsoft.calendar.account.reset", dialog_id, "ms365_outlook_words"
    )["ms365_outlook_words"]
    deletes_there = delete in ("delete_microsoft", "delete_both")
    assert words == ("2 series (17 events)" if deletes_there else "0 events")
    press(person, dialog_id)
    left = len(person.outlook_events())
    assert 2 - left == said["outlook"]
    assert mails(world, "cancellation") == said["cancellation"]
    assert len(world.control.mails()) == said["cancellation"]
    assert len(rows(person)) == (0 if said["odoo"] else 17)
    world.control.reset_mails()
    sign_in_again(person)
    assert len({row["recurrence_id"][0] for row in rows(person)}) == in_odoo
    assert len(person.outlook_events()) == in_outlook
    assert len(world.control.mails()) == said["invitation"], world.control.mails()
    assert in_outlook - left == said["send"]
    if in_odoo and in_outlook:
        assert len(assert_same_series(person)) == 17
    before = mark(world)
    world.poll()
    world.quiesce()
    assert person.writes(before) == []
    assert person.holds() == []
