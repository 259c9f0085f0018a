"""What changed in a text, word by word, shown inside the text as it is now.

Only text is marked: the structure is that of the newer version, so that the result is
as well-formed as that, and as safe. Words that are gone stand where they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby

#: A tag, or a word with the white space behind it (``4:30`` is one). In canonical HTML
#: no attribute has a ``>`` in it.
_TOKEN = re.compile(r"<[^>]*>|(?:&#?\w+;|\w+(?:[:.,]\w+)*|[^\w\s<])\s*|\s+|<")
#: Comparing takes time with the square of what differs: more is not looked into.
MAX_TOKENS = 4000


def mark_changes(before: str, after: str) -> str:
    """Return ``after`` with new words in ``<ins>`` and lost ones in ``<del>``.

    :param before: canonical HTML, or an escaped text
    :param after: likewise
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    parts, written = [], 0
    for operation, i1, i2, j1, j2 in _differences(_keys(old), _keys(new)):
        if operation == "delete":
            shift = _closing_tags_behind(old, i1, i2)
            parts += new[j2 : j2 + shift]
            written = j2 + shift
            parts.append(_deleted(old[i1 + shift : i2 + shift]))
        elif operation == "equal":
            parts += new[max(j1, written) : j2]
        else:
            parts += [_deleted(old[i1:i2]), _inserted(new[j1:j2])]
    return "".join(parts)


def same_words(before: str, after: str) -> bool:
    """Tell whether two texts differ in nothing but their formatting."""
    return _words(before) == _words(after)


def _differences(
    old: list[str], new: list[str]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Go through what was done, as :meth:`SequenceMatcher.get_opcodes` tells it.

    What both begin and end with is not compared: it is most of a long text.
    """
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old_end, new_end = len(old) - end, len(new) - end
    yield "equal", 0, start, 0, start
    if old_end + new_end - 2 * start > MAX_TOKENS:
        yield "replace", start, old_end, start, new_end
    else:
        matcher = SequenceMatcher(
            None, old[start:old_end], new[start:new_end], autojunk=False
        )
        for operation, i1, i2, j1, j2 in matcher.get_opcodes():
            yield operation, i1 + start, i2 + start, j1 + start, j2 + start
    yield "equal", old_end, len(old), new_end, len(new)


def _closing_tags_behind(old: list[str], start: int, end: int) -> int:
    """Return by how much a lost part may be moved, so that it begins with its own tag.

    ``</li><li>b`` was lost as much as ``<li>b</li>``, and the latter reads better.
    """
    shift = 0
    while (
        end + shift < len(old)
        and old[start + shift].startswith("</")
        and old[start + shift] == old[end + shift]
    ):
        shift += 1
    return shift


def _words(html: str) -> list[str]:
    return [key for key in _keys(_TOKEN.findall(html)) if key and _is_shown(key)]


def _keys(tokens: list[str]) -> list[str]:
    """Return what counts of each token: the white space behind a word does not."""
    return [token.rstrip() for token in tokens]


def _is_shown(token: str) -> bool:
    """Tell words and pictures from the tags that only arrange them."""
    is_tag = len(token) > 1 and token.startswith("<")
    return not is_tag or token.startswith("<img")


def _inserted(tokens: list[str]) -> str:
    return "".join(
        _marked("ins", run) if shown else "".join(run)
        for shown, run in groupby(tokens, _is_shown)
    )


def _deleted(tokens: list[str]) -> str:
    """Return lost words without their tags, apart where a tag was between them."""
    runs = [_marked("del", run) for shown, run in groupby(tokens, _is_shown) if shown]
    return " ".join(filter(None, runs))


def _marked(tag: str, run: Iterator[str]) -> str:
    """Mark a run of words; the white space around it is left as it is."""
    text = "".join(run)
    words = text.strip()
    if not words:
        return text if tag == "ins" else ""
    behind = text[len(text.rstrip()) :]
    return f"{text[: len(text) - len(text.lstrip())]}<{tag}>{words}</{tag}>{behind}"
