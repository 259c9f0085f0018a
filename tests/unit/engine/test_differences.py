"""Test which changes without an edit of the event are sent."""

from content_samples import bases, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.differences import find_differences, is_stricter
from praetorx_ms365_calendar.engine.mail_impact import mail_impact
from praetorx_ms365_calendar.engine.plan import plan_patch
from praetorx_ms365_calendar.engine.snapshot import PERSONAL_FIELDS, Base

GUS = people("gus@example.com")


def noticed(before, after, **how):
    """Return the noticed changes if both sides had the content ``before``."""
    return find_differences(
        Base(before, before), after, **{"is_organizer": True, **how}
    )


@given(bases, st.data(), st.booleans())
def test_change_sent_without_asking_mails_nobody_or_adds_privacy(base, data, organizes):
    ours = data.draw(edits(base.ours))
    found = find_differences(base, ours, is_organizer=organizes)
    patch = plan_patch(base, ours, is_organizer=organizes, recorded=found.send)
    if not patch:
        return
    told = mail_impact(base.theirs, patch.content, is_organizer=organizes).count
    hides = is_stricter(patch.content, base.theirs)
    assert not told or (hides and patch.fields <= PERSONAL_FIELDS | {"sensitivity"})


@given(bases, st.data())
def test_every_difference_is_sent_or_asked(base, data):
    ours = data.draw(edits(base.ours))
    found = find_differences(base, ours, is_organizer=True)
    patch = plan_patch(base, ours, is_organizer=True)
    assert found.send | found.ask == (patch.fields if patch else frozenset())
    assert not found.send & found.ask
    assert bool(found.ask) == bool(found.impact.count)


@given(bases, st.data())
def test_field_with_an_entry_is_not_noticed(base, data):
    ours = data.draw(edits(base.ours))
    assert not find_differences(base, ours, is_organizer=True, waiting=None).names
    names = find_differences(base, ours, is_organizer=True).names
    assert not find_differences(base, ours, is_organizer=True, waiting=names).names


def test_merged_contact_asks_about_one_mail_each():
    found = noticed(
        meeting(attendees=GUS), meeting(attendees=people("august@example.com"))
    )
    assert (found.ask, found.impact.count) == ({"attendees"}, 2)


def test_renamed_tag_is_sent_while_another_field_asks():
    found = noticed(meeting(attendees=GUS), meeting(categories=("Red",)))
    assert (found.send, found.ask) == ({"categories"}, {"attendees"})


def test_more_privacy_is_sent_and_less_privacy_asks():
    opened = meeting(attendees=GUS)
    hidden = meeting(attendees=GUS, sensitivity="private")
    assert noticed(opened, hidden).send == {"sensitivity"}
    assert noticed(hidden, opened).ask == {"sensitivity"}
    alone = meeting(sensitivity="private")
    assert noticed(alone, meeting()).send == {"sensitivity"}


def test_organizer_fields_get_outlooks_value():
    found = noticed(meeting(attendees=GUS), meeting(), is_organizer=False)
    assert (found.not_ours, found.send, found.ask) == ({"attendees"}, set(), set())


def test_attendee_invited_only_by_odoo_is_no_difference():
    found = noticed(meeting(), meeting(attendees=GUS), invites=False)
    assert not found.names
