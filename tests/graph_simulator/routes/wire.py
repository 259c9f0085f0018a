"""Requests and responses of Graph, independent of the HTTP server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from ..errors import GraphError, access_denied, bad_request
from ..faults import Rule
from ..identity import AccessToken
from ..mail import Cause
from ..render import Preferences
from ..service import Service
from ..store import Mailbox
from ..zones import zone_info

_PREFERENCE = re.compile(r'\s*([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;]*)))?\s*(?:[,;]|$)')
_KEY = re.compile(r"^([^(]+)\('((?:[^']|'')*)'\)$")


class ConnectionBroken(Exception):
    """Close the connection without a response; ``hard`` means a reset."""

    def __init__(self, hard: bool = True) -> None:
        super().__init__()
        self.hard = hard


@dataclass
class Answer:
    """A response; ``body`` is JSON unless ``raw`` is set."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class GraphRequest:
    """One call of Graph, alone or as a part of a batch.

    ``path`` is the part after ``/v1.0``, still percent-encoded; ``headers`` have lower
    case names; ``base_url`` is the root of the version, as in the client's URL.
    """

    service: Service
    method: str
    path: str
    query_text: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    request_id: str
    client_request_id: str
    batch_id: str | None = None
    part_id: str | None = None
    token: AccessToken | None = None
    mailbox: Mailbox | None = None
    fault_names: list[str] = field(default_factory=list)
    view_faults: dict[str, Rule] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    prefer: Preferences = field(default_factory=Preferences)
    parsed_body: Any = None

    @property
    def cause(self) -> Cause:
        """Return the cause; the mail log stores it with each mail."""
        return Cause(self.request_id)

    def segments(self) -> list[str]:
        """Split the path; ``name('key')`` counts as two segments."""
        found = []
        for part in self.path.strip("/").split("/"):
            text = unquote(part)
            match = _KEY.match(text)
            if match and "=" not in match.group(1):
                found += [match.group(1), match.group(2).replace("''", "'")]
            else:
                found.append(text)
        return found

    def query(self) -> dict[str, str]:
        """Return the query parameters; the last one of each name counts."""
        return dict(parse_qsl(self.query_text, keep_blank_values=True))

    def json_body(self) -> Any:
        """Read the body.

        :raise GraphError: 400 if it is not JSON, 415 for another content type
        """
        content_type = self.headers.get("content-type", "").split(";")[0].strip()
        if content_type.lower() != "application/json":
            raise GraphError(
                415,
                "UnsupportedMediaType",
                "The content type of the request has to be application/json.",
            )
        try:
            self.parsed_body = json.loads(self.body)
        except ValueError:
            raise bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type "
                "header is set and payload is of valid JSON format."
            ) from None
        return self.parsed_body

    def optional_body(self) -> Any:
        """Read the body of an action; without a body there are no parameters."""
        return self.json_body() if self.body.strip() else {}

    def require(self, *scopes: str) -> None:
        """Check the granted permissions.

        :raise GraphError: 403
        """
        if self.token is not None and not self.token.allows(*scopes):
            raise access_denied()

    @property
    def owner(self) -> Mailbox:
        """Return the mailbox of the URL; the routing sets it."""
        assert self.mailbox is not None
        return self.mailbox

    @property
    def own_url(self) -> str:
        """Return the URL of the request without its query."""
        return self.base_url + self.path

    @property
    def context(self) -> str:
        """Return the start of ``@odata.context``."""
        return f"{self.base_url}/$metadata#"

    def applied_headers(self) -> dict[str, str]:
        """Return the header ``Preference-Applied`` if a preference was applied."""
        return {"Preference-Applied": ", ".join(self.applied)} if self.applied else {}


def next_link(request: GraphRequest, top: int, skip: int) -> str:
    """Return the link to the page that begins after ``skip`` items."""
    kept = {
        name: text
        for name, text in request.query().items()
        if name.lower() not in ("$skip", "$top")
    }
    kept["$top"], kept["$skip"] = str(top), str(skip)
    pairs = [f"{quote(name, safe='$')}={quote(kept[name])}" for name in kept]
    return f"{request.own_url}?{'&'.join(pairs)}"


def preferences(header: str) -> Iterator[tuple[str, str]]:
    """Yield name (lower case) and value of each preference of ``Prefer``."""
    at = 0
    while at < len(header):
        match = _PREFERENCE.match(header, at)
        if match is None or match.end() == at:
            return
        value = match.group(2) if match.group(2) is not None else match.group(3)
        yield match.group(1).lower(), (value or "").strip()
        at = match.end()


def read_preferences(request: GraphRequest) -> None:
    """Read ``Prefer``, and record the applied preferences.

    :raise GraphError: 400 for an unknown zone
    """
    zone, body_type, immutable, size, unsafe = "UTC", "html", False, None, False
    for name, value in preferences(request.headers.get("prefer", "")):
        if name == "outlook.timezone":
            zone_info(value)
            zone = value
        elif name == "outlook.body-content-type" and value in ("text", "html"):
            body_type = value
        elif name == "idtype" and value.lower() == "immutableid":
            immutable = True
        elif name == "odata.maxpagesize" and value.isdigit() and int(value) > 0:
            size = int(value)
        elif name == "outlook.allow-unsafe-html":
            unsafe = True
        else:
            continue
        quoted = value if name == "odata.maxpagesize" else f'"{value}"'
        spelled = "IdType" if name == "idtype" else name
        request.applied.append(f"{spelled}={quoted}" if value else spelled)
    request.prefer = Preferences(zone, body_type, immutable, size, unsafe)
