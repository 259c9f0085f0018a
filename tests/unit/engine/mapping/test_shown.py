"""Test the part of a body that Odoo shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from mapping_samples import hostile_html, well_formed_html
from steps import growth

from praetorx_ms365_calendar.engine.body_limits import (
    MAX_SHOWN_LENGTH,
    MAX_SHOWN_TAGS,
    is_cut,
)
from praetorx_ms365_calendar.engine.mapping.body import canonical_html
from praetorx_ms365_calendar.engine.mapping.markup import Element, parse
from praetorx_ms365_calendar.engine.mapping.shown import shown_html


@given(well_formed_html)
def test_a_normal_body_is_shown_unchanged(html):
    body = canonical_html(html)
    if "<style" not in body and "<iframe" not in body and "<object" not in body:
        assert shown_html(body) == body


@given(hostile_html)
def test_shown_body_does_not_change_again(html):
    shown = shown_html(canonical_html(html))

    assert shown_html(shown) == shown
    assert canonical_html(shown) == shown


def test_parts_removed_by_the_sanitizer_are_not_shown():
    body = canonical_html(
        "<style>p {}</style><p>a</p><object><embed src=x></object><iframe></iframe>"
    )

    assert shown_html(body) == "<p>a</p>"


@pytest.mark.parametrize(
    "body",
    [
        "<p>text</p>" * 20_000,
        "x" * 200_000,
        "<br>" * 20_000,
        "<p title='" + "a" * 200_000,
    ],
    ids=lambda body: body[:6],
)
def test_the_beginning_of_a_long_body_is_shown(body):
    shown = shown_html(body)

    assert is_cut(body)
    assert len(shown) <= MAX_SHOWN_LENGTH + 1_000
    assert shown.count("<") <= 2 * MAX_SHOWN_TAGS
    assert "<p title" not in shown


def test_number_of_attributes_is_limited_but_normal_ones_stay():
    [child] = parse(
        shown_html(f"<p {' '.join(f'a{n}=b' for n in range(999))}>a</p>")
    ).children

    assert isinstance(child, Element)
    assert len(child.attributes) == 40


@pytest.mark.parametrize("part", ["<p>a</p>", "<div>", "<a b=c ", "<style>", "&lt;"])
def test_twice_the_text_takes_twice_the_steps(part):
    assert growth(shown_html, lambda n: part * n, 100) < 2.5
