"""Subscriptions and notifications, with a real receiving server."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from graph_simulator.client import Control
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    IMMUTABLE,
    Person,
    error_code,
    meeting,
    weekly,
)
from graph_simulator.tests.receiver import Receiver

ALL = "created,updated,deleted"
Json = dict[str, Any]


def expiry(control: Control, minutes: float) -> str:
    """Return the time ``minutes`` from now."""
    now = datetime.fromisoformat(control.now()[:19])
    return (now + timedelta(minutes=minutes)).isoformat() + "Z"


def wish(control: Control, receiver: Receiver, **changes: Any) -> Json:
    """Return the body of a subscription."""
    return {
        "changeType": ALL,
        "notificationUrl": f"{receiver.url}/hook?tenant=1",
        "resource": "me/events",
        "expirationDateTime": expiry(control, 1000),
        "clientState": "secret",
        **changes,
    }


def subscribe(person: Person, receiver: Receiver, **changes: Any) -> Json:
    """Create a subscription and return it."""
    body = wish(person.control, receiver, **changes)
    answer = person.send("POST", "/subscriptions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def changes(receiver: Receiver) -> list[str]:
    """Return the change types received, in order."""
    return [item["changeType"] for item in receiver.items]


def test_handshake_keeps_the_query_and_returns_the_object(
    adele: Person, receiver: Receiver
) -> None:
    subscription = subscribe(
        adele, receiver, lifecycleNotificationUrl=f"{receiver.url}/life"
    )
    assert len(receiver.validated) == 2
    assert receiver.validated[0].startswith("/hook?tenant=1&validationToken=")
    assert receiver.validated[1].startswith("/life?validationToken=")
    assert set(subscription) == {
        "@odata.context",
        "id",
        "resource",
        "applicationId",
        "changeType",
        "clientState",
        "notificationUrl",
        "notificationQueryOptions",
        "lifecycleNotificationUrl",
        "expirationDateTime",
        "creatorId",
        "includeResourceData",
        "latestSupportedTlsVersion",
        "encryptionCertificate",
        "encryptionCertificateId",
        "notificationUrlAppId",
    }
    assert subscription["clientState"] == "secret"
    listed = adele.get("/subscriptions")["value"]
    assert [(one["id"], one["clientState"]) for one in listed] == [
        (subscription["id"], None)
    ]


@pytest.mark.parametrize("way", ["wrong", "html", "encoded", "created"])
def test_bad_handshakes_are_refused(
    adele: Person, receiver: Receiver, way: str
) -> None:
    receiver.validation = way
    body = wish(adele.control, receiver)
    answer = adele.send("POST", "/subscriptions", body)
    assert (answer.status_code, error_code(answer)) == (400, "ValidationError")
    assert adele.control.subscriptions() == []


def test_unreachable_url_is_refused(adele: Person, receiver: Receiver) -> None:
    body = wish(adele.control, receiver, notificationUrl="http://127.0.0.1:9/x")
    answer = adele.send("POST", "/subscriptions", body)
    assert error_code(answer) == "ValidationError"


def test_life_time_limits(adele: Person, receiver: Receiver) -> None:
    control = adele.control
    body = wish(control, receiver, expirationDateTime=expiry(control, 10080))
    answer = adele.send("POST", "/subscriptions", body)
    assert (answer.status_code, error_code(answer)) == (400, "ExtensionError")
    assert "10070 minutes" in answer.json()["error"]["message"]
    body = wish(control, receiver, expirationDateTime=expiry(control, -1))
    assert adele.send("POST", "/subscriptions", body).status_code == 400
    short = subscribe(adele, receiver, expirationDateTime=expiry(control, 10))
    assert short["expirationDateTime"] >= expiry(control, 44)
    assert short["expirationDateTime"] <= expiry(control, 46)


@pytest.mark.parametrize(
    "change",
    [
        {"changeType": "created,renamed"},
        {"resource": "me/messages"},
        {"resource": "me/calendars/abc/events"},
        {"clientState": "x" * 129},
        {"notificationUrl": "/hook"},
        {"latestSupportedTlsVersion": "v9"},
        {"unknown": 1},
        {"applicationId": "x"},
        {"expirationDateTime": "tomorrow"},
        {"resource": None},
    ],
)
def test_invalid_subscriptions_are_400(
    adele: Person, receiver: Receiver, change: Json
) -> None:
    body = wish(adele.control, receiver, **change)
    assert adele.send("POST", "/subscriptions", body).status_code == 400


def test_other_mailbox_cannot_be_subscribed(adele: Person, receiver: Receiver) -> None:
    body = wish(adele.control, receiver, resource=f"users/{ALEX}/events")
    assert adele.send("POST", "/subscriptions", body).status_code == 403
    subscribe(adele, receiver, resource=f"/users/{ADELE}/events")


def test_duplicate_is_409_unless_switched_off(
    adele: Person, receiver: Receiver
) -> None:
    first = subscribe(adele, receiver)
    answer = adele.send("POST", "/subscriptions", wish(adele.control, receiver))
    assert answer.status_code == 409
    assert first["id"] in answer.json()["error"]["message"]
    subscribe(adele, receiver, changeType="created")
    adele.control.options(refuse_duplicate_subscriptions=False)
    subscribe(adele, receiver)
    assert len(adele.control.subscriptions(ADELE)) == 3


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        ("url_not_public", 400),
        ("mailbox_not_supported", 404),
        ("forbidden", 403),
        ("quota", 403),
        ("backend", 503),
    ],
)
def test_mailbox_may_refuse(
    adele: Person, receiver: Receiver, refusal: str, status: int
) -> None:
    adele.control.update_mailbox(ADELE, refuse_subscriptions=refusal)
    answer = adele.send("POST", "/subscriptions", wish(adele.control, receiver))
    assert answer.status_code == status


def test_renew_expire_delete(adele: Person, alex: Person, receiver: Receiver) -> None:
    control = adele.control
    path = f"/subscriptions/{subscribe(adele, receiver)['id']}"
    later = expiry(control, 9000)
    renewed = adele.send("PATCH", path, {"expirationDateTime": later}).json()
    assert renewed["expirationDateTime"] == later
    assert adele.send("PATCH", path, {"clientState": "new"}).status_code == 400
    assert adele.send("POST", f"{path}/reauthorize").status_code == 204
    assert alex.send("GET", path).status_code == 404
    control.advance(9001 * 60)
    adele = Person(adele.simulator, ADELE)
    answer = adele.send("PATCH", path, {"expirationDateTime": expiry(control, 100)})
    assert (answer.status_code, error_code(answer)) == (404, "ResourceNotFound")
    path = f"/subscriptions/{subscribe(adele, receiver)['id']}"
    assert adele.send("DELETE", path).status_code == 204
    assert adele.send("DELETE", path).status_code == 404


def test_changes_are_notified(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    subscription = subscribe(adele, receiver)
    event = adele.create(meeting())
    control.flush_notifications()
    adele.patch(event["id"], {"subject": "B"})
    control.flush_notifications()
    adele.delete(event["id"])
    assert control.flush_notifications() == {"is_idle": True, "waiting": 0}
    assert changes(receiver) == ["created", "updated", "deleted"]
    owner = control.mailbox(ADELE)
    resource = f"Users/{owner['id']}/Events/{event['id']}"
    assert receiver.items[0] == {
        "subscriptionId": subscription["id"],
        "subscriptionExpirationDateTime": subscription["expirationDateTime"].replace(
            "Z", "+00:00"
        ),
        "clientState": "secret",
        "changeType": "created",
        "resource": resource,
        "tenantId": owner["tenant_id"],
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": resource,
            "@odata.etag": event["@odata.etag"],
            "id": event["id"],
        },
    }


def test_ids_are_immutable_if_asked_at_create(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    body = wish(control, receiver)
    assert adele.send("POST", "/subscriptions", body, **IMMUTABLE).status_code == 201
    event = adele.create(meeting(), **IMMUTABLE)
    control.flush_notifications()
    assert receiver.items[0]["resourceData"]["id"] == event["id"]


def test_only_wanted_changes_and_own_mailbox(
    adele: Person, alex: Person, control: Control, receiver: Receiver
) -> None:
    subscribe(adele, receiver, changeType="deleted")
    subscribe(alex, receiver, changeType="created")
    event = adele.create(meeting(attendees=(ALEX,)))
    adele.delete(event["id"])
    control.flush_notifications()
    assert sorted(changes(receiver)) == ["created", "deleted"]


def test_deleted_date_is_an_update_of_the_master(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    event = adele.create(meeting(recurrence=weekly("monday", start="2026-03-02")))
    subscribe(adele, receiver)
    first = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-03-05T00:00:00")
    adele.delete(first[0]["id"])
    control.flush_notifications()
    assert changes(receiver) == ["updated"]
    assert receiver.items[0]["resourceData"]["id"] == event["id"]


def test_burst_goes_in_few_posts(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    subscribe(adele, receiver)
    control.seed(ADELE, 120)
    control.flush_notifications()
    assert len(receiver.items) == 120
    assert len(receiver.bodies) <= 6


def test_refused_notification_is_tried_again_later(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    subscribe(adele, receiver)
    receiver.status = 503
    adele.create(meeting())
    assert control.flush_notifications()["waiting"] == 1
    control.advance(10)
    control.flush_notifications()
    receiver.status = 202
    assert receiver.items == []
    control.advance(19)
    assert control.flush_notifications()["waiting"] == 1
    control.advance(2)
    assert control.flush_notifications()["waiting"] == 0
    assert changes(receiver) == ["created"]
    tries = [(one["attempt"], one["status"]) for one in control.deliveries()]
    assert tries == [(1, 503), (2, 503), (3, 202)]


def test_notification_is_lost_after_four_hours(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    subscribe(adele, receiver)
    receiver.status = 500
    adele.create(meeting())
    for _try in range(20):
        if control.flush_notifications()["waiting"] == 0:
            break
        control.advance(4000)
    assert control.lost_notifications() == 1


def test_slow_response_counts_as_none(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    control.options(notification_timeout_seconds=0.2)
    subscribe(adele, receiver)
    receiver.delay_seconds = 0.5
    adele.create(meeting())
    assert control.flush_notifications()["waiting"] == 1
    assert control.deliveries()[0]["status"] is None


def test_faults_of_notifications(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    subscribe(adele, receiver)
    control.fault("notification_lost", method="created")
    event = adele.create(meeting())
    control.flush_notifications()
    assert changes(receiver) == []
    control.fault("notification_doubled")
    adele.patch(event["id"], {"subject": "B"})
    control.flush_notifications()
    assert changes(receiver) == ["updated", "updated"]
    receiver.bodies.clear()
    control.fault("notification_late", seconds=60, mailbox=ADELE)
    adele.patch(event["id"], {"subject": "C"})
    assert control.flush_notifications()["waiting"] == 1
    control.advance(61)
    control.flush_notifications()
    assert changes(receiver) == ["updated"]
    receiver.bodies.clear()
    control.fault("notification_reordered", method="updated")
    adele.patch(event["id"], {"subject": "D"})
    adele.delete(event["id"])
    control.flush_notifications()
    assert changes(receiver) == ["deleted", "updated"]
    receiver.bodies.clear()
    control.fault("notification_wrong_client_state")
    control.fault("notification_unknown_subscription")
    adele.create(meeting())
    control.flush_notifications()
    known = {one["id"] for one in control.subscriptions()}
    assert receiver.items[0]["clientState"] != "secret"
    assert receiver.items[0]["subscriptionId"] not in known


def test_extra_updates_can_be_switched_on(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    control.options(notification_extra_updates=2)
    subscribe(adele, receiver)
    adele.create(meeting())
    control.flush_notifications()
    assert changes(receiver) == ["created", "updated", "updated"]


def test_lifecycle(adele: Person, control: Control, receiver: Receiver) -> None:
    url = f"{receiver.url}/life"
    subscription = subscribe(adele, receiver, lifecycleNotificationUrl=url)
    own_id = subscription["id"]
    control.lifecycle(own_id, "missed")
    control.lifecycle(own_id, "reauthorizationRequired")
    adele.create(meeting("lost while paused"))
    adele.send("POST", f"/subscriptions/{own_id}/reauthorize")
    adele.create(meeting("told"))
    control.drop_subscription(own_id)
    control.flush_notifications()
    life = [item for item in receiver.items if "lifecycleEvent" in item]
    assert [item["lifecycleEvent"] for item in life] == [
        "missed",
        "reauthorizationRequired",
        "subscriptionRemoved",
    ]
    assert set(life[0]) == {
        "lifecycleEvent",
        "subscriptionId",
        "subscriptionExpirationDateTime",
        "clientState",
        "tenantId",
    }
    told = [item for item in receiver.items if "changeType" in item]
    assert len(told) == 1
    assert adele.send("GET", f"/subscriptions/{own_id}").status_code == 404


def test_notifications_flow_on_a_frozen_clock(
    adele: Person, control: Control, receiver: Receiver
) -> None:
    control.freeze()
    subscribe(adele, receiver)
    adele.create(meeting())
    control.flush_notifications()
    assert changes(receiver) == ["created"]
