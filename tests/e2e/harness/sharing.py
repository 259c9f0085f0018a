"""Share calendars between people."""

from __future__ import annotations

from .person import Person

#: A role in Graph: may write, and sees private events.
DELEGATE = "delegateWithPrivateEventAccess"


def take_shared(person: Person, owner: Person, **share) -> dict:
    """Share the owner's calendar with a person, and let the person sync it.

    :return: the calendar, as listed in the person's mailbox
    """
    world = person.world
    shared = world.control.share_calendar(owner.upn, person.upn, **share)
    person.sync_calendar(shared["name"])
    person.sign_in_again()
    world.quiesce()
    person.apply_change()
    return shared
