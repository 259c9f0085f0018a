"""The step for a new version of a meeting that Odoo knows."""

import pytest

from praetorx_ms365_calendar.engine.known import Known, plan_known
from praetorx_ms365_calendar.engine.link_facts import LinkFacts


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({}, Known.MERGE),
        ({"is_primary": False}, Known.WRITE_REPLY),
        ({"delete_policy": "off"}, Known.MERGE),
        ({"is_deleted_here": True}, Known.JUDGE_DELETION),
        ({"is_deleted_here": True, "delete_policy": "off"}, Known.RECORD_VERSION),
        ({"is_deleted_here": True, "is_primary": False}, Known.RECORD_VERSION),
    ],
)
def test_each_version_gets_one_step(values, step):
    facts = {
        "is_deleted_here": False,
        "is_primary": True,
        "delete_policy": "cancel",
    }
    assert plan_known(**facts | values) is step


@pytest.mark.parametrize(
    ("copy", "step"),
    [
        ({"state": "deleted_here", "is_deleted_here": True}, Known.JUDGE_LATE_EDIT),
        ({"state": "conflict", "is_deleted_here": True}, Known.JUDGE_LATE_EDIT),
        ({"state": "synced", "needs_read": True}, Known.JUDGE_LATE_EDIT),
        ({"state": "deleted_there"}, Known.RECORD_VERSION),
    ],
)
def test_edit_of_a_moved_event_is_judged_if_its_copy_is_deleted(copy, step):
    """An edit must not become a deletion (docs/laws.md, law 14)."""
    facts = {"is_deleted_here": True, "is_primary": False, "delete_policy": "delete"}
    assert plan_known(**facts, copy=LinkFacts(**copy)) is step
    alive = plan_known(**facts, copy=LinkFacts(**copy), is_copy_alive=True)
    assert alive is Known.MERGE_LATE_EDIT
