"""Keeps PostgreSQL's refusals out of the log where they are expected.

Odoo logs a refused statement with its values: subjects and descriptions of events would
stand in the server log each time a person is faster than the sync. The sync tries it
again, and tells by itself, with ids only, what it could not store.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_this = threading.local()


def _is_wanted(_record: logging.LogRecord) -> bool:
    return not getattr(_this, "is_muted", False)


logging.getLogger("odoo.sql_db").addFilter(_is_wanted)


@contextmanager
def muted_sql_log() -> Iterator[None]:
    """Log no refused statement of this thread."""
    was_muted = getattr(_this, "is_muted", False)
    _this.is_muted = True
    try:
        yield
    finally:
        _this.is_muted = was_muted
