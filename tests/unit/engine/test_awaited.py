"""Test the further looks for notified events until a round lists them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.awaited import (
    MAX_EVENTS,
    PAUSES,
    Awaited,
    Notified,
    listed_versions,
)


def awaiting(*notified):
    """Return the awaited events after these notifications."""
    return Awaited().with_notified(notified)


def looks_at(awaited, listed=None):
    """Return the pauses before all looks, if every page lists the same events."""
    pauses = []
    while (pause := awaited.pause()) is not None:
        pauses.append(pause)
        awaited = awaited.after_look().without_listed(listed or {})
    return pauses


def test_unlisted_event_gets_a_few_looks_with_growing_pauses():
    pauses = looks_at(awaiting(Notified("a", "1")))
    assert pauses == sorted(set(pauses))
    assert 2 < len(pauses) < 6
    assert sum(pauses, timedelta()) < timedelta(minutes=10)


def test_event_listed_in_the_notified_version_is_no_longer_awaited():
    awaited = awaiting(Notified("a", "1"), Notified("b", "1"))
    assert set(awaited.without_listed({"a": "1"}).waits) == {"b"}


def test_any_of_several_notified_versions_is_enough():
    awaited = awaiting(Notified("a", "1"), Notified("a", "2"))
    assert not awaited.without_listed({"a": "2"})
    assert not awaited.without_listed({"a": "1"})


def test_another_version_causes_one_more_look():
    awaited = awaiting(Notified("a", "2")).without_listed({"a": "1"})
    assert len(looks_at(awaited, {"a": "1"})) == 1


def test_a_deletion_is_awaited_until_a_page_lists_the_event():
    assert not awaiting(Notified("a")).without_listed({"a": None})
    assert awaiting(Notified("a")).without_listed({"b": None})


def test_lost_notifications_cause_a_few_looks():
    awaited = Awaited().with_lost()
    assert len(looks_at(awaited, {"a": "1"})) == 2


def test_repeated_notifications_do_not_cause_endless_looks():
    awaited = awaiting(Notified("a", "1"))
    looks = 0
    while awaited.pause() is not None and looks < 100:
        looks += 1
        awaited = awaited.with_notified([Notified("a", "1")]).after_look()
    assert looks == len(PAUSES)


def test_too_many_notifications_are_remembered_as_one():
    flood = [Notified(str(number), "1") for number in range(MAX_EVENTS + 1)]
    awaited = awaiting(*flood)
    assert len(awaited.waits) == 1
    assert len(looks_at(awaited)) == len(PAUSES)


@given(
    st.lists(st.builds(Notified, st.sampled_from("abc"), st.sampled_from(["", "1"])))
)
def test_json_keeps_everything(notified):
    awaited = awaiting(*notified).with_lost().after_look()
    assert Awaited.from_json(awaited.to_json()) == awaited


def test_a_page_lists_a_series_by_any_of_its_occurrences():
    page = [
        {"id": "m1", "@odata.etag": "1", "type": "seriesMaster"},
        {"id": "o1", "@odata.etag": "1", "seriesMasterId": "m1"},
        {"id": "o2", "@odata.etag": "1", "seriesMasterId": "m2"},
        {"id": "r", "@odata.etag": "9", "@removed": {"reason": "changed"}},
        {"@odata.etag": "1"},
    ]
    assert listed_versions(page) == {
        "m1": "1",
        "o1": "1",
        "m2": None,
        "o2": "1",
        "r": None,
    }
