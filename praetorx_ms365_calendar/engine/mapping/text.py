"""Clean texts and addresses so that both sides can store them."""

from __future__ import annotations

import re

#: Control characters have no meaning in a calendar: PostgreSQL refuses NUL, XML all of
#: them. A lone surrogate is valid in JSON, but cannot be encoded.
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_FILTER_MARKS = re.compile("^(?:x_)+", re.IGNORECASE)
_LINE_BREAKS = re.compile("[\t\n\x0c\r\x85\u2028\u2029]+")

#: The part of RFC 5321 that separates mail addresses from X.500 addresses. An address
#: like IMCEAEX-... is an X.500 address in another form: outside mail cannot reach it.
_ADDRESS = re.compile(
    r"(?!imceaex-)[^\s@<>()\[\],;:\"\\/][^\s@<>()\[\],;:\"\\]*"
    r"@[^\s@<>()\[\],;:\"\\/]+",
    re.IGNORECASE,
)
_ADDRESS_LENGTH = 320
#: Longest name of a person or tag in Odoo, in characters; Outlook's are shorter.
MAX_NAME_LENGTH = 255
#: Marks that change the direction of text: "@evil.com" is then shown as "moc.live@".
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: Characters that look like quotes around an address, but are a part of it.
_QUOTES = re.compile(
    "[`\u00ab\u00bb\u2018-\u201f\u2032-\u2037\u2039\u203a\uff02\uff07]"
)


def unfiltered(name: str) -> str:
    """Remove the ``x_`` that Exchange's filter puts before names of classes and ids.

    Each round trip may add one more ``x_`` (docs/graph.md, Reading).
    """
    return _FILTER_MARKS.sub("", name)


def clean(text: str) -> str:
    """Remove the characters that a database or XML does not accept."""
    return _UNFIT.sub("", text)


def one_line(text: str) -> str:
    """Clean a text of one line: a subject, a place, a name."""
    return _LINE_BREAKS.sub(" ", clean(text)).strip()


def mail_address(text: str) -> str | None:
    """Return a mail address in lower case, None if it is no usable mail address.

    Not usable: an empty text, a text that is no address, and an X.500 name
    (``/O=EXCHANGELABS/OU=...``). An address with invisible marks or quotes is not
    usable either, because it looks like another one. An apostrophe inside the local
    part is allowed (``o'brien@``).
    """
    address = text.strip().lower()
    if len(address) > _ADDRESS_LENGTH or not address.isprintable():
        return None
    if not _ADDRESS.fullmatch(address) or _QUOTES.search(address):
        return None
    local, _at, domain = address.partition("@")
    if local != local.strip("'") or "'" in domain:
        return None
    return address


def person_name(text: str) -> str:
    """Return the display name of a person as it is stored and shown: one short line."""
    return _TURNS.sub("", one_line(text))[:MAX_NAME_LENGTH].strip()


def may_be_tag(name: str) -> bool:
    """Return True if a category may become a tag; all colleagues see tags."""
    return len(name) <= MAX_NAME_LENGTH and not _TURNS.search(name)
