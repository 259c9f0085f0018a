"""Plan the steps for meetings that have no link to an Odoo meeting yet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .meetings import Newcomer, plan_newcomer

#: After these steps the page has brought no meeting under its iCalUId.
_BRINGS_NONE = frozenset({Newcomer.NOT_WANTED, Newcomer.OTHER_KIND})


@dataclass(frozen=True, slots=True)
class NewcomerFacts:
    """Facts of one meeting without a link to an Odoo meeting.

    :param uid: its iCalUId, None without one
    :param meeting: identity of the Odoo meeting that is the same, None without one
    :param own_create: None if Odoo did not create it; otherwise whether the Odoo
        meeting still exists
    :param former_state: state of this mailbox's link to that Odoo meeting, None without
        a link
    :param former_is_shared: whether that link is to a copy in a shared calendar
    :param is_organizer: whether it is the organizer's own copy
    :param waits: see :func:`.meetings.waits_for_organizer`
    :param is_of_other_kind: whether a series is synced under the iCalUId of this single
        event, or a single event under that of this series
    :param is_left_out: see :class:`.choices.Choices`
    """

    uid: str | None
    meeting: Hashable
    own_create: Literal["alive", "deleted"] | None
    former_state: str | None
    former_is_shared: bool
    is_organizer: bool
    waits: bool
    is_of_other_kind: bool = False
    is_left_out: bool = False


def plan_newcomers(
    facts: Sequence[NewcomerFacts], *, is_shared: bool, direction: str
) -> list[tuple[int, Newcomer]]:
    """Return the step for each newcomer of a page, in the order to carry them out.

    Meetings that Odoo does not have come last, so that they are created in bulk. Of
    two copies of one meeting the first counts.

    :param facts: read before the first step is carried out
    :param is_shared: whether their calendar belongs to another person
    :param direction: direction of sync of their calendar
    :return: pairs of a number in ``facts`` and a step
    """
    plan: list[tuple[int, Newcomer]] = []
    taken: set[Hashable] = set()
    back: set[Hashable] = set()
    for number, one in enumerate(facts):
        keys: set[Hashable] = {("uid", one.uid)} if one.uid else set()
        if one.meeting is not None:
            keys.add(("meeting", one.meeting))
        if keys & back:  # an earlier item of this page has brought its link back
            one = replace(one, former_state="synced")
        kind = plan_newcomer(
            own_create=one.own_create,
            is_known=one.meeting is not None,
            former_state=one.former_state,
            # The first copy has taken the place of the one in the shared calendar.
            former_is_shared=one.former_is_shared and not keys & taken,
            is_organizer=one.is_organizer,
            has_twin=bool(keys & taken),
            is_shared=is_shared,
            direction=direction,
            waits=one.waits,
            is_of_other_kind=one.is_of_other_kind,
            is_left_out=one.is_left_out,
        )
        if kind is Newcomer.RETURNS:
            back |= keys
        elif kind not in _BRINGS_NONE:
            taken |= keys
        plan.append((number, kind))
    return sorted(plan, key=lambda pair: pair[1] is Newcomer.NEW)
