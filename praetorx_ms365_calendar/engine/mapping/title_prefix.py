"""Put a prefix before the titles of events that Odoo created in Outlook.

The prefix exists in Outlook only. It is removed from each event that is read. So Odoo
never gets it, and it is never put twice.
"""

from __future__ import annotations

from dataclasses import replace

from ..series import Series
from ..snapshot import Content, RemoteEvent
from .graph_series import RemoteT
from .text import one_line


def add_prefix(subject: str, prefix: str) -> str:
    """Put the prefix before a title, unless it is there already.

    :param prefix: without the space after it; empty for no prefix
    """
    prefix = one_line(prefix)
    if not prefix or _has_prefix(subject, prefix):
        return subject
    return f"{prefix} {subject}".rstrip()


def strip_prefix(subject: str, prefix: str) -> str:
    """Remove the prefix from a title, if it is there."""
    prefix = one_line(prefix)
    if not prefix or not _has_prefix(subject, prefix):
        return subject
    return subject[len(prefix) :].lstrip()


def with_prefix(content: Content, prefix: str | None) -> Content:
    """Return a content as it is sent: with the prefix before its title."""
    return replace(content, subject=add_prefix(content.subject, prefix or ""))


def without_prefix(remote: RemoteT, prefix: str | None) -> RemoteT:
    """Return a remote event or series as Odoo stores it: without the prefix.

    :param prefix: the prefix with which it was sent
    """
    if not prefix:
        return remote

    def stripped(content: Content) -> Content:
        return replace(content, subject=strip_prefix(content.subject, prefix))

    if isinstance(remote, RemoteEvent):
        content = remote.content and stripped(remote.content)
        return replace(remote, content=content)
    series = remote.series
    return replace(
        remote,
        master=without_prefix(remote.master, prefix),
        series=Series.of(
            stripped(series.master),
            series.rule,
            series.window,
            {day: stripped(content) for day, content in series.contents().items()},
        ),
        exceptions={
            day: without_prefix(exception, prefix)
            for day, exception in remote.exceptions.items()
        },
    )


def _has_prefix(subject: str, prefix: str) -> bool:
    return subject == prefix or subject.startswith(f"{prefix} ")
