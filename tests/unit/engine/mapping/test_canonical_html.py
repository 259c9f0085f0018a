"""Test canonical HTML: equal bodies have an equal form, and no text is lost."""

from __future__ import annotations

import html
import re
import time
from collections import Counter

import pytest
from hypothesis import given
from lxml import html as lxml_html
from mapping_samples import exchange_document, hostile_html, well_formed_html

from praetorx_ms365_calendar.engine.mapping.body import (
    canonical_html,
    html_from_text,
    same_body,
)
from praetorx_ms365_calendar.engine.mapping.markup import MAX_DEPTH

SAME = [
    ("<p>a</p>\r\n<p>b</p>", "<p>a</p><p>b</p>"),
    ("<p>a\r\n b</p>", "<p>a b</p>"),
    ("<p> <b>a</b> </p>", "<p><b>a</b></p>"),
    ("<div>a\n</span>\n</div>", "<div>a</div>"),
    ("<div><span>a\r\n</span>\r\n</div>", "<div><span>a</span></div>"),
    ("<P STYLE='color:red'>a</P>", '<p style="color: red;">a</p>'),
    ('<a title="t" href="x">a</a>', '<a href="x" title="t">a</a>'),
    ("<p>&eacute;&#233;&#xE9;</p>", "<p>ééé</p>"),
    ("<p>a&nbsp;b</p>", "<p>a\u00a0b</p>"),
    ("<p>a<br/>b<br />c</p>", "<p>a<br>b<br>c</p>"),
    ("<p>a</p><span/>", "<p>a</p><span></span>"),
    ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
    ("<p>a<p>b", "<p>a</p><p>b</p>"),
    (
        "<table><tr><td>a<td>b<tr><td>c</table>",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
    ),
    (exchange_document("<p>a</p>"), "<p>a</p>"),
    ("<p>a</p><!-- note --><script>alert(1)</script>", "<p>a</p>"),
    ('<p data-oe-version="2.0">a</p>', "<p>a</p>"),
    ("<p>a</p><br><br>\r\n", "<p>a</p>"),
    ("a <!-- x --> b", "a b"),
    ("2 < 3 & 4", "2 &lt; 3 &amp; 4"),
]
DIFFERENT = [
    ("<p>a b</p>", "<p>ab</p>"),
    ("<p>a <b>b</b></p>", "<p>a<b>b</b></p>"),
    ("<p>a</p>", "<div>a</div>"),
    ("<p>a</p>", "<p><b>a</b></p>"),
    ("<p>a</p><p>b</p>", "<p>a<br>b</p>"),
    ("<p>a&nbsp;b</p>", "<p>a b</p>"),
    ("<pre>a  b</pre>", "<pre>a b</pre>"),
    (
        '<p style="white-space:pre-wrap">a\nb</p>',
        '<p style="white-space:pre-wrap">a b</p>',
    ),
    ('<a href="?a=1&copy=2">a</a>', '<a href="?a=1©=2">a</a>'),
    ('<p style="color:red">a</p>', '<p style="color:blue">a</p>'),
    ('<p>a</p><img src="x">', "<p>a</p>"),
    ("<p>a</p><p></p>", "<p>a</p>"),
]
EMPTY = [
    "",
    " \r\n ",
    "<p><br></p>",
    "<div>&nbsp;</div>",
    exchange_document(""),
    exchange_document(
        '<font size="2"><span><div class="PlainText">&nbsp;</div></span></font>'
    ),
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_another_spelling_is_no_difference(first, second):
    assert canonical_html(first) == canonical_html(second)
    assert same_body(first, second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_edits_are_differences(first, second):
    assert not same_body(first, second)


@pytest.mark.parametrize("source", EMPTY)
def test_a_body_without_visible_content_is_empty(source):
    assert canonical_html(source) == ""


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        ("plain", "plain"),
        ("<b>a <i>b</b> c</i>", "<b>a <i>b</i></b> c"),
        ("<b><div>a</b>b</div>c", "<b><div>ab</div>c</b>"),
        ("a</p></div></td>b", "ab"),
        ("<a href='x'title=y>a</a>", '<a href="x" title="y">a</a>'),
        ("<p title=it's>a</p>", "<p title=\"it's\">a</p>"),
        ("<a href=x/>a</a>", '<a href="x/">a</a>'),
        ("<p>a <unfinished", "<p>a &lt;unfinished</p>"),
        ("<p>a <!-- unfinished", "<p>a &lt;!-- unfinished</p>"),
        ("<script>a", "a"),
        ("<p>a<o:p/>b</p>", "<p>a<o:p></o:p>b</p>"),
        ("<style>p { margin: 0 }</style>a", "<style>p { margin: 0 }</style>a"),
        ("<a / href=x>a</a>", '<a href="x">a</a>'),
        ('<p style="background:url(data:a;b); color:red">a</p>',
         '<p style="background:url(data:a;b); color:red">a</p>'),
        ("<p>&#" + "9" * 5000 + ";</p>", "<p>\ufffd</p>"),
        ("<table><tr><td><p>a</div>b</td></tr></table>",
         "<table><tr><td><p>ab</p></td></tr></table>"),
        ("a</br>b", "a<br>b"),
        ("a<style>b { color: red }</style>", "a<style>b { color: red }</style>"),
        ('<pre>a  <b style="white-space:normal">b  c</b>  d</pre>',
         '<pre>a  <b style="white-space:normal">b c</b>  d</pre>'),
        ('<p style="color:red; ;">a</p>', '<p style="color:red">a</p>'),
        ('<p style="a(b">a</p>', '<p style="a(b">a</p>'),
    ],
)  # fmt: skip
def test_poor_html_is_repaired_without_losing_text(source, canonical):
    assert canonical_html(source) == canonical


def test_elements_that_are_too_deep_are_dropped_and_their_text_is_kept():
    opened = "<div>" * MAX_DEPTH
    closed = "</div>" * MAX_DEPTH
    source = f"{opened}a<div><i>b</i><br></div><style>c</style>d{closed}e"
    assert canonical_html(source) == f"{opened}ab<br>d{closed}e"


@given(well_formed_html | hostile_html)
def test_the_canonical_form_does_not_change_again(source):
    canonical = canonical_html(source)

    assert canonical_html(canonical) == canonical
    assert canonical_html(exchange_document(canonical)) == canonical
    canonical.encode()
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f]", canonical)


@given(well_formed_html)
def test_text_and_formatting_are_kept(source):
    canonical = canonical_html(source)

    before, after = _shown(source), _shown(canonical)
    if canonical:
        assert after == before
    else:
        assert before[0] == ""
        assert before[1]["img"] == 0


@given(well_formed_html)
def test_line_breaks_between_elements_are_no_difference(source):
    wrapped = re.sub(r"(</(?:p|h1|div|blockquote)>)", r"\r\n\1\r\n", source)

    if "<pre" not in source:
        assert canonical_html(wrapped) == canonical_html(source)


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 200_000 + "end",
        "<b>" * 300_000,
        "<b><div>" + "<span>" * 200 + "</b>" * 200_000,
        "<a " * 300_000,
        '<a b="' * 150_000,
        "<!--" * 250_000,
        "<script>" * 120_000,
        "&#" + "9" * 1_000_000,
        "<table><td>" * 90_000,
        "<p>text</p>\r\n" * 80_000,
        '<p style="' + "(" * 500_000 + "'" * 400_000 + '">a</p>',
        "\x00" * 1_000_000,
    ],
    ids=lambda source: source[:12],
)
def test_a_megabyte_of_anything_takes_seconds_at_most(source):
    started = time.process_time()

    canonical = canonical_html(source)

    assert time.process_time() - started < 10
    assert ("end" in canonical) == ("end" in source)


def test_plain_text_becomes_lines():
    assert html_from_text("Hi <all>,\r\n\r\nbye & out\n") == (
        "Hi &lt;all&gt;,<br><br>bye &amp; out"
    )


def _shown(source: str) -> tuple[str, Counter[str]]:
    """Read with another parser: all letters in order, and the letters of elements."""
    tree = lxml_html.fromstring(f"<div>{source}</div>")
    letters = "".join("".join(tree.itertext()).split())
    elements: Counter[str] = Counter()
    for element in tree.iter():
        if element.tag == "br":
            continue  # those at the very end are not shown and not kept
        elements[element.tag] += 1
        for name, value in element.attrib.items():
            written = "".join(html.unescape(value).split()).rstrip(";")
            elements[f"{element.tag} {name}={written}"] += 1
    return letters, elements
