"""Test that each error, and each code of Microsoft, has a reason with a remedy."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from env.paths import ROOT
from praetorx_ms365_calendar.engine import delta, errors, graph_errors
from praetorx_ms365_calendar.engine.graph_errors import (
    error_from_response,
    error_from_token_response,
)
from praetorx_ms365_calendar.engine.microsoft_codes import (
    reason_of_codes,
    reason_of_token_error,
)
from praetorx_ms365_calendar.engine.reasons import (
    BUTTONS,
    OF_CLASS,
    OF_RULE,
    OLDER,
    REMEDIES,
    Reason,
    because,
    because_of,
    read_reason,
)

CODES = json.loads((Path(__file__).parent / "microsoft_codes.json").read_text())
ADDON = ROOT / "praetorx_ms365_calendar"
CLASSES = sorted(
    {
        one
        for module in (errors, graph_errors, delta)
        for _name, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, errors.SyncError | errors.UnknownTimeZone)
    },
    key=lambda one: one.__name__,
)


@pytest.mark.parametrize("kind", CLASSES)
def test_each_class_of_errors_has_its_own_reason(kind):
    assert OF_CLASS[kind.__name__] in REMEDIES
    assert read_reason(because_of(kind)).key == OF_CLASS[kind.__name__]


@pytest.mark.parametrize("code", CODES["graph"])
def test_each_code_of_graph_has_a_reason(code):
    assert reason_of_codes([code]) in REMEDIES
    assert reason_of_codes([code.upper()]) == reason_of_codes([code])


@pytest.mark.parametrize("code", CODES["entra"])
def test_each_code_of_entra_has_a_reason(code):
    assert reason_of_token_error(code, []) in REMEDIES


@pytest.mark.parametrize("number", CODES["aadsts"])
def test_each_number_of_entra_has_a_reason(number):
    assert reason_of_token_error("no_known_code", [number]) in REMEDIES


def test_each_reason_has_a_known_remedy():
    assert set(REMEDIES.values()) <= BUTTONS.keys()
    assert set(OF_RULE.values()) <= REMEDIES.keys()


@pytest.mark.parametrize("code", [*CODES["graph"], "SomethingNew", ""])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 413, 429, 500, 503, 507])
@pytest.mark.parametrize("operation", ["create", "update", "delta", "subscribe"])
def test_each_response_has_a_reason_with_its_code_in_the_details(
    code, status, operation
):
    body = {"error": {"code": code}} if code else {}
    error = error_from_response(status, {}, body, operation=operation)
    reason = read_reason(error.reason)
    assert reason.key in REMEDIES and reason.key != OLDER
    assert reason.facts["status"] == status
    assert reason.facts.get("code", "") == code


@pytest.mark.parametrize("operation", ["delta", "list", "mailbox", "subscribe"])
@pytest.mark.parametrize("code", CODES["graph"])
def test_response_about_a_mailbox_has_no_words_about_one_event(code, operation):
    error = error_from_response(400, {}, {"error": {"code": code}}, operation=operation)
    key = read_reason(error.reason).key
    assert REMEDIES[key] not in {"change_event", "shorten", "read_again"}


def test_wrong_secret_is_named():
    body = {"error": "invalid_client", "error_codes": [7000215]}
    error = error_from_token_response(401, {}, body)
    assert read_reason(error.reason) == Reason(
        "secret_wrong",
        {"code": "invalid_client", "numbers": "AADSTS7000215", "status": 401},
    )


def test_large_event_is_named_by_its_status():
    error = error_from_response(413, {}, {}, operation="create")
    assert read_reason(error.reason).key == "too_large"


@pytest.mark.parametrize("key", REMEDIES)
def test_stored_reason_is_read_as_it_was(key):
    facts = {"text": 'a "quoted" {text}\nwith ü', "count": 3}
    assert read_reason(because(key, **facts, code=None)) == Reason(key, facts)
    assert read_reason(because(key)) == Reason(key, {})


@pytest.mark.parametrize(
    "text",
    [
        "Graph answered 500 (no code) to update",
        "unknown_key",
        "failed {broken",
        "",
        "{}",
    ],
)
def test_older_text_is_kept_as_a_fact(text):
    assert read_reason(text) == Reason(OLDER, {"text": text})


def test_unknown_reason_cannot_be_stored():
    with pytest.raises(ValueError, match="no_such_reason"):
        because("no_such_reason")


def test_what_odoo_repeats_by_itself_needs_no_person():
    busy, secret = Reason("microsoft_busy"), Reason("secret_wrong")
    assert busy.remedy_now(is_retried=True) == "by_itself"
    assert busy.remedy_now(is_retried=False) == "try_again"
    assert secret.remedy_now(is_retried=True) == "secret"


# ----------------------------------------------------------------------
# All places that give a reason
# ----------------------------------------------------------------------


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield the place, the call and the called name of each call in the addon."""
    for path in sorted(ADDON.rglob("*.py")):
        folders = path.relative_to(ADDON).parts
        if folders[0] == "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                yield f"{path.name}:{node.lineno}", node, name


def test_each_reason_in_the_code_is_known():
    wrong = [
        place
        for place, node, name in calls()
        if name == "because"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in REMEDIES
    ]
    assert wrong == []


def test_no_error_is_raised_with_a_text_of_its_own():
    names = {kind.__name__ for kind in CLASSES} - {"UnknownTimeZone"}
    wrong = [
        place
        for place, node, name in calls()
        if name in names
        and node.args
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert wrong == []


def test_no_text_is_stored_as_a_reason():
    """Find ``"reason": _("…")`` and ``reason=f"…"``, whose language would be fixed."""
    wrong = [
        place
        for place, node, _name in calls()
        for word in node.keywords
        if word.arg == "reason" and is_text(word.value)
    ]
    for path in sorted(ADDON.rglob("*.py")):
        if path.relative_to(ADDON).parts[0] == "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Dict):
                wrong += [
                    f"{path.name}:{node.lineno}"
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                    and key.value in ("reason", "last_error")
                    and is_text(value)
                ]
    assert wrong == []


def is_text(value: ast.expr) -> bool:
    """Return True for a text in the code, translated or not."""
    if isinstance(value, ast.JoinedStr):
        return True
    if isinstance(value, ast.Constant):
        # Other models name their reasons by one word.
        return isinstance(value.value, str) and " " in value.value
    if isinstance(value, ast.Call):
        return getattr(value.func, "attr", getattr(value.func, "id", "")) == "_"
    return isinstance(value, ast.IfExp) and (
        is_text(value.body) or is_text(value.orelse)
    )
