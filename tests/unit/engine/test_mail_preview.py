"""Test the mails that a form shows before an event is saved or deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import TEN, contents, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mail_impact import mail_impact
from praetorx_ms365_calendar.engine.mail_preview import (
    EVERY,
    LATER,
    Edit,
    foresee_deletion,
    foresee_edit,
    together,
)
from praetorx_ms365_calendar.engine.plan import plan_patch
from praetorx_ms365_calendar.engine.snapshot import Base

PAIR = people("anna@example.com", "ben@example.com")
BOTH = meeting(attendees=PAIR)
MOVED = replace(BOTH, times=TEN)
TEAMS = replace(BOTH, online_meeting=True)
ALONE = replace(BOTH, attendees=PAIR[:1])


@pytest.mark.parametrize(
    ("edit", "count"),
    [
        (Edit(None, BOTH), 2),
        (Edit(None, BOTH, invites=False), 0),
        (Edit(BOTH, BOTH, BOTH), 0),
        (Edit(BOTH, MOVED, BOTH), 2),
        (Edit(BOTH, replace(BOTH, reminder=5), BOTH), 0),
        (Edit(BOTH, ALONE, BOTH), 1),
        (Edit(ALONE, BOTH, ALONE), 1),
        (Edit(ALONE, BOTH, ALONE, invites=False), 0),
        (Edit(BOTH, MOVED, BOTH, reach=EVERY, exceptions=3), 8),
        (Edit(BOTH, MOVED, BOTH, exceptions=3), 2),  # this event only
        (Edit(BOTH, MOVED, BOTH, reach=LATER), 4),  # one series ends, another begins
        (Edit(BOTH, BOTH, BOTH, reach=LATER), 0),
        (Edit(BOTH, BOTH, BOTH, reach=EVERY, moves=True), 2),
        (Edit(TEAMS, BOTH, TEAMS), 0),  # Microsoft keeps a Teams meeting
    ],
)
def test_mails_of_an_edit(edit, count):
    assert foresee_edit(edit).count == count


@given(st.data())
def test_form_shows_the_mails_that_the_dispatcher_counts(data):
    """If both sides agree, the patch of the saved values mails the same people."""
    before = data.draw(contents)
    after = replace(data.draw(edits(before)), unmapped_attendees=())
    before = replace(before, unmapped_attendees=())
    patch = plan_patch(Base(before, before), after, is_organizer=True)
    sent = mail_impact(before, patch.content) if patch else mail_impact(before, before)
    assert foresee_edit(Edit(before, after, before)).impact == sent


def test_guests_in_outlook_alone_are_mailed_too():
    theirs = meeting(attendees=(*PAIR, *people("cleo@example.com")))
    assert foresee_edit(Edit(BOTH, MOVED, theirs)).count == 3


@pytest.mark.parametrize(
    ("theirs", "reach", "kind"),
    [
        (BOTH, "self_only", "cancelled"),
        (BOTH, EVERY, "cancelled"),
        (BOTH, LATER, "updated"),
    ],
)
def test_mails_of_a_deletion(theirs, reach, kind):
    mails = foresee_deletion(theirs, reach=reach)
    assert getattr(mails.impact, kind) == PAIR
    assert mails.count == 2


def test_deletion_of_an_event_alone_mails_nobody():
    assert foresee_deletion(meeting()).count == 0
    assert foresee_deletion(None).count == 0


def test_several_deletions_name_each_person_once():
    mails = together(foresee_deletion(one) for one in (BOTH, MOVED))
    assert mails.impact.cancelled == PAIR
    assert mails.count == 4
    assert together(()).count == 0
