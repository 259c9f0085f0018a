"""Test edits of several people that wait for a decision in the same fields."""

from __future__ import annotations

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
from unit.engine.test_series_merge import changed, renamed, weekly, without

from praetorx_ms365_calendar.engine.authority import (
    without_edit,
)
from praetorx_ms365_calendar.engine.merge import SET_FIELDS
from praetorx_ms365_calendar.engine.series import with_days
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS
from praetorx_ms365_calendar.engine.waiting_edits import (
    ended,
    further,
    joined,
    names_of,
    remove_edit,
    touched,
    with_units_of,
)


class Office:
    """One event with edits that wait for its owner, the oldest first.

    ``agreed`` has the values that the owner typed or accepted; Outlook must have them.
    """

    def __init__(self, content):
        self.agreed = self.now = content
        self.waiting = []
        self.authors = []

    def own_edit(self, after):
        units = touched(self.now, after)
        self.agreed = with_units_of(self.agreed, after, units)
        self.now = after
        self.waiting = [ended(edit, units) for edit in self.waiting]
        self.drop()

    def proposal(self, author, after):
        new, self.now = (self.now, after), after
        own = [at for at, one in enumerate(self.authors) if one == author]
        if own:
            self.waiting, new, joins = further(self.waiting, own, new)
            if joins:
                self.waiting[own[-1]] = new
        if not (own and joins):
            self.waiting.append(new)
            self.authors.append(author)
        self.drop()

    def yes(self, at):
        chosen = self.pop(at)
        units = touched(*chosen)
        self.agreed = with_units_of(self.agreed, chosen[1], units)
        earlier = [ended(edit, units) for edit in self.waiting[:at]]
        self.waiting[:at] = earlier
        self.drop()

    def no(self, at):
        chosen = self.pop(at)
        rest, self.waiting[at:] = remove_edit(chosen, self.waiting[at:])
        self.now = without_edit(self.now, *rest)
        self.drop()

    def pop(self, at):
        self.authors.pop(at)
        return self.waiting.pop(at)

    def drop(self):
        """Drop waiting edits that change nothing any more."""
        pairs = zip(self.waiting, self.authors, strict=True)
        left = [(edit, author) for edit, author in pairs if touched(*edit)]
        self.waiting = [edit for edit, _author in left]
        self.authors = [author for _edit, author in left]


@given(st.data())
def test_only_the_owners_decisions_count_in_any_order(data):
    office = Office(data.draw(contents))
    for _step in range(data.draw(st.integers(1, 10))):
        act = data.draw(st.sampled_from(["own", "ask", "ask", "yes", "no"]))
        if act in ("own", "ask"):
            after = data.draw(edits(office.now, {"subject", "attendees"}))
            if act == "own":
                office.own_edit(after)
            else:
                office.proposal(data.draw(st.sampled_from("BCD")), after)
        elif office.waiting:
            at = data.draw(st.integers(0, len(office.waiting) - 1))
            (office.yes if act == "yes" else office.no)(at)
        left = without_edits(office.now, office.waiting)
        assert not left.changed_fields(office.agreed)
    while office.waiting:
        at = data.draw(st.integers(0, len(office.waiting) - 1))
        data.draw(st.sampled_from([office.yes, office.no]))(at)
    assert not office.now.changed_fields(office.agreed)


@given(st.data())
def test_two_edits_of_one_author_are_one_edit(data):
    states = [data.draw(contents)]
    for _number in range(2):
        states.append(data.draw(edits(states[-1])))
    before, after = joined((states[0], states[1]), (states[1], states[2]))
    assert not after.changed_fields(states[2])
    assert not without_edit(after, before, after).changed_fields(states[0])


@given(st.data())
def test_ended_part_of_an_edit_is_not_taken_back(data):
    before = data.draw(contents)
    after = data.draw(edits(before))
    name = data.draw(st.sampled_from(sorted(set(CONTENT_FIELDS) - SET_FIELDS)))
    left = ended((before, after), frozenset({("", name, "")}))
    assert names_of(touched(*left)) == after.changed_fields(before) - {name}


def test_one_attendee_of_an_edit_can_end_alone():
    before = meeting(attendees=people("anna@example.com"))
    after = meeting(attendees=people("anna@example.com", "ben@example.com", "c@e.com"))
    unit = ("", "attendees", "ben@example.com")
    left = ended((before, after), frozenset({unit}))
    assert touched(*left) == {("", "attendees", "c@e.com")}


def test_contents_of_other_kinds_have_nothing_in_common():
    assert not touched(meeting(), weekly(count=3))
    assert not touched(None, meeting())


# --- series -----------------------------------------------------------------------


def named(series, subject, *days):
    """Return a series with another subject, for these days or for the whole series."""
    if not days:
        master = replace(series.master, subject=subject)
        return series.having(
            master,
            {d: replace(c, subject=subject) for d, c in series.contents().items()},
        )
    contents = series.contents()
    contents |= {day: replace(contents[day], subject=subject) for day in days}
    return series.having(series.master, contents)


def test_subject_of_a_series_by_the_owner_ends_a_colleagues_edit():
    before = weekly(count=5)
    after = named(before, "X")
    edit = ended((before, after), touched(after, named(before, "Z")))
    assert not touched(*edit)
    assert without_edit(named(before, "X"), *edit) == named(before, "X")


def test_subject_of_one_day_by_the_owner_leaves_other_days():
    before = weekly(count=5)
    one, other = before.days[1], before.days[2]
    after = named(before, "X", one)
    now = named(after, "Z", other)
    edit = ended((before, after), touched(after, now))
    assert without_edit(now, *edit) == named(before, "Z", other)


def test_the_next_edit_does_not_begin_with_a_refused_subject():
    before = weekly(count=5)
    first, second = named(before, "X"), named(before, "Y")
    rest, [left] = remove_edit((before, first), [(first, second)])
    assert not touched(*rest)
    assert left == (before, second)


def test_late_change_of_the_master_is_no_part_of_the_next_edit():
    """A contact got another address: this is first visible in each occurrence."""
    before = weekly(count=5)
    guests = {"attendees": people("august@example.com")}
    late = before.having(
        before.master, {d: replace(c, **guests) for d, c in before.contents().items()}
    )
    master = replace(before.master, **guests)
    now = named(late.having(master, late.contents()), "Z")
    assert names_of(touched(late, now)) == {"subject"}


def test_time_of_a_series_can_end_alone():
    before = weekly(count=5)
    after = named(weekly(10, count=9), "X")
    edit = ended((before, after), touched(after, named(weekly(8, count=9), "X")))
    assert names_of(touched(*edit)) == {"subject", "recurrence"}


def test_a_deleted_occurrence_can_end_alone():
    before = weekly(count=5)
    after = with_days(before, before.days[2:])
    now = with_days(before, before.days[1:])
    edit = ended((before, after), touched(after, now))
    assert {unit[0] for unit in touched(*edit)} == {before.days[0]}
    assert without_edit(now, *edit).days == before.days


# -- series --------------------------------------------------------------------------

SERIES = weekly(count=4)
DAY = SERIES.days[1]


@pytest.mark.parametrize(
    "after",
    [
        SERIES,
        renamed(SERIES, "Scrum"),
        without(SERIES, DAY),
        changed(SERIES, DAY, subject="Retro", categories=("Red",)),
        weekly(11, count=4),
        weekly(count=2),
    ],
)
def test_units_of_an_edit_of_a_series_make_or_undo_it(after):
    units = touched(SERIES, after)
    assert with_units_of(SERIES, after, units) == after
    assert with_units_of(after, SERIES, units) == SERIES
    assert bool(units) is (after != SERIES)


def test_date_that_is_deleted_meanwhile_gets_no_value():
    retro = changed(SERIES, DAY, subject="Retro")
    now = without(SERIES, DAY)
    assert with_units_of(now, retro, touched(SERIES, retro)) == now
