"""Calendars that somebody shares with a person."""

from __future__ import annotations

from .person import Person

#: A role of Graph: may write, and is shown private events.
DELEGATE = "delegateWithPrivateEventAccess"


def take_shared(person: Person, owner: Person, **share) -> dict:
    """Have somebody's calendar shared with a person, who takes it into the sync.

    :return: the calendar, as the person's mailbox lists it
    """
    world = person.world
    shared = world.control.share_calendar(owner.upn, person.upn, **share)
    person.sync_calendar(shared["name"])
    person.sign_in_again()
    world.quiesce()
    return shared
