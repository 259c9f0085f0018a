"""Meetings in several mailboxes, and the mails that Exchange would send."""

from __future__ import annotations

from typing import Any

import pytest

from graph_simulator.client import Control, ControlFailed
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    MEGAN,
    OUTSIDER,
    Person,
    attendee,
    error_code,
    event_path,
    meeting,
    moment,
    weekly,
)


def sent(control: Control) -> list[tuple[str, str]]:
    """Return kind and recipient of all mails so far, and delete them."""
    mails = [(mail["kind"], mail["to"]) for mail in control.mails()]
    control.reset_mails()
    return mails


def statuses(event: dict[str, Any]) -> dict[str, str]:
    """Return the reply of each attendee."""
    return {
        one["emailAddress"]["address"]: one["status"]["response"]
        for one in event["attendees"]
    }


def test_invitation_arrives_as_a_copy_of_its_own(adele: Person, alex: Person) -> None:
    event = adele.create(
        meeting(attendees=(ALEX, OUTSIDER), showAs="oof", transactionId="t")
    )
    own = alex.only_event()
    assert own["id"] != event["id"]
    assert own["iCalUId"] == event["iCalUId"]
    assert own["isOrganizer"] is False
    assert own["organizer"] == event["organizer"]
    assert own["responseStatus"]["response"] == "notResponded"
    assert own["transactionId"] is None
    assert own["showAs"] == "tentative"
    assert statuses(own) == {ADELE: "none", ALEX: "none", OUTSIDER: "none"}
    assert statuses(event) == {ALEX: "none", OUTSIDER: "none"}
    mails = adele.control.mails()
    assert [(mail["kind"], mail["from"], mail["to"]) for mail in mails] == [
        ("invitation", ADELE, ALEX),
        ("invitation", ADELE, OUTSIDER),
    ]
    logged = adele.control.requests(method="POST", path="/events$")[-1]
    assert mails[0]["cause_request_id"] == logged["request_id"]
    assert mails[0]["event_id"] == event["id"]


def test_each_member_of_a_group_gets_a_copy_that_lists_the_group(
    adele: Person, alex: Person
) -> None:
    group = "team@contoso.example"
    adele.control.add_group(group, [ADELE, ALEX, MEGAN])
    event = adele.create(meeting(attendees=(group, ALEX)))
    assert statuses(event) == {group: "none", ALEX: "none"}
    [copy] = adele.control.events(MEGAN)
    assert copy["iCalUId"] == event["iCalUId"]
    assert alex.only_event()["iCalUId"] == event["iCalUId"]
    mails = sent(adele.control)
    assert mails == [("invitation", ALEX), ("invitation", MEGAN)], "once each"


def test_event_without_attendees_mails_nobody(adele: Person) -> None:
    event = adele.create(meeting())
    adele.patch(event["id"], {"subject": "B"})
    adele.delete(event["id"])
    assert adele.control.mails() == []


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"subject": "B"}, [("update", ALEX)]),
        ({"body": {"contentType": "text", "content": "x"}}, [("update", ALEX)]),
        ({"isReminderOn": False}, []),
        ({"reminderMinutesBeforeStart": 5, "showAs": "free"}, []),
        ({"categories": ["Red"]}, []),
        ({"singleValueExtendedProperties": [{"id": "String x", "value": "1"}]}, []),
        (
            {"attendees": [attendee(ALEX), attendee(MEGAN)]},
            [("invitation", MEGAN)],
        ),
        (
            {"attendees": [attendee(MEGAN)]},
            [("cancellation", ALEX), ("invitation", MEGAN)],
        ),
        (
            {"attendees": [attendee(ALEX), attendee(MEGAN)], "subject": "B"},
            [("invitation", MEGAN), ("update", ALEX)],
        ),
        ({"attendees": []}, [("cancellation", ALEX)]),
    ],
)
def test_an_update_mails_the_right_people(
    adele: Person, change: dict[str, Any], kinds: list[tuple[str, str]]
) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    sent(adele.control)
    adele.patch(event["id"], change)
    assert sent(adele.control) == kinds


def test_update_overwrites_the_copy_except_personal_properties(
    adele: Person, alex: Person
) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    own = alex.only_event()
    alex.patch(
        own["id"],
        {"subject": "Mine", "categories": ["Red"], "reminderMinutesBeforeStart": 3},
    )
    assert adele.event(event["id"])["subject"] == "Meeting"
    assert sent(adele.control) == [("invitation", ALEX)]
    adele.patch(event["id"], {"subject": "Ours", "location": {"displayName": "R"}})
    own = alex.only_event()
    assert (own["subject"], own["location"]["displayName"]) == ("Ours", "R")
    assert own["categories"] == ["Red"]
    assert own["reminderMinutesBeforeStart"] == 3


@pytest.mark.parametrize(
    ("action", "answer", "show_as"),
    [
        ("accept", "accepted", "oof"),
        ("tentativelyAccept", "tentativelyAccepted", "tentative"),
    ],
)
def test_replies_reach_the_organizer(
    adele: Person, alex: Person, action: str, answer: str, show_as: str
) -> None:
    event = adele.create(meeting(attendees=(ALEX,), showAs="oof"))
    own = alex.only_event()
    assert alex.act(own["id"], action, {"comment": "fine", "sendResponse": True}) == 202
    own = alex.only_event()
    assert own["responseStatus"]["response"] == answer
    assert own["showAs"] == show_as
    changed = adele.event(event["id"])
    assert statuses(changed) == {ALEX: answer}
    assert changed["@odata.etag"] != event["@odata.etag"]
    mail = adele.control.mails(kind="response")[0]
    assert (mail["from"], mail["to"], mail["response"]) == (ALEX, ADELE, answer)


def test_decline_removes_the_copy(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    own = alex.only_event()
    assert alex.act(own["id"], "decline") == 202
    assert alex.send("GET", event_path(own["id"])).status_code == 404
    assert statuses(adele.event(event["id"])) == {ALEX: "declined"}


def test_reply_without_mail_stays_local(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    own = alex.only_event()
    assert alex.act(own["id"], "accept", {"SendResponse": False}) == 202
    assert alex.only_event()["responseStatus"]["response"] == "accepted"
    assert statuses(adele.event(event["id"])) == {ALEX: "none"}
    assert adele.control.mails(kind="response") == []


def test_reply_parameters_that_exclude_each_other(adele: Person, alex: Person) -> None:
    slot = {"start": moment("2026-03-03T10"), "end": moment("2026-03-03T11")}
    adele.create(meeting(attendees=(ALEX,), allowNewTimeProposals=False))
    path = event_path(alex.only_event()["id"])
    for body in (
        {"sendResponse": False, "comment": "x"},
        {"sendResponse": False, "proposedNewTime": slot},
        {"proposedNewTime": slot},
        {"proposedNewTime": {"start": slot["start"]}},
    ):
        answer = alex.send("POST", f"{path}/decline", body)
        assert (answer.status_code, error_code(answer)) == (
            400,
            "ErrorInvalidParameter",
        )


def test_proposed_time_reaches_the_organizer(adele: Person, alex: Person) -> None:
    slot = {"start": moment("2026-03-03T10"), "end": moment("2026-03-03T11")}
    event = adele.create(meeting(attendees=(ALEX,)))
    own = alex.only_event()
    assert alex.act(own["id"], "tentativelyAccept", {"proposedNewTime": slot}) == 202
    assert adele.event(event["id"])["attendees"][0]["proposedNewTime"] == slot


def test_roles_are_checked(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    own = alex.only_event()
    assert adele.act(event["id"], "accept") == 400
    answer = alex.send("POST", f"{event_path(own['id'])}/cancel", {"comment": "x"})
    assert (answer.status_code, error_code(answer)) == (400, "ErrorInvalidRequest")


def test_cancel_tells_everybody(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX, OUTSIDER)))
    sent(adele.control)
    assert adele.act(event["id"], "cancel", {"comment": "sorry"}) == 202
    assert adele.send("GET", event_path(event["id"])).status_code == 404
    own = alex.only_event()
    assert own["isCancelled"] is True
    assert own["subject"] == "Canceled: Meeting"
    assert adele.control.mails()[0]["comment"] == "sorry"
    assert sent(adele.control) == [("cancellation", ALEX), ("cancellation", OUTSIDER)]


def test_person_who_is_invited_again_has_not_replied(
    adele: Person, alex: Person
) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    assert alex.act(alex.only_event()["id"], "accept") == 202
    adele.patch(event["id"], {"attendees": []})
    adele.patch(event["id"], {"attendees": [attendee(ALEX)]})
    own = alex.only_event()
    assert own["isCancelled"] is False
    assert own["responseStatus"]["response"] == "notResponded"
    assert own["showAs"] == "tentative"
    assert statuses(adele.event(event["id"])) == {ALEX: "none"}


def test_deletion_by_an_attendee_is_not_reported(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    sent(adele.control)
    alex.delete(alex.only_event()["id"])
    assert sent(adele.control) == []
    assert statuses(adele.event(event["id"])) == {ALEX: "none"}
    # The organizer's next update brings it back.
    adele.patch(event["id"], {"subject": "Again"})
    assert alex.only_event()["subject"] == "Again"


def test_replies_stay_with_a_new_list_and_go_with_a_new_time(
    adele: Person, alex: Person
) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    alex.act(alex.only_event()["id"], "accept")
    event = adele.patch(
        event["id"], {"attendees": [attendee(ALEX), attendee(OUTSIDER)]}
    )
    assert statuses(event) == {ALEX: "accepted", OUTSIDER: "none"}
    event = adele.patch(event["id"], {"subject": "B"})
    assert statuses(event) == {ALEX: "accepted", OUTSIDER: "none"}
    event = adele.patch(
        event["id"], {"start": moment("2026-03-02T09"), "end": moment("2026-03-02T10")}
    )
    assert statuses(event) == {ALEX: "none", OUTSIDER: "none"}
    assert alex.only_event()["responseStatus"]["response"] == "notResponded"


def test_changed_date_of_a_series_reaches_the_copies(
    adele: Person, alex: Person
) -> None:
    rule = weekly("monday", start="2026-03-02", numberOfOccurrences=4)
    event = adele.create(meeting("S", attendees=(ALEX,), recurrence=rule))
    window = ("2026-03-01T00:00:00", "2026-04-01T00:00:00")
    own = alex.only_event()
    assert own["type"] == "seriesMaster"
    found = adele.instances(event["id"], *window)
    sent(adele.control)
    adele.patch(
        found[1]["id"],
        {"start": moment("2026-03-10T12"), "end": moment("2026-03-10T13")},
    )
    adele.delete(found[2]["id"])
    assert sent(adele.control) == [("update", ALEX), ("cancellation", ALEX)]
    copies = alex.instances(own["id"], *window)
    assert [(one["start"]["dateTime"][:13], one["isCancelled"]) for one in copies] == [
        ("2026-03-02T10", False),
        ("2026-03-10T12", False),
        ("2026-03-16T10", True),
        ("2026-03-23T10", False),
    ]


def test_reply_to_one_date_of_a_series(adele: Person, alex: Person) -> None:
    rule = weekly("monday", start="2026-03-02", numberOfOccurrences=3)
    event = adele.create(meeting("S", attendees=(ALEX,), recurrence=rule))
    window = ("2026-03-01T00:00:00", "2026-04-01T00:00:00")
    own = alex.only_event()
    second = alex.instances(own["id"], *window)[1]
    assert alex.act(second["id"], "decline") == 202
    assert len(alex.instances(own["id"], *window)) == 2
    assert [statuses(one) for one in adele.instances(event["id"], *window)] == [
        {ALEX: "none"},
        {ALEX: "declined"},
        {ALEX: "none"},
    ]


def test_hidden_attendees_see_themselves_only(adele: Person, alex: Person) -> None:
    adele.create(meeting(attendees=(ALEX, OUTSIDER), hideAttendees=True))
    assert set(statuses(alex.only_event())) == {ADELE, ALEX}


def test_mailbox_of_another_tenant_is_invited(adele: Person, control: Control) -> None:
    control.add_tenant("fabrikam", domains=["fabrikam.example"])
    control.add_mailbox(OUTSIDER, "fabrikam")
    event = adele.create(meeting(attendees=(OUTSIDER,)))
    (own,) = control.events(OUTSIDER)
    control.respond(OUTSIDER, own["id"], "accepted")
    assert statuses(adele.event(event["id"])) == {OUTSIDER: "accepted"}


def test_reply_of_an_outside_attendee(adele: Person, control: Control) -> None:
    event = adele.create(meeting(attendees=(OUTSIDER,)))
    control.external_response(ADELE, event["id"], OUTSIDER, "declined")
    assert statuses(adele.event(event["id"])) == {OUTSIDER: "declined"}
    with pytest.raises(ControlFailed):
        control.external_response(ADELE, event["id"], ALEX, "declined")


def test_forward_brings_the_meeting(adele: Person, alex: Person) -> None:
    event = adele.create(meeting())
    body = {"ToRecipients": [{"emailAddress": {"address": ALEX}}], "Comment": "look"}
    assert adele.act(event["id"], "forward", body) == 202
    assert alex.only_event()["iCalUId"] == event["iCalUId"]
    assert sent(adele.control) == [("forward", ALEX)]


def test_organizer_listed_as_attendee_is_not_mailed(adele: Person) -> None:
    event = adele.create(meeting(attendees=(ADELE, ALEX)))
    assert set(statuses(event)) == {ADELE, ALEX}
    assert sent(adele.control) == [("invitation", ALEX)]


def test_response_not_requested(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,), responseRequested=False))
    assert alex.act(alex.only_event()["id"], "accept") == 202
    assert statuses(adele.event(event["id"])) == {ALEX: "none"}
    assert adele.control.mails(kind="response") == []


def test_invalid_recipient_and_too_many(adele: Person) -> None:
    body = meeting()
    body["attendees"] = [{"emailAddress": {"name": "Nobody"}}]
    assert (
        error_code(adele.send("POST", "/me/events", body)) == "ErrorInvalidRecipients"
    )
    many = tuple(f"person{number}@fabrikam.example" for number in range(501))
    answer = adele.send("POST", "/me/events", meeting(attendees=many))
    assert answer.status_code == 400


def test_actions_by_a_person_in_outlook_have_the_same_effects(
    adele: Person, alex: Person, control: Control
) -> None:
    control.reset_requests()
    event = control.create_event(ADELE, meeting(attendees=(ALEX,)))
    control.update_event(ADELE, event["id"], {"subject": "B"})
    (own,) = control.events(ALEX)
    control.respond(ALEX, own["id"], "tentativelyAccepted", comment="maybe")
    control.delete_event(ADELE, event["id"])
    assert [mail["kind"] for mail in control.mails()] == [
        "invitation",
        "update",
        "response",
        "cancellation",
    ]
    assert {mail["cause_source"] for mail in control.mails()} == {"outlook"}
    assert control.requests() == []


def test_reminder_actions(adele: Person) -> None:
    event = adele.create(meeting())
    body = {"NewReminderTime": moment("2026-03-02T09")}
    assert adele.act(event["id"], "snoozeReminder", body) == 200
    assert adele.act(event["id"], "snoozeReminder") == 400
    assert adele.act(event["id"], "dismissReminder") == 200


def test_forward_needs_addresses(adele: Person) -> None:
    event = adele.create(meeting())
    for recipients in ([], [{}], [{"emailAddress": {"name": "x"}}]):
        assert adele.act(event["id"], "forward", {"ToRecipients": recipients}) == 400


def test_permanent_delete(adele: Person) -> None:
    event = adele.create(meeting())
    assert adele.act(event["id"], "permanentDelete") == 204
    assert adele.send("GET", event_path(event["id"])).status_code == 404
