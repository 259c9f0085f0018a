"""Tests of single parts: clock, endpoint health, ids, recurrence."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, timezone

import pytest

from graph_simulator import ids
from graph_simulator.bodies import from_html, from_text, preview, to_text
from graph_simulator.clock import Clock
from graph_simulator.errors import GraphError
from graph_simulator.notifications import EndpointHealth
from graph_simulator.recurrence import parse_recurrence
from graph_simulator.zone_table import WINDOWS_TO_IANA
from graph_simulator.zones import Moment, parse_wall_clock, zone_info

NOW = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)


def test_sleep_ends_when_the_clock_is_moved() -> None:
    async def scenario() -> None:
        clock = Clock()
        clock.freeze()
        task = asyncio.create_task(clock.sleep_until(clock.now() + timedelta(hours=1)))
        clock.advance(1800)
        await asyncio.sleep(0.01)
        assert not task.done()
        clock.advance(1801)
        await asyncio.wait_for(task, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([0.1] * 20, "good"),
        ([5.0] * 9, "good"),  # too few for a decision
        ([0.1] * 17 + [5.0] * 3, "slow"),
        ([0.1] * 18 + [5.0] * 2, "good"),
        ([0.1] * 16 + [11.0] * 4, "drop"),
    ],
)
def test_health_of_an_endpoint(answers: list[float], state: str) -> None:
    health = EndpointHealth()
    for seconds in answers:
        health.note(NOW, seconds)
    assert health.state(NOW) == state
    assert health.state(NOW + timedelta(minutes=11)) == "good"
    assert health.state(NOW, patience_seconds=60) == "good"


def test_occurrence_ids_can_be_split() -> None:
    for series in (ids.default_id("box", 1, 7), ids.immutable_id("box", 7)):
        day = date(2026, 3, 2)
        occurrence = ids.occurrence_id(series, day)
        assert ids.split_occurrence_id(occurrence) == (series, day)
        assert ids.split_occurrence_id(series) is None
    assert ids.split_occurrence_id("FRAA????????AEYAAA==") is None


def test_ids_and_keys_do_not_repeat() -> None:
    made = {ids.default_id("box", 1, number) for number in range(2000)}
    made |= {ids.immutable_id("box", number) for number in range(2000)}
    made |= {ids.change_key("box", number) for number in range(2000)}
    assert len(made) == 6000


def test_every_windows_zone_is_known() -> None:
    for name, iana in WINDOWS_TO_IANA.items():
        assert zone_info(name).key == iana
    with pytest.raises(GraphError):
        zone_info("../etc/passwd")


@pytest.mark.parametrize("text", ["", "2026-13-01T00:00:00", "2026-03-02 10:00", "x"])
def test_invalid_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_wall_clock(text)


def test_end_of_the_calendar_ends_a_series() -> None:
    rule = {
        "pattern": {
            "type": "absoluteYearly",
            "interval": 1,
            "dayOfMonth": 1,
            "month": 1,
        },
        "range": {"type": "noEnd", "startDate": "9997-01-01"},
    }
    recurrence = parse_recurrence(rule, Moment(datetime(9997, 1, 1), "UTC"))
    assert [day.year for day in recurrence.dates()] == [9997, 9998, 9999]


def test_bodies() -> None:
    assert from_html("  ") == ""
    assert from_html(from_html("<p>a</p>")) == from_html("<p>a</p>")
    assert to_text("<style>p{}</style><p>a<br>b</p><!-- c -->") == "a\r\nb"
    assert to_text(from_text("x  <y>\nz")) == "x <y>\r\nz"
    assert len(preview("<p>" + "long " * 100_000 + "</p>")) == 255
