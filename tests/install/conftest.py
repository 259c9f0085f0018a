"""Create offices, and remove them at the end of their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from .harness import Office


@pytest.fixture
def office_of(request: pytest.FixtureRequest) -> Iterator[Callable[..., Office]]:
    """Return a function that makes an office with a number of ``events``."""
    with ExitStack() as stack:

        def make(events: int) -> Office:
            office = Office(f"install_{request.node.name}", events)
            stack.callback(office.close)
            return office

        yield make
