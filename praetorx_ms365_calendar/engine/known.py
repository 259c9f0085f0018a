"""Plan the step for a version of a meeting that Odoo knows already."""

from __future__ import annotations

from enum import Enum

from .link_facts import LinkFacts


class Known(Enum):
    """The steps for a known meeting that Outlook shows in a new version."""

    #: A user moved it to another calendar: the copy there takes over Outlook's edit.
    MERGE_LATE_EDIT = "merge_late_edit"
    #: The same, but the copy was deleted in Odoo, too: judge the deletion of the copy.
    JUDGE_LATE_EDIT = "judge_late_edit"
    #: Odoo is not compared with this copy: remember its version.
    RECORD_VERSION = "record_version"
    #: A user deleted it in Odoo: ask, delete the new version too, or bring it back.
    JUDGE_DELETION = "judge_deletion"
    #: Merge it with Odoo's meeting.
    MERGE = "merge"
    #: Another mailbox's copy is compared with Odoo: take only the owner's reply.
    WRITE_REPLY = "write_reply"


def plan_known(
    *,
    is_deleted_here: bool,
    is_primary: bool,
    delete_policy: str,
    copy: LinkFacts | None = None,
    is_copy_alive: bool = False,
) -> Known:
    """Return the step for a known meeting, single event or series.

    :param is_deleted_here: whether a user deleted it in Odoo
    :param is_primary: whether Odoo's meeting is compared with this copy
    :param delete_policy: the effect in Outlook of a deletion in Odoo, ``off`` for none
    :param copy: link of the event that takes over the edits, if this one is left behind
        by a move. A series has none: its deletion is judged
    :param is_copy_alive: whether Odoo's calendar has the meeting of that copy
    """
    if not is_deleted_here:
        return Known.MERGE if is_primary else Known.WRITE_REPLY
    if copy:
        return _plan_late_edit(copy, is_alive=is_copy_alive)
    if not is_primary or delete_policy == "off":
        return Known.RECORD_VERSION
    return Known.JUDGE_DELETION


def _plan_late_edit(copy: LinkFacts, *, is_alive: bool) -> Known:
    """Return the step for an event that a move leaves behind."""
    if is_alive:
        return Known.MERGE_LATE_EDIT
    comes_again = copy.state == "synced" and copy.needs_read
    if copy.is_deleted_here or comes_again:
        return Known.JUDGE_LATE_EDIT
    return Known.RECORD_VERSION
