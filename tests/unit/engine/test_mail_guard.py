"""Test which writes wait because Exchange would mail too many people."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_authority import invited
from test_series_merge import changed, renamed, weekly, without

from praetorx_ms365_calendar.engine.mail_guard import (
    BURST_PERIOD,
    DEFAULT_LIMIT,
    Write,
    mails_of_series_writes,
    must_ask,
)
from praetorx_ms365_calendar.engine.series import SeriesBase
from praetorx_ms365_calendar.engine.series_plan import next_write, planned_writes

NOON = datetime(2026, 3, 2, 12)
seconds = st.integers(min_value=0, max_value=300).map(lambda s: timedelta(seconds=s))
numbers = st.integers(min_value=0, max_value=60)
writes = st.builds(Write, numbers, st.just(0), seconds.map(lambda s: NOON + s))
lists = st.lists(writes, max_size=12)
others = st.lists(st.tuples(seconds.map(lambda s: NOON + s), numbers), max_size=6)
limits = st.integers(min_value=0, max_value=100)


def at_once(*mails, allowed=0):
    return [Write(count, allowed, NOON) for count in mails]


# --- the decision ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mails", "asks"),
    [
        ([20], [False]),
        ([21], [True]),
        ([5] * 4, [False] * 4),
        ([5] * 15, [True] * 15),
        ([0, 30, 0], [False, True, False]),
        ([19, 2], [True, True]),
    ],
)
def test_more_mails_than_the_limit_are_asked_about_together(mails, asks):
    assert must_ask(at_once(*mails), [], limit=DEFAULT_LIMIT) == asks


@given(lists, others, limits)
def test_no_burst_above_the_limit_is_sent_without_a_question(batch, around, limit):
    asked = must_ask(batch, around, limit=limit)
    for write, asks in zip(batch, asked, strict=True):
        burst = [one for one in batch if abs(one.edited_at - write.edited_at) <= BURST]
        near = [n for at, n in around if abs(at - write.edited_at) <= BURST]
        if write.mails and sum(one.mails for one in burst) + sum(near) > limit:
            assert asks


BURST = BURST_PERIOD


@given(lists, others, limits)
def test_all_that_is_sent_at_one_time_is_within_the_limit(batch, around, limit):
    asked = must_ask(batch, around, limit=limit)
    sent = [w for w, asks in zip(batch, asked, strict=True) if not asks and w.mails]
    for write in sent:
        together = [w for w in sent if w.edited_at == write.edited_at]
        assert sum(one.mails for one in together) <= limit


@given(lists, others, limits)
def test_writes_that_mail_nobody_never_wait(batch, around, limit):
    silent = [Write(0, 0, one.edited_at) for one in batch]
    assert not any(must_ask([*silent, *batch], around, limit=limit)[: len(silent)])


@given(lists, others)
def test_with_limit_zero_each_mail_is_asked_about(batch, around):
    asked = must_ask(batch, around, limit=0)
    assert asked == [bool(one.mails) for one in batch]


@given(lists, others, limits, limits)
def test_a_lower_limit_asks_about_more(batch, around, one, more):
    few = must_ask(batch, around, limit=max(one, more))
    many = must_ask(batch, around, limit=min(one, more))
    assert all(late for early, late in zip(few, many, strict=True) if early)


@given(numbers, numbers, numbers)
def test_a_yes_is_for_so_many_mails(mails, allowed, limit):
    [asks] = must_ask(at_once(mails, allowed=allowed), [], limit=limit)
    assert asks == (mails > allowed and mails > limit)


def test_mails_that_a_person_agreed_to_do_not_count_against_others():
    agreed = Write(500, 500, NOON)
    assert must_ask([agreed, *at_once(3)], [], limit=20) == [False, False]


def test_a_slow_program_is_found_too():
    """One invitation each second, and each in a transaction of its own."""
    earlier = [(NOON - timedelta(seconds=s), 1) for s in range(1, 21)]
    assert must_ask(at_once(1), earlier, limit=20) == [True]
    assert must_ask(at_once(1), earlier[:19], limit=20) == [False]


def test_edits_of_another_time_do_not_count():
    long_ago = [(NOON - BURST_PERIOD - timedelta(seconds=1), 500)]
    assert must_ask(at_once(20), long_ago, limit=20) == [False]


# --- the mails of a series ------------------------------------------------------------

PAIR = ("anna@example.com", "ben@example.com")
SERIES = invited(weekly(count=4), *PAIR)
DAY, OTHER_DAY = SERIES.days[1:3]
IN_HALL = changed(SERIES, DAY, location="Hall")


def mails(theirs, ours):
    base = SeriesBase(theirs, theirs)
    planned = planned_writes(base, ours, is_organizer=True)
    return mails_of_series_writes(theirs, planned)


@pytest.mark.parametrize(
    ("theirs", "ours", "count"),
    [
        (SERIES, SERIES, 0),
        (SERIES, renamed(SERIES, "Scrum"), 2),
        (SERIES, without(SERIES, DAY), 2),
        (SERIES, IN_HALL, 2),
        (SERIES, without(IN_HALL, OTHER_DAY), 4),
        (IN_HALL, renamed(IN_HALL, "Scrum"), 4),  # the exception is mailed separately
        (SERIES, invited(weekly(11, count=4), *PAIR), 2),  # at another time of day
        (SERIES, invited(weekly(count=2), *PAIR), 2),  # it ends earlier: one write
        (weekly(count=4), renamed(weekly(count=4), "Scrum"), 0),
    ],
)
def test_all_writes_of_a_series_are_counted(theirs, ours, count):
    found = mails(theirs, ours)
    assert found.count == count
    named = {person.email for person in found.impact.people}
    assert named == (set(PAIR) if count else set())


def test_new_guest_of_a_series_is_counted_once():
    more = invited(weekly(count=4), *PAIR, "cleo@example.com")
    found = mails(SERIES, more)
    assert found.count == 1
    assert [one.email for one in found.impact.invited] == ["cleo@example.com"]


def test_next_write_is_the_first_of_those_planned():
    ours = without(changed(renamed(SERIES, "Scrum"), DAY, location="Hall"), OTHER_DAY)
    base = SeriesBase(SERIES, SERIES)
    planned = list(planned_writes(base, ours, is_organizer=True))
    assert next_write(base, ours, is_organizer=True) == planned[0]
    done = []
    while write := next_write(base, ours, is_organizer=True):
        done.append((write.day, write.fields))
        base = write.after
    assert done == [(write.day, write.fields) for write in planned]
