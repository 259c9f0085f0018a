"""Test the content of events: equality, hash, and storage as JSON."""

import json

import pytest
from content_samples import bases, contents, meeting, people, renamed
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.snapshot import (
    CONTENT_FIELDS,
    ORGANIZER_FIELDS,
    PERSONAL_FIELDS,
    Attendee,
    Base,
    Content,
    RemoteEvent,
)


def through_json(data):
    return json.loads(json.dumps(data))


def test_every_field_has_exactly_one_owner():
    assert set(CONTENT_FIELDS) == ORGANIZER_FIELDS | PERSONAL_FIELDS
    assert not ORGANIZER_FIELDS & PERSONAL_FIELDS


@given(contents)
def test_content_survives_json_in_every_detail(content):
    read = Content.from_json(through_json(content.to_json()))
    # ``repr`` shows values that are not compared: zones, names, kinds.
    assert repr(read) == repr(content)


@given(bases)
def test_base_survives_json_in_every_detail(base):
    read = Base.from_json(through_json(base.to_json()))
    assert repr(read) == repr(base)


@given(contents)
def test_base_of_equal_sides_stores_the_content_once(content):
    assert Base(content, content).to_json()["ours"] == {}


@given(contents, contents)
def test_hash_is_equal_exactly_if_the_content_is(one, other):
    assert (one.hash == other.hash) == (one == other)
    assert (one == other) == (not one.changed_fields(other))


@given(st.data())
def test_names_kinds_and_zones_are_no_change(data):
    content = data.draw(contents)
    other = data.draw(renamed(content))
    assert other == content
    assert other.hash == content.hash
    assert not other.changed_fields(content)


@given(contents)
def test_hash_is_the_same_after_storing(content):
    assert Content.from_json(through_json(content.to_json())).hash == content.hash


def test_hash_is_sha_256_in_hex():
    assert len(meeting().hash) == 64
    assert set(meeting().hash) <= set("0123456789abcdef")


@given(contents, contents, st.sets(st.sampled_from(CONTENT_FIELDS)))
def test_with_fields_copies_only_the_named_fields(content, source, names):
    mixed = content.with_fields(names, source)
    assert mixed.changed_fields(source).isdisjoint(names)
    assert mixed.changed_fields(content) <= names


def test_attendees_sort_by_address():
    zoe, adam = Attendee("zoe@example.com", "Adam"), Attendee("adam@example.com", "Zoe")
    assert sorted([zoe, adam]) == [adam, zoe]
    assert people("b@example.com", "a@example.com")[0].email == "a@example.com"


def test_etag_is_the_quoted_change_key():
    remote = RemoteEvent("id", "CK==", "singleInstance", meeting())
    assert remote.etag == 'W/"CK=="'


def version(modified_at):
    return RemoteEvent(
        "id", "CK==", "singleInstance", meeting(), modified_at=modified_at
    )


@pytest.mark.parametrize(
    ("modified_at", "known", "is_older"),
    [
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z", True),
        ("2026-03-01T08:00:01Z", "2026-03-01T08:00:00Z", False),
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z", False),
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00.0000000Z", False),
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00.0000001Z", True),
        ("2026-03-01T08:00:00.9Z", "2026-03-01T08:00:00.12Z", False),
        ("2026-03-01T08:00:00.9999999Z", "2026-03-01T08:00:01Z", True),
    ],
)
def test_older_version_has_an_earlier_time(modified_at, known, is_older):
    assert version(modified_at).is_older_than(known) is is_older


def test_version_without_a_time_is_never_older():
    assert not version("").is_older_than("2026-03-01T08:00:00Z")
    assert not version("2026-03-01T08:00:00Z").is_older_than(None)
