"""Test that notifications are read, and accepted only with our client state."""

import contextlib
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.notifications import (
    LIFECYCLE_EVENTS,
    MAX_BODY_BYTES,
    MAX_ENTRIES,
    client_state,
    parse_notifications,
    read_instant,
    renew_at,
    requested_expiry,
    verify_client_state,
)

CHANGE = {
    "subscriptionId": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
    "subscriptionExpirationDateTime": "2026-03-08T13:00:00.9696658+02:00",
    "changeType": "updated",
    "resource": "Users/622eaaff/Events/AAMkADNVxRAAA=",
    "clientState": "secret",
    "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
    "resourceData": {"@odata.etag": 'W/"EZ9r"', "id": "AAMkADNVxRAAA="},
}
LIFECYCLE = {
    "lifecycleEvent": "missed",
    "subscriptionId": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
    "clientState": "secret",
}
naive = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))


def parse(*entries):
    return parse_notifications(json.dumps({"value": entries}).encode())


def test_a_change_is_read():
    [change] = parse(CHANGE)
    assert change.subscription_id == CHANGE["subscriptionId"]
    assert change.client_state == "secret"
    assert change.change_type == "updated"
    assert change.remote_id == "AAMkADNVxRAAA="
    assert change.etag == 'W/"EZ9r"'
    assert change.expires_at == datetime(2026, 3, 8, 11)
    assert change.lifecycle_event == ""


def test_a_lifecycle_event_is_read():
    [event] = parse(LIFECYCLE)
    assert event.lifecycle_event in LIFECYCLE_EVENTS
    assert (event.remote_id, event.expires_at) == ("", None)


def test_the_secret_is_not_in_the_repr():
    assert "secret" not in repr(parse(CHANGE))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "text",
        {},
        {**CHANGE, "subscriptionId": None},
        {**CHANGE, "clientState": 5},
        {**CHANGE, "changeType": ""},
        {**CHANGE, "clientState": "x" * 5000},
        {**CHANGE, "subscriptionId": "a\0b"},
        {**CHANGE, "resourceData": {"id": "\ud800"}},
    ],
)
def test_unusable_entries_do_not_hide_the_others(entry):
    assert len(parse(CHANGE, entry, LIFECYCLE)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"\xff\xfe\xfd",
        b"[]",
        b"null",
        b"{}",
        b'{"value": {}}',
        b'{"value": null}',
        b"[" * 200_000,
        b'{"value": [' + b" " * MAX_BODY_BYTES + b"]}",
    ],
)
def test_other_bodies_are_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011 (the class is the contract)
        parse_notifications(body)


def test_only_so_many_entries_are_read():
    assert len(parse(*[LIFECYCLE] * (MAX_ENTRIES + 5))) == MAX_ENTRIES


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    with contextlib.suppress(ValueError):
        parse_notifications(body)


@given(
    st.dictionaries(
        st.sampled_from([*CHANGE, "lifecycleEvent"]),
        st.none() | st.integers() | st.text() | st.lists(st.text()),
    )
)
def test_any_entry_is_read_or_left_out(entry):
    assert len(parse(CHANGE, entry)) in {1, 2}


def test_client_state_fits_and_is_stable():
    state = client_state(b"key", "subscription", 5)
    assert len(state) == 64
    assert state == client_state("key", "subscription", "5")


@given(st.text(), st.integers(0))
def test_own_client_state_is_believed(subscription_key, mailbox_id):
    state = client_state("key", subscription_key, mailbox_id)
    assert verify_client_state(state, "key", subscription_key, mailbox_id)


@pytest.mark.parametrize(
    "forged", ["", "x", "é", "\ud800", client_state("other", "subscription", 5)]
)
def test_forged_client_state_is_not_believed(forged):
    assert not verify_client_state(forged, "key", "subscription", 5)


def test_client_state_belongs_to_one_subscription_of_one_mailbox():
    states = {
        client_state("key", *pair)
        for pair in [("a", 11), ("a1", 1), ("a", 1), ("b", 1)]
    }
    assert len(states) == 4


@given(naive)
def test_requested_expiry_is_one_that_graph_accepts(now):
    expiry = requested_expiry(now)
    assert timedelta(days=6) < expiry - now <= timedelta(minutes=10_000)
    assert expiry.microsecond == 0


@given(now=naive, left=st.timedeltas(timedelta(0), timedelta(days=7)))
def test_renewal_comes_well_before_the_end(now, left):
    at = renew_at(now + left, now)
    assert at >= now
    assert at <= max(now, now + left - timedelta(minutes=30))
    if left >= timedelta(hours=12):
        assert at <= now + left - timedelta(hours=12)


def test_a_week_is_renewed_at_its_half():
    now = datetime(2026, 3, 2)
    assert renew_at(datetime(2026, 3, 8), now) == datetime(2026, 3, 5)


def test_an_expired_subscription_is_renewed_now():
    now = datetime(2026, 3, 2)
    assert renew_at(datetime(2026, 3, 1), now) == now


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-08T11:00:00Z", datetime(2026, 3, 8, 11)),
        ("2026-03-08T11:00:00.0000000Z", datetime(2026, 3, 8, 11)),
        ("2026-03-08T11:00:00", datetime(2026, 3, 8, 11)),
        ("2019-09-18T00:52:45.9696658+00:00", datetime(2019, 9, 18, 0, 52, 45)),
        ("2026-03-08T11:00:00-05:00", datetime(2026, 3, 8, 16)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1)),
        ("0001-01-01T00:00:00+05:00", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-03-08", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_time_stamps(text, instant):
    assert read_instant(text) == instant
