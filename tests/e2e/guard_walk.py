"""A low limit of mails in a random walk: people release or refuse what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from .harness.odoo_client import Json
from .harness.person import Person
from .harness.world import MANY_MAILS, World

APPROVAL = "praetorx.ms365.approval"
#: Mails that the company of the walk allows without a question.
LIMIT = 2
#: Edits within this time count together; a second less, as clocks have whole seconds.
BURST = timedelta(seconds=59)


class GuardRules(RuleBasedStateMachine):
    """Rules about the mail guard. The walk has ``world``, ``people`` and meetings."""

    world: World
    people: list[Person]
    meetings: list[Any]
    first_mail: int
    _odoo: Callable[[Any], Json | None]

    def _limit_mails(self, limit: int = LIMIT) -> None:
        self.world.admin.write("res.company", 1, {"ms365_mail_limit": limit})

    def _allow_all_mails(self) -> None:
        self._limit_mails(MANY_MAILS)

    @rule(who=st.integers(0, 1))
    def refuse_mails(self, who: int) -> None:
        """Somebody refuses an edit that waits: it is undone in Odoo."""
        self.world.quiesce()
        person = self.people[who]
        known = {}
        for meeting in self.meetings:
            if meeting.organizer is person and not meeting.edits["outlook"]:
                event = self._odoo(meeting)
                known |= {event["id"]: meeting} if event else {}
        for one in self._waiting(person):
            event_id = one["event_id"] and one["event_id"][0]
            if one["operation"] == "update" and event_id in known:
                person.decide([one["id"]], "reject")
                known[event_id].edits["odoo"] = {}
                return

    def _release_mails(self) -> bool:
        """Release everything that waits; return True if there was something."""
        found = [(who, self._waiting(who)) for who in self.people]
        for person, waiting in found:
            if waiting:
                person.decide([one["id"] for one in waiting], "approve")
        return any(waiting for _person, waiting in found)

    def _release_mails_of(self, person: Person, event_id: int) -> None:
        """Release what waits of one event, once all work is done."""
        self.world.quiesce()
        ids = [
            one["id"]
            for one in self._waiting(person)
            if one["event_id"] and one["event_id"][0] == event_id
        ]
        if ids:
            person.decide(ids, "approve")
            self.world.quiesce()

    def _waiting(self, person: Person) -> list[Json]:
        return person.client.search_read(
            APPROVAL,
            [
                ("state", "=", "waiting"),
                ("kind", "=", "mails"),
                ("account_id.user_id", "=", person.user_id),
            ],
            ["operation", "event_id"],
        )

    def _check_guard(self) -> None:
        """Fail if more people were mailed without a word than the company allows.

        Of meetings that only Odoo has edited. Whatever a person has agreed to does not
        count, such as an edit of a colleague.
        """
        unasked = {
            one.token: one
            for one in self.meetings
            if not (
                one.edits["outlook"] or one.is_agreed or "outlook" in one.deleted_on
            )
        }
        sent: Counter[str] = Counter()
        for mail in self.world.control.mails(after=self.first_mail):
            token = mail["subject"].split()[0]
            by_odoo = mail["cause_source"] == "graph" and mail["kind"] != "response"
            if by_odoo and token in unasked:
                sent[mail["from"]] += 1
        for person in self.people:
            moments = [
                moment
                for one in self.meetings
                if one.organizer is person
                for moment in one.edited_at
            ]
            allowed = LIMIT * bursts(moments)
            assert sent[person.upn] <= allowed, (sent, moments)


def bursts(moments: Iterable[datetime]) -> int:
    """Return the smallest number of bursts that contain all these edits."""
    count, end = 0, None
    for moment in sorted(moments):
        if end is None or moment > end:
            count, end = count + 1, moment + BURST
    return count
