"""Test the error and the remedy for each response of Graph and Entra."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.engine.graph_errors import (
    MAX_AFTER_SECONDS,
    WRITES,
    TryFewTimes,
    error_from_response,
    error_from_token_response,
    retry_after_seconds,
)
from praetorx_ms365_calendar.engine.reasons import read_reason

OPERATIONS = sorted(WRITES | {"read", "list", "delta", "follow", "mailbox"})


def graph_error(code, **more):
    """Build an error body as Graph sends it."""
    return {"error": {"code": code, "message": "Text for ann@contoso.com", **more}}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_success_is_no_error(status, operation):
    assert error_from_response(status, {}, None, operation=operation) is None


@pytest.mark.parametrize(
    ("status", "code", "operation", "remedy"),
    [
        (400, "ErrorPropertyValidationFailure", "create", errors.GiveUpOnEvent),
        (400, "ErrorOccurrenceCrossingBoundary", "update", errors.GiveUpOnEvent),
        (400, "ErrorInvalidRequest", "update", errors.GiveUpOnEvent),
        (400, "ErrorInvalidRequest", "respond", errors.GiveUpOnEvent),
        (400, "ErrorInvalidRequest", "delete", errors.AlreadyGone),
        (400, "ErrorInvalidIdMalformed", "delete", errors.GiveUpOnEvent),
        (400, "ErrorInvalidRequest", "delta", errors.MailboxUnavailable),
        (400, "SyncStateNotFound", "delta", errors.ResyncNeeded),
        (404, "syncStateNotFound", "follow", errors.ResyncNeeded),
        (400, "resyncRequired", "follow", errors.ResyncNeeded),
        (400, "BadRequest", "follow", errors.ResyncNeeded),
        (410, "SyncStateNotFound", "follow", errors.ResyncNeeded),
        (410, "Gone", "follow", errors.ResyncNeeded),
        (410, "Gone", "delete", errors.AlreadyGone),
        (401, "InvalidAuthenticationToken", "read", errors.RefreshToken),
        (403, "ErrorAccessDenied", "list", errors.MailboxUnavailable),
        (403, "ErrorExceededMessageLimit", "create", errors.TryLater),
        (404, "ErrorItemNotFound", "read", errors.AlreadyGone),
        (404, "ERRORITEMNOTFOUND", "update", errors.AlreadyGone),
        (404, "ErrorItemNotFound", "create", errors.GiveUpOnEvent),
        (404, "ErrorItemNotFound", "delta", errors.AlreadyGone),
        (404, "ErrorItemNotFound", "batch", errors.GiveUpOnEvent),
        (404, "SomethingNew", "delete", errors.GiveUpOnEvent),
        (404, "MailboxNotEnabledForRESTAPI", "read", errors.MailboxUnavailable),
        (404, "mailboxNotEnabledForRestApi", "create", errors.MailboxUnavailable),
        (404, "ErrorInvalidUser", "delta", errors.MailboxUnavailable),
        (409, "ErrorIrresolvableConflict", "update", errors.MergeNeeded),
        (412, "ErrorIrresolvableConflict", "delete", errors.MergeNeeded),
        (412, "ErrorIrresolvableConflict", "create", errors.TryLater),
        (413, "RequestEntityTooLarge", "create", errors.GiveUpOnEvent),
        (423, "Locked", "update", errors.TryLater),
        (424, "FailedDependency", "update", errors.TryLater),
        (429, "ApplicationThrottled", "read", errors.TryLater),
        (500, "ErrorInternalServerError", "create", TryFewTimes),
        (500, "ErrorMailboxStoreUnavailable", "create", errors.TryLater),
        (501, "NotImplemented", "update", errors.GiveUpOnEvent),
        (503, "ServiceUnavailable", "delta", errors.TryLater),
        (504, "UnknownError", "follow", errors.TryLater),
        (507, "quotaLimitReached", "create", errors.GiveUpOnEvent),
        (509, "bandwidthLimitExceeded", "read", errors.TryLater),
        (302, "Found", "read", errors.TryLater),
        (404, "ResourceNotFound", "renew", errors.AlreadyGone),
        (404, "ResourceNotFound", "reauthorize", errors.AlreadyGone),
        (400, "ValidationError", "subscribe", errors.FixConfiguration),
        (400, "ExtensionError", "subscribe", errors.TryLater),
        (403, "ExtensionError", "subscribe", errors.MailboxUnavailable),
    ],
)
def test_remedy(status, code, operation, remedy):
    error = error_from_response(status, {}, graph_error(code), operation=operation)
    assert type(error) is remedy
    assert error.code == code


def test_a_nested_error_code_counts_too():
    body = graph_error("BadRequest", innerError={"code": "MailboxNotEnabledForRESTAPI"})
    error = error_from_response(400, {}, body, operation="list")
    assert type(error) is errors.MailboxUnavailable


def test_error_codes_are_read_to_a_limited_depth():
    deep = {"code": "MailboxNotEnabledForRESTAPI"}
    for _level in range(5):
        deep = {"code": "BadRequest", "innerError": deep}
    error = error_from_response(400, {}, {"error": deep}, operation="create")
    assert type(error) is errors.GiveUpOnEvent
    error = error_from_response(
        400, {}, {"error": deep["innerError"]}, operation="list"
    )
    assert type(error) is errors.MailboxUnavailable


def test_an_overloaded_service_does_not_lose_the_delta_state():
    body = graph_error("ErrorServerBusy")
    error = error_from_response(400, {}, body, operation="follow")
    assert type(error) is errors.TryLater


@pytest.mark.parametrize("body", [None, {}, {"error": None}, {"error": "no"}, []])
def test_a_404_from_a_proxy_deletes_nothing(body):
    for operation in ("read", "update", "delete", "list"):
        error = error_from_response(404, {}, body, operation=operation)
        assert type(error) is errors.TryLater


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_may_be_done_even_if_the_server_failed(status):
    lost = error_from_response(status, {}, None, operation="create")
    assert lost.response_lost
    assert not error_from_response(status, {}, None, operation="read").response_lost


def test_a_throttled_write_is_not_done():
    body = graph_error("TooManyRequests")
    error = error_from_response(429, {"retry-after": "2.128"}, body, operation="create")
    assert not error.response_lost
    assert error.after_seconds == 2.128


def test_a_repeated_create_names_the_event_that_exists():
    body = {
        "error": {
            "code": "ErrorDuplicateTransactionId",
            "message": "...",
            "@event.existingEventId": "AAMkAGI1AAAt9AHjAAA=",
        }
    }
    error = error_from_response(400, {}, body, operation="create")
    assert type(error) is errors.AlreadyExists
    assert error.existing_id == "AAMkAGI1AAAt9AHjAAA="


def test_a_repeated_create_without_id_goes_to_a_person():
    body = graph_error("ErrorDuplicateTransactionId")
    error = error_from_response(400, {}, body, operation="create")
    assert type(error) is errors.GiveUpOnEvent


def test_a_double_subscription_names_the_first_one_if_graph_does():
    known = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
    body = {"error": {"code": "Conflict", "message": f"Subscription Id {known} exists"}}
    error = error_from_response(409, {}, body, operation="subscribe")
    assert error.existing_id == known
    error = error_from_response(409, {}, graph_error("Conflict"), operation="subscribe")
    assert error.existing_id == ""


def test_request_id_comes_from_header_or_body():
    body = graph_error("ErrorAccessDenied", innerError={"request-id": "of-body"})
    error = error_from_response(
        403, {"Request-Id": "of-header"}, body, operation="read"
    )
    assert error.request_id == "of-header"
    error = error_from_response(403, {}, body, operation="read")
    assert error.request_id == "of-body"


def test_no_text_of_graph_is_in_the_reason():
    body = graph_error("Lunch with ann@contoso.com")
    error = error_from_response(400, {}, body, operation="create")
    assert "contoso" not in f"{error}{error.reason}{error.code}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "innerError", "message", "error_codes"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    status=st.integers(300, 599),
    body=json_values,
    headers=st.dictionaries(
        st.sampled_from(["Retry-After", "Date", "request-id"]), st.text(max_size=30)
    ),
    operation=st.sampled_from(OPERATIONS),
)
def test_every_failure_has_a_remedy(status, body, headers, operation):
    error = error_from_response(status, headers, body, operation=operation)
    assert isinstance(error, errors.SyncError)
    assert isinstance(
        error_from_token_response(status, headers, body), errors.SyncError
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "10"}, 10),
        ({"retry-after": " 2.128 "}, 2.128),
        ({"RETRY-AFTER": "0"}, 0),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "9999999999"}, MAX_AFTER_SECONDS),
        ({"Retry-After": "Mon, 02 Mar 2026 08:12:41 GMT"}, None),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 08:12:41 GMT",
                "date": "Mon, 02 Mar 2026 08:10:41 GMT",
            },
            120,
        ),
        (  # "-0000" says that the zone is unknown: it counts as UTC
            {
                "Retry-After": "Mon, 02 Mar 2026 08:12:41 -0000",
                "Date": "Mon, 02 Mar 2026 08:10:41 GMT",
            },
            120,
        ),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("status", "word", "remedy"),
    [
        (400, "invalid_grant", errors.SignInAgain),
        (400, "interaction_required", errors.SignInAgain),
        (400, "consent_required", errors.SignInAgain),
        (400, "login_required", errors.SignInAgain),
        (400, "invalid_scope", errors.SignInAgain),
        (400, "access_denied", errors.SignInAgain),
        (401, "invalid_client", errors.FixConfiguration),
        (400, "unauthorized_client", errors.FixConfiguration),
        (400, "invalid_request", errors.FixConfiguration),
        (400, "unsupported_grant_type", errors.FixConfiguration),
        (400, "invalid_resource", errors.FixConfiguration),
        (400, "something_new", errors.FixConfiguration),
        (400, "temporarily_unavailable", errors.TryLater),
        (400, "server_error", errors.TryLater),
        (503, "invalid_grant", errors.TryLater),
        (429, "invalid_request", errors.TryLater),
    ],
)
def test_remedy_of_a_token_error(status, word, remedy):
    error = error_from_token_response(status, {}, {"error": word})
    assert type(error) is remedy
    assert error.code == word


def test_a_page_of_a_proxy_does_not_end_the_grant():
    for body in (None, "<html>", {"error": {"code": "x"}}):
        assert type(error_from_token_response(403, {}, body)) is errors.TryLater


def test_only_the_number_in_entras_description_is_kept():
    body = {
        "error": "invalid_grant",
        "error_description": "AADSTS50034: ann@contoso.com does not exist",
        "error_codes": [50034, "ann@contoso.com", True],
        "trace_id": "0000aaaa-11bb-cccc-dd22-eeeeee333333",
    }
    error = error_from_token_response(400, {}, body)
    assert read_reason(error.reason).facts == {
        "code": "invalid_grant",
        "numbers": "AADSTS50034",
        "status": 400,
    }
    assert error.request_id == body["trace_id"]


def test_tokens_given_are_no_error():
    assert error_from_token_response(200, {}, {"access_token": "x"}) is None
