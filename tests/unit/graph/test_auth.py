"""Test signing in and refreshing tokens with raw HTTP."""

import base64
import hashlib
import logging
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import HANG_UP, TIMEOUTS, raw

from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.graph.auth import (
    SCOPES,
    SHARED_SCOPE,
    admin_consent_url,
    authorize_url,
    grants,
    pkce_pair,
    redeem_code,
    refresh,
)

LOGIN = "https://login.microsoftonline.com"
ANSWER = {
    "token_type": "Bearer",
    "scope": "Calendars.ReadWrite User.Read",
    "expires_in": 3599,
    "access_token": "new-access",
    "refresh_token": "new-refresh",
}


@pytest.fixture
def ask(server, session):
    """Return functions to redeem a code and to refresh a token."""
    app = {
        "login_root": server.root,
        "tenant": "contoso.com",
        "client_id": "app",
        "client_secret": "app-secret",
        "timeouts": TIMEOUTS,
    }

    def redeem(**changes):
        given = {
            "code": "the-code",
            "code_verifier": "the-verifier",
            "redirect_uri": "https://odoo.contoso.com/back",
        }
        return redeem_code(session, **(app | given | changes))

    def again(**changes):
        return refresh(session, **(app | {"refresh_token": "old-refresh"} | changes))

    redeem.refresh = again
    return redeem


def form(asked):
    return {name: value for name, [value] in parse_qs(asked.content.decode()).items()}


@given(st.binary(min_size=32, max_size=96))
def test_pkce_pair_fits_entras_rules(random_bytes):
    verifier, challenge = pkce_pair(random_bytes)
    assert re.fullmatch(r"[A-Za-z0-9\-._~]{43,128}", verifier)
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64decode(challenge + "=") == digest


def test_pkce_pair_of_the_rfc():
    random_bytes = base64.urlsafe_b64decode(
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk="
    )
    assert pkce_pair(random_bytes) == (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )


@pytest.mark.parametrize("size", [0, 31, 97])
def test_pkce_takes_no_weak_secret(size):
    with pytest.raises(ValueError, match="random bytes"):
        pkce_pair(b"x" * size)


def test_authorize_url_has_all_parameters_for_entra():
    url = authorize_url(
        f"{LOGIN}/",
        "84bd8158-6d4d-4958-8b9f-9d6445542f95",
        "app",
        "https://odoo.contoso.com/back?x=1",
        SCOPES,
        "a state &=",
        "challenge",
        login_hint="ann+x@contoso.com",
        prompt="select_account",
    )
    address, _, query = url.partition("?")
    assert address == (
        f"{LOGIN}/84bd8158-6d4d-4958-8b9f-9d6445542f95/oauth2/v2.0/authorize"
    )
    assert parse_qs(query, strict_parsing=True) == {
        "client_id": ["app"],
        "response_type": ["code"],
        "response_mode": ["query"],
        "redirect_uri": ["https://odoo.contoso.com/back?x=1"],
        "scope": [SCOPES],
        "state": ["a state &="],
        "code_challenge": ["challenge"],
        "code_challenge_method": ["S256"],
        "login_hint": ["ann+x@contoso.com"],
        "prompt": ["select_account"],
    }


@pytest.mark.parametrize(
    ("tenant", "asked"),
    [("contoso.com", "contoso.com"), ("common", "organizations")],
)
def test_admin_consent_is_asked_of_one_organization(tenant, asked):
    url = admin_consent_url(LOGIN, tenant, "app", "https://o/b", SCOPES, "a state")
    address, _, query = url.partition("?")
    assert address == f"{LOGIN}/{asked}/v2.0/adminconsent"
    assert parse_qs(query, strict_parsing=True) == {
        "client_id": ["app"],
        "redirect_uri": ["https://o/b"],
        "scope": [SCOPES],
        "state": ["a state"],
    }


def test_authorize_url_leaves_out_missing_values():
    url = authorize_url(LOGIN, "common", "app", "https://o/b", SCOPES, "s", "c")
    assert not {"login_hint", "prompt"} & set(parse_qs(urlsplit(url).query))


@pytest.mark.parametrize(
    ("login_root", "tenant", "client_id"),
    [
        (LOGIN, "", "app"),
        (LOGIN, None, "app"),
        (LOGIN, "../common", "app"),
        (LOGIN, "a/b", "app"),
        (LOGIN, "a?b", "app"),
        (LOGIN, "a\n", "app"),
        (LOGIN, "..", "app"),
        (LOGIN, "common", ""),
        ("http://login.microsoftonline.com", "common", "app"),
        ("", "common", "app"),
    ],
)
def test_a_wrong_configuration_is_found_before_a_request(
    ask, server, login_root, tenant, client_id
):
    with pytest.raises(errors.FixConfiguration):
        authorize_url(login_root, tenant, client_id, "https://o/b", SCOPES, "s", "c")
    wrong = {"login_root": login_root, "tenant": tenant, "client_id": client_id}
    for call in (ask, ask.refresh):
        with pytest.raises(errors.FixConfiguration):
            call(**wrong)
    assert server.asked == []


def test_a_code_becomes_tokens(ask, server):
    server.play(raw(200, ANSWER))
    tokens = ask()
    assert tokens.access_token == "new-access"
    assert tokens.refresh_token == "new-refresh"
    assert tokens.expires_in == 3599
    assert tokens.scope == ANSWER["scope"]
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/contoso.com/oauth2/v2.0/token")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in asked.headers
    assert form(asked) == {
        "grant_type": "authorization_code",
        "client_id": "app",
        "client_secret": "app-secret",
        "code": "the-code",
        "code_verifier": "the-verifier",
        "redirect_uri": "https://odoo.contoso.com/back",
        "scope": SCOPES,
    }


def test_a_public_client_sends_no_secret(ask, server):
    server.play(raw(200, ANSWER), raw(200, ANSWER))
    ask(client_secret=None)
    ask.refresh(client_secret="")
    assert not any("client_secret" in form(asked) for asked in server.asked)


def test_secrets_survive_the_form(ask, server):
    secret = "a+b&c=d%e \u00e9~"
    server.play(raw(200, ANSWER))
    ask(client_secret=secret)
    assert form(server.asked[0])["client_secret"] == secret


def test_refreshing_brings_a_new_refresh_token(ask, server):
    server.play(raw(200, ANSWER))
    tokens = ask.refresh()
    assert (tokens.access_token, tokens.refresh_token) == ("new-access", "new-refresh")
    assert form(server.asked[0])["grant_type"] == "refresh_token"
    assert form(server.asked[0])["refresh_token"] == "old-refresh"


@pytest.mark.parametrize("given", [None, "", 5])
def test_without_a_new_refresh_token_the_old_one_is_kept(ask, server, given):
    server.play(raw(200, ANSWER | {"refresh_token": given}))
    assert ask.refresh().refresh_token == "old-refresh"


def test_a_sign_in_without_refresh_token_is_a_wrong_configuration(ask, server):
    server.play(raw(200, ANSWER | {"refresh_token": None}))
    with pytest.raises(errors.FixConfiguration):
        ask()


@pytest.mark.parametrize(
    ("told", "seconds"), [("3599", 3599), (-5, 0), (None, 3000), ("soon", 3000)]
)
def test_lifetimes(ask, server, told, seconds):
    server.play(raw(200, ANSWER | {"expires_in": told, "scope": None}))
    tokens = ask()
    assert (tokens.expires_in, tokens.scope) == (seconds, "")


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        (400, {"error": "invalid_grant"}, errors.SignInAgain),
        (400, {"error": "interaction_required"}, errors.SignInAgain),
        (401, {"error": "invalid_client"}, errors.FixConfiguration),
        (400, {"error": "temporarily_unavailable"}, errors.TryLater),
        (503, b"<html>", errors.TryLater),
        (200, b"<html>", errors.TryLater),
        (200, [], errors.TryLater),
        (200, {}, errors.TryLater),
        (200, ANSWER | {"access_token": None}, errors.TryLater),
        (200, ANSWER | {"access_token": "two\nlines"}, errors.TryLater),
    ],
)
def test_refusals_are_named_for_the_remedy(ask, server, status, body, remedy):
    for call in (ask, ask.refresh):
        server.play(raw(status, body))
        with pytest.raises(errors.SyncError) as caught:
            call()
        assert type(caught.value) is remedy


def test_a_busy_entra_says_how_long(ask, server):
    server.play(raw(429, {"error": "x"}, Retry_After="30"))
    with pytest.raises(errors.TryLater) as caught:
        ask.refresh()
    assert caught.value.after_seconds == 30


def test_a_lost_answer_is_no_lost_grant(ask, server):
    server.play(HANG_UP)
    with pytest.raises(errors.TryLater):
        ask.refresh()


def test_no_secret_is_in_an_error(ask, server, caplog):
    caplog.set_level(logging.DEBUG, logger="praetorx_ms365_calendar")
    refused = {
        "error": "invalid_grant",
        "error_description": "AADSTS50034: ann@contoso.com",
        "error_codes": [50034],
    }
    server.play(raw(200, ANSWER), raw(400, refused))
    told = repr(ask())
    with pytest.raises(errors.SignInAgain) as caught:
        ask.refresh()
    told += caplog.text + str(caught.value)
    assert "AADSTS50034" in told
    for secret in ("new-", "old-refresh", "app-secret", "the-code", "ann@"):
        assert secret not in told


@pytest.mark.parametrize(
    ("granted", "is_granted"),
    [
        ("openid Calendars.ReadWrite Calendars.ReadWrite.Shared", True),
        ("https://graph.microsoft.com/calendars.readwrite.shared", True),
        ("Calendars.ReadWrite", False),
        ("", False),
    ],
)
def test_granted_scopes_are_known_in_all_their_spellings(granted, is_granted):
    assert grants(granted, SHARED_SCOPE) is is_granted
