"""Test the addresses, names and tags that are written to Odoo."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.mapping.text import (
    MAX_NAME_LENGTH,
    mail_address,
    may_be_tag,
    person_name,
)


@pytest.mark.parametrize(
    "address",
    [
        "anna@x.example\u202e",
        "\u202emoc.elpmaxe@anna",
        "anna\u200b@x.example",
        "an\u2066na@x.example",
        "anna@x\u00a0.example",
        "anna\x00@x.example",
        "anna\x85b@x.example",
        "'anna@x.example'",
        "'anna'@x.example",
        '"anna"@x.example',
        "\u201canna\u201d@x.example",
        "\u2018anna@x.example",
        "`anna`@x.example",
        "anna@x'.example",
        "an\ufeffna@x.example",
        "a" * 400 + "@x.example",
    ],
)
def test_address_with_two_readings_is_refused(address):
    assert mail_address(address) is None


@pytest.mark.parametrize(
    "address",
    ["o'brien@x.example", "jos\u00e9@x.example", "a+b.c@x.example", "a@\u00fc.de"],
)
def test_normal_address_is_accepted(address):
    assert mail_address(f" {address.upper()} ") == address


def test_name_is_one_short_line_without_invisible_characters():
    assert person_name(" Anna\u202e\nB. ") == "Anna B."
    assert len(person_name("x" * 5000)) == MAX_NAME_LENGTH


def test_long_or_reversed_category_becomes_no_tag():
    assert may_be_tag("Blue category")
    assert not may_be_tag("x" * (MAX_NAME_LENGTH + 1))
    assert not may_be_tag("\u202eeulB")
