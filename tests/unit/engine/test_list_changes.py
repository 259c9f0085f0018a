"""Test that one person's changes of a list are sent without the changes of others."""

from content_samples import meeting
from hypothesis import given
from hypothesis import strategies as st
from test_series_merge import changed, weekly

from praetorx_ms365_calendar.engine.list_changes import (
    ListChange,
    only_changes,
    united_changes,
    without_changes,
)

WORDS = st.sets(st.sampled_from("abcdef"))


def tagged(*names):
    return meeting(categories=tuple(sorted(names)))


def change(before, after):
    return {
        "categories": ListChange(
            frozenset(after) - frozenset(before), frozenset(before) - frozenset(after)
        )
    }


def test_only_the_list_change_of_one_person_is_sent():
    base, now = tagged("a", "b"), tagged("a", "c", "d")
    mine = {"categories": ListChange(frozenset("c"))}
    assert only_changes(now, base, mine).categories == ("a", "b", "c")


def test_the_rest_is_the_change_of_another_person():
    base, now = tagged("a", "b"), tagged("a", "c", "d")
    mine = {"categories": ListChange(frozenset("c"))}
    assert without_changes(now, base, mine).categories == ("a", "d")


@given(WORDS, WORDS, WORDS)
def test_both_parts_together_are_the_whole_change(base, mine, both):
    """For any two edits of two people, each part alone is correct."""
    first, second = change(base, mine), change(mine, both)
    now = tagged(*both)
    known = tagged(*base)
    assert only_changes(now, known, change(base, both)).categories == now.categories
    assert without_changes(now, known, change(base, both)) == known
    together = united_changes([(["categories"], first), (["categories"], second)])
    assert only_changes(now, known, together) == now


def test_an_edit_without_a_list_change_counts_for_the_whole_list():
    mine = {"categories": ListChange(frozenset("c"))}
    for other in ((["categories"], {}), (None, {})):
        assert united_changes([(["categories"], mine), other]) == {}
    both = [(["categories"], mine), (["subject"], {})]
    assert united_changes(both) == mine


def test_change_survives_its_json():
    mine = ListChange(frozenset("ab"), frozenset("c"))
    assert ListChange.from_json(mine.to_json()) == mine


@given(WORDS, WORDS, WORDS, WORDS)
def test_list_changes_are_split_in_each_occurrence(base, mine, both, of_day):
    """The list of a series and the own list of an occurrence are handled alike."""
    series = weekly(count=2)
    day = series.days[1]

    def with_tags(names, names_of_day):
        tags, own = (tuple(sorted(one)) for one in (names, names_of_day))
        contents = {d: tagged(*tags) for d in series.days} | {day: tagged(*own)}
        return series.having(tagged(*tags), contents)

    before, now = with_tags(base, base), with_tags(both, of_day)
    first = change(base, mine)
    for split in (only_changes, without_changes):
        result = split(now, before, first)
        assert result.master == split(now.master, before.master, first)
        for one in series.days:
            expected = split(now.occurrence(one), before.occurrence(one), first)
            assert result.occurrence(one) == expected


def test_series_without_list_changes_is_left_alone():
    before = weekly(count=2)
    now = changed(before, before.days[1], categories=("a",))
    assert without_changes(now, before, {}) is now
    assert only_changes(now, before, {}) is now
