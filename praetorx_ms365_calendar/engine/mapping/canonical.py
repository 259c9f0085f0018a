"""Write HTML in one canonical form, so that equal bodies have equal text.

Exchange and Odoo both rewrite HTML: line breaks between elements, order of attributes,
entities, empty tags. The canonical form is the same before and after. So a rewrite is
not mistaken for an edit. No visible text and no formatting is dropped.
"""

from __future__ import annotations

import html
import re

from .markup import BLOCK, VOID, Element, Text, parse
from .text import clean, unfiltered

_SPACES = re.compile(r"[ \t\n\f\r]+")
_LINE_ENDS = re.compile(r"\r\n?")
_KEEPS_SPACES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_COLLAPSES = re.compile(r"white-space\s*:\s*(?:normal|nowrap)", re.IGNORECASE)
#: Editors and programs keep data in such attributes. Exchange's filter drops them.
_NOTES = "data-"
_BRACES = re.compile(r"([{}])")
_FILTERED_NAME = re.compile(r"([.#])(?:x_)+")
#: Elements that are visible even without text.
_VISIBLE = frozenset(
    "audio embed hr iframe img input object select svg textarea video".split()
)
#: One declaration of a ``style`` attribute. A semicolon in quotes or brackets does not
#: end it.
_DECLARATION = re.compile(r"""(?:[^;"'()]|"[^"]*"|'[^']*'|\([^()]*\))+""")


def canonical_html(source: str) -> str:
    """Return the canonical form of an HTML body, without the document around it.

    The canonical form of a canonical form is the same text. A body without anything
    visible gives an empty text.

    :param source: a document or a part of one; it may be invalid HTML
    """
    return write_canonical(parse(clean(source)))


def write_canonical(root: Element) -> str:
    """Return the canonical form of a tree; line breaks at its end are removed."""
    _trim_end(root)
    if not _shows_something(root):
        return ""
    return _Writer().write(root)


def recalled_html(stored: str) -> str:
    """Return a stored canonical form as today's rules write it.

    Databases contain forms from before the rules for Exchange's filter were added.
    """
    is_from_then = "x_" in stored or _NOTES in stored
    return canonical_html(stored) if is_from_then else stored


def same_body(first: str, second: str) -> bool:
    """Return True if two HTML bodies have the same canonical form."""
    return first == second or canonical_html(first) == canonical_html(second)


def html_from_text(text: str) -> str:
    """Return canonical HTML for a plain text, with its line breaks."""
    lines = html.escape(clean(text), quote=False).splitlines()
    return canonical_html("<br>".join(lines))


def _shows_something(root: Element) -> bool:
    for node in root.descendants():
        if isinstance(node, Element):
            if node.tag in _VISIBLE:
                return True
        elif not node.raw and node.text.strip():
            return True
    return False


def _trim_end(root: Element) -> None:
    """Drop spaces and line breaks at the end of a body: they show nothing."""
    children = root.children
    while children:
        last = children[-1]
        is_break = isinstance(last, Element) and last.tag == "br"
        is_space = isinstance(last, Text) and not _SPACES.sub("", last.text)
        if not (is_break or is_space):
            return
        children.pop()


class _Writer:
    """Write a tree, with white space as a browser shows it.

    Several spaces in a row become one, also across inline tags. Spaces at the start and
    end of a line are dropped. The end of a line is known only later: so the writer
    remembers the place of its last space, and drops it then.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open_space: int | None = None  # place of a space that may end a line
        self._at_line_start = True

    def write(self, root: Element) -> str:
        self._children(root, keeps_spaces=False)
        self._end_line()
        return "".join(self._parts)

    def _children(self, element: Element, *, keeps_spaces: bool) -> None:
        for child in element.children:
            if isinstance(child, Element):
                self._element(child, keeps_spaces=keeps_spaces)
            elif child.raw:
                self._parts.append(_unfiltered_sheet(_LINE_ENDS.sub("\n", child.text)))
            elif keeps_spaces:
                self._exact_text(child.text)
            else:
                self._text(child.text)

    def _element(self, element: Element, *, keeps_spaces: bool) -> None:
        tag = element.tag
        breaks_line = tag in BLOCK or tag == "br"
        if breaks_line:
            self._end_line()
        attributes = "".join(
            f' {name}="{_attribute_value(name, value)}"'
            for name, value in sorted(element.attributes.items())
            if not name.startswith(_NOTES)
        )
        self._parts.append(f"<{tag}{attributes}>")
        if tag in VOID:
            if not breaks_line:
                self._shown()
            return
        style = element.attributes.get("style", "")
        if tag in {"pre", "textarea"} or _KEEPS_SPACES.search(style):
            keeps_spaces = True
        elif _COLLAPSES.search(style):
            keeps_spaces = False
        self._children(element, keeps_spaces=keeps_spaces)
        if breaks_line:
            self._end_line()
        self._parts.append(f"</{tag}>")

    def _exact_text(self, text: str) -> None:
        if text:
            self._parts.append(_escape(_LINE_ENDS.sub("\n", text)))
            self._shown()

    def _text(self, text: str) -> None:
        collapsed = _SPACES.sub(" ", text)
        if collapsed.startswith(" "):
            self._space()
        words = collapsed.strip(" ")
        if words:
            self._parts.append(_escape(words))
            self._shown()
            if collapsed.endswith(" "):
                self._space()

    def _space(self) -> None:
        if not self._at_line_start and self._open_space is None:
            self._open_space = len(self._parts)
            self._parts.append(" ")

    def _shown(self) -> None:
        self._open_space = None
        self._at_line_start = False

    def _end_line(self) -> None:
        if self._open_space is not None:
            self._parts[self._open_space] = ""
        self._open_space = None
        self._at_line_start = True


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _attribute_value(name: str, value: str) -> str:
    value = _LINE_ENDS.sub("\n", value)
    if name == "style":
        value = _style(value)
    elif name in {"class", "id"}:
        value = " ".join(unfiltered(word) for word in value.split())
    return html.escape(value, quote=False).replace('"', "&quot;")


def _unfiltered_sheet(text: str) -> str:
    """Remove the ``x_`` of Exchange's filter from the selectors of a style sheet."""
    if "x_" not in text:
        return text
    parts = _BRACES.split(text)
    for index in range(0, len(parts) - 1, 2):
        if parts[index + 1] == "{":
            parts[index] = _FILTERED_NAME.sub(r"\1", parts[index])
    return "".join(parts)


def _style(value: str) -> str:
    """Write declarations in one form; another kind of value stays as it is."""
    value = _SPACES.sub(" ", value).strip()
    declarations = _DECLARATION.findall(value)
    if ";".join(declarations).replace(";", "") != value.replace(";", ""):
        return value
    parts = [declaration.partition(":") for declaration in declarations]
    return "; ".join(
        f"{_property(name)}:{text.strip()}" if colon else name.strip()
        for name, colon, text in parts
        if name.strip()
    )


def _property(name: str) -> str:
    name = name.strip()
    return name if name.startswith("--") else name.lower()
