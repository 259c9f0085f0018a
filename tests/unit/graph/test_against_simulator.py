"""Test client, calls, sign-in and delta rounds together, with the Graph simulator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from scripted import ScriptedServer, raw

from e2e.harness.waiting import PATIENCE_SECONDS, eventually
from graph_simulator.client import Simulator
from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.engine.busy_times import (
    Slot,
    Wanted,
    plan_request,
    read_schedules,
)
from praetorx_ms365_calendar.engine.calendars import read_calendars
from praetorx_ms365_calendar.engine.delta import (
    DeltaRound,
    Page,
    Step,
    read_list,
    read_page,
    window_bounds,
)
from praetorx_ms365_calendar.engine.graph_errors import TryFewTimes
from praetorx_ms365_calendar.engine.mapping.graph_series import (
    INSTANCE_FIELDS,
    MASTER_FIELDS,
)
from praetorx_ms365_calendar.engine.notifications import (
    Notification,
    client_state,
    parse_notifications,
    read_instant,
    requested_expiry,
    verify_client_state,
)
from praetorx_ms365_calendar.graph import auth, calls
from praetorx_ms365_calendar.graph.client import GraphClient, GraphRequest
from praetorx_ms365_calendar.graph.transport import Timeouts

ANN, BEN = "adele@contoso.example", "alex@contoso.example"
STAMP = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name OdooEventId"
NOW = datetime.now(timezone.utc).replace(tzinfo=None)
WINDOW = window_bounds(NOW, 30, 60)
BACK = "https://odoo.contoso.example/microsoft_account/authentication"
TIMEOUTS = Timeouts(connect_seconds=2, read_seconds=10, total_seconds=20)


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """Run one simulator for all tests of this module."""
    with Simulator.start() as started:
        yield started


@pytest.fixture
def simulator(running) -> Simulator:
    """Return the simulator with demo data; it refuses requests that are not allowed."""
    running.control.reset(demo={"redirect_uris": [BACK]})
    running.control.options(refuse_read_only=True)
    return running


@pytest.fixture
def ann(simulator, session) -> GraphClient:
    """Return the client of a mailbox."""
    return GraphClient(session, simulator.url, simulator.control.token(ANN), TIMEOUTS)


def event(subject: str, day: int = 1, **more) -> dict:
    """Build the payload of an event of one hour, some days from now."""
    start = (NOW + timedelta(days=day)).replace(hour=9, minute=0, second=0)
    return {
        "subject": subject,
        "start": {"dateTime": start.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"},
        "end": {"dateTime": start.strftime("%Y-%m-%dT10:%M:%S"), "timeZone": "UTC"},
        "transactionId": f"t-{subject}",
        "singleValueExtendedProperties": [{"id": STAMP, "value": f"odoo:{subject}"}],
        **more,
    }


def create(client: GraphClient, subject: str, **more) -> dict:
    return client.send(calls.create_event(event(subject, **more))).result()


def read_round(
    client: GraphClient, first: GraphRequest, page_size: int = 200
) -> tuple[list[Page], Step]:
    """Read a delta round to its end."""
    pages, state = [], DeltaRound()
    request = first
    while True:
        page = read_page(client.send(request).result(), root=client.root)
        pages.append(page)
        state, step = state.add(page)
        if step is not Step.FOLLOW:
            return pages, step
        request = calls.follow(page.next_link, page_size=page_size)


def subjects(pages: list[Page]) -> list[str]:
    return sorted(item["subject"] for page in pages for item in page.items)


# The person and single events


def test_person_and_calendars(ann):
    me = ann.send(calls.me()).result()
    assert me["userPrincipalName"] == ANN
    primary = ann.send(calls.primary_calendar()).result()
    assert primary["isDefaultCalendar"]
    assert "teamsForBusiness" in primary["allowedOnlineMeetingProviders"]
    listed = read_list(ann.send(calls.calendars()).result(), root=ann.root)
    assert primary["id"] in {calendar["id"] for calendar in listed.items}


def test_life_of_an_event(ann, simulator):
    made = create(ann, "Lunch")
    event_id = made["id"]
    changed = ann.send(
        calls.patch_event(event_id, {"subject": "Dinner"}, made["@odata.etag"])
    )
    assert changed.result()["subject"] == "Dinner"
    again = ann.send(
        calls.patch_event(event_id, {"subject": "Supper"}, made["@odata.etag"])
    )
    assert type(again.error) is errors.MergeNeeded
    read = ann.send(calls.get_event(event_id, STAMP)).result()
    assert read["subject"] == "Dinner"
    [stamp] = read["singleValueExtendedProperties"]
    assert stamp == {"id": STAMP, "value": "odoo:Lunch"}
    gone = ann.send(calls.delete_event(event_id, read["@odata.etag"]))
    assert gone.error is None
    for request in (
        calls.delete_event(event_id, None),
        calls.get_event(event_id, STAMP),
        calls.patch_event(event_id, {"subject": "x"}, None),
    ):
        assert type(ann.send(request).error) is errors.AlreadyGone
    assert simulator.control.events(ANN) == []


def test_ids_are_immutable_and_times_are_utc(ann):
    made = create(ann, "Lunch")
    response = ann.send(calls.get_event(made["id"], STAMP))
    assert "ImmutableId" in response.headers["Preference-Applied"]
    assert response.result()["start"]["timeZone"] == "UTC"


def test_a_create_repeated_makes_one_event(ann, simulator):
    first, second = create(ann, "Lunch"), create(ann, "Lunch")
    assert first["id"] == second["id"]
    other = event("Other", transactionId="t-Lunch")
    clash = ann.send(calls.create_event(other)).error
    assert type(clash) is errors.AlreadyExists
    # The id may come in the other format: read the event, and take the id from there.
    existing = ann.send(calls.get_event(clash.existing_id, STAMP)).result()
    assert existing["id"] == first["id"]
    assert len(simulator.control.events(ANN)) == 1


def test_stamped_events_are_found(ann):
    for subject in ("Lunch", "Launch", "Dinner"):
        create(ann, subject)
    found = ann.send(calls.find_stamped(STAMP, "odoo:L")).result()["value"]
    assert sorted(each["subject"] for each in found) == ["Launch", "Lunch"]
    assert found[0]["singleValueExtendedProperties"][0]["value"].startswith("odoo:L")


def test_calendars_beyond_the_first_page_are_listed(ann, simulator):
    for number in range(104):
        simulator.control.add_calendar(ANN, f"Calendar {number}")
    request, found = calls.calendars(), []
    while request:
        page = read_list(ann.send(request).result(), root=simulator.url)
        found += page.items
        request = page.next_link and calls.follow(page.next_link, operation="mailbox")
    assert len(read_calendars(found)) == 105


def test_events_of_a_second_calendar(ann, simulator):
    calendar = simulator.control.add_calendar(ANN, "Team")
    path = calls.calendar_path(calendar["id"])
    made = ann.send(calls.create_event(event("Lunch"), path)).result()
    create(ann, "Elsewhere")
    pages, _step = read_round(ann, calls.delta_start(path, *WINDOW, 200))
    assert [item["id"] for page in pages for item in page.items] == [made["id"]]


def test_a_series_with_its_differences(ann):
    start = event("Weekly")["start"]["dateTime"]
    pattern = {"type": "daily", "interval": 1}
    span = {"type": "numbered", "startDate": start[:10], "numberOfOccurrences": 4}
    master = create(ann, "Weekly", recurrence={"pattern": pattern, "range": span})
    listed = ann.send(
        calls.instances(master["id"], *WINDOW, 100, INSTANCE_FIELDS)
    ).result()["value"]
    ordered = sorted(listed, key=lambda each: each["start"]["dateTime"])
    assert len(ordered) == 4
    moved = calls.patch_event(ordered[1]["id"], {"subject": "Once"}, None)
    removed = calls.delete_event(ordered[2]["id"], None)
    assert [response.error for response in ann.batch([moved, removed])] == [None, None]
    differences = ann.send(
        calls.get_series(master["id"], MASTER_FIELDS, STAMP)
    ).result()
    [cancelled] = differences["cancelledOccurrences"]
    assert cancelled.endswith(ordered[2]["start"]["dateTime"][:10])
    [exception] = differences["exceptionOccurrences"]
    assert exception["subject"] == "Once"


def test_invitations_are_answered_and_meetings_cancelled(ann, simulator, session):
    guest = {"emailAddress": {"address": BEN, "name": "Ben"}, "type": "required"}
    made = create(ann, "Lunch", attendees=[guest])
    ben = GraphClient(session, simulator.url, simulator.control.token(BEN), TIMEOUTS)
    [invited] = simulator.control.events(BEN)
    assert ben.send(calls.send_reply(invited["id"], "accepted")).error is None
    read = ann.send(calls.get_event(made["id"], STAMP)).result()
    assert read["attendees"][0]["status"]["response"] == "accepted"
    refused = ben.send(calls.cancel_event(invited["id"], "no"))
    assert refused.error is not None
    assert ann.send(calls.cancel_event(made["id"], "ill")).error is None
    assert simulator.control.events(ANN) == []


# Delta rounds


def test_rounds_page_by_page(ann):
    wanted = [calls.create_event(event(f"E{number:02}")) for number in range(12)]
    assert [response.error for response in ann.batch(wanted)] == [None] * 12
    pages, step = read_round(ann, calls.delta_start(None, *WINDOW, 5), 5)
    assert step is Step.FINISHED
    assert len(pages) > 2
    assert subjects(pages) == [f"E{number:02}" for number in range(12)]
    nothing, step = read_round(ann, calls.follow(pages[-1].delta_link))
    assert (subjects(nothing), step) == ([], Step.FINISHED)
    create(ann, "Late")
    news, _step = read_round(ann, calls.follow(nothing[-1].delta_link))
    assert subjects(news) == ["Late"]


def test_a_lost_sync_state_asks_for_a_new_round(ann, simulator):
    first = calls.delta_start(None, *WINDOW, 50)
    pages, _step = read_round(ann, first)
    link = calls.follow(pages[-1].delta_link)
    for fault in ("gone", "sync_state_not_found"):
        simulator.control.fault(fault)
        assert type(ann.send(link).error) is errors.ResyncNeeded
    simulator.control.lose_sync_state(ANN)
    assert type(ann.send(link).error) is errors.ResyncNeeded
    malformed = calls.follow(f"{ann.root}/v1.0/me/calendarView/delta?$deltatoken=x")
    assert type(ann.send(malformed).error) is errors.ResyncNeeded
    assert read_round(ann, first)[1] is Step.FINISHED


def test_an_endless_round_falls_back_to_the_plain_view(ann, simulator):
    create(ann, "Lunch")
    simulator.control.fault("delta_endless", times=None)
    pages, step = read_round(ann, calls.delta_start(None, *WINDOW, 50))
    assert step is Step.FALL_BACK
    assert len(pages) < 20
    view = ann.send(calls.calendar_view(None, *WINDOW, 50)).result()
    assert subjects([read_list(view, root=ann.root)]) == ["Lunch"]


def test_an_empty_page_does_not_end_a_round(ann, simulator):
    create(ann, "Lunch")
    simulator.control.fault("delta_empty_page")
    pages, step = read_round(ann, calls.delta_start(None, *WINDOW, 50))
    assert (subjects(pages), step) == (["Lunch"], Step.FINISHED)
    assert pages[0].items == ()


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "kind", "lost", "done"),
    [
        ("answer_lost", errors.TryLater, True, True),
        ("reset", errors.TryLater, True, False),
        ("gateway_timeout", errors.TryLater, True, False),
        ("unavailable", errors.TryLater, True, False),
        ("server_error", TryFewTimes, True, False),
        ("throttle", errors.TryLater, False, False),
        ("invalid_json", errors.TryLater, True, True),
        ("unauthorized_once", errors.RefreshToken, None, False),
        ("forbidden", errors.MailboxUnavailable, None, False),
        ("mailbox_not_enabled", errors.MailboxUnavailable, None, False),
    ],
)
@pytest.mark.parametrize("in_batch", [False, True])
def test_faults(ann, simulator, fault, kind, lost, done, in_batch):
    simulator.control.fault(fault, method="POST", path="/events$")
    requests_ = [calls.create_event(event("Lunch"))]
    if in_batch:
        requests_.append(calls.me())
    responses = ann.batch(requests_)
    assert type(responses[0].error) is kind
    assert getattr(responses[0].error, "response_lost", None) is lost
    assert [response.error for response in responses[1:]] == [None] * in_batch
    assert len(simulator.control.events(ANN)) == done
    create(ann, "Lunch")
    assert len(simulator.control.events(ANN)) == 1


def test_a_throttled_request_says_how_long(ann, simulator):
    simulator.control.fault("throttle", retry_after=2.5)
    assert ann.send(calls.me()).error.after_seconds == 2.5


def test_when_the_answer_to_a_batch_is_lost_repeating_it_doubles_nothing(
    ann, simulator
):
    simulator.control.fault("answer_lost", path="batch$")
    wanted = [calls.create_event(event(f"E{number}")) for number in range(5)]
    assert all(response.error.response_lost for response in ann.batch(wanted))
    assert len(simulator.control.events(ANN)) == 5
    assert [response.error for response in ann.batch(wanted)] == [None] * 5
    assert len(simulator.control.events(ANN)) == 5


def test_an_answer_that_takes_too_long_is_lost(simulator, session):
    impatient = Timeouts(connect_seconds=1, read_seconds=0.2, total_seconds=1)
    ann = GraphClient(session, simulator.url, simulator.control.token(ANN), impatient)
    simulator.control.fault("latency", seconds=0.6)
    assert ann.send(calls.create_event(event("Lunch"))).error.response_lost


def test_the_fifth_part_of_a_batch_may_be_throttled(ann, simulator):
    simulator.control.options(batch_fifth_part_throttled=True)
    wanted = [calls.create_event(event(f"E{number}")) for number in range(6)]
    waiting = [response.error for response in ann.batch(wanted) if response.error]
    assert len(waiting) == 2
    assert {type(error) for error in waiting} == {errors.TryLater}
    assert not any(error.response_lost for error in waiting)


# Signing in


def test_admin_consent_comes_back_to_odoo(simulator: Simulator) -> None:
    app = application(simulator)
    url = auth.admin_consent_url(
        app["login_root"], app["tenant"], app["client_id"], BACK, auth.SCOPES, "state"
    )
    back = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
    address, _, query = back.partition("?")
    assert address == BACK
    granted = parse_qs(query)
    assert (granted["admin_consent"], granted["state"]) == (["True"], ["state"])


def sign_in(simulator: Simulator, session: requests.Session) -> auth.Tokens:
    """Sign in like a browser."""
    verifier, challenge = auth.pkce_pair(bytes(range(32)))
    app = application(simulator)
    url = auth.authorize_url(
        app["login_root"],
        app["tenant"],
        app["client_id"],
        BACK,
        auth.SCOPES,
        "the state",
        challenge,
        login_hint=ANN,
    )
    back = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["the state"]
    return auth.redeem_code(
        session,
        **app,
        redirect_uri=BACK,
        code=query["code"][0],
        code_verifier=verifier,
    )


def application(simulator: Simulator) -> dict:
    """Return the app registration of the demo data."""
    demo = simulator.control.demo()
    return {
        "login_root": simulator.url,
        "tenant": demo["tenant_id"],
        "client_id": demo["client_id"],
        "client_secret": demo["client_secret"],
    }


def test_signing_in_and_refreshing(simulator, session):
    tokens = sign_in(simulator, session)
    assert tokens.expires_in > 3000
    again = auth.refresh(
        session, **application(simulator), refresh_token=tokens.refresh_token
    )
    assert again.refresh_token != tokens.refresh_token
    for each in (tokens, again):
        client = GraphClient(session, simulator.url, each.access_token, TIMEOUTS)
        assert client.send(calls.me()).result()["userPrincipalName"] == ANN


def test_refusals_of_entra(simulator, session):
    app, tokens = application(simulator), sign_in(simulator, session)
    wrong_secret = {**app, "client_secret": "wrong"}
    with pytest.raises(errors.FixConfiguration):
        auth.refresh(session, **wrong_secret, refresh_token=tokens.refresh_token)
    unknown_tenant = {**app, "tenant": "no-such.example"}
    with pytest.raises(errors.FixConfiguration):
        auth.refresh(session, **unknown_tenant, refresh_token=tokens.refresh_token)
    for error, kind in [
        ("temporarily_unavailable", errors.TryLater),
        ("interaction_required", errors.SignInAgain),
    ]:
        simulator.control.fault("token_error", error=error)
        with pytest.raises(kind):
            auth.refresh(session, **app, refresh_token=tokens.refresh_token)
    simulator.control.revoke(ANN)
    with pytest.raises(errors.SignInAgain):
        auth.refresh(session, **app, refresh_token=tokens.refresh_token)
    client = GraphClient(session, simulator.url, tokens.access_token, TIMEOUTS)
    assert type(client.send(calls.me()).error) is errors.RefreshToken


# Subscriptions


def told_at(server: ScriptedServer, path: str) -> Notification:
    """Wait for a request at a path, and return its first notification.

    Graph may send more of them, in the same request or later: a new event is often
    reported as changed, too.
    """
    asked = eventually(
        lambda: [one for one in server.asked if one.path == path],
        f"a notification at {path}",
        timeout_seconds=PATIENCE_SECONDS,
        step_seconds=0.01,
    )
    return parse_notifications(asked[0].content)[0]


def test_life_of_a_subscription(ann, simulator, server: ScriptedServer):
    def shake_hands(asked):
        token = parse_qs(urlsplit(asked.path).query)["validationToken"][0]
        return raw(200, token.encode(), Content_Type="text/plain")

    server.play(shake_hands, shake_hands)
    wanted = calls.subscribe(
        notification_url=f"{server.root}/notification",
        lifecycle_url=f"{server.root}/lifecycle",
        client_state=client_state("secret", "first", 1),
        expires_at=requested_expiry(NOW),
    )
    made = ann.send(wanted).result()
    assert read_instant(made["expirationDateTime"]) == requested_expiry(NOW)
    doubled = ann.send(wanted).error
    assert type(doubled) is errors.AlreadyExists
    assert doubled.existing_id == made["id"]

    server.play(raw(202), raw(202))
    simulator.control.options(notification_timeout_seconds=PATIENCE_SECONDS)
    create(ann, "Lunch")
    told = told_at(server, "/notification")
    assert (told.subscription_id, told.change_type) == (made["id"], "created")
    assert verify_client_state(told.client_state, "secret", "first", 1)
    assert not verify_client_state(told.client_state, "secret", "first", 2)
    simulator.control.lifecycle(made["id"], "reauthorizationRequired")
    told = told_at(server, "/lifecycle")
    assert told.lifecycle_event == "reauthorizationRequired"

    later = requested_expiry(NOW - timedelta(days=1))
    assert ann.send(calls.renew(made["id"], later)).error is None
    assert ann.send(calls.reauthorize(made["id"])).error is None
    [listed] = ann.send(calls.list_subscriptions()).result()["value"]
    assert read_instant(listed["expirationDateTime"]) == later
    assert ann.send(calls.delete_subscription(made["id"])).error is None
    for request in (
        calls.renew(made["id"], later),
        calls.reauthorize(made["id"]),
        calls.delete_subscription(made["id"]),
    ):
        assert type(ann.send(request).error) is errors.AlreadyGone


def test_an_unreachable_url_needs_an_administrator(ann, closed_root):
    wanted = calls.subscribe(
        notification_url=f"{closed_root}/notification",
        lifecycle_url=f"{closed_root}/lifecycle",
        client_state="state",
        expires_at=requested_expiry(NOW),
    )
    assert type(ann.send(wanted).error) is errors.FixConfiguration


def test_busy_times_of_colleagues_and_of_nobody(ann, simulator):
    simulator.control.create_event(BEN, event("secret", sensitivity="private"))
    day = (NOW + timedelta(days=1)).date()
    wanted = [Wanted(BEN, day), Wanted("nobody@fabrikam.example", day)]
    request = plan_request(wanted)
    response = ann.send(calls.get_schedule(request))
    schedules = read_schedules(response.result())
    nine = datetime(day.year, day.month, day.day, 9)
    assert Slot(nine, nine + timedelta(hours=1)) in schedules[BEN].slots
    assert schedules["nobody@fabrikam.example"].error
