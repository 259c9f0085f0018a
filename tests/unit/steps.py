"""Counts what a function does, so that a test can tell linear from quadratic.

No clock is looked at: a count is the same on each machine and under each load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Scanned(str):
    """A text that counts how many of its characters are gone through by ``find``."""

    __slots__ = ("scanned",)

    def __init__(self, _text: str) -> None:
        self.scanned = 0

    def find(self, part: str, start: int = 0, *end: int) -> int:
        found = super().find(part, start, *end)
        self.scanned += (found if found >= 0 else len(self)) - start
        return found


def steps_of(function: Callable[..., Any], *values: Any) -> int:
    """Return how many lines of Python are run and characters of texts scanned."""
    counted = [Scanned(one) if isinstance(one, str) else one for one in values]
    lines = 0

    def trace(_frame, event, _argument):
        nonlocal lines
        lines += event == "line"
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
    """Return by how much the steps grow when the input doubles.

    :param make: takes a size, and returns a text another value, or a tuple of them
    """
    once, twice = (make(number) for number in (size, 2 * size))
    once, twice = (one if isinstance(one, tuple) else (one,) for one in (once, twice))
    return steps_of(function, *twice) / steps_of(function, *once)
