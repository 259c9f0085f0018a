"""Translate names of time zones between Graph and Odoo, and load their rules.

Graph uses Windows names and accepts few IANA names (docs/graph.md). Odoo and Python
know only IANA names.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import UnknownTimeZone
from .windows_zones import READ_ONLY, TABLE


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Read the table into two dicts: Windows -> IANA, and IANA -> Windows.

    The Windows names in the first dict are in lower case.
    """
    to_iana = {name.casefold(): iana for name, iana in READ_ONLY.items()}
    to_windows: dict[str, str] = {}
    windows = ""
    for line in TABLE.splitlines():
        if not line.startswith(" "):
            windows = line
            continue
        for iana in line.split():
            to_iana.setdefault(windows.casefold(), iana)
            to_windows[iana] = windows
    return to_iana, to_windows


_TO_IANA, _TO_WINDOWS = _tables()
#: One IANA name for each of Graph's zones.
WINDOWS_ZONES = tuple(dict.fromkeys(_TO_IANA.values()))

#: Files and folders in the tz database that are not zones.
_NOT_A_ZONE = ("localtime", "posix", "right", "Factory")


def windows_to_iana(name: str) -> str:
    """Return the IANA name for a Windows zone.

    :param name: a Windows name, in upper or lower case
    :raise UnknownTimeZone: not a Windows name. An example is
        ``tzone://Microsoft/Custom``: Graph returns it for custom zones of old clients
    """
    try:
        return _TO_IANA[name.casefold()]
    except KeyError as error:
        raise UnknownTimeZone(name) from error


def iana_to_windows(name: str) -> str:
    """Return the Windows zone that an IANA zone belongs to.

    :raise UnknownTimeZone: not an IANA name, or Windows has no zone for it
    """
    try:
        return _TO_WINDOWS[name]
    except KeyError as error:
        raise UnknownTimeZone(name) from error


def to_iana(name: str) -> str:
    """Return the IANA name of a zone, from its Windows or IANA name.

    :raise UnknownTimeZone: neither a Windows nor an IANA name
    """
    if name in _TO_WINDOWS:
        return name
    try:
        return windows_to_iana(name)
    except UnknownTimeZone:
        return zone(name).key


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the rules of a zone, from its Windows or IANA name.

    :raise UnknownTimeZone: neither a Windows nor an IANA name, or missing in the tz
        database of this machine
    """
    iana = _TO_IANA.get(name.casefold(), name) if name not in _TO_WINDOWS else name
    if iana.startswith(_NOT_A_ZONE):
        raise UnknownTimeZone(name)
    try:
        return ZoneInfo(iana)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # OSError: the name is a folder of the database, such as "Europe"
        raise UnknownTimeZone(name) from error


def same_zone(first: str | None, second: str | None) -> bool:
    """Return True if two zones are the same zone for Graph, such as Vienna and Berlin.

    Both Windows and IANA names are accepted. An unknown name, or None, is equal only to
    itself.
    """
    return first == second or (
        first is not None
        and second is not None
        and zone_family(first) == zone_family(second)
    )


def zone_family(name: str | None) -> str:
    """Return the Windows name of a zone, or the name itself if it has no Windows name.

    :return: empty for None
    """
    try:
        return iana_to_windows(to_iana(name or ""))
    except UnknownTimeZone:
        return name or ""
