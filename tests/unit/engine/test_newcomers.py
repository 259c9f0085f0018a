"""The order of steps for meetings without a link to an Odoo meeting."""

from dataclasses import replace

import pytest

from praetorx_ms365_calendar.engine.meetings import Newcomer
from praetorx_ms365_calendar.engine.newcomers import NewcomerFacts, plan_newcomers

NEW = NewcomerFacts(
    "uid",
    meeting=None,
    own_create=None,
    former_state=None,
    former_is_shared=False,
    is_organizer=True,
    waits=False,
)
KNOWN = replace(NEW, meeting=7, is_organizer=False)
RETURNS = replace(KNOWN, former_state="deleted_there")
SHARED = replace(KNOWN, former_state="synced", former_is_shared=True)


def plan(*facts, is_shared=False, direction="both"):
    return plan_newcomers(facts, is_shared=is_shared, direction=direction)


def kinds(*facts, **calendar):
    return [kind for _number, kind in sorted(plan(*facts, **calendar))]


def test_meetings_that_odoo_does_not_have_come_last():
    known, other = replace(KNOWN, uid="known"), replace(NEW, uid="other")
    assert plan(NEW, known, other) == [
        (1, Newcomer.KNOWN),
        (0, Newcomer.NEW),
        (2, Newcomer.NEW),
    ]


@pytest.mark.parametrize(
    ("facts", "is_shared", "second"),
    [
        (NEW, False, Newcomer.SECOND_COPY),
        (NEW, True, Newcomer.OTHER_VIEW),
        (KNOWN, False, Newcomer.SECOND_COPY),
        # The link that came back is not brought back twice.
        (RETURNS, False, Newcomer.SECOND_COPY),
        # The own copy takes the place of the shared one once.
        (SHARED, False, Newcomer.SECOND_COPY),
    ],
)
def test_of_two_copies_on_one_page_the_first_counts(facts, is_shared, second):
    first, *others = kinds(facts, facts, is_shared=is_shared)
    assert first not in (Newcomer.SECOND_COPY, Newcomer.OTHER_VIEW)
    assert others == [second]


def test_copies_of_one_odoo_meeting_are_found_without_an_uid():
    without = replace(KNOWN, uid=None)
    assert kinds(KNOWN, without) == [Newcomer.KNOWN, Newcomer.SECOND_COPY]


def test_events_without_an_uid_are_different_meetings():
    without = replace(NEW, uid=None)
    assert kinds(without, without) == [Newcomer.NEW, Newcomer.NEW]


@pytest.mark.parametrize(
    ("fate", "kind"), [("alive", Newcomer.OWN), ("deleted", Newcomer.OWN_DELETED)]
)
def test_own_create_is_no_new_meeting(fate, kind):
    assert kinds(replace(NEW, own_create=fate)) == [kind]
    assert kinds(replace(KNOWN, own_create=fate)) == [kind]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (replace(NEW, is_of_other_kind=True), Newcomer.NEW),
        (replace(NEW, own_create="deleted"), Newcomer.SECOND_COPY),
        (replace(NEW, own_create="alive"), Newcomer.SECOND_COPY),
        (replace(NEW, waits=True), Newcomer.SECOND_COPY),
    ],
)
def test_a_step_that_brings_no_meeting_leaves_the_uid_free(first, second):
    assert kinds(first, NEW)[1] is second


def test_nothing_is_created_for_a_calendar_that_is_not_read():
    assert kinds(NEW, NEW, direction="odoo_to_outlook") == [Newcomer.NOT_WANTED] * 2
