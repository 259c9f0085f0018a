"""Test that a reading of an old version is repeated a few times."""

from datetime import timedelta

from praetorx_ms365_calendar.engine.freshness import PAUSES, Expected
from praetorx_ms365_calendar.engine.mapping.graph_series import unread_exceptions

OLD, NEW = "2026-03-02T08:00:00Z", "2026-03-02T08:00:00.5Z"


def test_an_older_version_is_missed_and_the_same_or_a_newer_one_is_not():
    assert Expected(NEW).is_missed_by(OLD, {})
    assert not Expected(OLD).is_missed_by(OLD, {})
    assert not Expected(OLD).is_missed_by(NEW, {})


def test_missing_version_is_never_older():
    assert not Expected("").is_missed_by(OLD, {})
    assert not Expected(NEW).is_missed_by("", {})


def test_an_older_occurrence_is_missed_but_an_unlisted_one_is_not():
    expected = Expected(OLD, {"o": NEW})
    assert expected.is_missed_by(OLD, {"o": OLD})
    assert not expected.is_missed_by(OLD, {"o": NEW})
    assert not expected.is_missed_by(OLD, {})


def test_a_deleted_occurrence_must_not_be_listed():
    expected = Expected(parts={"o": ""})
    assert expected.is_missed_by(NEW, {"o": NEW})
    assert not expected.is_missed_by(NEW, {"other": NEW})


def test_of_two_expectations_the_newer_version_counts():
    both = Expected(NEW, {"a": OLD}).and_also(Expected(OLD, {"b": NEW}))
    assert both == Expected(NEW, {"a": OLD, "b": NEW})


def test_tries_end_and_a_new_version_starts_them_again():
    expected, pauses = Expected(NEW), []
    while (step := expected.after_attempt()) is not None:
        pause, expected = step
        pauses.append(pause)
    assert pauses == list(PAUSES)
    assert sum(pauses, timedelta()) < timedelta(minutes=2)
    assert expected.and_also(Expected(OLD)).after_attempt() is None
    assert expected.and_also(Expected(parts={"o": NEW})).after_attempt()


def test_json_keeps_everything():
    expected = Expected(NEW, {"o": ""}, 2)
    assert Expected.from_json(expected.to_json()) == expected
    assert Expected.from_json(None) is None


MASTER = {
    "exceptionOccurrences": [{"id": "full"}],
    "cancelledOccurrences": ["OID.master.2026-03-09"],
}


def test_an_exception_that_is_only_an_instance_is_read_by_its_id():
    instances = [
        {"id": "full", "type": "exception"},
        {"id": "bare", "type": "exception"},
        {"id": "plain", "type": "occurrence"},
    ]
    assert unread_exceptions(MASTER, instances, {}) == ["bare"]


def test_an_exception_that_neither_answer_lists_is_read_by_its_id():
    known = {"full": "2026-03-02", "lost": "2026-03-16", "named": ""}
    assert unread_exceptions(MASTER, [], known) == ["lost", "named"]


def test_an_exception_of_a_deleted_day_is_not_read():
    assert unread_exceptions(MASTER, [], {"gone": "2026-03-09"}) == []


def test_an_exception_that_is_an_occurrence_again_is_not_read():
    instances = [{"id": "was", "type": "occurrence"}]
    assert unread_exceptions(MASTER, instances, {"was": "2026-03-02"}) == []
