"""Print the current step and its duration."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WIDTH = 66
_DOT_SECONDS = 5.0


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print ``what``, a dot every few seconds, and at the end the duration."""
    print(f"{what} ", end="", flush=True)
    column = len(what) + 1
    over = threading.Event()

    def tick() -> None:
        nonlocal column
        while not over.wait(_DOT_SECONDS):
            print(".", end="", flush=True)
            column += 1

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    began = time.monotonic()
    try:
        yield
    except BaseException:
        over.set()
        ticker.join()
        say("")
        raise
    over.set()
    ticker.join()
    seconds = f"{time.monotonic() - began:.1f} s"
    say(" " * max(_WIDTH - column - len(seconds), 1) + seconds)
