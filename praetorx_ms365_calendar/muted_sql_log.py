"""Keep SQL errors out of the server log where they are expected.

Odoo logs a failed statement with its values. So subjects and descriptions of events
would be in the server log each time a person is faster than the sync. The sync repeats
the statement, and logs events that it could not store itself, by ids only.
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
    """Log no failed SQL statement of this thread during a block."""
    was_muted = getattr(_this, "is_muted", False)
    _this.is_muted = True
    try:
        yield
    finally:
        _this.is_muted = was_muted
