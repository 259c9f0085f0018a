"""What resetting an account does to the events that are in both calendars."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reset:
    """What becomes of the events of the calendar's owner.

    :param deletes_in_outlook: those that are linked
    :param deletes_in_odoo: those that are linked
    :param comes_back_from_outlook: what is deleted in Odoo only is read anew
    :param goes_to_outlook_again: what is deleted in Outlook only is sent anew
    :param sends_all: what Outlook lacks is sent after the next sign-in; else it waits
        for the owner's word
    """

    deletes_in_outlook: bool
    deletes_in_odoo: bool
    comes_back_from_outlook: bool
    goes_to_outlook_again: bool
    sends_all: bool


def plan_reset(delete_policy: str, sync_policy: str) -> Reset:
    """Return what the two choices of the dialog come down to.

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
    """Tell whether an event that Outlook lacks is among "all existing events".

    Invitations to a meeting that is over would be mail without a cause.
    """
    return not (is_over and invites_others)
