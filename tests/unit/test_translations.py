"""Test that each string has a German translation with the same placeholders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from env.paths import ADDONS, ROOT

#: Parts that must be the same in a translation: placeholders, and names of tags.
_KEPT = re.compile(r"%\(\w+\)[sd]|%[sd]|</?\w+")
#: A number right before a word.
_NUMBER_OF = re.compile(
    r"%\((?:count|dates|days|events|limit|mails|meetings|minutes|people|series|times)\)s"
    r" [a-z]+"
)
#: English texts with a number before a plural, and their texts for one: None if there
#: is never one. All other texts have the number after a colon, or a text for one in it.
SINGULARS: dict[str, str | None] = {
    "%(count)s dates": "1 date",
    "%(count)s days": "1 day",
    "%(count)s events": "1 event",
    "%(count)s mails": "1 mail",
    "%(count)s meetings": "1 meeting",
    "%(count)s people (%(names)s)": "1 person (%(names)s)",
    "%(count)s series": "1 series",
    "%(count)s series shortened by %(dates)s": "A series shortened by %(dates)s",
    "%(meetings)s meetings wait together (%(mails)s mails).": None,
    "%(minutes)s minutes before": "1 minute before",
    "Outlook sends %(count)s mails.": "Outlook sends one mail.",
    "Show %(count)s more fields without a conflict": "Show 1 more field without a "
    "conflict",
    "Outlook does not show the dates of this series that Odoo has, though it was asked "
    "%(times)s times.": None,
    "Occurrences of the series that differ, or were deleted, are told one by one: that "
    "makes %(count)s mails in all.": None,
}
#: Texts whose number has no noun after it, and is the same for one.
SAME_FOR_ONE = {
    "%(events)s brought back.",
    "%(names)s and %(count)s more",
    "%(names)s and %(count)s others",
    "%(series)s (%(events)s to come)",
    "Outlook takes at most %(limit)s attendees in one meeting, and this one has "
    "%(count)s.",
}
addons = pytest.mark.parametrize("addon", ADDONS)


def read(addon: str, name: str) -> Catalog:
    """Read a translation file of an addon."""
    with (ROOT / addon / "i18n" / name).open("rb") as file:
        return read_po(file, locale="de", abort_invalid=True)


@addons
def test_every_string_is_translated(addon):
    template, german = read(addon, f"{addon}.pot"), read(addon, "de.po")
    wanted = {message.id for message in template if message.id}
    missing = {text for text in wanted if not (german.get(text) or template[""]).string}
    unknown = {message.id for message in german if message.id} - wanted
    assert (missing, unknown) == (set(), set())


@addons
def test_placeholders_and_tags_are_the_same(addon):
    for message in read(addon, "de.po"):
        if message.id:
            kept = sorted(_KEPT.findall(message.string))
            assert kept == sorted(_KEPT.findall(message.id)), message.id


@addons
def test_number_of_things_has_a_text_for_one(addon):
    template = read(addon, f"{addon}.pot")
    texts = {message.id for message in template if message.id}
    numbers = {text for text in texts if _NUMBER_OF.search(text)}
    assert numbers - set(SINGULARS) - SAME_FOR_ONE == set()
    singulars = {SINGULARS[text] for text in numbers & set(SINGULARS)} - {None}
    assert singulars - texts == set()


@addons
def test_no_translation_is_marked_as_fuzzy(addon):
    german = read(addon, "de.po")
    assert not german.obsolete
    assert not [message.id for message in german if message.fuzzy and message.id]


@addons
def test_texts_in_the_code_are_in_the_template(addon):
    """Notice a text that was changed by mistake without starting Odoo."""
    template = read(addon, f"{addon}.pot")
    known = {" ".join(message.id.split()) for message in template if message.id}
    found = {
        text
        for path in (ROOT / addon).rglob("*.py")
        if not {"tests", "engine"} & set(path.relative_to(ROOT / addon).parts)
        for text in texts_of(path)
    }
    assert {text for text in found if " ".join(text.split()) not in known} == set()


def texts_of(path: Path) -> Iterator[str]:
    """Return the texts that a file marks for translation, and those of its fields."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        values = [one.value for one in node.keywords if one.arg in ("help", "string")]
        if name in ("_", "_lt"):
            values += node.args[:1]
        yield from (
            value.value
            for value in values
            if isinstance(value, ast.Constant) and isinstance(value.value, str)
        )
