"""Recognize links to join a Microsoft Teams meeting by their exact host."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

#: Hosts to join Teams meetings, in all of Microsoft's clouds.
TEAMS_HOSTS = frozenset(
    {
        "teams.microsoft.com",
        "teams.cloud.microsoft",
        "teams.live.com",  # personal accounts
        "teams.microsoft.us",
        "gov.teams.microsoft.us",  # GCC High
        "dod.teams.microsoft.us",  # Department of Defense
        "teams.microsoftonline.cn",  # operated by 21Vianet
    }
)
MAX_URL_LENGTH = 4096
#: Characters that browsers and :mod:`urllib` read in different ways. No address needs
#: them.
_UNSAFE = frozenset("\\\"'<>`^{|} ")


def host_of(url: str) -> str | None:
    """Return the host that a browser would open, None if the URL is not a plain one."""
    parts = _parse(url)
    return parts.hostname if parts else None


def is_teams_link(url: str) -> bool:
    """Return True if a link leads to a meeting on one of Microsoft's Teams hosts."""
    parts = _parse(url)
    return bool(
        parts
        and parts.scheme == "https"
        and parts.hostname in TEAMS_HOSTS
        and parts.port in (None, 443)
        and len(parts.path) > 1
    )


def link_of_place(place: str) -> str | None:
    """Return the location of an event if it is a Teams link, otherwise None."""
    place = place.strip()
    return place if is_teams_link(place) else None


def _parse(url: str) -> SplitResult | None:
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable():
        return None
    if not _UNSAFE.isdisjoint(url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError if the port is invalid
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return parts if is_web and "@" not in parts.netloc else None
