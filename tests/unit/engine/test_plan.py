"""Test which write follows from an edit in Odoo or a change in Outlook."""

from dataclasses import replace

from content_samples import (
    TEN,
    bases,
    contents,
    edited_sides,
    edits,
    equal_bases,
    meeting,
    people,
    renamed,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.merge import next_base, value_for_odoo
from praetorx_ms365_calendar.engine.plan import (
    base_of_copy,
    plan_deletion,
    plan_incoming,
    plan_patch,
    plan_remote_deletion,
    pulls,
    pushes,
    writable_fields,
)
from praetorx_ms365_calendar.engine.snapshot import (
    CONTENT_FIELDS,
    ORGANIZER_FIELDS,
    PERSONAL_FIELDS,
    Base,
)

DIRECTIONS = ["both", "outlook_to_odoo", "odoo_to_outlook"]
directions = st.sampled_from(DIRECTIONS)


def incoming(base, ours, theirs, *, direction="both", is_organizer=True):
    return plan_incoming(
        base, ours, theirs, direction=direction, is_organizer=is_organizer
    )


# --- an edit in Odoo ------------------------------------------------------------------


@given(edited_sides())
def test_copy_of_a_move_has_the_edits_of_odoo(sides):
    base, ours, _theirs = sides
    copy = base_of_copy(base, ours)
    patch = plan_patch(base, ours, is_organizer=True)
    assert copy == Base(ours, patch.content if patch else base.theirs)
    assert plan_patch(copy, ours, is_organizer=True) is None


@given(bases, st.booleans())
def test_no_edit_no_write(base, is_organizer):
    assert plan_patch(base, base.ours, is_organizer=is_organizer) is None


@given(bases, st.data())
def test_renamed_attendees_and_zones_are_no_write(base, data):
    ours = data.draw(renamed(base.ours))
    assert plan_patch(base, ours, is_organizer=True) is None


@given(equal_bases, st.data())
def test_patch_has_the_changed_fields_only(base, data):
    ours = data.draw(edits(base.ours))
    assume(ours.online_meeting or not base.theirs.online_meeting)
    patch = plan_patch(base, ours, is_organizer=True)
    changed = ours.changed_fields(base.ours)
    if not changed:
        assert patch is None
        return
    assert patch.fields == changed
    assert patch.content == ours


@given(bases, st.data())
def test_patch_does_not_change_other_fields_of_graph(base, data):
    ours = data.draw(edits(base.ours))
    patch = plan_patch(base, ours, is_organizer=True)
    if patch:
        assert patch.content.changed_fields(base.theirs) == patch.fields


@given(edited_sides(), st.booleans())
def test_echo_of_our_patch_changes_nothing(sides, is_organizer):
    base, ours, _theirs = sides
    patch = plan_patch(base, ours, is_organizer=is_organizer)
    assume(patch)
    recorded = Base(ours, patch.content)
    echo = incoming(recorded, ours, patch.content, is_organizer=is_organizer)
    assert echo.agreed
    assert plan_patch(recorded, ours, is_organizer=is_organizer) is None


@given(edited_sides(equal_bases))
def test_echo_before_the_response_is_agreed_too(sides):
    """The process stopped between sending and recording, so the base is the old one."""
    base, ours, _theirs = sides
    patch = plan_patch(base, ours, is_organizer=True)
    assume(patch and patch.content == ours)
    merge = incoming(base, ours, patch.content)
    assert merge.agreed
    assert next_base(base, ours, patch.content, merge) == Base(ours, patch.content)


@given(edited_sides(), st.data())
def test_edit_made_while_another_is_sent_is_still_to_be_sent(sides, data):
    base, sent, _theirs = sides
    patch = plan_patch(base, sent, is_organizer=True)
    assume(patch)
    since = data.draw(edits(sent))
    assume(since.online_meeting or not patch.content.online_meeting)
    following = plan_patch(Base(sent, patch.content), since, is_organizer=True)
    scalars = since.changed_fields(sent) - {"attendees", "categories"}
    different = {
        name for name in scalars if getattr(since, name) != getattr(patch.content, name)
    }
    assert different <= (following.fields if following else frozenset())


@given(bases, st.data())
def test_attendee_writes_personal_fields_only(base, data):
    patch = plan_patch(base, data.draw(edits(base.ours)), is_organizer=False)
    if patch:
        assert patch.fields <= PERSONAL_FIELDS


def test_organizer_may_write_everything():
    assert writable_fields(is_organizer=True) == ORGANIZER_FIELDS | PERSONAL_FIELDS
    assert writable_fields(is_organizer=False) == PERSONAL_FIELDS


# --- a change in Outlook --------------------------------------------------------------


@given(edited_sides(), directions)
def test_attendees_copy_never_writes_organizer_fields(sides, direction):
    merge = incoming(*sides, direction=direction, is_organizer=False)
    assert not ORGANIZER_FIELDS & (merge.to_graph | merge.conflicts)


@given(edited_sides(equal_bases))
def test_organizers_value_wins_in_the_attendees_copy(sides):
    base, ours, theirs = sides
    merge = incoming(base, ours, theirs, is_organizer=False)
    now = value_for_odoo(base, ours, merge)
    assert not ORGANIZER_FIELDS & now.changed_fields(theirs)


@given(st.one_of(st.none(), bases), contents, contents, st.booleans())
def test_one_way_writes_the_other_way_never(base, ours, theirs, is_organizer):
    pulled = incoming(
        base, ours, theirs, direction="outlook_to_odoo", is_organizer=is_organizer
    )
    assert not pulled.to_graph | pulled.conflicts
    pushed = incoming(
        base, ours, theirs, direction="odoo_to_outlook", is_organizer=is_organizer
    )
    assert not pushed.to_odoo | pushed.conflicts


@given(contents, contents, directions, st.booleans())
def test_pair_that_never_agreed_pushes_nothing(ours, theirs, direction, is_organizer):
    """Pushing could mail people (docs/laws.md, law 4)."""
    merge = incoming(None, ours, theirs, direction=direction, is_organizer=is_organizer)
    assert not merge.to_graph


@given(bases, directions, st.booleans())
def test_nothing_new_is_agreed_in_every_direction(base, direction, is_organizer):
    merge = incoming(
        base,
        base.ours,
        base.theirs,
        direction=direction,
        is_organizer=is_organizer,
    )
    assert merge.agreed


def test_directions_in_words():
    assert [d for d in DIRECTIONS if pulls(d)] == ["both", "outlook_to_odoo"]
    assert [d for d in DIRECTIONS if pushes(d)] == ["both", "odoo_to_outlook"]


# --- deleted in Outlook ---------------------------------------------------------------


@given(bases, st.data())
def test_deletion_asks_exactly_if_odoo_was_edited(base, data):
    ours = data.draw(edits(base.ours))
    edited = ours.changed_fields(base.ours)
    assert plan_remote_deletion(base, ours) == ("ask" if edited else "delete")


@given(bases, st.data(), st.frozensets(st.sampled_from(sorted(CONTENT_FIELDS))))
def test_change_without_an_edit_does_not_stop_a_deletion(base, data, unedited):
    ours = data.draw(edits(base.ours))
    plan = plan_deletion(base, ours, None, is_organizer=True, unedited=unedited)
    assert bool(plan.conflicts) == bool(ours.changed_fields(base.ours) - unedited)


@given(bases, st.data())
def test_renamed_attendee_does_not_stop_a_deletion(base, data):
    assert plan_remote_deletion(base, data.draw(renamed(base.ours))) == "delete"


def test_pair_that_never_agreed_is_deleted():
    assert plan_remote_deletion(None, meeting()) == "delete"


# --- deleted in Odoo ------------------------------------------------------------------


@given(bases, st.data(), st.booleans())
def test_deletion_in_odoo_asks_exactly_if_outlook_was_edited(base, data, is_organizer):
    theirs = data.draw(edits(base.theirs))
    plan = plan_deletion(base, None, theirs, is_organizer=is_organizer)
    assert bool(plan.conflicts) == bool(theirs.changed_fields(base.theirs))


# --- examples -------------------------------------------------------------------------


def test_shown_as_tentative_survives_an_edit_of_the_title():
    """Odoo stores it as "busy". The edit must not send that to Outlook."""
    theirs = meeting(show_as="tentative")
    patch = plan_patch(
        Base(meeting(), theirs), meeting(subject="Dinner"), is_organizer=True
    )
    assert patch.fields == {"subject"}
    assert patch.content == replace(theirs, subject="Dinner")


def test_move_in_odoo_and_new_attendee_in_outlook_are_merged():
    base = Base(
        meeting(attendees=people("ben@example.com")),
        meeting(attendees=people("ben@example.com")),
    )
    ours = replace(base.ours, times=TEN)
    theirs = replace(
        base.theirs, attendees=people("anna@example.com", "ben@example.com")
    )
    merge = incoming(base, ours, theirs)
    assert (merge.to_graph, merge.to_odoo) == ({"times"}, {"attendees"})
    assert not merge.conflicts


# --- new attendees in Outlook ---------------------------------------------------------


@given(edited_sides())
def test_no_attendee_is_added_if_outlook_may_not_mail(sides):
    base, ours, _theirs = sides
    patch = plan_patch(base, ours, is_organizer=True, invites=False)
    if patch and "attendees" in patch.fields:
        assert set(patch.content.attendees) < set(base.theirs.attendees)


@given(edited_sides())
def test_all_other_fields_are_sent_even_if_outlook_may_not_mail(sides):
    base, ours, _theirs = sides
    patches = [
        plan_patch(base, ours, is_organizer=True, invites=invites)
        for invites in (True, False)
    ]
    sent = [(patch.fields - {"attendees"}) if patch else set() for patch in patches]
    assert sent[0] == sent[1]


@given(equal_bases)
def test_attendee_removed_in_odoo_is_removed_in_outlook(base):
    assume(base.ours.attendees)
    ours = replace(base.ours, attendees=base.ours.attendees[1:])
    patch = plan_patch(base, ours, is_organizer=True, invites=False)
    assert patch.content.attendees == ours.attendees


def test_new_attendees_copy_does_not_change_the_attendees():
    """Exchange does not update other copies when only one attendee is removed."""
    ours = meeting(attendees=people("ben@example.com"))
    stale = meeting(attendees=people("ben@example.com", "cleo@example.com"))
    merge = plan_incoming(None, ours, stale, direction="both", is_organizer=False)
    assert value_for_odoo(None, ours, merge).attendees == ours.attendees
