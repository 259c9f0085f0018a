"""Make ids like those of Exchange: opaque and case-sensitive.

Both formats are url-safe except for ``=``: they have ``-`` and ``_``, never ``/`` or
``+``. The id of an occurrence is the id of its series plus the original date. So a
rescheduled series gets new ids.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import date

_OCCURRENCE = "FRAA"
_DEFAULT_TAILS = ("AAA=", "AEYAAA==")
_IMMUTABLE_TAILS = ("AAAA", "AEYAAAAA")
_CODE_LENGTH = 8
_IMMUTABLE_HEAD = "AAkALg"
#: Characters before the name of the mailbox.
_HEAD = len(_IMMUTABLE_HEAD)


def _digest(*parts: object, size: int) -> bytes:
    text = "\0".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).digest()[:size]


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def default_id(mailbox_id: str, calendar_number: int, item_number: int) -> str:
    """Return the default REST id. It contains the folder, so a move changes it."""
    mailbox = _url_safe(_digest(mailbox_id, size=21))
    folder = _url_safe(_digest(mailbox_id, calendar_number, size=9))
    item = _url_safe(_digest(mailbox_id, calendar_number, item_number, size=18))
    return f"AAMkAD{mailbox}BG_{folder}-{item}{_DEFAULT_TAILS[0]}"


def immutable_id(mailbox_id: str, item_number: int) -> str:
    """Return the immutable id. It is the same in each folder of the mailbox."""
    mailbox = _url_safe(_digest(mailbox_id, size=21))
    item = _url_safe(_digest(mailbox_id, item_number, size=18))
    return f"{_IMMUTABLE_HEAD}{mailbox}{item}{_IMMUTABLE_TAILS[0]}"


def calendar_id(mailbox_id: str, calendar_number: int) -> str:
    """Return the id of a calendar. It has only one format."""
    mailbox = _url_safe(_digest(mailbox_id, size=21))
    folder = _url_safe(_digest(mailbox_id, "folder", calendar_number, size=12))
    return f"AAMkAD{mailbox}AuAAAAAA{folder}AAA="


def occurrence_id(series_id: str, original_date: date) -> str:
    """Return the id of the occurrence with this original date."""
    code = original_date.toordinal().to_bytes(3, "big") + b"\xd8\x35\xdf"
    if series_id.endswith(_DEFAULT_TAILS[0]):
        base, tail = series_id[:-4], _DEFAULT_TAILS[1]
    else:
        base, tail = series_id[:-4], _IMMUTABLE_TAILS[1]
    return f"{base}{_OCCURRENCE}{_url_safe(code)}{tail}"


def split_occurrence_id(item_id: str) -> tuple[str, date] | None:
    """Split an occurrence id into series id and date; ``None`` for another id."""
    for tail, series_tail in zip(
        (_DEFAULT_TAILS[1], _IMMUTABLE_TAILS[1]),
        (_DEFAULT_TAILS[0], _IMMUTABLE_TAILS[0]),
        strict=True,
    ):
        head = item_id[: -len(tail)]
        marker = head[-_CODE_LENGTH - len(_OCCURRENCE) : -_CODE_LENGTH]
        if not item_id.endswith(tail) or marker != _OCCURRENCE:
            continue
        try:
            code = base64.urlsafe_b64decode(head[-_CODE_LENGTH:])
            day = date.fromordinal(int.from_bytes(code[:3], "big"))
        except (ValueError, OverflowError):
            return None
        return head[: -_CODE_LENGTH - len(_OCCURRENCE)] + series_tail, day
    return None


def in_other_mailbox(item_id: str, from_mailbox: str, to_mailbox: str) -> str | None:
    """Return the id of the same item in another mailbox.

    An id contains its mailbox near its start; the rest stays the same.

    :return: ``None`` if the id is not one of ``from_mailbox``
    """
    head, rest = item_id[:_HEAD], item_id[_HEAD:]
    own, other = (
        _url_safe(_digest(mailbox, size=21)) for mailbox in (from_mailbox, to_mailbox)
    )
    return head + other + rest.removeprefix(own) if rest.startswith(own) else None


def looks_like_item_id(item_id: str) -> bool:
    """Return True if a text looks like an item id."""
    return item_id.startswith("AA") and len(item_id) >= 12


def change_key(mailbox_id: str, number: int) -> str:
    """Return the change key of write ``number`` of a mailbox."""
    key = _digest(mailbox_id, "key", size=16) + number.to_bytes(6, "big")
    return base64.b64encode(key).decode()


def ical_uid(mailbox_id: str, item_number: int) -> str:
    """Return a global object id in the hexadecimal form of Exchange."""
    prefix = "040000008200E00074C5B7101A82E00800000000"
    return prefix + _digest(mailbox_id, "uid", item_number, size=36).hex().upper()


def dated_uid(uid: str, day: date | None) -> str:
    """Return the global object id of an occurrence: hex digits 33 to 40 are its date.

    :param uid: the id of the series or of any of its occurrences
    :param day: the original date; None for the series, which has zeros there
    """
    digits = f"{day.year:04X}{day.month:02X}{day.day:02X}" if day else "0" * 8
    return f"{uid[:32]}{digits}{uid[40:]}"


def stable_uuid(*parts: object) -> str:
    """Return a UUID that depends only on ``parts``, so that runs can be compared."""
    return str(uuid.UUID(bytes=_digest("uuid", *parts, size=16), version=4))
