"""Names of time zones: what Graph calls them, what Odoo calls them, and the rules.

Graph names zones the Windows way and takes few IANA names (docs/graph.md); Odoo and
Python know IANA names alone.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import UnknownTimeZone
from .windows_zones import READ_ONLY, TABLE


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Read the table into (folded Windows name -> IANA, IANA -> Windows name)."""
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
#: One IANA name for each zone that Graph has.
WINDOWS_ZONES = tuple(dict.fromkeys(_TO_IANA.values()))

#: Files beside the tz database's zones that are no zones of their own.
_NOT_A_ZONE = ("localtime", "posix", "right", "Factory")


def windows_to_iana(name: str) -> str:
    """Return the IANA name that stands for a Windows zone.

    :param name: a Windows name, in any case
    :raise UnknownTimeZone: not a Windows name; ``tzone://Microsoft/Custom``, which
        Graph gives for hand-made zones of old clients, is one of those
    """
    try:
        return _TO_IANA[name.casefold()]
    except KeyError as error:
        raise UnknownTimeZone(name) from error


def iana_to_windows(name: str) -> str:
    """Return the Windows zone that an IANA zone belongs to.

    :raise UnknownTimeZone: no IANA name, or one that Windows has no zone for
    """
    try:
        return _TO_WINDOWS[name]
    except KeyError as error:
        raise UnknownTimeZone(name) from error


def to_iana(name: str) -> str:
    """Return the IANA name of a zone that is named in either way.

    :raise UnknownTimeZone: the name is of neither kind
    """
    if name in _TO_WINDOWS:
        return name
    try:
        return windows_to_iana(name)
    except UnknownTimeZone:
        return zone(name).key


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the rules of a zone, by its Windows or IANA name.

    :raise UnknownTimeZone: the name is of neither kind, or this machine's tz
        database does not have it
    """
    iana = _TO_IANA.get(name.casefold(), name) if name not in _TO_WINDOWS else name
    if iana.startswith(_NOT_A_ZONE):
        raise UnknownTimeZone(name)
    try:
        return ZoneInfo(iana)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # OSError: the name of a folder of the database, such as "Europe"
        raise UnknownTimeZone(name) from error


def same_zone(first: str | None, second: str | None) -> bool:
    """Tell whether Graph cannot tell two zones apart: Vienna is Berlin there.

    Names of either kind; unknown ones, and None, are equal to themselves only.
    """
    return first == second or (
        first is not None
        and second is not None
        and zone_family(first) == zone_family(second)
    )


def zone_family(name: str | None) -> str:
    """Return what a zone is to Graph: its Windows name, its own where it has none.

    :return: empty for None
    """
    try:
        return iana_to_windows(to_iana(name or ""))
    except UnknownTimeZone:
        return name or ""
