"""Text and addresses as both sides can hold them."""

from __future__ import annotations

import re

#: Control characters without meaning in a calendar: PostgreSQL refuses NUL, XML all.
#: A lone surrogate (legal in JSON's escapes) cannot be encoded at all.
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
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


def clean(text: str) -> str:
    """Drop the characters that no database or XML takes."""
    return _UNFIT.sub("", text)


def one_line(text: str) -> str:
    """Clean a text that has one line by nature: a subject, a place, a name."""
    return _LINE_BREAKS.sub(" ", clean(text)).strip()


def mail_address(text: str) -> str | None:
    """Return a mail address in the one spelling that is compared, None for others.

    Others are empty ones, X.500 names (``/O=EXCHANGELABS/OU=...``) and texts.
    """
    address = text.strip().lower()
    if len(address) <= _ADDRESS_LENGTH and _ADDRESS.fullmatch(address):
        return clean(address) or None
    return None
