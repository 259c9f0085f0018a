"""Test that values of Odoo and the engine convert to each other without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_samples import contents
from markupsafe import Markup

from praetorx_ms365_calendar.engine.body_limits import MAX_SHOWN_LENGTH
from praetorx_ms365_calendar.engine.mapping.odoo import (
    UNTITLED,
    OdooValues,
    content_from_odoo,
    odoo_values_from_content,
)
from praetorx_ms365_calendar.engine.snapshot import (
    CONTENT_FIELDS,
    Attendee,
    Base,
    Content,
    Times,
)

EVENT = OdooValues(
    name="Site visit",
    start=datetime(2026, 7, 15, 7),
    stop=datetime(2026, 7, 15, 8, 15),
)
#: Contents that Odoo can store without loss.
odoo_can_hold = {
    "subject": st.sampled_from(["", "Site visit", "漢"]),
    "sensitivity": st.sampled_from(["normal", "private", "confidential"]),
    "show_as": st.sampled_from(["free", "busy"]),
}


def stored(plain: dict[str, Any]) -> OdooValues:
    """Return Odoo's values after a write of plain values."""
    reminder = plain["reminder"]
    return OdooValues(
        name=plain["name"],
        description=plain["description"],
        allday=plain["allday"],
        start=plain["start"],
        stop=plain["stop"],
        start_date=plain["start_date"],
        stop_date=plain["stop_date"],
        zone=plain["zone"],
        location=plain["location"],
        attendees=plain["attendees"],
        privacy=plain["privacy"],
        show_as=plain["show_as"],
        notification_minutes=() if reminder is None else (reminder,),
        categories=plain["categories"],
        is_teams=plain["is_teams"],
    )


def read(**members: Any) -> Content:
    return content_from_odoo(replace(EVENT, **members), base_theirs=None)


def written(field: str, **members: Any) -> dict[str, Any]:
    base = Content("x", Times("2026-07-15T07:00:00", "2026-07-15T08:00:00"))
    return odoo_values_from_content(replace(base, **members), {field})


@given(contents(**odoo_can_hold))
def test_value_that_odoo_can_store_comes_back_unchanged(content):
    plain = odoo_values_from_content(content, CONTENT_FIELDS)

    back = content_from_odoo(stored(plain), base_theirs=None)

    assert back == content
    assert back.hash == content.hash
    assert back.times.zone == content.times.zone


@given(contents().filter(lambda content: content.subject != UNTITLED))
def test_a_second_round_changes_nothing(content):
    """A value that Odoo cannot store is lost only once, and is no change later."""
    plain = odoo_values_from_content(content, CONTENT_FIELDS)
    once = content_from_odoo(stored(plain), base_theirs=content)

    plain = odoo_values_from_content(once, CONTENT_FIELDS)
    twice = content_from_odoo(stored(plain), base_theirs=content)

    assert twice == once
    assert once.changed_fields(content) <= {"sensitivity", "show_as"}


@given(contents(), st.text(alphabet="abc", min_size=1))
def test_value_that_odoo_cannot_store_survives_another_edit(theirs, name):
    """Examples are ``showAs`` and ``personal``: each side is compared with its base."""
    plain = odoo_values_from_content(theirs, CONTENT_FIELDS)
    held = stored(plain)
    base = Base(ours=content_from_odoo(held, base_theirs=theirs), theirs=theirs)
    base = Base.from_json(base.to_json())
    edited = replace(held, name=f"{held.name} {name}")

    ours = content_from_odoo(edited, base_theirs=base.theirs)

    assert ours.changed_fields(base.ours) == {"subject"}
    assert theirs.with_fields({"subject"}, ours).changed_fields(theirs) == {"subject"}


@pytest.mark.parametrize(
    ("members", "field", "value"),
    [
        ({"name": UNTITLED}, "subject", ""),
        ({"name": " a\nb "}, "subject", "a b"),
        ({"description": "<p><br></p>"}, "body", ""),
        ({"description": '<p data-oe-version="2.0">x</p>'}, "body", "<p>x</p>"),
        ({"description": Markup("a &amp; <b>b</b>")}, "body", "a &amp; <b>b</b>"),
        ({"privacy": ""}, "sensitivity", "normal"),
        ({"privacy": "public"}, "sensitivity", "normal"),
        ({"privacy": "private"}, "sensitivity", "private"),
        ({"privacy": "confidential"}, "sensitivity", "confidential"),
        ({"show_as": "free"}, "show_as", "free"),
        ({"show_as": "busy"}, "show_as", "busy"),
        ({"notification_minutes": ()}, "reminder", None),
        ({"notification_minutes": (60, 15)}, "reminder", 15),
        ({"categories": ("b", " a ", "b", "")}, "categories", ("a", "b")),
        ({"is_teams": True}, "online_meeting", True),
    ],
)
def test_each_value_of_odoo_has_its_value_in_graph(members, field, value):
    assert getattr(read(**members), field) == value


@pytest.mark.parametrize(
    ("field", "value", "plain"),
    [
        ("subject", "", {"name": UNTITLED}),
        ("sensitivity", "normal", {"privacy": ""}),
        ("sensitivity", "personal", {"privacy": "private"}),
        ("sensitivity", "confidential", {"privacy": "confidential"}),
        ("show_as", "free", {"show_as": "free"}),
        ("show_as", "tentative", {"show_as": "busy"}),
        ("show_as", "workingElsewhere", {"show_as": "busy"}),
        ("show_as", "unknown", {"show_as": "busy"}),
        ("reminder", None, {"reminder": None}),
        ("reminder", -540, {"reminder": None}),
        ("online_meeting", True, {"is_teams": True}),
        ("categories", ("a",), {"categories": ("a",)}),
    ],
)
def test_each_value_of_graph_has_its_value_in_odoo(field, value, plain):
    assert written(field, **{field: value}) == plain


def test_only_the_named_fields_are_written():
    assert odoo_values_from_content(read(), {"location", "subject"}) == {
        "location": "",
        "name": "Site visit",
    }
    with pytest.raises(ValueError, match="organizer"):
        odoo_values_from_content(read(), {"organizer"})


def test_an_empty_title_can_have_another_text():
    content = content_from_odoo(
        replace(EVENT, name="?"), base_theirs=None, untitled="?"
    )

    assert content.subject == ""
    assert odoo_values_from_content(content, {"subject"}, untitled="?") == {"name": "?"}


def test_private_by_default_stays_private():
    """The mapping fails closed: neither direction makes such an event public."""
    content = content_from_odoo(EVENT, base_theirs=None, default_privacy="private")

    assert content.sensitivity == "private"
    assert written("sensitivity", sensitivity="normal") == {"privacy": ""}


def test_outlooks_reminder_counts_if_odoo_has_it():
    theirs = replace(read(), reminder=60)
    alarms = {"notification_minutes": (15, 60, 1440)}

    kept = content_from_odoo(replace(EVENT, **alarms), base_theirs=theirs)
    gone = content_from_odoo(
        replace(EVENT, notification_minutes=(1440, 15)), base_theirs=theirs
    )

    assert (kept.reminder, gone.reminder) == (60, 15)


def test_attendees_are_identified_by_address():
    theirs = replace(
        read(), attendees=(Attendee("mia@example.test", "Dr. Mia", "optional"),)
    )
    people = (
        Attendee("zoe@example.test", "Zoe\n"),
        Attendee(" MIA@Example.test", "Mia"),
        Attendee("mia@example.test", "Mia again"),
        Attendee("", "No address"),
        Attendee("no address"),
    )

    content = content_from_odoo(replace(EVENT, attendees=people), base_theirs=theirs)

    assert [(a.email, a.name, a.kind) for a in content.attendees] == [
        ("mia@example.test", "Dr. Mia", "optional"),
        ("zoe@example.test", "Zoe", "required"),
    ]


# ----------------------------------------------------------------------
# Times
# ----------------------------------------------------------------------


def test_times_keep_their_zone():
    content = read(zone="Europe/Berlin")

    assert content.times == Times("2026-07-15T07:00:00", "2026-07-15T08:15:00")
    assert content.times.zone == "Europe/Berlin"
    assert odoo_values_from_content(content, {"times"}) == {
        "allday": False,
        "start": datetime(2026, 7, 15, 7),
        "stop": datetime(2026, 7, 15, 8, 15),
        "start_date": None,
        "stop_date": None,
        "zone": "Europe/Berlin",
    }


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", None])
def test_dates_of_all_day_events_do_not_depend_on_a_zone(zone):
    content = read(
        allday=True,
        start=datetime(2026, 7, 15, 8),
        stop=datetime(2026, 7, 16, 18),
        start_date=date(2026, 7, 15),
        stop_date=date(2026, 7, 16),
        zone=zone,
    )

    assert content.times == Times("2026-07-15", "2026-07-17", all_day=True)
    assert odoo_values_from_content(content, {"times"}) == {
        "allday": True,
        "start": datetime(2026, 7, 15, 8),
        "stop": datetime(2026, 7, 16, 18),
        "start_date": date(2026, 7, 15),
        "stop_date": date(2026, 7, 16),
        "zone": zone,
    }


def test_an_all_day_event_may_lack_its_dates():
    content = read(allday=True)

    assert content.times == Times("2026-07-15", "2026-07-16", all_day=True)


ONE_DAY = Times("2026-03-02", "2026-03-03", all_day=True)
LONG_BODY = "<p>" + "a" * MAX_SHOWN_LENGTH + "</p>"


def test_a_body_that_odoo_shows_in_part_is_never_an_edit():
    theirs = Content(
        "Lunch", Times("2026-03-02", "2026-03-03", all_day=True), LONG_BODY
    )
    shown = odoo_values_from_content(theirs, {"body"})["description"]
    assert len(shown) < len(LONG_BODY)
    values = replace(EVENT, description=shown)
    assert content_from_odoo(values, base_theirs=theirs).body == LONG_BODY
    short = replace(theirs, body="<p>a</p>")
    assert content_from_odoo(values, base_theirs=short).body != LONG_BODY


def test_stored_base_with_a_body_that_is_shown_in_part_has_it_on_both_sides():
    theirs = Content(
        "Lunch", Times("2026-03-02", "2026-03-03", all_day=True), LONG_BODY
    )
    stored_before = Base(replace(theirs, body="<p>a</p>", subject="Tea"), theirs)
    read = Base.from_json(stored_before.to_json())
    assert read == Base(replace(theirs, subject="Tea"), theirs)


def test_unknown_field_is_refused():
    content = content_from_odoo(EVENT, base_theirs=None)
    with pytest.raises(ValueError, match="no field of an event: colour"):
        odoo_values_from_content(content, ["colour"])
