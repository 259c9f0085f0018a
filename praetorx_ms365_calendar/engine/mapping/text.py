"""Text and addresses as both sides can hold them."""

from __future__ import annotations

import re

#: Control characters without meaning in a calendar: PostgreSQL refuses NUL, XML all.
#: A lone surrogate (legal in JSON's escapes) cannot be encoded at all.
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_FILTER_MARKS = re.compile("^(?:x_)+", re.IGNORECASE)
_LINE_BREAKS = re.compile("[\t\n\x0c\r\x85\u2028\u2029]+")

#: Enough of RFC 5321 to tell a mail address from an X.500 one. Addresses of the form
#: IMCEAEX-... are X.500 ones in disguise: no mail reaches them from outside.
_ADDRESS = re.compile(
    r"(?!imceaex-)[^\s@<>()\[\],;:\"\\/][^\s@<>()\[\],;:\"\\]*"
    r"@[^\s@<>()\[\],;:\"\\/]+",
    re.IGNORECASE,
)
_ADDRESS_LENGTH = 320
#: Characters of names of people and tags that Odoo takes; Outlook's are shorter.
MAX_NAME_LENGTH = 255
#: Marks that turn the direction of what is read: "moc.live@" for "@evil.com".
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: Looks like a quote around an address, and is a part of it.
_QUOTES = re.compile(
    "[`\u00ab\u00bb\u2018-\u201f\u2032-\u2037\u2039\u203a\uff02\uff07]"
)


def unfiltered(name: str) -> str:
    """Return a name of a class or an id without what Exchange's filter puts before it.

    Each round trip may add one more (docs/graph.md, Reading).
    """
    return _FILTER_MARKS.sub("", name)


def clean(text: str) -> str:
    """Drop the characters that no database or XML takes."""
    return _UNFIT.sub("", text)


def one_line(text: str) -> str:
    """Clean a text that has one line by nature: a subject, a place, a name."""
    return _LINE_BREAKS.sub(" ", clean(text)).strip()


def mail_address(text: str) -> str | None:
    """Return a mail address in the one spelling that is compared, None for others.

    Others are empty ones, X.500 names (``/O=EXCHANGELABS/OU=...``) and texts, and
    whatever is read otherwise than it is written: marks that nobody sees, and quotes.
    An apostrophe within the local part is neither (``o'brien@``).
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
    """Return the display name of a person as it is kept and shown: one short line."""
    return _TURNS.sub("", one_line(text))[:MAX_NAME_LENGTH].strip()


def may_be_tag(name: str) -> bool:
    """Tell whether a category may become a tag that all colleagues see."""
    return len(name) <= MAX_NAME_LENGTH and not _TURNS.search(name)
