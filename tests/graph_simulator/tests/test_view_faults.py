"""Faults that change read data: late, old, or with missing parts."""

from __future__ import annotations

import pytest

from graph_simulator.client import Control
from graph_simulator.tests.people import (
    Json,
    Person,
    delta_path,
    event_path,
    meeting,
    moment,
    weekly,
)

WINDOW = ("2026-02-01T00:00:00Z", "2026-06-01T00:00:00Z")


@pytest.fixture
def series(adele: Person) -> Json:
    """Return a weekly series with one moved occurrence."""
    made = adele.create(
        meeting(recurrence=weekly("monday", start="2026-03-02", numberOfOccurrences=4))
    )
    second = adele.instances(made["id"], *WINDOW)[1]
    adele.patch(second["id"], {"subject": "Other"})
    return made


def test_delta_lacks_for_one_round_the_writes_since_its_link(
    adele: Person, control: Control
) -> None:
    _items, link = adele.delta_round(delta_path(*WINDOW))
    made = adele.create(meeting())
    control.fault("delta_behind", path="delta")
    items, link = adele.delta_round(link)
    assert items == []
    items, link = adele.delta_round(link)
    assert [one["id"] for one in items] == [made["id"]]
    assert adele.delta_round(link)[0] == []


def test_delta_lacks_the_writes_of_the_last_seconds(
    adele: Person, control: Control
) -> None:
    old = adele.create(meeting("Old"))
    control.advance(60)
    new = adele.create(meeting("New"))
    control.fault("delta_behind", path="delta", seconds=30, times=None)
    items, link = adele.delta_round(delta_path(*WINDOW))
    assert [one["id"] for one in items] == [old["id"]]
    adele.delete(old["id"])
    control.advance(31)
    items, link = adele.delta_round(link)
    assert [(one["id"], "@removed" in one) for one in items] == [
        (new["id"], False),
        (old["id"], True),
    ]


def test_removed_may_give_the_reason_changed(adele: Person, control: Control) -> None:
    made = adele.create(meeting())
    _items, link = adele.delta_round(delta_path(*WINDOW))
    adele.delete(made["id"])
    control.fault("delta_removed_changed", path="delta")
    [item] = adele.delta_round(link)[0]
    assert item["@removed"] == {"reason": "changed"}


def test_delta_may_lack_the_master_of_a_series(
    adele: Person, control: Control, series: Json
) -> None:
    control.fault("delta_without_master", path="delta")
    items, _link = adele.delta_round(delta_path(*WINDOW))
    assert sorted(one["type"] for one in items) == ["exception"] + ["occurrence"] * 3
    assert {one["seriesMasterId"] for one in items} == {series["id"]}


def test_instances_and_expanded_exceptions_may_lack_exceptions(
    adele: Person, control: Control, series: Json
) -> None:
    control.fault("instances_without_exceptions", path="instances")
    assert len(adele.instances(series["id"], *WINDOW)) == 3
    query = "?$select=subject,exceptionOccurrences&$expand=exceptionOccurrences"
    assert len(adele.event(series["id"], query)["exceptionOccurrences"]) == 1
    control.fault("exceptions_not_expanded", path="events")
    assert adele.event(series["id"], query)["exceptionOccurrences"] == []


def test_a_reading_may_show_the_version_before_the_last_write(
    adele: Person, control: Control
) -> None:
    made = adele.create(meeting("First"))
    new = adele.patch(made["id"], {"subject": "Second"})
    control.fault("stale_read", method="GET", seconds=5, times=None)
    stale = adele.event(made["id"])
    assert (stale["subject"], stale["changeKey"]) == ("First", made["changeKey"])
    assert stale["lastModifiedDateTime"] < new["lastModifiedDateTime"]
    control.advance(6)
    assert adele.event(made["id"])["subject"] == "Second"


def test_a_stale_series_still_has_an_occurrence_that_was_deleted(
    adele: Person, control: Control, series: Json
) -> None:
    first = adele.instances(series["id"], *WINDOW)[0]
    adele.delete(first["id"])
    control.fault("stale_read", path="instances")
    assert len(adele.instances(series["id"], *WINDOW)) == 4
    assert len(adele.instances(series["id"], *WINDOW)) == 3


def test_writes_go_by_the_version_that_is_really_there(
    adele: Person, control: Control
) -> None:
    made = adele.create(meeting("First"))
    adele.patch(made["id"], {"start": moment("2026-03-02T09")})
    control.fault("stale_read", method="GET", times=None)
    etag = adele.event(made["id"])["@odata.etag"]
    answer = adele.send(
        "PATCH", event_path(made["id"]), {"subject": "x"}, If_Match=etag
    )
    assert answer.status_code == 412


def test_a_new_event_may_not_be_found_yet(adele: Person, control: Control) -> None:
    control.fault("not_found_yet", method="GET", path="events/", seconds=5, times=None)
    made = adele.create(meeting())
    assert adele.send("GET", event_path(made["id"])).status_code == 404
    control.advance(6)
    assert adele.event(made["id"])["subject"] == "Meeting"
