"""Test the mails that Exchange sends about a write, by Graph's documentation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import NINE, TEN, VALUES, contents, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st
from test_authority import invited
from test_series_merge import changed, renamed, weekly, without

from praetorx_ms365_calendar.engine.mail_impact import (
    NOBODY,
    mail_impact,
    mails_of_new_series,
    mails_of_series_change,
)
from praetorx_ms365_calendar.engine.snapshot import PERSONAL_FIELDS, Attendee

ANNA, BEN, CLEO = people("anna@example.com", "ben@example.com", "cleo@example.com")
TOLD_TO_ALL = sorted(set(VALUES) - PERSONAL_FIELDS - {"attendees"})
BOTH = meeting(attendees=(ANNA, BEN))


def test_new_meeting_invites_everybody():
    impact = mail_impact(None, BOTH)
    assert impact.invited == (ANNA, BEN)
    assert (impact.count, impact.people) == (2, (ANNA, BEN))


def test_deleted_meeting_is_cancelled_for_everybody():
    impact = mail_impact(BOTH, None)
    assert impact.cancelled == (ANNA, BEN)
    assert impact.count == 2


def test_change_of_attendees_alone_mails_only_those_added_or_removed():
    impact = mail_impact(BOTH, meeting(attendees=(BEN, CLEO)))
    assert impact.invited == (CLEO,)
    assert impact.cancelled == (ANNA,)
    assert impact.updated == ()


def test_any_other_change_mails_the_remaining_attendees_too():
    impact = mail_impact(BOTH, meeting(attendees=(BEN, CLEO), times=TEN))
    assert (impact.invited, impact.updated, impact.cancelled) == (
        (CLEO,),
        (BEN,),
        (ANNA,),
    )
    assert impact.count == 3


@pytest.mark.parametrize("name", TOLD_TO_ALL)
@given(data=st.data())
def test_each_organizer_field_mails_everybody(name, data):
    value = data.draw(VALUES[name].filter(lambda value: value != getattr(BOTH, name)))
    impact = mail_impact(BOTH, replace(BOTH, **{name: value}))
    assert impact.updated == (ANNA, BEN)
    assert impact.count == 2


@given(contents, st.data())
def test_personal_fields_mail_nobody(content, data):
    after = data.draw(edits(content, PERSONAL_FIELDS))
    assert mail_impact(content, after) == NOBODY


@given(contents)
def test_write_without_changes_mails_nobody(content):
    """Complaint odoo/odoo#142521: a second sync mails all attendees again."""
    assert mail_impact(content, content) == NOBODY


@given(st.none() | contents, st.none() | contents)
def test_copy_of_an_attendee_mails_nobody(before, after):
    assert mail_impact(before, after, is_organizer=False) == NOBODY


@given(st.none() | contents, st.none() | contents, st.integers(0, 3))
def test_each_attendee_is_on_one_list_at_most(before, after, exceptions):
    impact = mail_impact(before, after, exceptions=exceptions)
    lists = (impact.invited, impact.updated, impact.cancelled)
    assert sum(map(len, lists)) == len(impact.people)
    assert impact.count >= len(impact.people)


def test_attendee_without_a_mail_address_is_mailed_too():
    """Complaint odoo/odoo#82454: Exchange mails X.500 entries of its directory too."""
    unknown = Attendee("/o=contoso/cn=room", "Room")
    before = meeting(unmapped_attendees=(unknown,))
    assert mail_impact(before, replace(before, subject="New")).updated == (unknown,)


def test_each_exception_of_a_series_is_a_separate_mail():
    """Complaint odoo/odoo#264774: one mail for each occurrence; we count them."""
    impact = mail_impact(BOTH, replace(BOTH, location="Town"), exceptions=2)
    assert impact.count == 6
    assert mail_impact(BOTH, None, exceptions=2).count == 2


def test_other_zone_of_the_same_instants_mails_nobody():
    elsewhere = replace(NINE, zone="Asia/Tokyo")
    assert mail_impact(BOTH, replace(BOTH, times=elsewhere)) == NOBODY


# -- series --------------------------------------------------------------------------

SERIES = invited(weekly(count=4), "anna@example.com", "ben@example.com")
DAY, OTHER_DAY = SERIES.days[1:3]
IN_HALL = changed(SERIES, DAY, location="Hall")


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (None, None, 0),
        (None, SERIES, 2),
        (None, IN_HALL, 4),  # the invitation, and the exception
        (None, without(IN_HALL, OTHER_DAY), 6),  # and the deleted occurrence
        (SERIES, None, 2),
        (SERIES, SERIES, 0),
        (SERIES, renamed(SERIES, "Scrum"), 2),
        (SERIES, without(SERIES, DAY), 2),
        (SERIES, IN_HALL, 2),
        (SERIES, without(IN_HALL, OTHER_DAY), 4),
        (IN_HALL, renamed(IN_HALL, "Scrum"), 4),  # the exception is mailed separately
        (weekly(count=4), renamed(weekly(count=4), "Scrum"), 0),
    ],
)
def test_mails_of_a_change_of_a_series(before, after, count):
    impact, mails = mails_of_series_change(before, after)
    assert mails == count
    assert set(impact.people) == ({ANNA, BEN} if count else set())


def test_moved_series_mails_everybody():
    moved = invited(weekly(11, count=4), "anna@example.com", "ben@example.com")
    assert mails_of_series_change(SERIES, moved)[1] == 2


def test_guest_of_one_occurrence_is_invited_to_it_alone():
    together = (ANNA, BEN, CLEO)
    impact, mails = mails_of_series_change(
        SERIES, changed(SERIES, DAY, attendees=together)
    )
    assert (impact.people, mails) == ((CLEO,), 1)


def test_new_series_without_guests_mails_nobody():
    alone = weekly(count=4)
    series = changed(without(alone, DAY), OTHER_DAY, subject="Retro")
    assert mails_of_new_series(series) == 0
