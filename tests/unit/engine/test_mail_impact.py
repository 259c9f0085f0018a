"""Test the mails that Exchange sends about a write, by Graph's documentation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import NINE, TEN, VALUES, contents, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mail_impact import NOBODY, mail_impact
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
