"""Test that Microsoft's part of a body stays unchanged after any edit around it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mapping_samples import (
    JOIN_URL,
    LINE,
    TEAMS_BLOCKS,
    exchange_document,
    hostile_html,
    well_formed_html,
)

from praetorx_ms365_calendar.engine.mapping.body import (
    canonical_html,
    join_body,
    split_body,
)

OWN = "<p>Agenda:</p><ul><li>one</li><li>two</li></ul>"
blocks = pytest.mark.parametrize("block", TEAMS_BLOCKS.values(), ids=list(TEAMS_BLOCKS))


@blocks
def test_the_block_is_cut_out_unchanged(block):
    document = exchange_document(f"{OWN}\r\n{block}")

    assert split_body(document) == (OWN, block)


@blocks
def test_the_block_is_found_after_exchanges_html_filter(block):
    filtered = re.sub(r'(class|id)="', r'\1="x_', block)
    document = exchange_document(f"{OWN}\r\n{filtered}")

    assert split_body(document) == (OWN, filtered)


@blocks
def test_text_before_and_after_the_block_is_kept(block):
    document = exchange_document(f"<p>before</p>\r\n{block}\r\n<p>after</p>")

    assert split_body(document) == ("<p>before</p><p>after</p>", block)


@blocks
def test_a_body_with_only_the_block_is_empty(block):
    own, found = split_body(exchange_document(block))

    assert (own, found) == ("", block)
    assert split_body(join_body("", block)) == ("", block)


@blocks
def test_element_around_only_the_block_belongs_to_it(block):
    wrapped = f'<div class="WordSection1"><div>{block}</div></div>'

    assert split_body(exchange_document(OWN + wrapped)) == (OWN, wrapped)


@pytest.mark.parametrize(
    "name", ["classes", "own words of an organization", "without lines"]
)
def test_element_around_block_and_text_stays_in_the_text(name):
    block = TEAMS_BLOCKS[name]
    document = exchange_document(f'<div class="x"><p>own</p>{block}</div>')

    assert split_body(document) == ('<div class="x"><p>own</p></div>', block)


@example(block=TEAMS_BLOCKS["text with lines"], edits=["<br><"])
@example(block=TEAMS_BLOCKS["text with lines"], edits=["<<br>\xa0"])
@given(
    block=st.sampled_from(list(TEAMS_BLOCKS.values())),
    edits=st.lists(well_formed_html | hostile_html, min_size=1, max_size=4),
)
def test_the_block_survives_any_number_of_edits(block, edits):
    document = exchange_document(block)
    for own in edits:
        _old, found = split_body(document)
        document = exchange_document(join_body(own, found))

        assert split_body(document) == (canonical_html(own), block)


@blocks
def test_a_copy_of_the_same_invitation_is_not_sent_twice(block):
    """Odoo's own connector stored the whole body in the description, sanitized."""
    copy = canonical_html(block)

    document = join_body(OWN + copy, block)

    assert split_body(document) == (OWN, block)
    assert document.count(LINE) == block.count(LINE)


def test_an_invitation_to_another_meeting_stays():
    other = f"{LINE}<br>https://teams.live.com/meet/42<br>{LINE}"

    document = join_body(f"{OWN}<p>{other}</p>", TEAMS_BLOCKS["classes"])

    assert "meet/42" in document
    assert document.endswith(TEAMS_BLOCKS["classes"] + "</body></html>")


@pytest.mark.parametrize(
    "own",
    [
        f'<p>Join <a href="{JOIN_URL}">here</a></p>',
        f"<p>{LINE}</p><p>my signature</p>",
        f'<p>{LINE}</p><p>{"long " * 1000}<a href="{JOIN_URL}">x</a></p><p>{LINE}</p>',
        f'<p>a {LINE}</p><p><a href="{JOIN_URL}">x</a></p><p>{LINE} b</p>',
    ],
    ids=["a link alone", "a line alone", "a letter between lines", "lines with text"],
)
def test_text_of_people_is_not_a_block(own):
    assert split_body(exchange_document(own)) == (canonical_html(own), "")


def test_text_inside_the_block_leaves_only_microsofts_element():
    """If a person types into the block, the element with the link stays Microsoft's."""
    element = f'<div class="me-email-text"><a href="{JOIN_URL}">Join</a></div>'
    document = f"<p>own {LINE}</p>{element}<p>{LINE} too</p>"

    assert split_body(document) == (f"<p>own {LINE}</p><p>{LINE} too</p>", element)


def test_several_invitations_are_all_kept():
    first, second = TEAMS_BLOCKS["classes"], TEAMS_BLOCKS["text with lines"]
    document = exchange_document(f"<p>a</p>{first}<p>b</p>{second}<p>c</p>")

    own, found = split_body(document)

    assert own == "<p>a</p><p>b</p><p>c</p>"
    assert found == first + second
    assert split_body(join_body("<p>new</p>", found)) == ("<p>new</p>", found)


@given(hostile_html, st.lists(st.sampled_from(list(TEAMS_BLOCKS.values())), max_size=2))
def test_hostile_bodies_are_split_without_error(source, around):
    document = source.join(["", *around, ""])

    own, found = split_body(document)

    assert canonical_html(own) == own
    assert found.count(LINE) <= document.count(LINE)


@pytest.mark.parametrize(
    "source",
    [
        (LINE + f'<a href="{JOIN_URL}">x</a>') * 5_000,
        '<div class="me-email-text">' * 40_000,
        '<div class="me-email-text">x</div>y' * 30_000,
        LINE + "<br>" * 200_000 + f'<a href="{JOIN_URL}">x</a>' * 1_000 + LINE,
        "teams." * 170_000 + JOIN_URL,
        f'<p>{LINE}<a href="{JOIN_URL}">x</a>' * 5_000,
    ],
    ids=["pairs", "nested", "neighbours", "far away", "hosts", "paragraphs"],
)
def test_a_megabyte_of_marks_takes_seconds_at_most(source):
    started = time.process_time()

    split_body(source)

    assert time.process_time() - started < 10
