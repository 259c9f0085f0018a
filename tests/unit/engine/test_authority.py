"""Test which edits in another person's mailbox are sent, and how edits are undone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.engine.content_samples import (
    contents,
    edits,
    meeting,
    people,
    without_edits,
)
from unit.engine.test_series_merge import at, weekly

from praetorx_ms365_calendar.engine.authority import (
    Verdict,
    addresses_in,
    changed_in_series,
    changed_names,
    for_mails,
    judge,
    without_edit,
)
from praetorx_ms365_calendar.engine.merge import DELETED, SET_FIELDS
from praetorx_ms365_calendar.engine.series import with_days
from praetorx_ms365_calendar.engine.series_edits import with_change
from praetorx_ms365_calendar.engine.series_units import RECURRENCE
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS

POLICIES = st.sampled_from(["ask", "open", "forbid"])
MAILS = st.integers(0, 5)


@given(POLICIES, MAILS)
def test_owner_and_delegate_are_never_asked(policy, mails):
    assert judge(policy, may_act=True, mails=mails) is Verdict.GO


@given(POLICIES)
def test_edit_that_mails_nobody_is_sent_and_the_owner_is_told(policy):
    assert judge(policy, may_act=False, mails=0) is Verdict.TELL


@given(POLICIES, st.integers(1, 5))
def test_edit_that_mails_others_is_sent_only_by_an_open_policy(policy, mails):
    verdict = judge(policy, may_act=False, mails=mails)
    expected = {"ask": Verdict.ASK, "open": Verdict.TELL, "forbid": Verdict.REFUSE}
    assert verdict is expected[policy]


@given(st.data())
def test_event_without_its_only_edit_is_as_before(data):
    before = data.draw(contents)
    after = data.draw(edits(before))
    assert not without_edit(after, before, after).changed_fields(before)


@given(st.data())
def test_an_edit_of_other_fields_stays(data):
    before = data.draw(contents)
    mine = data.draw(st.sampled_from(sorted(CONTENT_FIELDS)))
    after = data.draw(edits(before, {mine}))
    now = data.draw(edits(after, set(CONTENT_FIELDS) - {mine}))
    left = without_edit(now, before, after)
    assert left.changed_fields(now) <= {mine}
    assert getattr(left, mine) == getattr(before, mine)


@given(st.data())
def test_a_later_value_of_the_same_field_stays(data):
    name = data.draw(st.sampled_from(sorted(set(CONTENT_FIELDS) - SET_FIELDS)))
    before = data.draw(contents)
    after = data.draw(edits(before, {name}))
    now = data.draw(edits(after, {name}))
    if getattr(now, name) != getattr(after, name):
        assert getattr(without_edit(now, before, after), name) == getattr(now, name)


@given(st.data())
def test_only_the_attendees_of_the_edit_are_removed(data):
    before = data.draw(contents)
    after = data.draw(edits(before, {"attendees"}))
    now = data.draw(edits(after, {"attendees"}))
    left = set(without_edit(now, before, after).attendees)
    added = set(after.attendees) - set(before.attendees)
    assert not added & left or added & left <= set(before.attendees)
    assert set(now.attendees) - set(after.attendees) <= left


@given(st.data())
def test_event_without_all_edits_is_as_before_the_first(data):
    states = [data.draw(contents)]
    for _number in range(3):
        states.append(data.draw(edits(states[-1])))
    pairs = list(itertools.pairwise(states))
    assert not without_edits(states[-1], pairs).changed_fields(states[0])


def test_attendees_added_by_two_people_are_separate():
    before = meeting(attendees=people("anna@example.com"))
    after = meeting(attendees=people("anna@example.com", "ben@example.com"))
    now = meeting(
        attendees=people("anna@example.com", "ben@example.com", "cleo@example.com")
    )
    left = without_edit(now, before, after)
    assert left.attendees == people("anna@example.com", "cleo@example.com")


def test_a_series_without_an_edit_of_it():
    before = weekly(count=5)
    after = weekly(10, count=5)
    now = replace(after, master=replace(after.master, subject="Retro"))
    left = without_edit(now, before, after)
    assert left.master.subject == "Retro"
    assert left.master.times == before.master.times


def test_a_series_without_a_deleted_occurrence():
    before = weekly(count=5)
    after = with_days(before, before.days[1:])
    assert without_edit(after, before, after).days == before.days


def test_an_attendee_of_each_occurrence_is_an_attendee_of_the_series():
    """An edit that adds another attendee later does not include this one.

    Odoo may have an attendee in the master, or only in each occurrence.
    """
    before = invited(weekly(count=5), "gus@example.com")
    each = invited(before, "august@example.com")
    change = with_change(
        before, before.having(before.master, each.contents()), frozenset({"attendees"})
    )
    assert change == each
    now = invited(each, "august@example.com", "cleo@example.com")
    left = without_edit(now, before, change)
    assert left == invited(before, "cleo@example.com", "gus@example.com")


def invited(series, *emails):
    """Return a series with these attendees in each occurrence."""
    guests = people(*emails)
    contents = {
        day: replace(content, attendees=guests)
        for day, content in series.contents().items()
    }
    return series.having(replace(series.master, attendees=guests), contents)


def test_names_of_the_changes_in_a_series():
    before = weekly(count=5)
    assert changed_in_series(before, before) == frozenset()
    assert changed_in_series(before, weekly(10, count=5)) == {"times"}
    assert changed_in_series(before, weekly(count=9)) == {RECURRENCE}
    assert changed_in_series(before, with_days(before, before.days[1:])) == {DELETED}
    moved = {**before.contents(), before.days[1]: meeting(subject="X", times=at(9))}
    other = type(before).of(before.master, before.rule, before.window, moved)
    assert "subject" in changed_in_series(before, other)


# -- the attendees that Exchange mails ----------------------------------------------

ANNA, BEN, CLEO = "anna@example.com", "ben@example.com", "cleo@example.com"


def mailed(before, after, theirs, *, invites):
    """Return the addresses before and after an edit; None for a side without event."""
    sides = for_mails(before, after, theirs, invites=invites)
    return tuple(side and [one.email for one in side.attendees] for side in sides)


def test_new_event_mails_its_attendees():
    new = meeting(attendees=people(ANNA))
    assert for_mails(None, new, None, invites=True) == (None, new)


@pytest.mark.parametrize(("invites", "known"), [(True, [ANNA, BEN]), (False, [ANNA])])
def test_deletion_is_mailed_to_attendees_in_outlook(invites, known):
    ours, theirs = meeting(attendees=people(BEN)), meeting(attendees=people(ANNA))
    assert mailed(ours, None, theirs, invites=invites) == (known, None)


@pytest.mark.parametrize(
    ("invites", "known", "mailed_after"),
    [(True, [ANNA, BEN], [ANNA, CLEO]), (False, [ANNA], [ANNA])],
)
def test_edit_adds_attendees_only_if_odoo_invites(invites, known, mailed_after):
    before, after = meeting(attendees=people(BEN)), meeting(attendees=people(CLEO))
    theirs = meeting(attendees=people(ANNA))
    expected = (known, mailed_after)
    assert mailed(before, after, theirs, invites=invites) == expected


@given(contents, st.data(), st.booleans())
def test_event_that_outlook_does_not_have_hides_no_attendee(before, data, invites):
    after = data.draw(edits(before))
    seen, result = for_mails(before, after, None, invites=invites)
    assert seen.unmapped_attendees == result.unmapped_attendees == ()
    wanted = (before.attendees, after.attendees) if invites else ((), ())
    assert (set(seen.attendees), set(result.attendees)) == tuple(map(set, wanted))


def test_names_and_addresses_of_an_event_and_of_a_series():
    before = meeting(attendees=people(ANNA))
    after = meeting(attendees=people(BEN), location="Hall")
    assert changed_names(before, after) == {"attendees", "location"}
    assert changed_names(weekly(count=5), weekly(count=9)) == {RECURRENCE}
    assert addresses_in(None) == frozenset()
    assert addresses_in(after) == {BEN}
    series = invited(weekly(count=2), ANNA)
    own = replace(series.occurrence(series.days[1]), attendees=people(CLEO))
    contents_by_day = series.contents() | {series.days[1]: own}
    assert addresses_in(series.having(series.master, contents_by_day)) == {ANNA, CLEO}
