"""Leave meetings out that the owner of a mailbox does not want in Odoo."""

from __future__ import annotations

from dataclasses import dataclass

from .snapshot import RemoteEvent


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a preview. They leave out meetings that Odoo does not have yet.

    The choice *only from today on* is not here: it is a window without past days.

    :param only_own: leave out meetings that other people organize
    :param without_attendees: leave out meetings that have attendees
    """

    only_own: bool = False
    without_attendees: bool = False

    def leave_out(self, *, by_others: bool, has_attendees: bool) -> bool:
        """Return True if a meeting is left out.

        :param by_others: whether another person organizes it
        :param has_attendees: whether it has attendees, apart from its organizer
        """
        is_unwanted = self.only_own and by_others
        return is_unwanted or (self.without_attendees and has_attendees)


def facts_of(event: RemoteEvent, *, is_shared: bool) -> dict[str, bool]:
    """Return the facts of a meeting for :meth:`Choices.leave_out`.

    :param event: as the owner of the mailbox sees it
    :param is_shared: whether its calendar belongs to another person. Its meetings are
        never left out, because that calendar was chosen itself
    """
    if is_shared or event.content is None:
        return {"by_others": False, "has_attendees": False}
    return {
        "by_others": not event.is_organizer,
        "has_attendees": not event.content.invites_nobody,
    }
