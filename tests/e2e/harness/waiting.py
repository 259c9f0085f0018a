"""Wait until a condition is true, without a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

#: A long time, so that a busy machine does not fail a test.
PATIENCE_SECONDS = 60.0
_STEP_SECONDS = 0.1


def eventually(
    look: Callable[[], Result],
    what: str,
    *,
    timeout_seconds: float = PATIENCE_SECONDS,
    step_seconds: float = _STEP_SECONDS,
    meanwhile: Callable[[], object] | None = None,
) -> Result:
    """Call ``look`` until it returns something true, and return that.

    :param what: name of the condition, for the message
    :param meanwhile: called between two calls of ``look``
    :raise AssertionError: it did not become true in time; names the last result
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        result = look()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(
                f"not within {timeout_seconds:g} s: {what} (last: {result!r})"
            )
        if meanwhile:
            meanwhile()
        time.sleep(step_seconds)
