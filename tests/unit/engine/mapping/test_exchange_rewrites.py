"""Test that a body rewritten by Exchange does not count as an edit.

The tests rewrite bodies with another parser than the engine. So a fault in one of them
is not hidden by the same fault in the other.
"""

from __future__ import annotations

import html
from html.entities import codepoint2name
from html.parser import HTMLParser
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_samples import exchange_document, well_formed_html

from praetorx_ms365_calendar.engine.mapping.body import canonical_html, same_body
from praetorx_ms365_calendar.engine.merge import three_way_merge
from praetorx_ms365_calendar.engine.snapshot import Base, Content, Times

VOID = {"br", "hr", "img"}
NINE = Times("2026-03-02T09:00:00", "2026-03-02T10:00:00")


def meeting(body: str) -> Content:
    """Return a plain meeting with this description."""
    return Content("Lunch", NINE, body)


class Rewriter(HTMLParser):
    """A parser that writes a document again, each time with another spelling."""

    def __init__(self, rng: Random) -> None:
        super().__init__(convert_charrefs=True)
        self._rng = rng
        self._parts: list[str] = []

    def rewritten(self, source: str) -> str:
        """Return the same document, spelled differently."""
        self.feed(source)
        self.close()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        first = dict(reversed(attrs))  # of a repeated one the first counts
        pairs = list(first.items())
        self._rng.shuffle(pairs)
        written = "".join(
            f"{self._rng.choice([' ', '  ', chr(10)])}{self._case(name)}="
            f"{self._quoted(value or '')}"
            for name, value in pairs
        )
        end = self._rng.choice([">", " >"])
        if tag in VOID:
            end = self._rng.choice([">", "/>", " />"])
        self._parts.append(f"<{self._case(tag)}{written}{end}")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._parts.append(f"</{self._case(tag)}>")

    def handle_data(self, data: str) -> None:
        self._parts.append("".join(self._spelled(letter) for letter in data))

    def _case(self, name: str) -> str:
        return self._rng.choice([name, name.upper()])

    def _quoted(self, value: str) -> str:
        if self._rng.random() < 0.5:
            return '"' + html.escape(value).replace("&#x27;", "'") + '"'
        return "'" + html.escape(value) + "'"

    def _spelled(self, letter: str) -> str:
        if letter in " \n":
            return letter
        code = ord(letter)
        spellings = [f"&#{code};", f"&#x{code:X};"]
        if name := codepoint2name.get(code):
            spellings.append(f"&{name};")
        if letter not in "<>&":
            spellings.append(letter)
        return self._rng.choice(spellings)


@given(well_formed_html, st.integers(0, 2**32))
def test_another_spelling_is_the_same_body(source, seed):
    rewritten = Rewriter(Random(seed)).rewritten(source)

    assert canonical_html(rewritten) == canonical_html(source)
    assert canonical_html(exchange_document(rewritten)) == canonical_html(source)


@given(well_formed_html, st.integers(0, 2**32))
def test_rewriting_by_exchange_is_no_conflict_and_hides_no_edit(source, seed):
    """Complaint odoo/odoo#87336: descriptions change with each round trip."""
    body = canonical_html(source)
    rewritten = canonical_html(
        exchange_document(Rewriter(Random(seed)).rewritten(body))
    )
    base = Base(meeting(body), meeting(body))

    echo = three_way_merge(base, base.ours, meeting(rewritten))
    assert echo.agreed
    ours = meeting(canonical_html(f"{body}<p>Ours</p>"))
    edited = three_way_merge(base, ours, meeting(rewritten))
    assert edited.to_graph == {"body"}
    assert not edited.conflicts


@pytest.mark.parametrize(
    ("given_to_it", "made_of_it"),
    [
        ('<td nowrap="">a</td>', "<td nowrap>a</td>"),
        ("<p>a&nbsp;</p>", "<p>a\u00a0</p>"),
        ("<p>it's</p>", "<p>it&#39;s</p>"),
        ('<p>"a"</p>', "<p>&quot;a&quot;</p>"),
        ("<p>a &gt; b</p>", "<p>a > b</p>"),
        ('<a href="x?a=1&amp;b=2">a</a>', '<a href="x?a=1&b=2">a</a>'),
        ("<ol><li>a</li></ol>", "<ol>\r\n<li>a</li></ol>\r\n"),
        (
            '<p style="color: red; margin: 0px">a</p>',
            '<p style="color:red; margin:0px">a</p>',
        ),
        (
            "<p>a</p>",
            '<html><head><style type="text/css"><!-- p {margin:0} --></style></head>'
            '<body dir="ltr" lang="en"><p>a</p></body></html>',
        ),
        (
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
            "<table>\r\n<tbody>\r\n<tr>\r\n<td>a</td>\r\n</tr>\r\n</tbody>\r\n</table>",
        ),
    ],
)
def test_known_rewritings_by_exchange_are_no_difference(given_to_it, made_of_it):
    assert same_body(given_to_it, made_of_it)


MARKED = (
    "<style>p.red, #top .big { color:#ff0000 }</style>"
    '<div id="top" data-tid="7"><p class="red big">Hello</p></div>'
)
FILTERED = (
    "<style>p.x_red, #x_top .x_big { color:#ff0000 }</style>"
    '<div id="x_top"><p class="x_red x_big">Hello</p></div>'
)


def test_names_changed_by_exchanges_html_filter_are_no_edit():
    assert same_body(MARKED, FILTERED)
    twice = FILTERED.replace("x_", "x_x_")
    assert canonical_html(twice) == canonical_html(MARKED)
    assert not same_body(MARKED, MARKED.replace("big", "small"))


def test_old_base_with_filtered_names_is_no_edit():
    stored = meeting(FILTERED).to_json()
    assert Content.from_json(stored) == meeting(canonical_html(MARKED))


def test_text_that_looks_like_a_filtered_name_stays():
    text = "<p>.x_red and data-tid=7</p>"
    assert canonical_html(text) == text
    assert Content.from_json(meeting(text).to_json()).body == text
