"""The requests of a person's browser: a session and JSON-RPC calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

Json = dict[str, Any]
_TIMEOUT_SECONDS = 120


class OdooError(Exception):
    """Odoo's response to a call was an exception.

    :param name: the exception's class, such as ``odoo.exceptions.UserError``
    :param message: the text for the person
    :param debug: the traceback of the server
    """

    def __init__(self, name: str, message: str, debug: str) -> None:
        super().__init__(f"{name}: {message}\n{debug[-3000:]}")
        self.name = name
        self.message = message


class OdooClient:
    """A logged-in user of one Odoo server.

    :param url: the root, such as ``http://127.0.0.1:8069``
    """

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self._credentials = {"db": database, "login": login, "password": password}
        self.uid: int = 0
        self.log_in()

    def log_in(self) -> None:
        """Open a new session, also after a restart of the server."""
        response = self.json_rpc("/web/session/authenticate", self._credentials)
        self.uid = response["uid"]
        assert self.uid, f"{self._credentials['login']} could not log in"

    def json_rpc(self, path: str, params: Json) -> Any:
        """Call a ``jsonrpc`` route.

        :raise OdooError: the call raised in Odoo
        """
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        response = self.session.post(
            self.url + path, json=body, timeout=_TIMEOUT_SECONDS
        )
        response.raise_for_status()
        result = response.json()
        if error := result.get("error"):
            data = error.get("data") or {}
            raise OdooError(
                data.get("name") or error["message"],
                data.get("message") or "",
                data.get("debug") or "",
            )
        return result.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public method of a model as this user.

        :raise OdooError: the method raised
        """
        return self.json_rpc(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def create(self, model: str, values: Json, **context: Any) -> int:
        """Create a record and return its id."""
        return self.call(model, "create", [values], context=context)[0]

    def write(self, model: str, ids: int | list[int], values: Json) -> None:
        """Write on records."""
        self.call(model, "write", _list(ids), values)

    def unlink(self, model: str, ids: int | list[int]) -> None:
        """Delete records."""
        self.call(model, "unlink", _list(ids))

    def read(self, model: str, record_id: int, *names: str) -> Json:
        """Return fields of one record, even if it is archived."""
        [values] = self.call(model, "read", [record_id], list(names))
        return values

    def search_read(
        self, model: str, domain: list[Any], names: list[str], **kwargs: Any
    ) -> list[Json]:
        """Return the records of a domain."""
        return self.call(model, "search_read", domain, names, **kwargs)

    def set_preferences(self, **values: Any) -> None:
        """Save the user's preferences, like their dialog."""
        self.write("res.users", self.uid, values)

    def sign_in(self, mailbox: str) -> str:
        """Connect a mailbox like a browser, and return the last path.

        It begins with the request of the calendar. The person chooses the account on
        Microsoft's page. Then come the callback and the page from the beginning.

        :param mailbox: the user principal name to choose
        :raise AssertionError: Odoo did not request a sign-in, or the sign-in failed
        """
        response = self.json_rpc(
            "/microsoft_calendar/sync_data",
            {"model": "calendar.event", "fromurl": f"{self.url}/odoo/calendar"},
        )
        assert response["status"] == "need_auth", response
        return self.follow_sign_in(response["url"], mailbox)

    def follow_sign_in(self, authorize_url: str, mailbox: str) -> str:
        """Follow Microsoft's page and the callback, and return the last path."""
        page = self.session.get(
            authorize_url,
            params={"sim_account": mailbox},
            allow_redirects=False,
            timeout=_TIMEOUT_SECONDS,
        )
        assert page.status_code == 302, f"{page.status_code}: {page.text[-500:]}"
        callback = self.session.get(
            page.headers["Location"], allow_redirects=False, timeout=_TIMEOUT_SECONDS
        )
        assert callback.status_code in (302, 303), callback.text[-500:]
        return urlsplit(callback.headers["Location"]).path


def _list(ids: int | list[int]) -> list[int]:
    return [ids] if isinstance(ids, int) else ids
