"""Use the simulator with Microsoft's clients: ``msal`` and ``msgraph-sdk``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import requests

from graph_simulator.client import Simulator
from graph_simulator.tests.conftest import REDIRECT
from graph_simulator.tests.microsoft.environment import clients_python
from graph_simulator.tests.people import ADELE, Json
from graph_simulator.tests.receiver import Receiver

_FOLDER = Path(__file__).with_name("microsoft")


@pytest.fixture(scope="session")
def python() -> Path:
    """Return the Python interpreter of the clients' environment."""
    return clients_python()


@pytest.fixture
def tokens(simulator: Simulator, python: Path) -> Json:
    """Return the result of ``msal`` for each way of signing in."""
    app = simulator.control.demo([REDIRECT])
    simulator.control.add_app(app["tenant_id"], "public-app", is_public=True)
    settings = {
        **{name: app[name] for name in ("tenant_id", "client_id", "client_secret")},
        "public_client_id": "public-app",
        "redirect_uri": REDIRECT,
        "upn": ADELE,
    }
    return run(python, "sign_in.py", simulator.url, json.dumps(settings))


def run(python: Path, script: str, *arguments: str) -> Json:
    """Run a script in the environment of the clients, and return its output."""
    done = subprocess.run(
        [str(python), str(_FOLDER / script), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_microsofts_clients_sign_in_and_use_the_calendar(
    simulator: Simulator, python: Path, tokens: Json, receiver: Receiver
) -> None:
    assert [one["error"] for one in tokens.values()] == [None] * 4
    users = {name: tokens[name]["upn"] for name in ("code", "silent", "device")}
    assert set(users.values()) == {ADELE}
    assert tokens["silent"]["token"] != tokens["code"]["token"]
    headers = {"Authorization": f"Bearer {tokens['app']['token']}"}
    url = f"{simulator.url}/v1.0/users/{ADELE}/events"
    assert requests.get(url, headers=headers, timeout=30).status_code == 200

    webhook = f"{receiver.url}/hook"
    found = run(python, "use_graph.py", simulator.url, tokens["code"]["token"], webhook)
    meetings = ["Meeting 11", "Meeting 12", "Meeting 13"]
    assert found == {
        "me": ADELE,
        "made": "Lunch",
        "changed": ["Brunch", "guest@example.com"],
        "view": ["Brunch", *meetings],
        "delta": ["Brunch", *meetings],
        "then": ["removed"],
        "batch": [200, 200, 201],
        "subscription": [1, True, 0],
        "gone": [404, "ErrorItemNotFound"],
    }
