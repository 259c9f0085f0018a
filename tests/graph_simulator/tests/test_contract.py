"""Strict and unusual behaviour of the real service, which clients must handle."""

from __future__ import annotations

import re

import pytest

from graph_simulator.client import Control
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    MEGAN,
    OUTSIDER,
    Json,
    Person,
    error_code,
    event_path,
    meeting,
)

UNSAFE = {"Prefer": "outlook.allow-unsafe-html"}


def test_read_only_properties_are_ignored_in_a_new_event_and_in_an_edit(
    adele: Person,
) -> None:
    made = adele.create(meeting("Real", id="AAMk-mine", webLink="https://x", type="x"))
    assert made["id"] != "AAMk-mine"
    changed = adele.patch(made["id"], {"subject": "New", "changeKey": "mine"})
    assert changed["subject"] == "New"
    assert changed["changeKey"] != "mine"


def test_text_is_accepted_for_booleans_and_whole_numbers(adele: Person) -> None:
    made = adele.create(
        meeting("Text", isReminderOn="False", reminderMinutesBeforeStart="45")
    )
    assert made["isReminderOn"] is False
    assert made["reminderMinutesBeforeStart"] == 45
    refused = adele.send("PATCH", event_path(made["id"]), {"isReminderOn": "perhaps"})
    assert refused.status_code == 400


def test_ids_have_no_slash_and_no_plus(adele: Person, control: Control) -> None:
    control.seed(ADELE, 40)
    ids = [event["id"] for event in adele.get("/me/events?$top=100")["value"]]
    keys = [calendar["id"] for calendar in adele.get("/me/calendars")["value"]]
    assert len(set(ids)) == 40
    assert not [one for one in ids + keys if re.search(r"[/+]", one)]


def test_the_list_of_calendars_has_pages(adele: Person, control: Control) -> None:
    for number in range(12):
        control.add_calendar(ADELE, f"Calendar {number}")
    first = adele.get("/me/calendars")
    assert len(first["value"]) == 10
    second = adele.get(first["@odata.nextLink"])
    assert len(second["value"]) == 3
    assert "@odata.nextLink" not in second
    some = adele.get("/me/calendars?$top=4&$skip=8&$select=name")
    assert [set(one) for one in some["value"]] == [{"id", "name"}] * 4
    rest = adele.get(some["@odata.nextLink"])["value"]
    names = [one["name"] for one in rest]
    assert names == ["Calendar 11"]


@pytest.mark.parametrize("wanted", ["calendar", "instances", "attendees($select=x)"])
def test_unsupported_expand_is_refused_with_a_reason(
    adele: Person, wanted: str
) -> None:
    made = adele.create(meeting())
    answer = adele.send("GET", f"{event_path(made['id'])}?$expand={wanted}")
    assert answer.status_code == 400
    assert "not simulated" in answer.json()["error"]["message"]


def test_a_filter_on_the_organizer_is_refused(adele: Person) -> None:
    query = "$filter=organizer/emailAddress/address eq 'adele@contoso.example'"
    answer = adele.send("GET", f"/me/events?{query}")
    assert answer.status_code == 400


def test_a_new_event_may_have_attachments_and_extensions(adele: Person) -> None:
    extension = {
        "@odata.type": "microsoft.graph.openTypeExtension",
        "extensionName": "com.contoso.test",
        "colour": "red",
    }
    attachment = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "menu.txt",
        "contentBytes": "c291cA==",
    }
    body = meeting("Lunch", extensions=[extension], attachments=[attachment])
    made = adele.create(body)
    assert made["hasAttachments"] is True
    assert made["extensions"][0]["colour"] == "red"
    path = event_path(made["id"])
    assert "extensions" not in adele.get(path)
    wanted = "extensions($filter=id eq 'com.contoso.test'),attachments"
    read = adele.get(f"{path}?$expand={wanted}")
    assert read["extensions"][0]["extensionName"] == "com.contoso.test"
    assert [one["name"] for one in read["attachments"]] == ["menu.txt"]
    listed = adele.get(f"{path}/attachments")["value"]
    assert listed[0]["size"] == 4
    by_name = adele.get(f"{path}/extensions/com.contoso.test")
    assert by_name["colour"] == "red"


@pytest.mark.parametrize("prefix", ["", "microsoft.graph."])
def test_ids_are_translated_in_both_spellings(adele: Person, prefix: str) -> None:
    made = adele.create(meeting())
    answer = adele.send(
        "POST",
        f"/me/{prefix}translateExchangeIds",
        {
            "inputIds": [made["id"]],
            "sourceIdType": "restId",
            "targetIdType": "restImmutableEntryId",
        },
    )
    immutable = answer.json()["value"][0]["targetId"]
    assert adele.event(immutable)["subject"] == made["subject"]


@pytest.mark.parametrize("root", ["", "/v1.0", "absolute"])
def test_parts_of_a_batch_may_name_the_version_or_the_host(
    adele: Person, root: str
) -> None:
    root = f"{adele.simulator.url}/v1.0" if root == "absolute" else root
    part = {"id": "1", "method": "GET", "url": f"{root}/me?$select=mail"}
    answer = adele.send("POST", "/$batch", {"requests": [part]}).json()
    assert answer["responses"][0]["body"]["mail"] == ADELE


def test_receiver_of_a_forward_becomes_an_attendee(
    adele: Person, alex: Person, control: Control
) -> None:
    made = adele.create(meeting("Open", attendees=(ALEX,)))
    copy = control.events(ALEX)[0]
    body = {"ToRecipients": _people(OUTSIDER, MEGAN), "Comment": "come"}
    answer = alex.send("POST", f"{event_path(copy['id'])}/forward", body)
    assert answer.status_code == 202
    now = adele.event(made["id"])
    addresses = [one["emailAddress"]["address"] for one in now["attendees"]]
    assert addresses == [ALEX, OUTSIDER, MEGAN]
    assert now["changeKey"] != made["changeKey"]
    assert control.events(MEGAN)[0]["iCalUId"] == made["iCalUId"]
    assert not control.mails(kind="update")


def _people(*addresses: str) -> list[Json]:
    return [{"emailAddress": {"address": address}} for address in addresses]


def test_html_comes_filtered_unless_it_is_asked_for(
    adele: Person, control: Control
) -> None:
    control.options(filter_html=True)
    html = (
        '<div class="red big" id="top" data-tid="7" onclick="run()">Hello'
        '<script>alert("x")</script> <a href="https://x.example">you</a></div>'
    )
    made = adele.create(meeting(body={"contentType": "html", "content": html}))
    content = made["body"]["content"]
    assert '<div class="x_red x_big" id="x_top">Hello' in content
    assert "script" not in content
    assert '<a href="https://x.example">you</a>' in content
    whole = adele.event(made["id"], **UNSAFE)["body"]["content"]
    assert html in whole


def test_filtered_html_that_is_written_back_is_filtered_again(
    adele: Person, control: Control
) -> None:
    control.options(filter_html=True)
    html = '<p class="a">Hello</p>'
    made = adele.create(meeting(body={"contentType": "html", "content": html}))
    again = adele.patch(made["id"], {"body": made["body"]})
    assert 'class="x_x_a"' in again["body"]["content"]


def test_settings_of_the_mailbox_are_read_in_part_and_changed(
    adele: Person, simulator: object
) -> None:
    zone = adele.get("/me/mailboxSettings/timeZone")
    assert zone["value"] == "UTC"
    may_write = Person(adele.simulator, ADELE, scope="MailboxSettings.ReadWrite")
    body = {"timeZone": "W. Europe Standard Time", "language": {"locale": "de-DE"}}
    changed = may_write.send("PATCH", "/me/mailboxSettings", body)
    assert changed.status_code == 200
    assert changed.json()["timeZone"] == "W. Europe Standard Time"
    settings = adele.get("/me/mailboxSettings")
    assert settings["language"]["locale"] == "de-DE"
    assert settings["workingHours"]["timeZone"]["name"] == "W. Europe Standard Time"
    refused = adele.send("PATCH", "/me/mailboxSettings", body)
    assert error_code(refused) == "ErrorAccessDenied"
    wrong = may_write.send("PATCH", "/me/mailboxSettings", {"timeZone": "Nowhere"})
    assert wrong.status_code == 400
