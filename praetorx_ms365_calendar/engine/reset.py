"""Plan the reset of an account: which events are deleted, read again or sent again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reset:
    """The plan for the events that the mailbox owner organizes.

    :param deletes_in_outlook: whether linked events are deleted in Outlook
    :param deletes_in_odoo: whether linked events are deleted in Odoo
    :param comes_back_from_outlook: whether events deleted only in Odoo are read again
    :param goes_to_outlook_again: whether events deleted only in Outlook are sent again
    :param sends_all: whether all events missing in Outlook are sent after the next
        sign-in. If not, they wait until the owner agrees
    """

    deletes_in_outlook: bool
    deletes_in_odoo: bool
    comes_back_from_outlook: bool
    goes_to_outlook_again: bool
    sends_all: bool


def plan_reset(delete_policy: str, sync_policy: str) -> Reset:
    """Return the plan for the two choices in the dialog.

    :param delete_policy: ``dont_delete``, ``delete_microsoft``, ``delete_odoo``,
        ``delete_both``
    :param sync_policy: ``new`` or ``all``
    """
    there = delete_policy in ("delete_microsoft", "delete_both")
    here = delete_policy in ("delete_odoo", "delete_both")
    sends_all = sync_policy == "all"
    return Reset(
        deletes_in_outlook=there,
        deletes_in_odoo=here,
        comes_back_from_outlook=here and not there and sends_all,
        goes_to_outlook_again=there and not here and sends_all,
        sends_all=sends_all,
    )


def is_sent_by_reset(*, is_over: bool, invites_others: bool) -> bool:
    """Return True if "all existing events" includes this event, missing in Outlook.

    A past meeting with attendees is left out: invitations to it would be useless mail.
    """
    return not (is_over and invites_others)
