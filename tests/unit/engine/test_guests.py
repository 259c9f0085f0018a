"""Test which contacts belong to the addresses of a meeting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.guests import (
    Contact,
    Guest,
    Invited,
    change_of_guests,
    contact_for,
    listed_addresses,
    replying_guest,
)
from praetorx_ms365_calendar.engine.snapshot import Attendee

ADDRESSES = ("a@x", "b@x", "c@x", "d@x")

addresses = st.sampled_from(ADDRESSES)
attendees = st.lists(
    addresses.map(lambda address: Attendee(address)), unique=True, max_size=4
)
contacts = st.lists(
    st.builds(
        Contact,
        id=st.integers(1, 9),
        name=st.sampled_from(["", "Emma", "Acme"]),
        takes_part=st.booleans(),
        owns_mailbox=st.booleans(),
        is_active=st.booleans(),
        is_user=st.booleans(),
        is_of_company=st.booleans(),
        is_person=st.booleans(),
    ),
    unique_by=lambda contact: contact.id,
    max_size=5,
)


@st.composite
def guest_lists(draw):
    """Return attendees with any addresses: shared ones, several, or none."""
    guests = []
    for number in range(draw(st.integers(0, 4))):
        known = draw(st.lists(addresses, unique=True, max_size=3))
        agreed = draw(st.sets(addresses))
        hidden = draw(st.booleans())
        listed = () if hidden else listed_addresses(known, agreed)
        guests.append(Guest(number, listed, frozenset(known)))
    return guests


def listed(guests):
    return {address for guest in guests for address in guest.listed}


# --- the contact of an address ------------------------------------------------------


@given(contacts, st.sampled_from(["", "Emma"]))
def test_choice_does_not_depend_on_the_order(found, name):
    assert contact_for(name, found) == contact_for(name, reversed(found))


@given(contacts, st.sampled_from(["", "Emma"]))
def test_a_contact_is_chosen_if_there_is_any(found, name):
    ids = {contact.id for contact in found}
    assert contact_for(name, found) in (ids or {None})


@given(contacts)
def test_contact_that_takes_part_is_preferred(found):
    taking_part = {contact.id for contact in found if contact.takes_part}
    if taking_part:
        assert contact_for("Emma", found) in taking_part


@pytest.mark.parametrize(
    "better",
    [
        {"takes_part": True},
        {"owns_mailbox": True},
        {"is_active": True},
        {"is_user": True},
        {"is_of_company": True},
        {"name": "emma "},
        {"is_person": True},
        {"id": 1},
    ],
    ids=str,
)
def test_each_reason_decides_between_two_that_are_alike_otherwise(better):
    plain = Contact(
        2, is_active=False, is_of_company=False, is_person=False, name="Other"
    )
    other = replace(plain, **{"id": 3, **better})
    assert contact_for("Emma", [plain, other]) == other.id


# --- the listed addresses of a person ------------------------------------------------


def test_first_address_is_the_one_to_invite():
    assert listed_addresses(["box@x", "mail@x"], {"other@x"}, ()) == ("box@x",)


def test_all_addresses_that_outlook_lists_are_kept():
    known = ["box@x", "mail@x", "alias@x"]
    assert listed_addresses(known, {"mail@x", "alias@x"}) == ("mail@x", "alias@x")


def test_agreed_address_comes_before_a_new_one():
    assert listed_addresses(["box@x", "mail@x"], (), {"mail@x"}) == ("mail@x",)


def test_person_without_an_address_is_listed_nowhere():
    assert listed_addresses([], {"a@x"}) == ()


# --- the change ---------------------------------------------------------------------


@given(guest_lists())
def test_unchanged_list_changes_nothing(guests):
    change = change_of_guests(guests, [Attendee(a) for a in listed(guests)])
    assert not change.added
    assert not change.removed


@given(guest_lists(), attendees)
def test_attendee_with_a_wanted_address_is_never_removed(guests, wanted):
    change = change_of_guests(guests, wanted)
    names = {attendee.email for attendee in wanted}
    for guest in guests:
        if not guest.listed or names & set(guest.listed):
            assert guest.id not in change.removed
        if guest.id in change.removed:
            assert not names & set(guest.listed)


@given(guest_lists(), attendees)
def test_attendee_with_another_listed_address_is_not_added_again(guests, wanted):
    change = change_of_guests(guests, wanted)
    known = {address for guest in guests for address in guest.known}
    assert not known & {attendee.email for attendee in change.added}


@given(guest_lists(), attendees)
def test_every_wanted_address_has_an_attendee_afterwards(guests, wanted):
    change = change_of_guests(guests, wanted)
    staying = [guest for guest in guests if guest.id not in change.removed]
    there = {address for guest in staying for address in guest.known}
    there |= {attendee.email for attendee in change.added} | listed(staying)
    assert {attendee.email for attendee in wanted} <= there


@given(guest_lists(), attendees)
def test_same_change_is_not_done_twice(guests, wanted):
    change = change_of_guests(guests, wanted)
    after = [
        replace(guest, listed=listed_addresses(sorted(guest.known), emails(wanted)))
        if guest.listed
        else guest
        for guest in guests
        if guest.id not in change.removed
    ]
    after += [
        Guest(100 + number, (one.email,), frozenset({one.email}))
        for number, one in enumerate(change.added)
    ]
    again = change_of_guests(after, wanted)
    assert not again.added
    assert not again.removed


def emails(wanted):
    return {attendee.email for attendee in wanted}


def test_attendee_listed_under_a_new_address_stays():
    anna = Guest(1, ("anna@x",), frozenset({"anna@x", "anna.b@x"}))
    change = change_of_guests([anna], [Attendee("anna.b@x")])
    assert not change.added
    assert not change.removed


def test_reply_belongs_to_the_owner_of_the_mailbox_first():
    named = Invited(1, name="Acme", since=1, is_person=False)
    owner = Invited(2, name="Emma", since=2, owns_mailbox=True)
    assert replying_guest("Acme", [named, owner]) == 2


def test_reply_belongs_to_the_attendee_that_outlook_names():
    company = Invited(1, name="Acme", since=1, is_person=False)
    employee = Invited(2, name="Emma", since=2)
    assert replying_guest(" emma ", [company, employee]) == 2
    assert replying_guest("ACME", [company, employee]) == 1


def test_reply_belongs_to_the_first_attendee_if_no_name_fits():
    company = Invited(1, name="Acme", since=1, is_person=False)
    later = Invited(2, name="Emma", since=2)
    at_once = Invited(3, name="Emma", since=1)
    assert replying_guest("", [later, company]) == 1
    assert replying_guest("", [at_once, company]) == 3
    assert replying_guest("", []) is None
