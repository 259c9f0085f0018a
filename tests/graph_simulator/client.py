"""Start and control a simulator from a test. Other tests use this API.

>>> with Simulator.start() as simulator:
...     token = simulator.control.token("adele@contoso.example")
...     simulator.control.create_event("adele@contoso.example", {...})

This module needs only the standard library and ``requests``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import requests

_TESTS_FOLDER = Path(__file__).resolve().parent.parent
_START_SECONDS = 20.0
Json = dict[str, Any]
_Self = TypeVar("_Self", bound="Simulator")


class ControlFailed(Exception):
    """The control API refused a call; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Control:
    """The control API of a running simulator, one method per call.

    Mailboxes are given by user principal name, events by id (in either format). Events
    have the same request bodies as in Graph.

    :param url: the root, such as ``http://127.0.0.1:8300``
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, verb: str, path: str, body: Any = None, /, **query: Any) -> Json:
        """Call ``/_sim`` + ``path`` with an HTTP verb.

        :raise ControlFailed: the response was not 200
        """
        wanted = {name: value for name, value in query.items() if value is not None}
        answer = self._session.request(
            verb, f"{self.url}/_sim{path}", json=body, params=wanted, timeout=120
        )
        try:
            result = answer.json()
        except ValueError:
            raise ControlFailed(answer.status_code, answer.text[:500]) from None
        if answer.status_code != 200:
            raise ControlFailed(answer.status_code, str(result.get("error")))
        return dict(result)

    # -- the whole simulator --------------------------------------------------------

    def health(self) -> Json:
        """Return ``{"ok": true, "now": ...}``."""
        return self.call("GET", "/health")

    def reset(
        self, *, demo: bool | Json | None = None, keep_options: bool = False
    ) -> Json:
        """Delete all data; ``demo`` (true or values) creates the demo data again."""
        values = {} if demo is True else demo
        body = {"demo": values or None, "keep_options": keep_options}
        if demo is not None and demo is not False:
            body["demo"] = values
        return self.call("POST", "/reset", body)

    def dump(self) -> Json:
        """Return the whole state, without secrets."""
        return self.call("GET", "/dump")

    def demo(self, redirect_uris: list[str] | None = None, **values: Any) -> Json:
        """Create tenant *contoso*, its app and three mailboxes; call again to add URIs.

        :return: ``tenant_id``, ``client_id``, ``client_secret``, ``mailboxes``
        """
        return self.call("POST", "/demo", {"redirect_uris": redirect_uris, **values})

    def options(self, **values: Any) -> Json:
        """Set options by name (see ``options.py``) and return all of them."""
        return self.call("POST", "/options", values)

    # -- the clock ------------------------------------------------------------------

    def now(self) -> str:
        """Return the simulated time, as ISO text in UTC."""
        return str(self.call("GET", "/clock")["now"])

    def advance(self, seconds: float) -> str:
        """Move the clock and return the new time."""
        return str(self.call("POST", "/clock", {"advance_seconds": seconds})["now"])

    def set_clock(self, moment: datetime | str) -> str:
        """Set the clock; a text or naive time counts as UTC."""
        text = moment if isinstance(moment, str) else moment.isoformat()
        return str(self.call("POST", "/clock", {"set": text})["now"])

    def freeze(self, frozen: bool = True) -> str:
        """Stop the clock, or let it continue."""
        return str(self.call("POST", "/clock", {"freeze": frozen})["now"])

    # -- logs -----------------------------------------------------------------------

    def requests(
        self,
        *,
        mailbox: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        is_write: bool | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[Json]:
        """Return logged Graph and Entra requests, oldest first.

        :param path: a regular expression, searched in the decoded path
        :param after: only requests with an ``n`` above this number
        """
        return list(
            self.call(
                "GET",
                "/requests",
                mailbox=mailbox,
                method=method,
                path=path,
                status=status,
                is_write=None if is_write is None else str(is_write).lower(),
                after=after,
                limit=limit,
            )["value"]
        )

    def counters(self) -> Json:
        """Return totals: ``total``, ``round_trips``, ``writes``, ``mails``, ..."""
        return self.call("GET", "/counters")

    def reset_requests(self) -> None:
        """Delete the request log and set its counters to zero."""
        self.call("DELETE", "/requests")

    def mails(
        self,
        *,
        kind: str | None = None,
        to: str | None = None,
        sender: str | None = None,
        after: int | None = None,
    ) -> list[Json]:
        """Return the recorded mails: one entry for each mail and recipient."""
        query = {"kind": kind, "to": to, "from": sender, "after": after}
        return list(self.call("GET", "/mails", **query)["value"])

    def reset_mails(self) -> None:
        """Delete the recorded mails."""
        self.call("DELETE", "/mails")

    # -- faults ---------------------------------------------------------------------

    def fault(
        self,
        fault: str,
        *,
        method: str | None = None,
        path: str | None = None,
        mailbox: str | None = None,
        times: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        **details: Any,
    ) -> str:
        """Add a fault rule and return its id.

        :param fault: a name from ``faults.FAULTS``
        :param method: HTTP method; for notifications ``created``, ``updated``, ...
        :param path: a regular expression, searched in the decoded path
        :param times: the number of hits, ``None`` for no limit
        :param details: ``seconds``, ``retry_after`` or ``error``
        """
        body = {
            "fault": fault,
            "match": {"method": method, "path": path, "mailbox": mailbox},
            "times": times,
            "probability": probability,
            "seed": seed,
            **details,
        }
        return str(self.call("POST", "/faults", body)["id"])

    def faults(self) -> list[Json]:
        """Return the active rules, with their number of hits."""
        return list(self.call("GET", "/faults")["value"])

    def remove_fault(self, rule_id: str) -> None:
        """Remove one rule."""
        self.call("DELETE", f"/faults/{rule_id}")

    def clear_faults(self) -> None:
        """Remove all rules."""
        self.call("DELETE", "/faults")

    # -- notifications and subscriptions --------------------------------------------

    def flush_notifications(self, timeout: float = 30.0) -> Json:
        """Wait until no notification is due at the current simulated time.

        :return: ``is_idle``, and ``waiting``: the number of later notifications
        """
        return self.call("POST", "/notifications/flush", {"timeout": timeout})

    def deliveries(self) -> list[Json]:
        """Return the POSTs made to receivers: status, attempt, value."""
        return list(self.call("GET", "/notifications")["value"])

    def lost_notifications(self) -> int:
        """Return the number of lost notifications: given up or dropped."""
        return int(self.call("GET", "/notifications")["lost"])

    def subscriptions(self, mailbox: str | None = None) -> list[Json]:
        """Return the active subscriptions, with their clientState."""
        return list(self.call("GET", "/subscriptions", mailbox=mailbox)["value"])

    def expire_subscription(self, subscription_id: str) -> None:
        """Let a subscription expire without a lifecycle notification."""
        self.call("POST", f"/subscriptions/{subscription_id}/expire")

    def drop_subscription(self, subscription_id: str) -> None:
        """Remove a subscription and send ``subscriptionRemoved``."""
        self.call("POST", f"/subscriptions/{subscription_id}/drop")

    def lifecycle(self, subscription_id: str, event: str) -> None:
        """Send ``reauthorizationRequired``, ``missed`` or ``subscriptionRemoved``."""
        self.call(
            "POST", f"/subscriptions/{subscription_id}/lifecycle", {"event": event}
        )

    # -- directories and mailboxes --------------------------------------------------

    def add_tenant(
        self, name: str, tenant_id: str | None = None, domains: list[str] | None = None
    ) -> Json:
        """Add a tenant."""
        return self.call(
            "POST", "/tenants", {"name": name, "id": tenant_id, "domains": domains}
        )

    def add_app(
        self,
        tenant: str,
        client_id: str,
        *,
        secrets: dict[str, str | None] | None = None,
        redirect_uris: list[str] | None = None,
        **values: Any,
    ) -> Json:
        """Add an app registration.

        :param secrets: value -> time of expiry (ISO) or ``None``
        :param values: ``name``, ``is_multi_tenant``, ``is_public``, ``app_only``,
            ``allows_public_flows``
        """
        body = {
            "tenant": tenant,
            "client_id": client_id,
            "secrets": secrets or {},
            "redirect_uris": redirect_uris or [],
            **values,
        }
        return self.call("POST", "/apps", body)

    def update_app(self, client_id: str, **values: Any) -> Json:
        """Replace ``secrets``, ``redirect_uris``, ... of an app."""
        return self.call("PATCH", f"/apps/{client_id}", values)

    def answer_device_code(self, user_code: str, mailbox: str | None) -> None:
        """Approve a device sign-in as a user, or decline it with ``None``."""
        self.call("POST", f"/device_codes/{user_code}", {"mailbox": mailbox})

    def mailboxes(self) -> list[Json]:
        """Return all mailboxes."""
        return list(self.call("GET", "/mailboxes")["value"])

    def add_mailbox(self, upn: str, tenant: str | None = None, **values: Any) -> Json:
        """Add a mailbox.

        :param tenant: id, name or domain; optional for ``kind="personal"``
        :param values: ``display_name``, ``mail``, ``aliases``, ``kind``, ``time_zone``,
            ``teams``
        """
        return self.call("POST", "/mailboxes", {"upn": upn, "tenant": tenant, **values})

    def add_group(self, address: str, members: list[str]) -> None:
        """Add a distribution list: each member gets a copy of a meeting."""
        self.call("POST", "/groups", {"address": address, "members": members})

    def mailbox(self, upn: str) -> Json:
        """Return one mailbox with its calendars."""
        return self.call("GET", f"/mailboxes/{quote(upn)}")

    def update_mailbox(self, upn: str, **values: Any) -> Json:
        """Set ``teams``, ``time_zone``, ``refuse_subscriptions``, ``sign_in_error``.

        ``refuse_subscriptions``: ``url_not_public``, ``mailbox_not_supported``,
        ``forbidden``, ``quota``, ``backend`` or ``None``. ``sign_in_error``:
        ``[error, aadsts_number, text]`` or ``None``.
        """
        return self.call("PATCH", f"/mailboxes/{quote(upn)}", values)

    def add_calendar(self, upn: str, name: str) -> Json:
        """Add a calendar to a mailbox."""
        return self.call("POST", f"/mailboxes/{quote(upn)}/calendars", {"name": name})

    def share_calendar(
        self,
        upn: str,
        with_upn: str,
        *,
        calendar_id: str | None = None,
        role: str = "read",
    ) -> Json:
        """Share a calendar, by default the primary one. Call again to change the role.

        :param role: ``read``, ``write``, ``delegateWithoutPrivateEventAccess`` or
            ``delegateWithPrivateEventAccess``
        :return: the calendar as the other person lists it
        """
        body = {"with": with_upn, "calendar_id": calendar_id, "role": role}
        return self.call("POST", f"/mailboxes/{quote(upn)}/shares", body)

    def unshare_calendar(self, with_upn: str, calendar_id: str) -> None:
        """Stop sharing a calendar with a person.

        :param calendar_id: the id of the calendar in that person's mailbox
        """
        path = f"/mailboxes/{quote(with_upn)}/shares/{quote(calendar_id, safe='')}"
        self.call("DELETE", path)

    def delete_calendar(self, upn: str, calendar_id: str) -> None:
        """Delete a calendar with its events, as in Outlook."""
        path = f"/mailboxes/{quote(upn)}/calendars/{quote(calendar_id, safe='')}"
        self.call("DELETE", path)

    def token(self, upn: str, **values: Any) -> str:
        """Return an access token for a user, without a sign-in.

        :param values: ``client_id`` (the demo app) and ``scope``
        """
        return str(self.tokens(upn, **values)["access_token"])

    def tokens(self, upn: str, **values: Any) -> Json:
        """Return the whole token response for a user, without a sign-in."""
        return self.call("POST", f"/mailboxes/{quote(upn)}/token", values)

    def revoke(self, upn: str, *, access: bool = True, refresh: bool = True) -> int:
        """Revoke the tokens of a user, and return their number."""
        body = {"access": access, "refresh": refresh}
        return int(
            self.call("POST", f"/mailboxes/{quote(upn)}/revoke", body)["revoked"]
        )

    def lose_sync_state(self, upn: str) -> None:
        """Make the response to every delta token of the mailbox a 410."""
        self.call("POST", f"/mailboxes/{quote(upn)}/lose_sync_state")

    # -- people in Outlook ----------------------------------------------------------

    def events(self, upn: str, **filters: str) -> list[Json]:
        """Return all events of a mailbox in full; ``_sim`` has data that Graph hides.

        :param filters: ``subject``, ``ical_uid``
        """
        return list(
            self.call("GET", f"/mailboxes/{quote(upn)}/events", **filters)["value"]
        )

    def view(self, upn: str, start: str, end: str) -> list[Json]:
        """Return the events of a window (ISO, UTC), from all calendars."""
        path = f"/mailboxes/{quote(upn)}/outlook/view"
        return list(self.call("GET", path, start=start, end=end)["value"])

    def event(self, upn: str, event_id: str) -> Json:
        """Return one event in full.

        :raise ControlFailed: 404
        """
        return self.call("GET", self._event_path(upn, event_id))

    def create_event(
        self, upn: str, values: Json, calendar_id: str | None = None
    ) -> Json:
        """Create an event as in Outlook."""
        path = f"/mailboxes/{quote(upn)}/outlook/events"
        return self.call("POST", path, values, calendar_id=calendar_id)

    def update_event(self, upn: str, event_id: str, values: Json) -> Json:
        """Change an event as in Outlook; ``values`` as in a PATCH of Graph."""
        return self.call("PATCH", self._event_path(upn, event_id), values)

    def delete_event(self, upn: str, event_id: str) -> None:
        """Delete an event, a series or one occurrence as in Outlook."""
        self.call("DELETE", self._event_path(upn, event_id))

    def respond(self, upn: str, event_id: str, response: str, **values: Any) -> None:
        """Reply to an invitation.

        :param response: ``accepted``, ``tentativelyAccepted`` or ``declined``
        :param values: ``comment``, ``send``, ``proposed_new_time``
        """
        body = {"id": event_id, "response": response, **values}
        self.call("POST", f"/mailboxes/{quote(upn)}/outlook/respond", body)

    def external_response(
        self, upn: str, event_id: str, address: str, response: str
    ) -> None:
        """Let an attendee without a mailbox here reply to the organizer ``upn``."""
        body = {"id": event_id, "address": address, "response": response}
        self.call("POST", f"/mailboxes/{quote(upn)}/outlook/external_response", body)

    def cancel_event(self, upn: str, event_id: str, comment: str = "") -> None:
        """Cancel a meeting as its organizer."""
        body = {"id": event_id, "comment": comment}
        self.call("POST", f"/mailboxes/{quote(upn)}/outlook/cancel", body)

    def move_event(self, upn: str, event_id: str, calendar_id: str) -> Json:
        """Move an event to another calendar; its default id changes."""
        body = {"id": event_id, "calendar_id": calendar_id}
        return self.call("POST", f"/mailboxes/{quote(upn)}/outlook/move", body)

    def raw_event(self, upn: str, stored: Json) -> Json:
        """Store an event that Graph then returns unchanged.

        :param stored: the event; ``omit`` lists names that the response must not have
        :return: ``id`` and ``immutable_id``
        """
        return self.call("POST", f"/mailboxes/{quote(upn)}/raw_event", stored)

    def seed(self, upn: str, count: int, **values: Any) -> list[str]:
        """Create many single events quickly, and return their ids.

        :param values: ``start`` (ISO, UTC), ``every_minutes``, ``prefix``
        """
        path = f"/mailboxes/{quote(upn)}/seed"
        return list(self.call("POST", path, {"count": count, **values})["ids"])

    @staticmethod
    def _event_path(upn: str, event_id: str) -> str:
        return f"/mailboxes/{quote(upn)}/outlook/events/{quote(event_id, safe='')}"


class Simulator:
    """A simulator that runs in its own process.

    ``url`` is its root: both the login endpoint and the Graph endpoint.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.control = Control(url)
        self._log = log

    @classmethod
    def start(
        cls: type[_Self],
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        demo: bool = True,
        redirect_uris: list[str] | None = None,
        python: str = sys.executable,
        **options: Any,
    ) -> _Self:
        """Start a simulator and wait until it listens.

        :param port: 0 selects a free port
        :param demo: create the tenant contoso
        :param redirect_uris: redirect URIs of the demo app
        :param python: a Python interpreter with aiohttp
        :param options: by name; see ``options.py``
        :raise RuntimeError: it ended or did not start; the message has its output
        """
        command = [python, "-m", "graph_simulator", "--host", host]
        command += ["--port", str(port), "--options", json.dumps(options)]
        if demo:
            command.append("--demo")
        for uri in redirect_uris or []:
            command += ["--redirect-uri", uri]
        paths = [str(_TESTS_FOLDER), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        }
        handle, name = tempfile.mkstemp(prefix="graph_simulator_", suffix=".log")
        process = subprocess.Popen(
            command, stdout=handle, stderr=subprocess.STDOUT, env=environment
        )
        os.close(handle)
        log = Path(name)
        try:
            url = cls._wait(process, log)
        except RuntimeError:
            process.kill()
            process.wait()
            log.unlink(missing_ok=True)
            raise
        return cls(process, url, log)

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
        deadline = time.monotonic() + _START_SECONDS
        mark = "listening on "
        while time.monotonic() < deadline:
            text = log.read_text(encoding="utf-8", errors="replace")
            for line in text.splitlines(keepends=True):
                if line.startswith(mark) and line.endswith("\n"):
                    return line[len(mark) :].strip()
            if process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the simulator did not start:\n{log.read_text()}")

    def output(self) -> str:
        """Return the output of the process."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log.unlink(missing_ok=True)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    # -- short cuts for tests -------------------------------------------------------

    def authorize(self, tenant: str, **parameters: str) -> dict[str, str]:
        """Follow ``/authorize`` like a browser, and return the data of the redirect.

        :param parameters: URL parameters; ``login_hint`` signs in without a page
        :raise AssertionError: a page came instead of a redirect
        """
        answer = requests.get(
            f"{self.url}/{tenant}/oauth2/v2.0/authorize",
            params=parameters,
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["Location"])
        pairs = parse_qs(location.query or location.fragment)
        return {name: values[0] for name, values in pairs.items()}

    def graph(
        self,
        upn: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send one Graph request as a user; ``path`` is the part after ``/v1.0``."""
        token = self.control.token(upn)
        given = {"Authorization": f"Bearer {token}", **(headers or {})}
        url = path if "://" in path else f"{self.url}/v1.0{path}"
        return requests.request(method, url, json=body, headers=given, timeout=30)
