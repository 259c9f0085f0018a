"""Find and cut out the Teams block: Microsoft's invitation in the body of a meeting.

A body that is sent without it takes the meeting offline (docs/graph.md). So it is cut
out byte for byte, and put back unchanged. It is found by marks that are the same in
every language:

- classes that begin with ``me-email-``, and ids that begin with ``meet_invite_block``;
- the lines of underscores around it;
- the link to join the meeting.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter

from .markup import Element, Text, parse, resolve_references
from .text import unfiltered

_LINK = re.compile(
    r"(?:\b|(?<=%2f))teams\.(?:[a-z0-9-]{1,63}\.){0,4}[a-z]{2,10}"
    r"(/|%2f)(?:l\1meetup-join|meet)\1(?P<meeting>[\w%:.@-]{1,200})",
    re.IGNORECASE,
)
_SEPARATOR = re.compile("_{20,}")
#: White space that HTML collapses. A no-break space is not collapsed.
_HTML_SPACE = " \t\n\r\f"
_HINT = re.compile("me-email-|meet_invite_block", re.IGNORECASE)
#: Anything that may be a visible character: a character reference, or any non-space.
_SHOWN = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z0-9]{1,32});?|\S")

#: An organization may put its own text between the block and the last line. It has at
#: most this many visible characters.
_MAX_FOOTER = 1000
#: If the text between two lines has more visible characters, it is not an invitation,
#: but a letter that mentions one.
#: Only used if nothing except the lines shows the start of the block.
_MAX_INVITATION = 3000
#: No person writes a body with more blocks; the rest counts as text of people.
_MAX_BLOCKS = 10
#: At most this many places are examined: each takes time with the length of the body.
_MAX_LOOKS = 50

_Span = tuple[int, int]


def meeting_links(source: str) -> frozenset[str]:
    """Return the identifying parts of all Teams links in a body: one per meeting."""
    return frozenset(match["meeting"].casefold() for match in _LINK.finditer(source))


def cut(source: str) -> tuple[str, str]:
    """Cut Microsoft's blocks out of a body.

    :param source: HTML, exactly as Graph has it
    :return: the rest of the body, and the blocks byte for byte; the second text is
        empty if the body has no block
    """
    if not (_HINT.search(source) or _LINK.search(source)):
        return source, ""
    rest, blocks, position = [], [], 0
    for start, end in _Finder(source).blocks():
        rest.append(source[position:start])
        blocks.append(source[start:end])
        position = end
    rest.append(source[position:])
    return "".join(rest), "".join(blocks)


class _Finder:
    """Find the blocks of one body. Positions are offsets into its source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._root = parse(source)
        self._texts: list[Text] = []
        self._letter_places = array("L")
        self._elements: list[_Span] = []
        for node in self._root.descendants():
            if isinstance(node, Element):
                self._add_element(node)
            elif not node.raw:
                self._texts.append(node)
                self._letter_places.extend(_letters_of(source, node))
        self._separators = [
            (text.start + match.start(), text.start + match.end())
            for text in self._texts
            for match in _SEPARATOR.finditer(source[text.start : text.end])
        ]
        self._looks = 0

    def blocks(self) -> list[_Span]:
        """Return start and end of each block, in order. A block has whole elements."""
        found: list[_Span] = []
        position = 0
        for start, end, is_certain in self._marks():
            if start < position:
                continue
            if is_certain:
                span = self._whole(self._around_element(start, end, position))
                span = span or self._whole((start, end))
            else:
                outer = self._between_lines(start, end, position)
                span = self._whole(outer) if outer else None
                position = outer[1] if outer else position
            if span and span[0] >= (found[-1][1] if found else 0):
                found.append(span)
                position = max(position, span[1])
            if len(found) == _MAX_BLOCKS or self._looks >= _MAX_LOOKS:
                break
        return found

    def _add_element(self, element: Element) -> None:
        """Remember an element if it is Microsoft's; neighbours count as one."""
        classes = element.attributes.get("class", "").lower().split()
        if not (
            any(unfiltered(name).startswith("me-email-") for name in classes)
            or unfiltered(element.attributes.get("id", "")).startswith(
                "meet_invite_block"
            )
        ):
            return
        if self._elements:
            start, end = self._elements[-1]
            if element.start < end:
                return  # inside the one before
            if not self._shows_text(end, element.start):
                self._elements[-1] = (start, element.end)
                return
        self._elements.append((element.start, element.end))

    def _marks(self) -> Iterator[tuple[int, int, bool]]:
        links = [
            (match.start(), match.end(), False)
            for match in _LINK.finditer(self._source)
        ]
        elements = [(start, end, True) for start, end in self._elements]
        yield from sorted([*elements, *links])

    def _around_element(self, start: int, end: int, floor: int) -> _Span:
        """Widen Microsoft's element to the lines of underscores before and after it."""
        before = self._separator_before(start, floor)
        if before and not self._shows_text(before[1], start):
            start = before[0]
        after = self._separator_after(end)
        if after and self._letters(end, after[0]) <= _MAX_FOOTER:
            end = after[1]
        return start, end

    def _between_lines(self, start: int, end: int, floor: int) -> _Span | None:
        """Return start and end of an invitation that has only lines and a link.

        None if a line is missing, or if the text between the lines is too long.
        """
        before = self._separator_before(start, floor)
        after = self._separator_after(end)
        if not before or not after:
            return None
        if self._letters(before[1], after[0]) > _MAX_INVITATION:
            return None
        return before[0], after[1]

    def _separator_before(self, position: int, floor: int) -> _Span | None:
        index = bisect_right(self._separators, (position, 0)) - 1
        if index >= 0 and self._separators[index][0] >= floor:
            return self._separators[index]
        return None

    def _separator_after(self, position: int) -> _Span | None:
        index = bisect_left(self._separators, (position, 0))
        return self._separators[index] if index < len(self._separators) else None

    def _whole(self, span: _Span) -> _Span | None:
        """Widen a span to whole elements; None if that would include other text.

        An element that surrounds only the block belongs to the block. The empty lines
        that Microsoft puts before the block belong to it too.
        """
        self._looks += 1
        start, end = span
        path = [self._root]
        while inner := _child_around(path[-1], start, end):
            path.append(inner)
        parent = path.pop()
        for child in _overlapping(parent, start, end):
            if isinstance(child, Element):
                start, end = min(start, child.start), max(end, child.end)
        if self._shows_text(start, span[0]) or self._shows_text(span[1], end):
            return None
        while path and not (
            self._shows_text(parent.start, start) or self._shows_text(end, parent.end)
        ):
            start, end = parent.start, parent.end
            parent = path.pop()
        index = _index_at(parent, start)
        before = self._source[parent.children[index].start : start]
        if resolve_references(before).strip(_HTML_SPACE):
            return start, end  # it starts inside a text (which may be no-break spaces)
        for child in reversed(parent.children[:index]):
            if isinstance(child, Element) and child.tag == "br":
                start = child.start
            elif isinstance(child, Element) or child.text.strip(_HTML_SPACE):
                break
        return start, end

    def _shows_text(self, start: int, end: int) -> bool:
        return self._letters(start, end) > 0

    def _letters(self, start: int, end: int) -> int:
        """Count the visible characters between two positions, without white space."""
        places = self._letter_places
        return max(bisect_left(places, end) - bisect_left(places, start), 0)


def _letters_of(source: str, text: Text) -> Iterator[int]:
    """Yield the positions of the visible characters of a text."""
    for match in _SHOWN.finditer(source, text.start, text.end):
        shown = match[0]
        if not shown.startswith("&") or resolve_references(shown).strip():
            yield match.start()


def _index_at(parent: Element, position: int) -> int:
    """Return the index of the first child that ends after a position."""
    return bisect_right(parent.children, position, key=attrgetter("end"))


def _child_around(parent: Element, start: int, end: int) -> Element | None:
    """Return the child element that has the whole span between its tags."""
    index = _index_at(parent, start)
    if index == len(parent.children):
        return None
    child = parent.children[index]
    if isinstance(child, Element) and child.start < start and end < child.end:
        return child
    return None


def _overlapping(parent: Element, start: int, end: int) -> Iterator[Element | Text]:
    index = _index_at(parent, start)
    while index < len(parent.children) and parent.children[index].start < end:
        yield parent.children[index]
        index += 1
