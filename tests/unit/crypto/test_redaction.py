"""Test that secrets in any notation are removed from the log, and the rest stays."""

import json
import logging
import time
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from praetorx_base.crypto.keyring import Keyring, generate_key
from praetorx_base.crypto.redaction import (
    REDACTED,
    RedactingFilter,
    add_secret_pattern,
    redact,
)

NAMES = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "code_verifier",
    "device_code",
    "password",
    "api_key",
    "clientState",
    "microsoft_calendar_rtoken",
    "PRAETORX_ENCRYPTION_KEYS",
    "CLIENT_SECRET",
    "ms365_client_secret_entry",
    "smtp_password_2",
]
# A unique marker between any texts.
MARKER = "Zq7xTopSecret"
rest_of_secret = st.text(
    st.characters(min_codepoint=32, max_codepoint=126), max_size=20
)
secrets = st.builds(lambda a, b: a + MARKER + b, rest_of_secret, rest_of_secret)
names = st.sampled_from(NAMES)


@given(names, secrets)
@example("password", f"back\\slash'quote\"{MARKER}\\")
def test_quoted_notations_are_redacted(name, secret):
    pair = {name: secret}
    for text in (
        json.dumps(pair),
        json.dumps(pair, indent=2),
        json.dumps(json.dumps(pair)),
        repr(pair),
        repr({name: [secret]}),
        repr({name: secret.encode()}),
        repr([(name, secret)]),
        f"login({name}={secret!r}, timeout=3)",
        repr(json.dumps({"status": 200, **pair, "scope": "x"})),
    ):
        assert MARKER not in redact(text), text


@given(names, secrets)
def test_form_and_query_notations_are_redacted(name, secret):
    body = urlencode({"grant_type": "x", name: secret, "scope": "y"})
    inner = quote(f"/path?{body}", safe="")
    for text in (body, f"GET /path?{body} HTTP/1.1", f"{body.encode()!r}", inner):
        assert MARKER not in redact(text), text
        assert "scope" in redact(text)


@given(names, secrets)
def test_a_value_that_was_cut_off_is_redacted(name, secret):
    cut = json.dumps({name: secret})[:-2]
    assert MARKER not in redact(cut)


@given(names, secrets)
def test_redacting_twice_changes_nothing(name, secret):
    once = redact(f"{json.dumps({name: secret})} {urlencode({name: secret})}")
    assert redact(once) == once


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {MARKER}",
        f"authorization: basic {MARKER}",
        f"{{'Authorization': 'Bearer {MARKER}'}}",
        f'{{"headers": {{"Authorization": "Bearer {MARKER}"}}}}',
        f"sent bearer {MARKER}.abc-def_ghi=",
        f"X-Api-Key: {MARKER}",
        f"GET /authentication?code={MARKER}&state=1 HTTP/1.1",
        f"GET /authentication?state=1&code={MARKER} HTTP/1.1",
        f"https://host/login?next=%2Fauth%3Fcode%3D{MARKER}%26state%3D1",
        f"code={MARKER}.AbC&client_id=1",
        f"{{'code': '0.{MARKER}', 'client_id': '1'}}",
        f'{{"code": ["0.{MARKER}"]}}',
        f"refresh_token: {MARKER}abcdef",
        f"eyJhbGciOiJub25l.{MARKER}.c2lnbmF0dXJl",
        f"the token eyJhbGciOiJub25l.{MARKER}.",
        f"call ir.config_parameter().set_param('x_client_secret', '{MARKER}')",
        f"call ir.config_parameter().set_param(key='a_secret', value='{MARKER}')",
        f"call ir.config_parameter(7,).write({{'value': '{MARKER}'}})",
        f"call ir.config_parameter(7,).web_save({{'value': '{MARKER}'}}, {{}})",
        f"[{{'key': 'x_client_secret', 'value': '{MARKER}'}}]",
        f"[{{'value': '{MARKER}', 'key': 'x_client_secret'}}]",
        f"call res.users().search([('a_token', '=', '{MARKER}')])",
        f"call res.users().search([('a_token', '=ilike', '{MARKER}')])",
        f"call res.users().search([['a_token', 'not in', ['{MARKER}']]])",
        f"call res.users().load(['id', 'a_token'], [['x', '{MARKER}']])",
        f"call res.company(1,).write({{'ms365_client_secret_entry': '{MARKER}'}})",
        f"call res.company(1,).web_save({{'secret_entry': '{MARKER}'}}, {{}})",
    ],
)
def test_secret_is_redacted(text):
    assert MARKER not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"error": {"code": "InvalidAuthenticationToken", "message": "expired"}}',
        '{"error": "invalid_grant", "error_codes": [700082]}',
        '{"token_type": "Bearer", "expires_in": 3599}',
        'WWW-Authenticate: Bearer realm="", error="invalid_token"',
        "access_token is missing",
        "invalid token: expected a string",
        "read(['microsoft_calendar_rtoken', 'name'])",
        "call res.users(2,).read(['ms365_client_secret_entry', 'name'])",
        "call res.users().load(['id', 'name'], [['x', 'y']])",
        "{'microsoft_calendar_token_validity': '2026-03-02 09:00:00'}",
        "call ir.config_parameter().get_param('microsoft_calendar_client_secret')",
        "process ended, code=137",
        "status code: 503",
        "{'code': 'de_DE'}",
        "{'refresh_token': False}",
        "Module praetorx_base loaded in 0.12s, 123 queries",
        "client-request-id 2f1c6b1e-0f0f-4a5e-9d3b-3c1b2a1f0e9d",
    ],
)
def test_useful_parts_of_a_log_stay(text):
    assert redact(text) == text


def test_an_envelope_keeps_its_key_id():
    ring = Keyring.parse(generate_key())
    sealed = ring.encrypt("text", "place")
    assert redact(f"SET a='{sealed}'") == f"SET a='px1:{ring.newest.id}:{REDACTED}'"


def test_an_addon_can_add_a_form_of_its_own():
    pattern = r"\bzz-[0-9]{4}\b"
    assert redact("key zz-1234") == "key zz-1234"
    add_secret_pattern(pattern)
    add_secret_pattern(pattern)
    assert redact("key ZZ-1234") == f"key {REDACTED}"


@given(st.text())
def test_any_text_can_be_redacted(text):
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ-",
        "eyJaaaaaaaa.",
        "token ",
        "token='",
        "('token",
        "token" + "\\" * 50,
        "bearer ",
        "code=aaaaaaaaaaa",
        "code=aaaaaaaaaaaa%3D",
        "authorization: ",
        "px1:0123456789ab:",
        "client_",
        "token_",
        "tokensecret",
        "('token', '=', ",
        "'value': '",
        "'value': 'x', 'key': 'y', ",
        ".load(['",
        "ir.config_parameter(",
        "ir.config_parameter().write(",
        "\\",
        "'",
    ],
)
def test_long_text_takes_linear_time(unit):
    text = unit * (200_000 // len(unit))
    start = time.process_time()
    redact(text)
    # measured: 0.1 s; a quadratic pattern takes minutes
    assert time.process_time() - start < 5


@pytest.fixture
def logged():
    """Return the log lines after the filter, as a handler prints them."""
    lines = []

    class Collect(logging.Handler):
        def emit(self, record):
            lines.append((self.format(record), record))

    logger = logging.Logger("test")
    handler = Collect()
    handler.addFilter(RedactingFilter())
    logger.addHandler(handler)
    return logger, lines


def test_arguments_are_redacted(logged):
    logger, lines = logged
    logger.info("sent %s to %s", {"client_secret": MARKER}, "host")
    assert lines[0][0] == f"sent {{'client_secret': '{REDACTED}'}} to host"
    assert not lines[0][1].args


def test_a_secret_that_message_and_argument_form_together_is_redacted(logged):
    logger, lines = logged
    logger.info("access_token=%s", MARKER)
    assert MARKER not in lines[0][0]


def test_a_record_without_secrets_is_left_alone(logged):
    logger, lines = logged
    logger.info("%s of %d", "one", 2)
    assert (lines[0][1].msg, lines[0][1].args) == ("%s of %d", ("one", 2))


def test_tracebacks_are_redacted(logged):
    logger, lines = logged
    try:
        try:
            raise ValueError(f"refused: refresh_token={MARKER}")
        except ValueError as error:
            raise RuntimeError(f"Bearer {MARKER}") from error
    except RuntimeError:
        logger.exception("failed", stack_info=True)
    text = lines[0][0]
    assert MARKER not in text.replace(f'f"refused: refresh_token={MARKER}"', "")
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert "direct cause" in text


def test_a_faulty_logging_call_is_redacted_and_stays_faulty(logged):
    record = logging.LogRecord(
        "test", logging.INFO, __file__, 1, "two %s %s", ({"password": MARKER},), None
    )
    assert RedactingFilter().filter(record)
    assert MARKER not in record.getMessage()


def test_a_faulty_logging_call_without_secrets_is_left_alone():
    record = logging.LogRecord(
        "test", logging.INFO, __file__, 1, "two %s %s", ("one",), None
    )
    assert RedactingFilter().filter(record)
    assert (record.msg, record.args) == ("two %s %s", ("one",))


def test_traceback_that_another_handler_has_formatted_is_redacted():
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "failed", (), None)
    record.exc_text = f"ValueError: refresh_token={MARKER}"
    assert RedactingFilter().filter(record)
    assert record.exc_text == f"ValueError: refresh_token={REDACTED}"


def test_traceback_without_secrets_is_left_to_the_formatter():
    try:
        raise ValueError("no")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "failed", (), info)
    assert RedactingFilter().filter(record)
    assert record.exc_text is None
