"""Set the number and the length of the random walks.

``make test`` takes few walks, and ``make walk`` many. Without ``SEED``, each walk is
the same in every run. So a change that breaks nothing does not find other failures.
For that, hypothesis must not use the numbers that it finds in the source: the walks
would change with these numbers, or with other tests.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis.internal.conjecture.providers import (
    AVAILABLE_PROVIDERS,
    HypothesisProvider,
)

NAME = "numbers-of-no-source"


class NumbersOfNoSource(HypothesisProvider):
    """Draw values like hypothesis, but without the numbers in the source."""

    def _maybe_draw_constant(self, *_args: Any, **_options: Any) -> None:
        return None


AVAILABLE_PROVIDERS[NAME] = f"{__name__}.{NumbersOfNoSource.__name__}"


def walk_settings(histories: int, steps: int) -> settings:
    """Return the settings of a walk.

    :param histories: number of walks, if ``N`` does not set another number
    :param steps: maximum number of steps in a walk
    """
    return settings(
        max_examples=int(os.environ.get("N") or histories),
        stateful_step_count=steps,
        deadline=None,
        derandomize="SEED" not in os.environ,
        backend=NAME,
    )
