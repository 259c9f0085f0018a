"""Test the client with raw HTTP: its requests, and its results for odd responses."""

import gzip
import logging

import pytest
from scripted import HANG_UP, TIMEOUTS, TOKEN, raw

from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.graph import calls, transport
from praetorx_ms365_calendar.graph.client import GraphClient, GraphRequest
from praetorx_ms365_calendar.graph.transport import check_endpoint

CREATE = calls.create_event({"subject": "Lunch", "transactionId": "t-1"})
READ = calls.me()


# Requests


def test_every_request_carries_token_preferences_and_an_id(client, server):
    server.play(raw(200, {"id": "me"}))
    response = client.send(READ)
    assert response.error is None
    assert response.result() == {"id": "me"}
    [asked] = server.asked
    assert asked.method == "GET"
    assert asked.path == ("/v1.0/me?$select=id,displayName,mail,userPrincipalName")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert 'IdType="ImmutableId"' in asked.headers["Prefer"]
    assert 'outlook.timezone="UTC"' in asked.headers["Prefer"]
    assert "outlook.allow-unsafe-html" in asked.headers["Prefer"]
    assert asked.headers["client-request-id"] == "id-0"
    assert "Content-Type" not in asked.headers


def test_own_preferences_are_joined(client, server):
    server.play(raw(200, {"value": []}))
    link = f"{server.root}/v1.0/me/calendarView/delta?$deltatoken=R0us%2F1%3D"
    client.send(calls.follow(link, page_size=200))
    [asked] = server.asked
    assert asked.path == "/v1.0/me/calendarView/delta?$deltatoken=R0us%2F1%3D"
    assert asked.headers["Prefer"].endswith(", odata.maxpagesize=200")
    assert 'IdType="ImmutableId"' in asked.headers["Prefer"]


def test_a_body_is_sent_as_json(client, server):
    server.play(raw(201, {"id": "AAMk"}))
    client.send(calls.create_event({"subject": "Mittag \u2603 \ud83d"}))
    [asked] = server.asked
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.body == {"subject": "Mittag \u2603 \ud83d"}


def test_a_post_without_body_says_so(client, server):
    server.play(raw(204))
    assert client.send(calls.reauthorize("7f10")).error is None
    [asked] = server.asked
    assert (asked.method, asked.content) == ("POST", b"")
    assert asked.headers["Content-Length"] == "0"


def test_a_write_carries_its_precondition(client, server):
    server.play(raw(200, {"id": "a"}), raw(204))
    client.send(calls.patch_event("a/b+c=", {"subject": "x"}, 'W/"1"'))
    client.send(calls.delete_event("a/b+c=", None))
    patch, delete = server.asked
    assert patch.path == delete.path == "/v1.0/me/events/a%2Fb%2Bc%3D"
    assert patch.headers["If-Match"] == 'W/"1"'
    assert "If-Match" not in delete.headers


def test_credentials_of_a_netrc_file_are_not_sent(
    client, server, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.play(raw(200, {"id": "me"}))
    client.send(READ)
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_cookies_of_one_mailbox_do_not_reach_another(client, server):
    server.play(raw(200, {"id": "me"}, Set_Cookie="who=ann"), raw(200, {"id": "me"}))
    client.send(READ)
    client.send(READ)
    assert "Cookie" not in server.asked[1].headers


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/me/calendarView/delta?$deltatoken=x",
        "//evil.example/v1.0/x",
        "http://127.0.0.1:1/v1.0/me",
        "v1.0/me",
        "",
        "http://[::1/v1.0",
    ],
)
def test_the_token_goes_to_no_other_place(client, server, link):
    single = client.send(calls.follow(link))
    assert type(single.error) is errors.ResyncNeeded
    server.play(raw(200, {"id": "me"}))
    foreign, own = client.batch([calls.follow(link), READ])
    assert type(foreign.error) is errors.ResyncNeeded
    assert own.result() == {"id": "me"}


def test_a_redirect_is_not_followed(client, server):
    server.play(raw(302, Location=f"{server.root}/v1.0/elsewhere"))
    response = client.send(READ)
    assert type(response.error) is errors.TryLater
    assert len(server.asked) == 1


def test_invalid_json_is_not_sent(client, server):
    response = client.send(calls.create_event({"when": object()}))
    assert type(response.error) is errors.GiveUpOnEvent
    response = client.send(calls.create_event({"number": float("nan")}))
    assert type(response.error) is errors.GiveUpOnEvent
    assert server.asked == []


# Responses


def test_errors_are_named_for_the_remedy(client, server):
    body = {"error": {"code": "TooManyRequests", "message": "..."}}
    server.play(raw(429, body, Retry_After="2.128", request_id="r-1"))
    response = client.send(CREATE)
    assert response.status == 429
    assert type(response.error) is errors.TryLater
    assert response.error.after_seconds == 2.128
    assert not response.error.response_lost
    assert response.request_id == response.error.request_id == "r-1"
    with pytest.raises(errors.TryLater):
        response.result()


def test_a_compressed_answer_is_read(client, server):
    content = gzip.compress(b'{"id": "me"}')
    server.play(raw(200, content, Content_Encoding="gzip"))
    assert client.send(READ).result() == {"id": "me"}


BROKEN = {
    "hangs up": HANG_UP,
    "ends in the headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "ends in the body": raw(201, {"id": "AAMk", "x": "y" * 99})[:-20],
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no JSON": raw(201, b"<html>Welcome</html>"),
    "half of JSON": raw(201, b'{"id": "AAMk", "sub'),
    "no object": raw(201, b'["AAMk"]'),
    "no text": raw(201, b"\xff\xfe\xfd"),
    "nested": raw(201, b"[" * 200_000),
    "no gzip": raw(201, b"plain", Content_Encoding="gzip"),
    "no body": raw(201),
    "gateway": raw(504, b"<html>Gateway</html>"),
}


@pytest.mark.parametrize("response", BROKEN.values(), ids=BROKEN)
def test_after_a_broken_answer_a_write_may_be_done(client, server, response):
    server.play(response, response)
    error = client.send(CREATE).error
    assert isinstance(error, errors.TryLater)
    assert error.response_lost
    error = client.send(READ).error
    assert isinstance(error, errors.TryLater)
    assert not error.response_lost


def test_an_answer_that_never_comes_is_lost(hasty, server):
    server.play(lambda asked: [b""] * 1000)
    assert hasty.send(CREATE).error.response_lost


def test_an_answer_that_trickles_is_given_up(hasty, server):
    head = raw(201, b"x" * 100_000_000).split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    server.play(lambda asked: [head, *[b"x" * transport._CHUNK_BYTES] * 100])
    assert hasty.send(CREATE).error.response_lost


def test_an_answer_without_end_is_given_up(client, server):
    server.play(raw(201, {"id": "x" * transport.MAX_RESPONSE_BYTES}))
    assert client.send(CREATE).error.response_lost


def test_a_write_to_a_closed_port_is_not_done(session, closed_root):
    client = GraphClient(session, closed_root, TOKEN, TIMEOUTS)
    for response in [client.send(CREATE), *client.batch([CREATE, CREATE])]:
        assert response.status == 0
        assert type(response.error) is errors.TryLater
        assert not response.error.response_lost


def test_an_unknown_host_does_nothing(session):
    client = GraphClient(session, "http://no-such-host.localhost:9", TOKEN, TIMEOUTS)
    assert not client.send(CREATE).error.response_lost


def test_nothing_secret_or_private_is_logged(client, server, caplog):
    caplog.set_level(logging.DEBUG, logger="praetorx_ms365_calendar")
    body = {"error": {"code": "BadRequest", "message": "ann@contoso.com"}}
    server.play(raw(400, body, request_id="r-1"), HANG_UP)
    link = f"{server.root}/v1.0/me/calendarView/delta?$deltatoken=the-cursor"
    first = client.send(calls.follow(link))
    second = client.send(CREATE)
    assert "GET /v1.0/me/calendarView/delta: 400" in caplog.text
    assert "r-1" in caplog.text
    told = caplog.text + repr([first, second, CREATE, client])
    told += f"{first.error} {second.error}"
    for secret in (TOKEN, "the-cursor", "ann@", "Lunch"):
        assert secret not in told


# Batches


def part(number, status, body=None, **headers):
    response = {"id": str(number), "status": status, "headers": headers}
    return response | ({} if body is None else {"body": body})


def batch_response(*parts):
    return raw(200, {"responses": parts})


def test_an_empty_batch_asks_nothing(client, server):
    assert client.batch([]) == []
    assert server.asked == []


def test_a_single_request_needs_no_batch(client, server):
    server.play(raw(200, {"id": "me"}))
    [response] = client.batch([READ])
    assert response.result() == {"id": "me"}
    assert server.asked[0].path.startswith("/v1.0/me?")


def test_answers_of_a_batch_are_put_in_order(client, server):
    server.play(
        batch_response(
            part(2, 204),
            part(0, 201, {"id": "AAMk"}),
            part(1, 412, {"error": {"code": "ErrorIrresolvableConflict"}}),
        )
    )
    update = calls.patch_event("b", {"subject": "x"}, 'W/"1"')
    created, patched, deleted = client.batch(
        [CREATE, update, calls.delete_event("c", None)]
    )
    assert created.result() == {"id": "AAMk"}
    assert type(patched.error) is errors.MergeNeeded
    assert deleted.error is None
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1.0/$batch")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    first, second, third = asked.body["requests"]
    assert (first["method"], first["url"]) == ("POST", "/me/events")
    assert first["body"] == CREATE.body
    assert first["headers"]["Content-Type"] == "application/json"
    assert second["headers"]["If-Match"] == 'W/"1"'
    assert "body" not in third
    assert "Content-Type" not in third["headers"]
    for each in (first, second, third):
        assert 'IdType="ImmutableId"' in each["headers"]["Prefer"]
        assert "Authorization" not in each["headers"]


def test_a_link_is_made_relative_in_a_batch(client, server):
    page = {"value": [], "@odata.deltaLink": "x"}
    server.play(batch_response(part(0, 200, page), part(1, 200, page)))
    link = f"{server.root}/v1.0/me/calendarView/delta?$deltatoken=R0us"
    responses = client.batch([calls.follow(link)] * 2)
    assert [response.error for response in responses] == [None, None]
    [asked] = server.asked
    assert asked.body["requests"][0]["url"] == (
        "/me/calendarView/delta?$deltatoken=R0us"
    )


def test_a_throttled_part_waits_alone(client, server):
    throttled = {"error": {"code": "ApplicationThrottled"}}
    server.play(
        batch_response(
            part(0, 201, {"id": "AAMk"}),
            part(1, 429, throttled, **{"Retry-After": "1"}),
        )
    )
    done, waiting = client.batch([CREATE, CREATE])
    assert done.error is None
    assert waiting.error.after_seconds == 1
    assert not waiting.error.response_lost


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(1, 200, {"id": "x"}), part(7, 201, {"id": "y"})],
        [{"id": "0", "status": "201"}, {"id": "1"}],
        [None, "x", []],
        [part(0, 201), part(1, 200)],
        [part(0, 201, "text"), part(1, 200, ["x"])],
        [{"id": "0", "status": 201, "headers": None, "body": 5}],
    ],
)
def test_parts_without_a_usable_answer_are_lost(client, server, parts):
    server.play(batch_response(*parts))
    created, read = client.batch([CREATE, READ])
    assert type(created.error) is errors.TryLater
    assert created.error.response_lost
    assert read.error is None or not read.error.response_lost


def test_a_batch_without_list_is_lost(client, server):
    server.play(raw(200, {"responses": "none"}))
    assert all(
        response.error.response_lost for response in client.batch([CREATE, CREATE])
    )


def test_a_part_in_base64_is_read(client, server):
    encoded = "eyJpZCI6ICJBQU1rIn0="  # {"id": "AAMk"}
    server.play(batch_response(part(0, 201, encoded), part(1, 202, "")))
    created, answered = client.batch([CREATE, calls.send_reply("a", "accepted")])
    assert created.result() == {"id": "AAMk"}
    assert answered.error is None


def test_when_the_batch_is_lost_only_its_writes_are_in_doubt(client, server):
    server.play(HANG_UP)
    created, read = client.batch([CREATE, READ])
    assert created.error.response_lost
    assert not read.error.response_lost


def test_a_throttled_batch_did_nothing(client, server):
    body = {"error": {"code": "TooManyRequests"}}
    server.play(raw(429, body, Retry_After="5"))
    for response in client.batch([CREATE, READ]):
        assert response.error.after_seconds == 5
        assert not response.error.response_lost


def test_a_batch_with_an_old_token_asks_for_a_new_one(client, server):
    server.play(raw(401, {"error": {"code": "InvalidAuthenticationToken"}}))
    responses = client.batch([CREATE, READ])
    assert {type(response.error) for response in responses} == {errors.RefreshToken}


def test_one_bad_request_does_not_take_the_batch_with_it(client, server):
    refused = raw(400, {"error": {"code": "BadRequest"}})
    server.play(refused, raw(201, {"id": "AAMk"}), refused)
    good, bad = client.batch([CREATE, CREATE])
    assert good.result() == {"id": "AAMk"}
    assert type(bad.error) is errors.GiveUpOnEvent


def answer_all(asked):
    """Answer each part with the subject it was sent with."""
    parts = asked.body.get("requests")
    if parts is None:
        return raw(201, {"id": asked.body["subject"]})
    return batch_response(
        *[part(each["id"], 201, {"id": each["body"]["subject"]}) for each in parts]
    )


def test_many_requests_go_in_batches_of_twenty(client, server):
    server.play(answer_all, answer_all, answer_all)
    wanted = [calls.create_event({"subject": str(number)}) for number in range(41)]
    responses = client.batch(wanted)
    assert [response.result()["id"] for response in responses] == [
        str(number) for number in range(41)
    ]
    sizes = [len(asked.body.get("requests", "1")) for asked in server.asked]
    assert sizes == [20, 20, 1]


def test_large_requests_go_in_smaller_batches(client, server):
    server.play(*[answer_all] * 3)
    large = {"body": "x" * 1_100_000}
    wanted = [calls.create_event({"subject": str(n), **large}) for n in range(5)]
    responses = client.batch(wanted)
    assert [response.result()["id"] for response in responses] == list("01234")
    assert len(server.asked) == 3


def test_invalid_json_in_one_part_does_not_stop_the_batch(client, server):
    server.play(answer_all, answer_all)
    one, bad, three = client.batch(
        [
            calls.create_event({"subject": "1"}),
            calls.create_event({"subject": object()}),
            calls.create_event({"subject": "3"}),
        ]
    )
    assert one.result() == {"id": "1"}
    assert type(bad.error) is errors.GiveUpOnEvent
    assert three.result() == {"id": "3"}


# Endpoints


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://graph.microsoft.com", "https://graph.microsoft.com"),
        (" https://graph.microsoft.us/ ", "https://graph.microsoft.us"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://[::1]:1/graph/", "http://[::1]:1/graph"),
    ],
)
def test_endpoints(url, clean):
    assert check_endpoint(url) == clean


@pytest.mark.parametrize(
    "url",
    [
        "",
        "graph.microsoft.com",
        "http://graph.microsoft.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://graph.microsoft.com",
        "https://",
        "https://user:secret@graph.microsoft.com",
        "https://graph.microsoft.com?x=1",
        "https://graph.microsoft.com#x",
        "https://[::1",
        "https://graph.microsoft.com:port",
    ],
)
def test_invalid_endpoints_are_refused(url, session):
    with pytest.raises(errors.FixConfiguration):
        check_endpoint(url)
    with pytest.raises(errors.FixConfiguration):
        GraphClient(session, url, TOKEN)


def test_an_endpoint_below_a_path(server, session):
    client = GraphClient(session, f"{server.root}/graph/", TOKEN, TIMEOUTS)
    server.play(raw(200, {"id": "me"}), raw(200, {"id": "me"}))
    client.send(READ)
    client.send(GraphRequest("GET", f"{server.root}/graph/v1.0/me?x=1"))
    assert [asked.path.partition("?")[0] for asked in server.asked] == [
        "/graph/v1.0/me"
    ] * 2
    outside = client.send(calls.follow(f"{server.root}/v1.0/me"))
    assert type(outside.error) is errors.ResyncNeeded


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "t\u00f6ken"])
def test_an_invalid_token_is_refused_and_not_in_the_error(session, token):
    with pytest.raises(ValueError, match="access token") as caught:
        GraphClient(session, "https://graph.microsoft.com", token)
    assert not token or token not in str(caught.value)
