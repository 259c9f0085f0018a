"""The glossary names files that exist, and its table of banned words is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from env.word_checks import banned_words, names_in, word_findings

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "praetorx_ms365_calendar"
TEXT = (ROOT / "docs/glossary.md").read_text()
ENTRIES = re.findall(r"^\*\*(.+?)\*\* \(`(.+?)`\):\n(.+(?:\n.+)?)$", TEXT, re.M)


def test_each_term_names_a_file_that_exists():
    assert len(ENTRIES) > 40
    missing = [path for _term, path, _text in ENTRIES if not (ADDON / path).is_file()]
    assert not missing


def test_each_term_is_explained_in_at_most_two_lines():
    terms = re.findall(r"^\*\*(.+?)\*\*", TEXT, re.M)
    assert terms == [term for term, _path, _text in ENTRIES]
    assert len(set(terms)) == len(terms)


def test_no_term_uses_a_banned_word():
    banned = banned_words(TEXT)
    assert banned["bury"] == "dead letter, tombstone"
    words = {word for term, _path, _text in ENTRIES for word in term.split()}
    assert not words & banned.keys()


def test_names_of_functions_parameters_and_variables_are_checked():
    tree = ast.parse("def _bury_entry(heirs, buriedAt): doubt = heirs")
    assert {name for _line, name in names_in(tree)} == {
        "_bury_entry",
        "heirs",
        "buriedAt",
        "doubt",
    }


def test_addons_have_no_banned_word_in_a_name():
    paths = [path.relative_to(ROOT) for path in ADDON.rglob("*.py")]
    assert list(word_findings(paths)) == []
