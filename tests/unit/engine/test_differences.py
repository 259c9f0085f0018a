"""Test which changes without an edit of the event are sent."""

from dataclasses import replace

import pytest
from content_samples import bases, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st
from test_authority import invited
from test_series_merge import changed, longer, renamed, weekly, without

from praetorx_ms365_calendar.engine.differences import (
    agreed_to_differ,
    find_differences,
    is_stricter,
    unedited_names,
)
from praetorx_ms365_calendar.engine.mail_impact import mail_impact
from praetorx_ms365_calendar.engine.plan import plan_patch
from praetorx_ms365_calendar.engine.series import SeriesBase
from praetorx_ms365_calendar.engine.series_merge import merge_series
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


@pytest.mark.parametrize(
    ("causes", "entries", "edits", "names"),
    [
        (["tag", "contact"], frozenset(), frozenset(), {"categories", "attendees"}),
        (["tag"], {"sensitivity"}, {"categories"}, {"sensitivity"}),
        (["tag"], {"sensitivity"}, None, frozenset()),  # an edit of all fields
        (["unknown"], None, frozenset(), frozenset()),
    ],
)
def test_edited_names_may_not_have_changed_without_an_edit(
    causes, entries, edits, names
):
    assert unedited_names(causes, entries, edits) == names


# -- series --------------------------------------------------------------------------

GUESTS = ("anna@example.com", "ben@example.com")
SERIES = invited(weekly(count=4), *GUESTS)
DAY = SERIES.days[1]


def with_master(series, **values):
    """Return a series with other values in all occurrences."""
    contents = {d: replace(c, **values) for d, c in series.contents().items()}
    return series.having(replace(series.master, **values), contents)


def noticed_in_series(after, before=SERIES, **how):
    """Return the noticed changes if both sides had the series ``before``."""
    base = SeriesBase(before, before)
    found = find_differences(base, after, **{"is_organizer": True, **how})
    return found.send, found.ask, found.not_ours, found.impact.count


@pytest.mark.parametrize(
    ("after", "send", "ask", "mails"),
    [
        (SERIES, set(), set(), 0),
        (with_master(SERIES, categories=("Red",)), {"categories"}, set(), 0),
        (with_master(SERIES, sensitivity="private"), {"sensitivity"}, set(), 0),
        (renamed(SERIES, "Scrum"), set(), {"subject"}, 2),
        (
            with_master(SERIES, subject="Scrum", categories=("Red",)),
            {"categories"},
            {"subject"},
            2,
        ),
        (invited(SERIES, "anna@example.com"), set(), {"attendees"}, 1),
        (changed(SERIES, DAY, location="Hall"), set(), {"location"}, 2),
        (
            changed(
                SERIES,
                DAY,
                attendees=people(*GUESTS, "c@example.com"),
            ),
            set(),
            {"attendees"},
            3,
        ),
        (longer(SERIES, 6), set(), {"recurrence"}, 2),
        (invited(weekly(11, count=4), *GUESTS), set(), {"times"}, 2),
    ],
)
def test_change_of_a_series_asks_if_it_mails(after, send, ask, mails):
    assert noticed_in_series(after) == (send, ask, set(), mails)


def test_less_privacy_of_a_series_asks():
    hidden = with_master(SERIES, sensitivity="private")
    assert noticed_in_series(SERIES, hidden)[:2] == (set(), {"sensitivity"})


def test_series_without_guests_is_sent_without_asking():
    alone = weekly(count=4)
    assert noticed_in_series(renamed(alone, "Scrum"), alone)[:2] == ({"subject"}, set())


ALONE = weekly(count=4)
#: Only one occurrence has a guest.
VISITED = changed(ALONE, DAY, attendees=GUS)


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (ALONE, "attendees"),
        (changed(VISITED, DAY, location="Hall"), "location"),
        (renamed(VISITED, "Scrum"), "subject"),
        (longer(VISITED, 6), "recurrence"),
        (without(VISITED, DAY), "deleted"),
    ],
)
def test_change_asks_if_it_mails_the_guest_of_one_occurrence(after, name):
    assert noticed_in_series(after, VISITED) == (set(), {name}, set(), 1)


def test_change_of_an_occurrence_without_guests_is_sent_without_asking():
    after = changed(VISITED, ALONE.days[2], location="Hall")
    assert noticed_in_series(after, VISITED) == ({"location"}, set(), set(), 0)


def test_guest_that_one_occurrence_loses_gets_a_cancellation():
    base = SeriesBase(VISITED, VISITED)
    impact = find_differences(base, ALONE, is_organizer=True).impact
    assert (impact.cancelled, impact.invited, impact.updated) == (GUS, (), ())


def test_names_with_an_entry_are_not_noticed_in_a_series():
    after = with_master(SERIES, subject="Scrum", location="Hall")
    assert noticed_in_series(after, waiting=frozenset({"subject"}))[1] == {"location"}
    assert noticed_in_series(after, waiting=None) == (set(), set(), set(), 0)


def test_attendee_of_a_series_may_change_personal_fields_only():
    after = with_master(SERIES, subject="Scrum", categories=("Red",))
    found = noticed_in_series(after, is_organizer=False)
    assert found == ({"categories"}, set(), {"subject"}, 0)


def test_attendee_of_a_series_invited_only_by_odoo_is_no_difference():
    alone = weekly(count=4)
    assert noticed_in_series(invited(alone, "c@example.com"), alone, invites=False) == (
        set(),
        set(),
        set(),
        0,
    )


@pytest.mark.parametrize(
    ("ours", "names"),
    [
        (renamed(SERIES, "Scrum"), {"subject"}),
        (changed(SERIES, DAY, location="Hall"), {"location"}),
        (without(SERIES, DAY), {"deleted"}),
    ],
)
def test_sides_that_may_differ_are_no_difference_any_more(ours, names):
    agreed = agreed_to_differ(SeriesBase(SERIES, SERIES), ours, frozenset(names))
    assert agreed.theirs == SERIES
    both = {"direction": "both", "is_organizer": True}
    assert not merge_series(agreed, ours, SERIES, **both).changes_graph
    assert agreed_to_differ(agreed, SERIES, frozenset()) == agreed
