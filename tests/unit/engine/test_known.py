"""The step for a new version of a meeting that Odoo knows."""

import pytest

from praetorx_ms365_calendar.engine.known import Known, plan_known


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({}, Known.MERGE),
        ({"is_primary": False}, Known.WRITE_REPLY),
        ({"delete_policy": "off"}, Known.MERGE),
        ({"is_deleted_here": True}, Known.JUDGE_DELETION),
        ({"is_deleted_here": True, "was_moved": True}, Known.MERGE_LATE_EDIT),
        ({"is_deleted_here": True, "delete_policy": "off"}, Known.RECORD_VERSION),
        ({"is_deleted_here": True, "is_primary": False}, Known.RECORD_VERSION),
    ],
)
def test_each_version_gets_one_step(values, step):
    facts = {
        "is_deleted_here": False,
        "is_primary": True,
        "was_moved": False,
        "delete_policy": "cancel",
    }
    assert plan_known(**facts | values) is step
