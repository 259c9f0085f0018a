"""Read HTML into a tree. Each part has its place in the source.

lxml cannot be used here. It keeps no offsets, and Microsoft's part of a body must be
cut out byte for byte. libxml2 also adds paragraphs and drops deeply nested parts. Each
release of it repairs HTML in its own way, but a stored canonical form must stay the
same for years.

This reader never fails and never loses text. Its time is linear. It leaves out
comments, scripts and the frame of the document (``html``, ``head``, ``body``).

Source of the rules: WHATWG HTML, section 13.2, the parts that mails need.
"""

from __future__ import annotations

import html.entities
import re
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Set
from dataclasses import dataclass, field

#: Deeper elements are dropped, and their contents are kept. Odoo's sanitizer uses
#: libxml2, which stops reading a little deeper than this.
MAX_DEPTH = 120

VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()
)
#: Elements that start and end a line of their own.
BLOCK = frozenset(
    "address article aside blockquote caption center col colgroup dd details dialog dir"
    " div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup"
    " hr legend li main menu nav ol optgroup option p pre search section summary table"
    " tbody td tfoot th thead tr ul".split()
)
#: Parts of a document around the content of its body.
_FRAME = frozenset({"html", "body", "meta", "link", "base"})
_DROPPED_WITH_CONTENT = frozenset({"head", "title", "script"})
_RAW_TEXT = frozenset({"style"})

_TABLE_PARTS = frozenset({"table", "caption", "td", "th", "thead", "tbody", "tfoot"})
#: The open elements that an opening tag ends: {tag: (their names, names of the elements
#: at which the search stops)}
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu", "dir"}) | _TABLE_PARTS),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"}) | _TABLE_PARTS),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"}) | _TABLE_PARTS),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"tr"}), frozenset({"table", "tbody", "thead", "tfoot"})),
    "tbody": (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})),
    "thead": (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})),
    "tfoot": (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
}
_PARAGRAPH = (frozenset({"p"}), frozenset({"button", "object"}) | _TABLE_PARTS)

_TAG_START = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:_.-]*)")
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/=]*")
_ATTRIBUTE = re.compile(
    r"""([^\s/>=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)?)?"""
)
_ATTRIBUTE_NAME = re.compile(r"[a-z_@:][a-z0-9_.:@-]*")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")


_ENDLESS_NUMBER = re.compile(r"&#[0-9]{10,};?")
_CLOSING = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in _RAW_TEXT | _DROPPED_WITH_CONTENT
}


@dataclass(slots=True)
class Text:
    """A piece of text with resolved character references.

    :param start: offset of its start in the source
    :param end: offset of its end in the source
    :param raw: text without character references (the content of ``style``)
    """

    start: int
    end: int
    text: str
    raw: bool = False


@dataclass(slots=True)
class Element:
    """An element and its children.

    :param start: offset of its opening tag in the source
    :param end: offset of the end of its closing tag. Without a closing tag, the offset
        at which another tag or the end of the source ends it
    :param tag: name in lower case
    :param attributes: names in lower case, values with resolved references
    """

    start: int
    end: int
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | Text] = field(default_factory=list)

    def descendants(self) -> Iterator[Element | Text]:
        """Yield all elements and texts below, in the order of the source."""
        stack: list[Element | Text] = self.children[::-1]
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, Element):
                stack.extend(reversed(node.children))


@dataclass(slots=True)
class _Tag:
    start: int
    end: int
    name: str
    attributes: dict[str, str]
    is_closing: bool = False
    is_empty: bool = False


def parse(source: str) -> Element:
    """Read a document or a part of one.

    :return: an element without a name; its children are the content of the body
    """
    tree = _Tree(len(source))
    for token in _tokens(source):
        if isinstance(token, Text):
            tree.add_text(token)
        elif token.is_closing:
            tree.close(token)
        else:
            tree.open(token)
    return tree.finish()


class _Tree:
    """Build the tree. Open elements are on a stack."""

    def __init__(self, length: int) -> None:
        self._root = Element(0, length, "")
        self._stack = [self._root]
        self._depths: defaultdict[str, list[int]] = defaultdict(list)
        self._block_depths = [0]
        self._too_deep: Counter[str] = Counter()

    def add_text(self, text: Text) -> None:
        parent = self._stack[-1]
        if not text.raw or parent.tag in _RAW_TEXT:  # else its element was too deep
            parent.children.append(text)

    def open(self, tag: _Tag) -> None:
        if tag.name in BLOCK:
            self._end_open(*_PARAGRAPH, tag.start)
        if tag.name in _ENDS:
            self._end_open(*_ENDS[tag.name], tag.start)
        if len(self._stack) > MAX_DEPTH and tag.name not in VOID:
            self._too_deep[tag.name] += not tag.is_empty
            return
        element = Element(tag.start, tag.end, tag.name, tag.attributes)
        self._stack[-1].children.append(element)
        if not tag.is_empty and tag.name not in VOID:
            depth = len(self._stack)
            self._stack.append(element)
            self._depths[tag.name].append(depth)
            if tag.name in BLOCK:
                self._block_depths.append(depth)

    def close(self, tag: _Tag) -> None:
        if tag.name == "br":  # browsers read </br> as a line break
            self.open(_Tag(tag.start, tag.end, "br", {}, is_empty=True))
        elif self._too_deep[tag.name]:
            self._too_deep[tag.name] -= 1
        else:
            self._close_matching(tag)

    def finish(self) -> Element:
        self._pop_to(1, self._root.end)
        return self._root

    def _close_matching(self, tag: _Tag) -> None:
        """End the innermost element of this name, unless that would break others."""
        if self._stack[-1].tag == tag.name:
            self._pop_to(len(self._stack) - 1, tag.end)
            return
        depth = self._innermost({tag.name})
        if depth == 0:
            return
        if tag.name not in BLOCK and self._block_depths[-1] > depth:
            return  # an inline end tag does not end the block around it
        is_table_part = tag.name == "tr" or tag.name in _TABLE_PARTS
        if not is_table_part and self._innermost(_TABLE_PARTS) > depth:
            return  # an end tag in a cell does not end an element around the table
        self._pop_to(depth + 1, tag.start)
        self._pop_to(depth, tag.end)

    def _end_open(
        self, names: frozenset[str], boundary: frozenset[str], position: int
    ) -> None:
        depth = self._innermost(names)
        if depth and depth > self._innermost(boundary):
            self._pop_to(depth, position)

    def _innermost(self, names: Set[str]) -> int:
        """Return the depth of the innermost open element of these names, else 0."""
        return max((self._depths[n][-1] for n in names if self._depths[n]), default=0)

    def _pop_to(self, depth: int, position: int) -> None:
        """End all open elements of this depth or deeper, at this offset."""
        for element in self._stack[depth:]:
            element.end = position
            self._depths[element.tag].pop()
            if element.tag in BLOCK:
                self._block_depths.pop()
        del self._stack[depth:]


def _tokens(source: str) -> Iterator[_Tag | Text]:
    """Cut the source into tags and texts, without comments and the frame."""
    position = text_start = 0
    endless: set[str] = set()
    while (bracket := source.find("<", position)) >= 0:
        tag = None
        if source.startswith("<!--", bracket):
            end = source.find("-->", bracket + 4) + 3
        elif source.startswith(("<!", "<?"), bracket):
            end = source.find(">", bracket) + 1
        elif match := _TAG_START.match(source, bracket):
            tag = _read_tag(source, match)
            end = tag.end if tag else 0
        else:
            position = bracket + 1  # a plain less-than sign
            continue
        if end <= bracket:
            break  # it never ends: the rest can only be text
        yield from _text(source, text_start, bracket)
        if tag is not None and tag.name not in _FRAME:
            if tag.name in _CLOSING:
                end = yield from _section(source, tag, endless)
            else:
                yield tag
        position = text_start = end
    yield from _text(source, text_start, len(source))


def _section(
    source: str, tag: _Tag, endless: set[str]
) -> Generator[_Tag | Text, None, int]:
    """Read an element with raw content, such as ``style``; return its end.

    An opening tag without a closing tag is skipped; the text after it stays.

    :param endless: names without a closing tag in the rest of the source; this function
        adds names to it
    """
    if tag.is_closing or tag.is_empty or tag.name in endless:
        return tag.end
    closing = _CLOSING[tag.name].search(source, tag.end)
    # If the first closing tag has no end, no later one has.
    end = source.find(">", closing.end()) + 1 if closing else 0
    if closing is None or end == 0:
        endless.add(tag.name)
        return tag.end
    if tag.name in _RAW_TEXT:
        yield tag
        text = source[tag.end : closing.start()]
        yield Text(tag.end, closing.start(), text, raw=True)
        yield _Tag(closing.start(), end, tag.name, {}, is_closing=True)
    return end


def _text(source: str, start: int, end: int) -> Iterator[Text]:
    if start < end:
        yield Text(start, end, resolve_references(source[start:end]))


def resolve_references(text: str) -> str:
    """Replace the character references in a text by the characters."""
    if "&" not in text:
        return text
    # Python refuses to read numbers of thousands of digits.
    return html.unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def _read_tag(source: str, match: re.Match[str]) -> _Tag | None:
    """Read a tag with its attributes; None if it never ends."""
    attributes: dict[str, str] = {}
    position = match.end()
    while True:
        gap = _BETWEEN_ATTRIBUTES.match(source, position)
        position = gap.end() if gap else position
        if source.startswith(">", position):
            break
        attribute = _ATTRIBUTE.match(source, position)
        if not attribute:
            return None
        position = attribute.end()
        name, value = attribute[1].lower(), attribute[2] or ""
        if _ATTRIBUTE_NAME.fullmatch(name):
            if value[:1] in {'"', "'"}:
                value = value[1:-1]
            attributes.setdefault(name, _REFERENCE.sub(_resolve, value))
    return _Tag(
        start=match.start(),
        end=position + 1,
        name=match[2].lower(),
        attributes=attributes,
        is_closing=bool(match[1]),
        is_empty=bool(gap and gap[0].rstrip().endswith("/")),
    )


def _resolve(reference: re.Match[str]) -> str:
    """Resolve a reference in an attribute, but not ``&copy=1`` in a web address."""
    text = reference[0]
    if text[1] != "#" and text[1:] not in html.entities.html5:
        return text
    return html.unescape(text)
