"""Repeat deletions on the other side, or stop and ask a person before the first one.

Deletions in Outlook are first verified event by event. They are carried out between two
rounds, when their number is known. Deletions in Odoo are counted before the dispatcher
sends any of them. See :mod:`..engine.deletions` for the limit.
"""

from __future__ import annotations

from collections.abc import Collection

from ..meeting.deletion_count import DeletionBudget
from ..records import Account, Link, Links
from .applier import Applier


def carry_out_gone(account: Account) -> None:
    """Archive events in Odoo that are verified as deleted in Outlook, or ask first."""
    gone = account.env["praetorx.ms365.event.link"].search(
        [
            ("account_id", "=", account.id),
            ("state", "=", "gone"),
            ("needs_read", "=", False),
        ]
    )
    if not gone:
        return
    approved = gone.filtered(
        lambda link: link._deletion_is_agreed() or link._deletion_was_chosen()
    )
    unasked = gone - approved
    Hold = account.env["praetorx.ms365.hold"]
    held = Hold._open_hold(account, "to_odoo").link_ids - approved
    decision = "go_on"
    if unasked:
        decision = DeletionBudget(account, "odoo").plan(unasked | held)
    if decision == "ask":
        Hold._hold(account, "to_odoo", unasked)
    due = approved | unasked if decision == "go_on" else approved
    if due:
        Applier(account, account._default_calendar()).archive_gone(due)


def hold_burst(account: Account) -> None:
    """Hold deletions in Odoo if there are too many to send without a question.

    This includes deleted events, and series with deleted occurrences.
    """
    deleted = _deleted_in_odoo(account)
    lost_days = _occurrences_lost(account)
    unasked = deleted.union(deleted, *lost_days)
    if not unasked:
        return
    Hold = account.env["praetorx.ms365.hold"]
    unasked |= Hold._open_hold(account, "to_outlook").link_ids
    if DeletionBudget(account, "outlook").plan(unasked, lost_days) == "ask":
        Hold._hold(account, "to_outlook", unasked, lost_days)
        return
    for link in lost_days:  # few enough by now
        if link._is_held():
            link._end_hold()


def _deleted_in_odoo(account: Account) -> Links:
    """Return the links with a deletion to send that no person has approved yet."""
    if account._delete_policy() == "off":
        return account.env["praetorx.ms365.event.link"]
    pending = account.env["praetorx.ms365.outbox"].search(
        [
            ("account_id", "=", account.id),
            ("operation", "=", "delete"),
            ("state", "=", "pending"),
        ]
    )
    return pending.link_id.filtered(
        lambda link: (
            link.account_id == account
            and link.state == "deleted_here"
            and link.remote_id
            and not link.moved_to_id
            and not link._deletion_is_agreed()
        )
    )


def _occurrences_lost(account: Account) -> dict[Link, Collection[str]]:
    """Return link -> days, of series that would lose occurrences in Outlook unasked.

    The hold of a series ends if nothing of it must be deleted any more.
    """
    pending = account.env["praetorx.ms365.outbox"].search(
        [
            ("account_id", "=", account.id),
            ("operation", "=", "upsert"),
            ("recurrence_id", "!=", False),
            ("state", "=", "pending"),
        ]
    )
    found = {}
    for link in pending.link_id.filtered(
        lambda link: (
            link.account_id == account
            and link.state == "synced"
            and link.is_series
            and link.is_primary
            and link.remote_id
        )
    ):
        days = link._lost_in_outlook()
        if not days and link._is_held() and link.hold_id.direction == "to_outlook":
            link._end_hold()
        elif days and not link._may_lose(days, "to_outlook"):
            found[link] = days
    return found
