"""Contents of events, and strategies with few values, so that edits collide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.authority import without_edit
from praetorx_ms365_calendar.engine.snapshot import (
    CONTENT_FIELDS,
    Attendee,
    Base,
    Content,
    Times,
)

NINE = Times("2026-03-02T09:00:00", "2026-03-02T10:00:00", zone="Europe/Berlin")
TEN = Times("2026-03-02T10:00:00", "2026-03-02T11:00:00", zone="Europe/Berlin")
ALL_DAY = Times("2026-03-02", "2026-03-03", all_day=True)

ADDRESSES = ("anna@example.com", "ben@example.com", "cleo@example.com")
zones = st.sampled_from([None, "Europe/Berlin", "Asia/Kolkata"])
names = st.sampled_from(["", "A name", "Another name"])
kinds = st.sampled_from(["required", "optional", "resource"])


def people(*emails: str) -> tuple[Attendee, ...]:
    return tuple(Attendee(email) for email in sorted(emails))


def meeting(**values) -> Content:
    """Return a plain content with some fields set."""
    return Content(**{"subject": "Lunch", "times": NINE, **values})


attendees = st.builds(Attendee, st.sampled_from(ADDRESSES), names, kinds)
attendee_lists = st.lists(attendees, max_size=3, unique_by=lambda a: a.email).map(
    lambda found: tuple(sorted(found))
)
categories = st.sets(st.sampled_from(["Blue", "Green", "Red"])).map(
    lambda found: tuple(sorted(found))
)
times = st.builds(replace, st.sampled_from([NINE, TEN, ALL_DAY]), zone=zones)

#: A strategy of values for each synced field.
VALUES = {
    "subject": st.sampled_from(["", "Lunch", "Dinner", "Grüße"]),
    "times": times,
    "body": st.sampled_from(["", "<p>One</p>", "<p>Two</p>"]),
    "location": st.sampled_from(["", "Room 1", "Room 2"]),
    "attendees": attendee_lists,
    "sensitivity": st.sampled_from(["normal", "personal", "private", "confidential"]),
    "show_as": st.sampled_from(["free", "busy", "tentative", "oof", "unknown"]),
    "reminder": st.sampled_from([None, 0, 15]),
    "categories": categories,
    "online_meeting": st.booleans(),
}
assert set(VALUES) == set(CONTENT_FIELDS)  # add values here for a new field

contents = st.builds(Content, **VALUES, unmapped_attendees=attendee_lists)
#: Agreed sides may differ, because one side cannot store all values of the other.
bases = st.builds(Base, contents, contents)
#: Bases with the same content on both sides.
equal_bases = contents.map(lambda content: Base(content, content))


@st.composite
def edits(draw, content: Content, fields=CONTENT_FIELDS) -> Content:
    """Return a content with new values in some fields, maybe the same values."""
    chosen = draw(st.sets(st.sampled_from(sorted(fields)), max_size=3))
    return replace(content, **{name: draw(VALUES[name]) for name in sorted(chosen)})


@st.composite
def edited_sides(draw, base_strategy=bases) -> tuple[Base, Content, Content]:
    """Return a base, and both sides after edits."""
    base = draw(base_strategy)
    return base, draw(edits(base.ours)), draw(edits(base.theirs))


@st.composite
def renamed(draw, content: Content) -> Content:
    """Return a content with changes only in values that are not compared."""
    return replace(
        content,
        times=replace(content.times, zone=draw(zones)),
        attendees=tuple(
            Attendee(attendee.email, draw(names), draw(kinds))
            for attendee in content.attendees
        ),
        unmapped_attendees=draw(attendee_lists),
    )


def without_edits(now: Content, pairs: Iterable[tuple[Content, Content]]) -> Content:
    """Return a content without several edits.

    :param pairs: the contents before and after each edit, the oldest edit first
    """
    for before, after in reversed(list(pairs)):
        now = without_edit(now, before, after)
    return now
