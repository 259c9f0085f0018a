"""Test a random walk of two sides: after edits and faults, both must be equal.

The faults are lost responses and crashes. The walk uses only functions of the engine,
in the same order as ``models`` and ``sync``. There is no mailbox and no database.
"""

from __future__ import annotations

from dataclasses import replace

from content_samples import VALUES, contents, meeting, people
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from walk_settings import walk_settings

from praetorx_ms365_calendar.engine.merge import (
    SET_FIELDS,
    apply_choices,
    confirm_sent,
    next_base,
    value_for_odoo,
)
from praetorx_ms365_calendar.engine.plan import plan_incoming, plan_patch
from praetorx_ms365_calendar.engine.recorded_names import names_to_record
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS, Base, Content

#: A Teams meeting cannot be switched off again. That rule has its own tests.
FIELDS = sorted(set(CONTENT_FIELDS) - {"online_meeting"})
SIDES = ("odoo", "outlook")


def as_odoo_holds(content: Content) -> Content:
    """Return a content with only the values that Odoo can store.

    Odoo has two of five values of ``show_as``, and three of four of ``sensitivity``.
    """
    return replace(
        content,
        show_as="free" if content.show_as == "free" else "busy",
        sensitivity="private"
        if content.sensitivity == "personal"
        else content.sensitivity,
    )


def cells(content: Content) -> dict[object, object]:
    """Split a content into the parts that can change alone: fields and elements."""
    found: dict[object, object] = {
        name: getattr(content, name) for name in FIELDS if name not in SET_FIELDS
    }
    for name in SET_FIELDS:
        for element in getattr(content, name):
            found[name, getattr(element, "email", element)] = True
    return found


class TwoSides(RuleBasedStateMachine):
    """One event in Odoo and in Graph, edits on both sides, and a sync with faults.

    ``words`` has the edits that are not agreed yet: for each cell, the last value from
    a person on each side. ``recorded`` has fields that may be sent: the edited ones,
    not fields that were changed in Odoo without an edit.
    """

    @initialize(
        content=contents,
        focus=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2),
    )
    def agree(self, content, focus):
        # Few fields, because edits of different fields rarely find faults.
        self.focus = sorted(focus)
        content = replace(content, online_meeting=False)
        self.ours, self.theirs = as_odoo_holds(content), content
        self.base = Base(self.ours, self.theirs)
        self.seen = self.theirs  # the version in If-Match
        self.sent = None  # the base after the last write, if its response was lost
        self.words = {}
        self.recorded, self.quiet = frozenset(), set()

    # --- people ---------------------------------------------------------------------

    @rule(data=st.data())
    def person_edits_in_odoo(self, data):
        name = data.draw(st.sampled_from(self.focus))
        edited = replace(self.ours, **{name: data.draw(VALUES[name])})
        edited = as_odoo_holds(edited)
        self.recorded |= edited.changed_fields(self.ours)
        self.hear("odoo", self.ours, edited)
        self.ours = edited

    @rule(data=st.data())
    def something_changes_in_odoo(self, data):
        """Change a field by SQL of another addon, so that no edit is recorded."""
        name = data.draw(st.sampled_from(self.focus))
        edited = replace(self.ours, **{name: data.draw(VALUES[name])})
        edited = as_odoo_holds(edited)
        self.quiet |= edited.changed_fields(self.ours)
        self.hear("odoo", self.ours, edited)
        self.ours = edited

    @rule()
    def self_check(self):
        """Record all fields that differ from the base, as the daily self-check does."""
        self.recorded |= self.ours.changed_fields(self.base.ours)

    @rule(data=st.data())
    def person_edits_in_outlook(self, data):
        name = data.draw(st.sampled_from(self.focus))
        edited = replace(self.theirs, **{name: data.draw(VALUES[name])})
        self.hear("outlook", self.theirs, edited)
        self.theirs = edited

    def hear(self, side, before, after):
        before, after = cells(before), cells(after)
        for cell in before.keys() | after.keys():
            if before.get(cell) != after.get(cell):
                self.words.setdefault(cell, {})[side] = after.get(cell)

    # --- the sync -------------------------------------------------------------------

    @rule(keep=st.sampled_from(["odoo", "outlook"]))
    def pull(self, keep):
        """Read Graph's version and merge it; a person resolves conflicts at once."""
        base = self.base
        if self.sent:
            base = confirm_sent(base, self.sent, self.theirs)
        merge = plan_incoming(
            base, self.ours, self.theirs, direction="both", is_organizer=True
        )
        for name in merge.conflicts:
            assert set(self.words[name]) == set(SIDES), f"nobody disputes {name}"
            del self.words[name][{"odoo": "outlook", "outlook": "odoo"}[keep]]
        merge = apply_choices(merge, self.ours, keep)
        self.recorded |= names_to_record(merge, frozenset(), self.recorded)
        self.ours = as_odoo_holds(value_for_odoo(base, self.ours, merge))
        self.base = next_base(base, self.ours, self.theirs, merge)
        self.seen, self.sent = self.theirs, None

    @rule(outcome=st.sampled_from(["answered", "answer lost", "never arrived"]))
    def push(self, outcome):
        """Send Odoo's edits; if a response is missing, read first."""
        if self.sent or self.seen != self.theirs:
            self.pull("odoo")  # 412, or the result of the last write is unknown
        patch = plan_patch(
            self.base, self.ours, is_organizer=True, recorded=self.recorded
        )
        if not patch:
            self.recorded = frozenset()
            return
        assert patch.fields <= self.recorded, "an unedited field is sent"
        assert patch.content.changed_fields(self.base.theirs) <= self.recorded
        agreed = Base(patch.agreed, patch.content)
        if outcome != "never arrived":
            self.theirs = patch.content
        if outcome == "answered":
            self.base, self.seen, self.sent = agreed, self.theirs, None
            self.recorded = frozenset()
        else:
            self.sent = agreed

    # --- laws -----------------------------------------------------------------------

    @invariant()
    def what_is_agreed_is_what_somebody_said(self):
        """Fail if the sync undid an edit (docs/laws.md, law 2)."""
        if not hasattr(self, "words") or self.sent:
            return
        here, there = cells(self.ours), cells(self.theirs)
        there_in_odoo = cells(as_odoo_holds(self.theirs))
        base_here, base_there = cells(self.base.ours), cells(self.base.theirs)
        for cell, said in list(self.words.items()):
            value = here.get(cell)
            at_rest = (
                value == base_here.get(cell)
                and there.get(cell) == base_there.get(cell)
                and value == there_in_odoo.get(cell)
            )
            if at_rest:
                in_words = {"odoo": value, "outlook": there.get(cell)}
                assert any(in_words[side] == said[side] for side in said), cell
                del self.words[cell]

    def teardown(self):
        """Check that without faults both sides become equal, and nothing is written."""
        if not hasattr(self, "ours"):
            return
        self.come_to_rest()
        assert self.ours.changed_fields(self.base.ours) <= self.quiet
        self.self_check()
        self.come_to_rest()
        self.what_is_agreed_is_what_somebody_said()
        assert self.ours == as_odoo_holds(self.theirs)
        assert not self.words
        assert plan_patch(self.base, self.ours, is_organizer=True) is None
        echo = plan_incoming(
            self.base, self.ours, self.theirs, direction="both", is_organizer=True
        )
        assert echo.agreed

    def come_to_rest(self):
        for _round in range(2):
            self.pull("odoo")
            self.push("answered")


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = walk_settings(250, steps=30)


def test_reduced_content_keeps_everything_that_odoo_can_store():
    assert as_odoo_holds(meeting(show_as="oof")).show_as == "busy"
    assert as_odoo_holds(meeting(show_as="free")).show_as == "free"
    assert as_odoo_holds(meeting(sensitivity="personal")).sensitivity == "private"


def test_attendee_removed_after_a_lost_response_stays_removed():
    """Outlook has changed the same list since then: each attendee is merged alone."""
    base = Base(meeting(), meeting())
    with_anna = meeting(attendees=people("anna@example.com"))
    patch = plan_patch(base, with_anna, is_organizer=True)
    theirs = meeting(attendees=people("anna@example.com", "ben@example.com"))
    confirmed = confirm_sent(base, Base(with_anna, patch.content), theirs)
    merge = plan_incoming(
        confirmed, meeting(), theirs, direction="both", is_organizer=True
    )
    now = value_for_odoo(confirmed, meeting(), merge)
    assert now.attendees == merge.merged.attendees == people("ben@example.com")
