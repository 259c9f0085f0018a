"""Entra ID: authorize, tokens, refresh, device code, client credentials, errors."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from graph_simulator.client import Control, Simulator
from graph_simulator.tests.conftest import REDIRECT
from graph_simulator.tests.people import ADELE, ALEX, Person, error_code

VERIFIER = "a-verifier-of-at-least-forty-three-characters-000"
SCOPE = "openid profile offline_access User.Read Calendars.ReadWrite"
Json = dict[str, Any]


@pytest.fixture
def app(control: Control) -> Json:
    """Return tenant, id and secret of the demo app."""
    return control.demo()


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def sign_in(simulator: Simulator, app: Json, **changes: str) -> dict[str, str]:
    """Follow ``/authorize`` and return the data of the redirect."""
    tenant = changes.pop("tenant", app["tenant_id"])
    values = {
        "client_id": app["client_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "a state",
        "login_hint": ADELE,
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        **changes,
    }
    given = {name: value for name, value in values.items() if value}
    return simulator.authorize(tenant, **given)


def token(simulator: Simulator, app: Json, **changes: str) -> requests.Response:
    """Call the token endpoint; a field with an empty value is left out."""
    tenant = changes.pop("tenant", app["tenant_id"])
    values = {
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        **changes,
    }
    fields = {name: value for name, value in values.items() if value}
    url = f"{simulator.url}/{tenant}/oauth2/v2.0/token"
    return requests.post(url, data=fields, timeout=10)


def redeem(
    simulator: Simulator, app: Json, code: str, **changes: str
) -> requests.Response:
    """Exchange a code."""
    values = {"redirect_uri": REDIRECT, "code_verifier": VERIFIER, **changes}
    return token(simulator, app, grant_type="authorization_code", code=code, **values)


def refresh(
    simulator: Simulator, app: Json, text: str, **changes: str
) -> requests.Response:
    """Use a refresh token."""
    return token(
        simulator, app, grant_type="refresh_token", refresh_token=text, **changes
    )


def tokens(simulator: Simulator, app: Json) -> Json:
    """Sign in and return the token response."""
    answer = redeem(simulator, app, sign_in(simulator, app)["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: requests.Response, error: str, number: int) -> None:
    """Check an error of the token endpoint."""
    body = answer.json()
    assert (body["error"], body["error_codes"]) == (error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    names = {"timestamp", "trace_id", "correlation_id"}
    assert names <= set(body)
    expected = 401 if error == "invalid_client" else 400
    assert answer.status_code == expected


def graph_status(simulator: Simulator, access: str) -> int:
    """Return the status of ``/me`` with a token."""
    headers = {"Authorization": f"Bearer {access}"}
    return requests.get(f"{simulator.url}/v1.0/me", headers=headers).status_code


def test_code_flow(simulator: Simulator, app: Json) -> None:
    result = sign_in(simulator, app)
    assert result["state"] == "a state"
    body = redeem(simulator, app, result["code"]).json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3599
    assert "https://graph.microsoft.com/Calendars.ReadWrite" in body["scope"].split()
    claims = body["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert claims["aud"] == app["client_id"]
    assert claims["tid"] == app["tenant_id"]
    assert claims["preferred_username"] == ADELE
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    me = requests.get(f"{simulator.url}/v1.0/me", headers=headers).json()
    assert me["userPrincipalName"] == ADELE
    assert me["id"] == claims["oid"]


def test_tenant_may_be_named_by_its_domain(simulator: Simulator, app: Json) -> None:
    code = sign_in(simulator, app, tenant="contoso.example")["code"]
    assert redeem(simulator, app, code).status_code == 200


def test_without_offline_access_no_refresh_token(
    simulator: Simulator, app: Json
) -> None:
    code = sign_in(simulator, app, scope="Calendars.ReadWrite")["code"]
    body = redeem(simulator, app, code).json()
    assert "refresh_token" not in body
    assert "id_token" not in body


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"code_verifier": "x" * 50}, "invalid_grant", 501481),
        ({"code_verifier": ""}, "invalid_grant", 501481),
        ({"redirect_uri": "http://localhost/other"}, "invalid_grant", 50011),
        ({"client_secret": "wrong"}, "invalid_client", 7000215),
        ({"client_secret": ""}, "invalid_client", 7000218),
        ({"client_id": "unknown"}, "unauthorized_client", 700016),
        ({"tenant": "common"}, "invalid_request", 50194),
        ({"tenant": "no-such-tenant"}, "invalid_request", 90002),
        ({"grant_type": "password"}, "unsupported_grant_type", 70003),
        ({"grant_type": ""}, "invalid_request", 900144),
    ],
)
def test_token_errors(
    simulator: Simulator, app: Json, changes: dict[str, str], error: str, number: int
) -> None:
    code = sign_in(simulator, app)["code"]
    values = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        **changes,
    }
    refused(token(simulator, app, **values), error, number)


def test_code_works_once_and_ten_minutes(simulator: Simulator, app: Json) -> None:
    code = sign_in(simulator, app)["code"]
    assert redeem(simulator, app, code).status_code == 200
    refused(redeem(simulator, app, code), "invalid_grant", 54005)
    code = sign_in(simulator, app)["code"]
    simulator.control.advance(601)
    refused(redeem(simulator, app, code), "invalid_grant", 70008)


def test_plain_challenge(simulator: Simulator, app: Json) -> None:
    code = sign_in(
        simulator, app, code_challenge=VERIFIER, code_challenge_method="plain"
    )["code"]
    assert redeem(simulator, app, code).status_code == 200


def test_refresh_rotates_and_the_old_one_stays(simulator: Simulator, app: Json) -> None:
    first = tokens(simulator, app)["refresh_token"]
    second = refresh(simulator, app, first).json()["refresh_token"]
    third = refresh(simulator, app, first).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert refresh(simulator, app, second).status_code == 200


def test_refresh_token_dies_of_inactivity(simulator: Simulator, app: Json) -> None:
    text = tokens(simulator, app)["refresh_token"]
    simulator.control.advance(89 * 86400)
    text = refresh(simulator, app, text).json()["refresh_token"]
    simulator.control.advance(91 * 86400)
    refused(refresh(simulator, app, text), "invalid_grant", 700082)


def test_access_token_expires_by_the_clock(simulator: Simulator, app: Json) -> None:
    body = tokens(simulator, app)
    assert graph_status(simulator, body["access_token"]) == 200
    simulator.control.advance(3600)
    assert graph_status(simulator, body["access_token"]) == 401
    access = refresh(simulator, app, body["refresh_token"]).json()["access_token"]
    assert graph_status(simulator, access) == 200


def test_revocation(simulator: Simulator, app: Json) -> None:
    body = tokens(simulator, app)
    assert simulator.control.revoke(ADELE, access=False) == 1
    assert graph_status(simulator, body["access_token"]) == 200
    refused(refresh(simulator, app, body["refresh_token"]), "invalid_grant", 50173)
    simulator.control.revoke(ADELE)
    assert graph_status(simulator, body["access_token"]) == 401


def test_user_revokes_own_sessions(simulator: Simulator, app: Json) -> None:
    body = tokens(simulator, app)
    adele = Person(simulator, ADELE)
    assert adele.send("POST", "/me/revokeSignInSessions").json()["value"] is True
    assert refresh(simulator, app, body["refresh_token"]).status_code == 400


def test_secrets_expire_and_are_replaced(simulator: Simulator, app: Json) -> None:
    text = tokens(simulator, app)["refresh_token"]
    simulator.control.update_app(
        app["client_id"], secrets={app["client_secret"]: "2020-01-01T00:00:00Z"}
    )
    refused(refresh(simulator, app, text), "invalid_client", 7000222)
    simulator.control.update_app(app["client_id"], secrets={"new": None})
    refused(refresh(simulator, app, text), "invalid_client", 7000215)
    assert refresh(simulator, app, text, client_secret="new").status_code == 200


def test_account_that_needs_a_second_factor(simulator: Simulator, app: Json) -> None:
    text = tokens(simulator, app)["refresh_token"]
    simulator.control.update_mailbox(
        ADELE, sign_in_error=["interaction_required", 50076, "MFA is needed."]
    )
    refused(refresh(simulator, app, text), "interaction_required", 50076)
    assert sign_in(simulator, app)["error"] == "interaction_required"
    simulator.control.update_mailbox(ADELE, sign_in_error=None)
    assert refresh(simulator, app, text).status_code == 200


def test_page_lists_accounts_and_signs_in(simulator: Simulator, app: Json) -> None:
    session = requests.Session()
    url = f"{simulator.url}/{app['tenant_id']}/oauth2/v2.0/authorize"
    values = {
        "client_id": app["client_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": '"><i>',
    }
    page = session.get(url, params=values, allow_redirects=False)
    assert page.status_code == 200
    assert re.findall(r'name="sim_account" value="([^"]+)"', page.text) == [
        ADELE,
        ALEX,
        "megan@contoso.example",
    ]
    assert '"><i>' not in page.text
    values["sim_account"] = ALEX
    answer = session.post(url, data=values, allow_redirects=False)
    found = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert found["state"] == ['"><i>']
    assert redeem(simulator, app, found["code"][0], code_verifier="").ok
    values["sim_decline"] = "1"
    answer = session.post(url, data=values, allow_redirects=False)
    assert "error=access_denied" in answer.headers["Location"]


@pytest.mark.parametrize(
    "uri",
    ["http://localhost/callback/", "http://localhost/callback?x=1", "http://evil"],
)
def test_redirect_uri_has_to_match_exactly(
    simulator: Simulator, app: Json, uri: str
) -> None:
    answer = requests.get(
        f"{simulator.url}/{app['tenant_id']}/oauth2/v2.0/authorize",
        params={
            "client_id": app["client_id"],
            "response_type": "code",
            "redirect_uri": uri,
            "scope": SCOPE,
            "login_hint": ADELE,
        },
        allow_redirects=False,
    )
    assert answer.status_code == 400
    assert "AADSTS50011" in answer.text


def test_errors_that_are_redirected(simulator: Simulator, app: Json) -> None:
    assert sign_in(simulator, app, response_type="token")["error"] == (
        "unsupported_response_type"
    )
    silent = sign_in(simulator, app, login_hint="", prompt="none")
    assert silent["error"] == "login_required"
    assert sign_in(simulator, app, scope="Nonsense.Read")["error"] == "invalid_scope"


def test_multi_tenant_app_and_personal_account(simulator: Simulator) -> None:
    control = simulator.control
    control.add_mailbox("pat@outlook.example", kind="personal")
    control.add_app(
        "contoso",
        "multi",
        secrets={"s": None},
        redirect_uris=[REDIRECT],
        is_multi_tenant=True,
    )
    app = {"client_id": "multi", "client_secret": "s", "tenant_id": "common"}
    code = sign_in(simulator, app, login_hint="pat@outlook.example")["code"]
    assert redeem(simulator, app, code).ok
    wrong = sign_in(
        simulator, app, login_hint="pat@outlook.example", tenant="organizations"
    )
    assert wrong["error"] == "access_denied"
    wrong = sign_in(simulator, app, tenant="consumers")
    assert wrong["error"] == "access_denied"


def test_device_code(simulator: Simulator, app: Json) -> None:
    control = simulator.control
    control.update_app(app["client_id"], is_public=True)
    url = f"{simulator.url}/{app['tenant_id']}/oauth2/v2.0/devicecode"

    def begin() -> Json:
        fields = {"client_id": app["client_id"], "scope": SCOPE}
        return requests.post(url, data=fields).json()

    def poll(code: str) -> requests.Response:
        control.advance(5)
        kind = "urn:ietf:params:oauth:grant-type:device_code"
        return token(
            simulator, app, client_secret="", grant_type=kind, device_code=code
        )

    device = begin()
    assert set(device) == {
        "user_code",
        "device_code",
        "verification_uri",
        "expires_in",
        "interval",
        "message",
    }
    refused(poll(device["device_code"]), "authorization_pending", 70016)
    control.answer_device_code(device["user_code"], ADELE)
    assert poll(device["device_code"]).json()["refresh_token"]
    refused(poll(device["device_code"]), "bad_verification_code", 70018)
    device = begin()
    control.answer_device_code(device["user_code"], None)
    refused(poll(device["device_code"]), "authorization_declined", 70017)
    device = begin()
    control.advance(901)
    refused(poll(device["device_code"]), "expired_token", 70019)


def test_device_code_of_a_confidential_app_needs_the_secret(
    simulator: Simulator, app: Json
) -> None:
    url = f"{simulator.url}/{app['tenant_id']}/oauth2/v2.0/devicecode"
    fields = {"client_id": app["client_id"], "scope": SCOPE}
    device = requests.post(url, data=fields).json()
    simulator.control.answer_device_code(device["user_code"], ADELE)
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
    }
    refused(token(simulator, app, client_secret="", **poll), "invalid_client", 7000218)
    assert token(simulator, app, **poll).json()["refresh_token"]


def test_device_code_of_an_app_with_public_flows_needs_no_secret(
    simulator: Simulator, app: Json
) -> None:
    control = simulator.control
    control.update_app(app["client_id"], allows_public_flows=True)
    url = f"{simulator.url}/{app['tenant_id']}/oauth2/v2.0/devicecode"
    fields = {"client_id": app["client_id"], "scope": SCOPE}
    device = requests.post(url, data=fields).json()
    assert device["verification_uri"] == f"{simulator.url}/devicelogin"
    page = requests.post(
        device["verification_uri"],
        data={"user_code": device["user_code"], "account": ADELE},
    )
    assert page.status_code == 200
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
    }
    found = token(simulator, app, client_secret="", **poll).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
    again = token(simulator, app, client_secret="", **refresh)
    assert again.json()["access_token"]
    control.update_app(app["client_id"], allows_public_flows=False)
    refused(
        token(simulator, app, client_secret="", **refresh), "invalid_client", 7000218
    )


def test_discovery_names_the_endpoints_and_the_keys(
    simulator: Simulator, app: Json
) -> None:
    def document(name: str) -> requests.Response:
        path = f"{name}/v2.0/.well-known/openid-configuration"
        return requests.get(f"{simulator.url}/{path}")

    of_tenant = document("contoso.example").json()
    root = f"{simulator.url}/{app['tenant_id']}"
    assert of_tenant["token_endpoint"] == f"{root}/oauth2/v2.0/token"
    assert app["tenant_id"] in of_tenant["issuer"]
    assert "{tenantid}" in document("common").json()["issuer"]
    assert document("nowhere.example").status_code == 400
    [key] = requests.get(of_tenant["jwks_uri"]).json()["keys"]
    answer = sign_in(simulator, app)
    made = redeem(simulator, app, answer["code"]).json()
    head = made["id_token"].partition(".")[0]
    told = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert (told["alg"], told["kid"]) == (key["alg"], key["kid"])


def test_client_credentials(simulator: Simulator, app: Json) -> None:
    answer = token(
        simulator,
        app,
        grant_type="client_credentials",
        scope="https://graph.microsoft.com/.default",
    )
    assert "refresh_token" not in answer.json()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    root = f"{simulator.url}/v1.0"
    assert session.get(f"{root}/users/{ADELE}/events").status_code == 200
    assert session.get(f"{root}/me").status_code == 400
    assert session.get(f"{root}/users/nobody@contoso.example").status_code == 404
    bad = token(simulator, app, grant_type="client_credentials", scope="User.Read")
    assert bad.json()["error"] == "invalid_scope"


def test_public_client_must_not_send_a_secret(simulator: Simulator, app: Json) -> None:
    text = tokens(simulator, app)["refresh_token"]
    simulator.control.update_app(app["client_id"], is_public=True)
    refused(refresh(simulator, app, text), "invalid_client", 700025)
    assert refresh(simulator, app, text, client_secret="").ok


def test_permissions_are_those_of_the_token(simulator: Simulator) -> None:
    reader = Person(simulator, ADELE, scope="Calendars.Read")
    assert reader.send("GET", "/me/events").status_code == 200
    answer = reader.send("POST", "/me/events", {})
    assert (answer.status_code, error_code(answer)) == (403, "ErrorAccessDenied")
    assert reader.send("GET", "/me/mailboxSettings").status_code == 403


@pytest.mark.parametrize(
    "header", [None, "Basic x", "Bearer", "Bearer junk", "Bearer a.b"]
)
def test_bad_access_tokens(simulator: Simulator, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(f"{simulator.url}/v1.0/me", headers=headers)
    assert (answer.status_code, error_code(answer)) == (
        401,
        "InvalidAuthenticationToken",
    )
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_token_faults(simulator: Simulator, app: Json) -> None:
    text = tokens(simulator, app)["refresh_token"]
    control = simulator.control
    control.fault("token_error", path="/token$")
    assert refresh(simulator, app, text).json()["error"] == "temporarily_unavailable"
    control.fault("token_error", path="/token$", error="interaction_required")
    assert refresh(simulator, app, text).json()["error"] == "interaction_required"
    control.fault("unavailable", path="/token$", retry_after=3)
    answer = refresh(simulator, app, text)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    control.fault("token_revoked", path="/token$", mailbox=ALEX)
    assert refresh(simulator, app, text).ok
    control.clear_faults()
    control.fault("token_revoked", path="/token$", mailbox=ADELE)
    refused(refresh(simulator, app, text), "invalid_grant", 50173)
    control.fault("answer_lost", path="/token$")
    with pytest.raises(requests.ConnectionError):
        refresh(simulator, app, text)
    assert refresh(simulator, app, text).ok
