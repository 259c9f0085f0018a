"""Random edits, faults and power cuts; afterwards both sides are the same.

``make chaos N=50 SEED=7`` walks longer; a seed repeats a walk.
"""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .walk import Walk

#: Walks of one run, and steps of one walk.
WALKS = int(os.environ.get("N") or 4)
STEPS = 14


def test_both_sides_are_equal_after_any_walk(world, make_person, allowed_log):
    allowed_log.append("Move it in Outlook")  # Odoo refuses to move meetings
    number = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"SEED={number} N={WALKS}")
    machine = seed(number)(lambda: Walk(world, make_person))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            # A walk takes seconds: the one that failed is told, not a shorter one.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
