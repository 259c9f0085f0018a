"""Test that the prefix of titles is added once, removed, and never sent back."""

from dataclasses import replace

import pytest
from content_samples import contents, meeting
from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mapping.graph_series import RemoteSeries
from praetorx_ms365_calendar.engine.mapping.text import one_line
from praetorx_ms365_calendar.engine.mapping.title_prefix import (
    add_prefix,
    strip_prefix,
    with_prefix,
    without_prefix,
)
from praetorx_ms365_calendar.engine.plan import plan_incoming, plan_patch
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import Series, series_without_exceptions
from praetorx_ms365_calendar.engine.snapshot import Base, Content, RemoteEvent, Times

letters = st.text(alphabet="[Odoo] Lunch:ü", max_size=12)
subjects = st.one_of(letters, st.text(max_size=12)).map(one_line)
prefixes = st.one_of(st.sampled_from(["", "[Odoo]", "Odoo:", "O"]), letters)


def remote(content):
    return RemoteEvent("R1", "CK1", "singleInstance", content)


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("Lunch", "[Odoo] Lunch"),
        ("[Odoo] Lunch", "[Odoo] Lunch"),
        ("", "[Odoo]"),
        ("[Odoo]Lunch", "[Odoo] [Odoo]Lunch"),
    ],
)
def test_prefix_and_one_blank_come_before_the_title(subject, sent):
    assert add_prefix(subject, " [Odoo] ") == sent


@given(subjects)
def test_no_prefix_changes_nothing(subject):
    assert add_prefix(subject, "") == strip_prefix(subject, "") == subject


@given(subjects, prefixes)
def test_prefix_is_never_doubled(subject, prefix):
    once = add_prefix(subject, prefix)
    assert add_prefix(once, prefix) == once


@given(subjects, prefixes)
def test_added_prefix_is_removed(subject, prefix):
    bare = strip_prefix(subject, prefix)
    assert strip_prefix(add_prefix(bare, prefix), prefix) in (
        bare,
        strip_prefix(bare, prefix),
    )
    if bare == subject:
        assert strip_prefix(add_prefix(subject, prefix), prefix) == subject


@given(subjects, prefixes)
def test_a_title_survives_the_way_through_graph(subject, prefix):
    """Graph trims titles, and we trim them too when we read them."""
    sent = add_prefix(subject, prefix)
    assert one_line(sent) == sent


@given(contents, prefixes)
def test_echo_of_our_own_write_is_no_change_on_either_side(ours, prefix):
    echo = without_prefix(remote(with_prefix(ours, prefix)), prefix)
    base = Base(ours, echo.content)
    assert plan_patch(base, ours, is_organizer=True) is None
    merge = plan_incoming(base, ours, echo.content, direction="both", is_organizer=True)
    assert not (merge.to_odoo or merge.to_graph or merge.conflicts)


@given(contents, prefixes)
def test_only_the_title_is_touched(content, prefix):
    assert with_prefix(content, prefix).changed_fields(content) <= {"subject"}


def test_event_without_the_prefix_is_left_as_it_is():
    event = remote(meeting(subject="Renamed in Outlook"))
    assert without_prefix(event, "[Odoo]") == event
    assert without_prefix(event, None) == event


@given(subjects, subjects, prefixes)
def test_series_comes_back_as_it_was_sent(of_all, of_one, prefix):
    """This includes exceptions: an exception with its own title also had the prefix."""
    times = Times("2026-03-02T08:00:00", "2026-03-02T09:00:00", zone="Europe/Berlin")
    rule = Rule("daily", "2026-03-02", count=3, zone="Europe/Berlin")
    sent = series_without_exceptions(
        Content(of_all, times), rule, ("2026-03-01", "2026-03-31")
    )
    contents = sent.contents()
    contents["2026-03-03"] = replace(contents["2026-03-03"], subject=of_one)
    sent = Series.of(sent.master, rule, sent.window, contents)
    there = Series.of(
        with_prefix(sent.master, prefix),
        rule,
        sent.window,
        {day: with_prefix(one, prefix) for day, one in contents.items()},
    )
    exceptions = {day: remote(one) for day, one in there.exceptions.items()}
    read = RemoteSeries(remote(there.master), there, exceptions, {})
    back = without_prefix(read, prefix)
    assume(strip_prefix(of_all, prefix) == of_all)
    assume(strip_prefix(of_one, prefix) == of_one)
    assert back.series == sent
    assert back.master.content == sent.master
