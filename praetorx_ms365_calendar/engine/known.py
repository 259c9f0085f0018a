"""Plan the step for a version of a meeting that Odoo knows already."""

from __future__ import annotations

from enum import Enum


class Known(Enum):
    """The steps for a known meeting that Outlook shows in a new version."""

    #: A user moved it to another calendar: the copy there takes over Outlook's edit.
    MERGE_LATE_EDIT = "merge_late_edit"
    #: Odoo is not compared with this copy: remember its version.
    RECORD_VERSION = "record_version"
    #: A user deleted it in Odoo: ask, delete the new version too, or bring it back.
    JUDGE_DELETION = "judge_deletion"
    #: Merge it with Odoo's meeting.
    MERGE = "merge"
    #: Another mailbox's copy is compared with Odoo: take only the owner's reply.
    WRITE_REPLY = "write_reply"


def plan_known(
    *, is_deleted_here: bool, is_primary: bool, was_moved: bool, delete_policy: str
) -> Known:
    """Return the step for a known meeting, single event or series.

    :param is_deleted_here: whether a user deleted it in Odoo
    :param is_primary: whether Odoo's meeting is compared with this copy
    :param was_moved: whether this copy is the one that a move leaves behind, and the
        new copy takes over its edits. A series never does: its deletion is judged
    :param delete_policy: the effect in Outlook of a deletion in Odoo, ``off`` for none
    """
    if not is_deleted_here:
        return Known.MERGE if is_primary else Known.WRITE_REPLY
    if was_moved:
        return Known.MERGE_LATE_EDIT
    if not is_primary or delete_policy == "off":
        return Known.RECORD_VERSION
    return Known.JUDGE_DELETION
