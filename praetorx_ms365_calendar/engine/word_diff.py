"""Mark the changes between two texts, word by word, inside the newer text.

Only words are marked, and the tags come from the newer text. So the result is as
well-formed and as safe as the newer text. Deleted words are shown at their old place.
Where the newer text has a list or a table there, they get an item or a cell.

Lines are compared first, then the words of different lines. The number of steps is
limited. If the limit is reached, the different part is shown as deleted and new as a
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from .mapping.markup import BLOCK, VOID

#: A tag, or a word with the white space after it (``4:30`` is one word). In canonical
#: HTML, attributes have no angle brackets.
_TOKEN = re.compile(
    r"<[^<>]*>|(?:&#?\w+;|\w+(?:[:.,]\w+)*|[^\w\s<])\s*|\s+|<",
)
_TAG_NAME = re.compile(r"</?([a-z0-9]+)")
#: Elements that hold no words themselves: the tags that words need there.
_WORDS_INSIDE = {
    **dict.fromkeys(["ul", "ol", "menu"], ("<li>", "</li>")),
    **dict.fromkeys(["table", "tbody", "thead", "tfoot"], ("<tr><td>", "</td></tr>")),
    "tr": ("<td>", "</td>"),
}
_NO_TAGS = ("", "")
#: Maximum number of steps to compare two texts: about one second.
BUDGET = 1_000_000

_Operation = tuple[str, int, int, int, int]
_Match = tuple[int, int]


class _OutOfBudget(Exception):
    """Comparing the texts needs more steps than allowed."""


def mark_changes(before: str, after: str, *, budget: int = BUDGET) -> str:
    """Return ``after`` with new words in ``<ins>`` and deleted words in ``<del>``.

    :param before: canonical HTML, or an escaped text
    :param after: the same
    :param budget: maximum number of steps
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    operations = _operations(
        _Comparison(_keys(old), _keys(new), budget).matches(), old, new
    )
    parts, written = [], 0
    around = _tags_around_words(new)
    for number, (operation, i1, i2, j1, j2) in enumerate(operations):
        if operation == "delete":
            equal_behind = (
                operations[number + 1][2] - i2 if operations[number + 1 :] else 0
            )
            shift = _closing_tags_behind(old, i1, i2, equal_behind)
            parts += new[j2 : j2 + shift]
            written = j2 + shift
            parts.append(_deleted(old[i1 + shift : i2 + shift], around[j2 + shift]))
        elif operation == "equal":
            parts += new[max(j1, written) : j2]
        else:
            parts += [_deleted(old[i1:i2], around[j1]), _inserted(new[j1:j2])]
    return "".join(parts)


def same_words(before: str, after: str) -> bool:
    """Return True if two texts have the same words; formatting does not count."""
    return _words(before) == _words(after)


class _Comparison:
    """Find the tokens that two texts have in common.

    :param old: the tokens of the older text, without white space after words
    :param new: the same for the newer text
    :param budget: maximum number of steps; half of them are for lines
    """

    def __init__(self, old: list[str], new: list[str], budget: int) -> None:
        self._old = old
        self._new = new
        self._budget = budget
        self._left = 0

    def matches(self) -> list[_Match]:
        """Return the pairs of positions with the same token, in order."""
        old_lines, new_lines = _lines(self._old), _lines(self._new)
        ends = len(old_lines), len(new_lines)
        found: list[_Match] = []
        last_i = last_j = 0
        same_lines = self._same_lines(old_lines, new_lines)
        self._left = self._budget // 2
        try:
            for i, j in [*same_lines, ends]:
                gap = old_lines[last_i:i], new_lines[last_j:j]
                for one, other in _paired(*gap):
                    found += self._of_words(one, other)
                if (i, j) != ends:
                    (first, end), (other_first, _end) = old_lines[i], new_lines[j]
                    length = end - first
                    found += [(first + n, other_first + n) for n in range(length)]
                last_i, last_j = i + 1, j + 1
        except _OutOfBudget:
            return self._at_both_ends()
        return found

    def _same_lines(
        self, old_lines: list[tuple[int, int]], new_lines: list[tuple[int, int]]
    ) -> list[_Match]:
        """Return the pairs of equal lines; none if that needs too many steps."""
        self._left = self._budget // 2
        try:
            return self._aligned(
                [tuple(self._old[start:end]) for start, end in old_lines],
                [tuple(self._new[start:end]) for start, end in new_lines],
            )
        except _OutOfBudget:
            return []

    def _of_words(self, one: tuple[int, int], other: tuple[int, int]) -> list[_Match]:
        old, new = self._old[slice(*one)], self._new[slice(*other)]
        return [(one[0] + i, other[0] + j) for i, j in self._aligned(old, new)]

    def _at_both_ends(self) -> list[_Match]:
        start, end = _same_at_ends(self._old, self._new)
        old_end, new_end = len(self._old) - end, len(self._new) - end
        head = [(n, n) for n in range(start)]
        return head + [(old_end + n, new_end + n) for n in range(end)]

    def _aligned(self, old: Sequence[object], new: Sequence[object]) -> list[_Match]:
        """Return the equal pairs in a shortest edit (Myers, 1986).

        :raise _OutOfBudget: it needs too many steps
        """
        start, end = _same_at_ends(old, new)
        self._spend(start + end)
        old_end, new_end = len(old) - end, len(new) - end
        middle = self._shortest_edit(old[start:old_end], new[start:new_end])
        return [
            *((n, n) for n in range(start)),
            *((start + i, start + j) for i, j in middle),
            *((old_end + n, new_end + n) for n in range(end)),
        ]

    def _shortest_edit(
        self, old: Sequence[object], new: Sequence[object]
    ) -> list[_Match]:
        if not old or not new:
            return []
        reach = {1: 0}
        trail: list[dict[int, int]] = []
        while True:  # it ends: deleting all and inserting all is an edit, too
            edits = len(trail)
            self._spend(edits + 1)
            trail.append(reach.copy())
            for diagonal in range(-edits, edits + 1, 2):
                i = _next_step(reach, diagonal, edits)
                while (
                    i < len(old)
                    and i - diagonal < len(new)
                    and old[i] == new[i - diagonal]
                ):
                    i += 1
                    self._spend(1)
                reach[diagonal] = i
                if i >= len(old) and i - diagonal >= len(new):
                    return _walk_back(trail, len(old), len(new))

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _OutOfBudget


def _next_step(reach: dict[int, int], diagonal: int, edits: int) -> int:
    """Return the furthest position on a diagonal after one more edit."""
    from_above = diagonal == -edits or (
        diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1]
    )
    return reach[diagonal + 1] if from_above else reach[diagonal - 1] + 1


def _walk_back(trail: list[dict[int, int]], i: int, j: int) -> list[_Match]:
    """Return the matches on the path to the end of both texts."""
    found = []
    for edits in range(len(trail) - 1, -1, -1):
        reach, diagonal = trail[edits], i - j
        came_to = _next_step(reach, diagonal, edits)
        while i > came_to:
            i, j = i - 1, j - 1
            found.append((i, j))
        from_above = came_to == reach.get(diagonal + 1) and (
            diagonal == -edits
            or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        )
        if from_above:
            j -= 1
        else:
            i -= 1
    return found[::-1]


def _same_at_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """Return the number of equal tokens at the start, and then at the end."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _lines(tokens: list[str]) -> list[tuple[int, int]]:
    """Return start and end of each line; block tags and line breaks end a line."""
    found, start = [], 0
    for place, token in enumerate(tokens):
        match = _TAG_NAME.match(token)
        if not match or match[1] not in BLOCK | {"br"}:
            continue
        ends_line = token.startswith("</") or match[1] == "br"
        cut = place + 1 if ends_line else place
        if cut > start:
            found.append((start, cut))
            start = cut
    if start < len(tokens):
        found.append((start, len(tokens)))
    return found


def _paired(
    old: list[tuple[int, int]], new: list[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield pairs of different lines to compare.

    If both texts have the same number of such lines, the pairs are line by line.
    Otherwise all lines together are one pair.
    """
    if not old or not new:
        return
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
    else:
        yield (old[0][0], old[-1][1]), (new[0][0], new[-1][1])


def _operations(
    matches: list[_Match], old: list[str], new: list[str]
) -> list[_Operation]:
    """Return the edits, in the form of ``difflib.SequenceMatcher.get_opcodes``."""
    found: list[_Operation] = []
    i = j = start = 0
    while True:
        next_i, next_j = (
            matches[start] if start < len(matches) else (len(old), len(new))
        )
        if next_i > i or next_j > j:
            kind = "replace" if next_i > i and next_j > j else "delete"
            kind = "insert" if next_i == i else kind
            found.append((kind, i, next_i, j, next_j))
        end = start
        while end < len(matches) and matches[end] == (
            next_i + end - start,
            next_j + end - start,
        ):
            end += 1
        length = end - start
        if length == 0:
            break
        i, j = next_i + length, next_j + length
        found.append(("equal", next_i, i, next_j, j))
        start = end
    return found


def _closing_tags_behind(
    old: list[str], start: int, end: int, equal_behind: int
) -> int:
    """Return how many tokens to move a deleted part, to begin with its own opening tag.

    For example, ``</li><li>b`` and ``<li>b</li>`` are both correct results, but the
    second one is easier to read.

    :param equal_behind: number of tokens after the part that are in both texts
    """
    shift = 0
    while (
        shift < equal_behind
        and old[start + shift].startswith("</")
        and old[start + shift] == old[end + shift]
    ):
        shift += 1
    return shift


def _words(html: str) -> list[str]:
    return [key for key in _keys(_TOKEN.findall(html)) if key and _is_shown(key)]


def _keys(tokens: list[str]) -> list[str]:
    """Return each token without the white space after it, which is not compared."""
    return [token.rstrip() for token in tokens]


def _is_shown(token: str) -> bool:
    """Return True for words and pictures, False for tags that only arrange them."""
    is_tag = len(token) > 1 and token.startswith("<")
    return not is_tag or token.startswith("<img")


def _inserted(tokens: list[str]) -> str:
    return "".join(
        _marked("ins", run) if shown else "".join(run)
        for shown, run in groupby(tokens, _is_shown)
    )


def _deleted(tokens: list[str], around: tuple[str, str]) -> str:
    """Mark deleted words without their tags; a tag between words becomes a space.

    :param around: tags that words need at this place
    """
    runs = [_marked("del", run) for shown, run in groupby(tokens, _is_shown) if shown]
    text = " ".join(filter(None, runs))
    return f"{around[0]}{text}{around[1]}" if text else ""


def _tags_around_words(tokens: list[str]) -> list[tuple[str, str]]:
    """Return the tags that words need before each token, and after the last one."""
    open_names: list[str] = []
    found = []
    for token in tokens:
        found.append(_WORDS_INSIDE.get("".join(open_names[-1:]), _NO_TAGS))
        match = _TAG_NAME.match(token)
        if match and token.startswith("</"):
            if match[1] in open_names:
                while open_names.pop() != match[1]:
                    pass
        elif match and match[1] not in VOID:
            open_names.append(match[1])
    return [*found, _NO_TAGS]


def _marked(tag: str, run: Iterator[str]) -> str:
    """Mark a run of words, without the white space around it."""
    text = "".join(run)
    words = text.strip()
    if not words:
        return text if tag == "ins" else ""
    behind = text[len(text.rstrip()) :]
    return f"{text[: len(text) - len(text.lstrip())]}<{tag}>{words}</{tag}>{behind}"
