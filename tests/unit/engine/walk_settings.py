"""How long the random walks are, and what they are made of.

Without ``SEED`` each walk is the same in every run, so that a change that breaks
nothing finds nothing new: hypothesis also tries the numbers that it reads in the
source, and would take other walks whenever one of them changes, or other tests are
loaded.
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
    """Draws as hypothesis does, but looks for no numbers in the source."""

    def _maybe_draw_constant(self, *_args: Any, **_options: Any) -> None:
        return None


AVAILABLE_PROVIDERS[NAME] = f"{__name__}.{NumbersOfNoSource.__name__}"


def walk_settings(histories: int, steps: int) -> settings:
    """Return the settings of a walk.

    :param histories: if ``N`` names no other number
    :param steps: of the longest history
    """
    return settings(
        max_examples=int(os.environ.get("N") or histories),
        stateful_step_count=steps,
        deadline=None,
        derandomize="SEED" not in os.environ,
        backend=NAME,
    )
