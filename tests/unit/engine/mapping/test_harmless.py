"""Test that the body of another person does no harm when Odoo shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from mapping_samples import hostile_html
from steps import growth

from praetorx_ms365_calendar.engine.mapping.body import canonical_html
from praetorx_ms365_calendar.engine.mapping.markup import Element, parse
from praetorx_ms365_calendar.engine.mapping.shown import html_from_shown, shown_html

PICTURE = '<p>a<img src="https://x.example/t.gif" alt="Logo" style="width:9px"></p>'


@pytest.mark.parametrize(
    "style",
    [
        "position:fixed",
        "POSITION : fixed;top:0",
        "pos\\69tion:fixed",
        "z-index:9999",
        "margin-top:-900px",
        "background:url(https://x.example)",
        "background-image:url('https://x.example')",
        "list-style-image:url(https://x.example)",
        "border-image: url( https://x.example )",
        "transform:scale(99)",
        "inset:0",
        "color:/**/url(x)",
    ],
)
def test_style_that_leaves_its_box_or_loads_data_is_removed(style):
    shown = shown_html(canonical_html(f'<p style="color:red;{style}">a</p>'))

    assert shown == '<p style="color:red">a</p>'


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:red; font-family:Calibri,sans-serif; margin:0cm">a</p>',
        '<p style="font-size:11pt;line-height:1.2;text-align:center">a</p>',
        '<p>a<img src="cid:1"></p>',
        '<p>a<img src="data:image/png;base64,AAAA"></p>',
        '<p><a href="https://x.example">a</a></p>',
    ],
)
def test_formatting_of_people_stays(html):
    assert shown_html(canonical_html(html)) == canonical_html(html)


def test_classes_of_odoos_page_are_removed():
    body = canonical_html('<p class="modal fixed-top vh-100">a</p>')

    assert shown_html(body) == "<p>a</p>"


def test_picture_of_another_server_is_a_link_and_a_picture_again_in_outlook():
    body = canonical_html(PICTURE)
    shown = shown_html(body)

    assert "<img" not in shown
    assert 'href="https://x.example/t.gif"' in shown
    assert "Logo" in shown
    assert html_from_shown(shown) == body
    assert shown_html(shown) == shown


@pytest.mark.parametrize(
    ("picture", "link"),
    [
        (
            '<img src="https://x.example/t.gif">',
            '<a class="o_ms365_image" href="https://x.example/t.gif">'
            "\N{FRAME WITH PICTURE} x.example</a>",
        ),
        (
            '<img alt=" " src="/local/t.gif">',
            '<a class="o_ms365_image" href="/local/t.gif">'
            "\N{FRAME WITH PICTURE} /local/t.gif</a>",
        ),
        (
            '<img src="https://[bad/t.gif">',
            '<a class="o_ms365_image" href="https://[bad/t.gif">'
            "\N{FRAME WITH PICTURE} https://[bad/t.gif</a>",
        ),
    ],
)
def test_link_of_a_picture_without_title_names_its_server(picture, link):
    shown = shown_html(canonical_html(picture))

    assert shown == link
    assert html_from_shown(shown) == canonical_html(picture.replace(' alt=" "', ""))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('<p style="position:fixed">a</p>', "<p>a</p>"),
        ('<p background="https://x.example/a.gif">a</p>', "<p>a</p>"),
        ('<video src="https://x.example/a.mp4"></video>', "<video></video>"),
    ],
)
def test_attributes_that_only_harm_are_removed(source, shown):
    assert shown_html(canonical_html(source)) == shown


@given(hostile_html)
def test_nothing_is_loaded_from_other_servers(html):
    shown = shown_html(canonical_html(f"{PICTURE}{html}"))

    for element in parse(shown).descendants():
        if isinstance(element, Element):
            source = element.attributes.get("src", "cid:")
            assert source.strip().lower().startswith(("cid:", "data:"))
            assert "srcset" not in element.attributes


@pytest.mark.parametrize(
    "unit",
    [PICTURE, "<p style='", "a:b;", "<p style='color:red;position:fixed'>", "url( "],
)
def test_long_bodies_take_linear_time(unit):
    assert growth(shown_html, lambda size: unit * (size // len(unit)), 4000) < 3
