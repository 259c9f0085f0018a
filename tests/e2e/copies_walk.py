"""Duplicate events in a random walk: each copy must be a separate meeting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from .harness.odoo_client import Json, OdooError
from .harness.person import Person


class CopyRules(RuleBasedStateMachine):
    """Rules that duplicate events. The walk has ``people`` and a list of meetings."""

    people: list[Person]
    _living: Callable[[], list[Any]]
    _pick: Callable[[int], Any]
    _odoo: Callable[[Any], Json | None]
    _living_series: Callable[[], list[Any]]
    _pick_series: Callable[[int], Any]
    _ours: Callable[[Any], list[Json]]
    _add_copy: Callable[[Person], Any]
    _note: Callable[[Any, str, dict[str, Any]], None]

    @precondition(lambda self: self._living())
    @rule(which=st.integers(0, 10), by_attendee=st.booleans())
    def duplicate(self, which: int, by_attendee: bool) -> None:
        """Let an attendee duplicate a meeting in Odoo."""
        meeting = self._pick(which)
        event = self._odoo(meeting)
        if event:
            self._duplicate(event, meeting.organizer, by_attendee)

    @precondition(lambda self: self._living_series())
    @rule(which=st.integers(0, 10), nth=st.integers(0, 10), by_attendee=st.booleans())
    def duplicate_occurrence(self, which: int, nth: int, by_attendee: bool) -> None:
        """Let an attendee duplicate an occurrence in Odoo."""
        walked = self._pick_series(which)
        if rows := self._ours(walked):
            self._duplicate(rows[nth % len(rows)], walked.organizer, by_attendee)

    def _duplicate(self, event: Json, organizer: Person, by_attendee: bool) -> None:
        invited = event["partner_ids"]
        others = [
            one
            for one in self.people
            if one is not organizer and one.partner_id in invited
        ]
        who = others[0] if by_attendee and others else organizer
        copy = self._add_copy(who)
        values = {"name": f"{copy.token} copy"}
        try:
            who.client.call("calendar.event", "copy", [event["id"]], values)
        except OdooError as error:
            if "MissingError" not in error.name:
                raise
            copy.is_gone = True
        else:
            self._note(copy, "odoo", {"subject": "copy"})
