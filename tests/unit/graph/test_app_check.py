"""Test the check of an Azure app with raw HTTP."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from scripted import HANG_UP, raw

from praetorx_ms365_calendar.engine import errors
from praetorx_ms365_calendar.graph.app_check import check_secret, check_tenant

REFUSED = {
    "error": "invalid_client",
    "error_description": "AADSTS7000215: Invalid client secret of alice@example.com",
    "error_codes": [7000215],
}


def secret(server, session):
    """Check the secret of an app."""
    check_secret(
        session,
        login_root=server.root,
        tenant="contoso.example",
        client_id="app",
        client_secret="app & secret",
        graph_root="https://graph.microsoft.com",
    )


def test_tenant_with_a_configuration_exists(server, session):
    server.play(raw(200, {"token_endpoint": "https://login.example/token"}))
    check_tenant(session, server.root, "contoso.example")
    [asked] = server.asked
    path = "/contoso.example/v2.0/.well-known/openid-configuration"
    assert (asked.method, asked.path, asked.content) == ("GET", path, b"")


@pytest.mark.parametrize("body", [{}, [], b"<html>Welcome</html>", {"issuer": "x"}])
def test_other_responses_are_none_of_entra(server, session, body):
    server.play(raw(200, body))
    with pytest.raises(errors.FixConfiguration, match="not of Entra"):
        check_tenant(session, server.root, "contoso.example")


def test_unknown_tenant_is_an_error_of_the_configuration(server, session):
    body = {"error": "invalid_tenant", "error_codes": [90002]}
    server.play(raw(400, body))
    with pytest.raises(errors.FixConfiguration):
        check_tenant(session, server.root, "contoso.example")


def test_secret_is_checked_as_the_app_itself(server, session):
    server.play(raw(200, {"token_type": "Bearer", "access_token": "dropped"}))
    assert secret(server, session) is None
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/contoso.example/oauth2/v2.0/token")
    assert parse_qs(asked.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["app"],
        "client_secret": ["app & secret"],
        "scope": ["https://graph.microsoft.com/.default"],
    }


def test_wrong_secret_is_an_error_without_names(server, session):
    server.play(raw(401, REFUSED))
    with pytest.raises(errors.FixConfiguration) as caught:
        secret(server, session)
    assert re.search("7000215", caught.value.reason)
    assert "alice" not in str(caught.value)


def test_lost_response_is_worth_another_try(server, session):
    server.play(HANG_UP)
    with pytest.raises(errors.TryLater):
        secret(server, session)
