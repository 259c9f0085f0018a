"""Test that a marked text contains the older text and the newer text."""

from __future__ import annotations

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import steps_of

from praetorx_ms365_calendar.engine.mapping.body import canonical_html
from praetorx_ms365_calendar.engine.word_diff import mark_changes, same_words

words = st.sampled_from(["one", "two", "three", "&amp;", "4:30", "Größe", "."])
texts = st.lists(words, max_size=6).map(" ".join)
tagged = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["p", "b", "li"]), texts)
bodies = st.lists(texts | tagged | st.just('<img src="x">'), max_size=5).map(
    lambda parts: canonical_html("".join(parts))
)


def without(tag: str, marked: str) -> str:
    """Return a marked text without the parts that have this mark."""
    return re.sub(rf"<{tag}>.*?</{tag}>", "", marked, flags=re.DOTALL)


def shown(html: str) -> str:
    """Return the letters and pictures of a text, without marks, tags and spaces."""
    html = re.sub(r"<img [^>]*>", " [picture] ", html)
    return "".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a b c", "a b c", "a b c"),
        ("at noon", "at one", "at <del>noon</del><ins>one</ins>"),
        ("a b", "a new b", "a <ins>new</ins> b"),
        ("a old b", "a b", "a <del>old</del> b"),
        ("", "all new", "<ins>all new</ins>"),
        ("all gone", "", "<del>all gone</del>"),
        ("a &lt; b", "a &gt; b", "a <del>&lt;</del> <ins>&gt;</ins> b"),
        (
            "<p>Room <b>one</b></p>",
            "<p>Room <b>two</b></p>",
            "<p>Room <b><del>one</del><ins>two</ins></b></p>",
        ),
        ("<p>a</p><p>b</p>", "<p>a</p>", "<p>a</p><del>b</del>"),
        ("<p>a</p>", "<p>a</p><p>b</p>", "<p>a</p><p><ins>b</ins></p>"),
        (
            "x<ul><li>a</li><li>b</li></ul>",
            "y<ul><li>a</li></ul>",
            "<del>x</del><ins>y</ins><ul><li>a</li><li><del>b</del></li></ul>",
        ),
        ("<p>a</p>", '<p>a<img src="x"></p>', '<p>a<ins><img src="x"></ins></p>'),
        ("<p>a b</p>", "<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<i>x</i>", "<i> </i>", "<i><del>x</del> </i>"),
        ("<i> </i>", "<i>x</i>", "<i><ins>x</ins></i>"),
        (
            "<ul><li>a</li><li>b</li><li>c</li></ul>",
            "<ul><li>a</li><li>c</li></ul>",
            "<ul><li>a</li><li><del>b</del></li><li>c</li></ul>",
        ),
        (
            "<p>a</p><p><b>b</b></p><p><b>c</b></p>",
            "<p>a</p><p><b>c</b></p>",
            "<p>a</p><del>b</del><p><b>c</b></p>",
        ),
    ],
)
def test_changed_words_are_marked(before, after, marked):
    result = mark_changes(before, after)

    assert result.replace("> <", "><") == marked.replace("> <", "><")


@given(bodies, bodies)
def test_text_without_deleted_words_is_the_newer_text(before, after):
    marked = without("del", mark_changes(before, after))

    assert shown(marked) == shown(after)
    tags = re.findall(r"</?(?!ins)[a-z]+[^>]*>", marked)
    assert tags == re.findall(r"</?[a-z]+[^>]*>", after)


@given(bodies, bodies)
def test_text_without_new_words_has_the_words_of_the_older_text(before, after):
    marked = without("ins", mark_changes(before, after))

    assert shown(marked) == shown(before)


@given(bodies)
def test_same_text_has_no_marks(body):
    assert mark_changes(body, body) == body


def test_formatting_does_not_count_as_words():
    assert same_words("<p>a b</p>", "<p>a <b>b</b></p>")
    assert not same_words("<p>a b</p>", "<p>a c</p>")


def test_a_line_that_is_new_leaves_the_others_unmarked():
    before = "".join(f"<p>line {n}</p>" for n in range(50))
    after = before.replace("<p>line 20</p>", "<p>line 20</p><p>added</p>")

    assert "<del>" not in mark_changes(before, after)
    assert mark_changes(before, after).count("<ins>") == 1


def test_words_of_many_changed_lines_are_marked_line_by_line():
    before = "".join(f"<p>On day {n} we meet in room {n % 7}</p>" for n in range(950))
    after = before.replace("room", "hall")

    marked = mark_changes(before, after)

    assert marked.count("<del>room</del>") == 950
    assert marked.count("<ins>hall</ins>") == 950


SLOW = {
    "lines of the same words": lambda n: ("<p>a b</p>" * n, "<p>b a</p>" * n),
    "words of a kind": lambda n: ("a b " * n, "b c a " * n),
    "nothing in common": lambda n: ("a " * n, "b " * n),
    "tags that do not end": lambda n: ("<" * n + "a", "<a" * n),
    "lines that have moved": lambda n: (
        "".join(f"<p>{k}</p>" for k in range(n)),
        "".join(f"<p>{k}</p>" for k in reversed(range(n))),
    ),
}


@pytest.mark.parametrize("make", SLOW.values(), ids=list(SLOW))
def test_comparing_stays_within_its_budget(make):
    before, after = make(1_500)
    budget = 20_000
    steps = steps_of(partial(mark_changes, budget=budget), before, after)

    assert steps < 8 * (len(before) + len(after)) + 12 * budget


def test_difference_beyond_the_budget_is_shown_as_a_whole():
    before, after = "<p>x</p>" + "a b " * 9_000, "<p>x</p>" + "b c a " * 9_000

    marked = mark_changes(before, after)

    assert marked.startswith("<p>x</p><del>a b")
    assert marked.count("<ins>") == 1
