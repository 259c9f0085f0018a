"""Addresses, names of people, and tags, as Odoo takes them."""

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
def test_address_that_is_read_otherwise_than_written_is_none(address):
    assert mail_address(address) is None


@pytest.mark.parametrize(
    "address",
    ["o'brien@x.example", "jos\u00e9@x.example", "a+b.c@x.example", "a@\u00fc.de"],
)
def test_address_of_real_people_is_one(address):
    assert mail_address(f" {address.upper()} ") == address


def test_name_is_one_short_line_without_marks_that_nobody_sees():
    assert person_name(" Anna\u202e\nB. ") == "Anna B."
    assert len(person_name("x" * 5000)) == MAX_NAME_LENGTH


def test_category_that_is_long_or_turned_around_becomes_no_tag():
    assert may_be_tag("Blue category")
    assert not may_be_tag("x" * (MAX_NAME_LENGTH + 1))
    assert not may_be_tag("\u202eeulB")
