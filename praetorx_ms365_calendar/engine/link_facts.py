"""Facts of a link, which the engine's decisions are made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Facts of the link between a meeting in Odoo and its copy in one mailbox.

    A link that does not exist has the defaults.

    :param state: state of the link, None without a link
    :param has_meeting: whether Odoo has an event or a series for it
    :param has_remote: whether the link has the id of an event in Outlook
    :param is_series: whether that event is the master of a series
    :param is_deleted_here: whether a user deleted the meeting in Odoo
    :param is_organizer: whether it is the organizer's own copy
    :param is_primary: whether the Odoo meeting is compared with this copy
    :param change_key: change key of the last version that the link knows
    :param modified_at: time of the last change in that version, as Graph sent it
    :param needs_read: whether that version may be wrong, so we must read it again
    :param awaits_outcome: whether the response to a write was lost. A version that we
        read may show if the write was done
    """

    state: str | None = None
    has_meeting: bool = False
    has_remote: bool = False
    is_series: bool = False
    is_deleted_here: bool = False
    is_organizer: bool = False
    is_primary: bool = False
    change_key: str | None = None
    modified_at: str | None = None
    needs_read: bool = False
    awaits_outcome: bool = False
