"""Test which mailboxes are connected after a sign-in."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.sign_in import (
    SignedInMailbox,
    plan_sign_in,
    signed_in_mailbox,
)

ME = {
    "id": "mailbox-1",
    "mail": "Anna.Example@contoso.example",
    "userPrincipalName": "anna@contoso.example",
    "proxyAddresses": ["SMTP:Anna.Example@contoso.example", "smtp:a.e@contoso.example"],
}


def plan(*own: str, known: str = "", is_taken: bool = False) -> str:
    mailbox = signed_in_mailbox(ME)
    assert mailbox
    return plan_sign_in(
        mailbox, known_mailbox_id=known, own_addresses=own, is_taken=is_taken
    )


@pytest.mark.parametrize(
    "own",
    [
        "anna.example@contoso.example",
        "ANNA@contoso.example",
        "a.e@Contoso.example",
    ],
)
def test_mailbox_with_one_of_the_addresses_is_connected(own):
    assert plan("other@example.com", own) == "connect"


def test_mailbox_with_other_addresses_is_asked_about():
    assert plan("ben@contoso.example") == "ask"


def test_person_without_an_address_is_asked():
    assert plan() == "ask"
    assert plan("") == "ask"


def test_mailbox_that_the_person_had_before_is_not_asked_about_again():
    assert plan("ben@contoso.example", known="mailbox-1") == "connect"
    assert plan("ben@contoso.example", known="mailbox-2") == "ask"


def test_mailbox_of_another_user_is_taken_whatever_its_address():
    assert plan("anna@contoso.example", is_taken=True) == "taken"
    assert plan(known="mailbox-1", is_taken=True) == "taken"


@pytest.mark.parametrize("me", [None, [], {}, {"id": ""}, {"id": 5}])
def test_unreadable_mailbox_is_none(me):
    assert signed_in_mailbox(me) is None


def test_mailbox_without_any_address_is_asked_about():
    mailbox = signed_in_mailbox({"id": "mailbox-1", "mail": None})
    assert mailbox == SignedInMailbox("mailbox-1", "", frozenset())
    assert (
        plan_sign_in(mailbox, known_mailbox_id="", own_addresses=[""], is_taken=False)
        == "ask"
    )
