"""Errors that Odoo raises while it writes what was read."""

import logging

from psycopg2.errors import UniqueViolation

_logger = logging.getLogger(__name__)


def is_same_meeting_race(error):
    """Tell whether another mailbox was faster to bring the same meeting."""
    return isinstance(error, UniqueViolation) and "primary_unique" in (
        error.diag.constraint_name or ""
    )


def reason_of(error, remote):
    """Return what may be shown of an error that Odoo raised while writing.

    Odoo's messages may quote the event: of a private one only the kind is told.
    """
    _logger.info("Microsoft 365: an event was refused: %s", type(error).__name__)
    kind = type(error).__name__
    if remote.content.sensitivity != "normal":
        return kind
    return f"{kind}: {error}".splitlines()[0][:200]
