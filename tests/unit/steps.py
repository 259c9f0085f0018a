"""Count the steps of a function, so that a test can see if it is linear.

We count steps instead of time: the count is the same on each machine, at any load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

#: Where branches are measured, Slipcover has lines of its own: 0, or from here on.
_BRANCH = 1 << 30


class Scanned(str):
    """A text that counts the characters scanned by ``find``."""

    __slots__ = ("scanned",)

    def __init__(self, _text: str) -> None:
        self.scanned = 0

    def find(self, part: str, start: int = 0, *end: int) -> int:
        found = super().find(part, start, *end)
        self.scanned += (found if found >= 0 else len(self)) - start
        return found


def steps_of(function: Callable[..., Any], *values: Any) -> int:
    """Return the number of executed Python lines and scanned characters."""
    counted = [Scanned(one) if isinstance(one, str) else one for one in values]
    lines = 0

    def trace(frame, event, _argument):
        nonlocal lines
        if frame.f_globals.get("__name__", "").startswith("slipcover"):
            return None  # measures coverage; it is no part of the function
        lines += event == "line" and 0 < frame.f_lineno < _BRANCH
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*counted)
    finally:
        sys.settrace(before)
    return lines + sum(one.scanned for one in counted if isinstance(one, Scanned))


def growth(
    function: Callable[..., Any], make: Callable[[int], Any], size: int
) -> float:
    """Return the factor of the steps if the size of the input doubles.

    :param make: function of a size; returns one argument, or a tuple of arguments
    """
    once, twice = (make(number) for number in (size, 2 * size))
    once, twice = (one if isinstance(one, tuple) else (one,) for one in (once, twice))
    return steps_of(function, *twice) / steps_of(function, *once)
