"""People with an access token, and request bodies for tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from graph_simulator.client import Control, Simulator

ADELE = "adele@contoso.example"
ALEX = "alex@contoso.example"
MEGAN = "megan@contoso.example"
OUTSIDER = "customer@fabrikam.example"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
STAMP = "String {8f1a6c52-3b0e-4a57-9d52-0f6c1d0d8a11} Name TestId"
Json = dict[str, Any]


class Person:
    """A signed-in user of Graph; a ``path`` is the part after ``/v1.0``."""

    def __init__(self, simulator: Simulator, upn: str, **token: str) -> None:
        self.simulator = simulator
        self.upn = upn
        self.session = requests.Session()
        access = simulator.control.token(upn, **token)
        self.session.headers["Authorization"] = f"Bearer {access}"

    @property
    def control(self) -> Control:
        """Return the control API."""
        return self.simulator.control

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        """Send a request; ``If_Match="x"`` becomes the header ``If-Match``."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if "://" in path else f"{self.simulator.url}/v1.0{path}"
        return self.session.request(method, url, json=body, headers=given, timeout=30)

    def get(self, path: str, **headers: str) -> Json:
        """Send a GET, check that it succeeds, and return the body."""
        answer = self.send("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, body: Json, **headers: str) -> Json:
        """Create an event and return it."""
        answer = self.send("POST", "/me/events", body, **headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, event_id: str, body: Json, **headers: str) -> Json:
        """Change an event and return it."""
        answer = self.send("PATCH", event_path(event_id), body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def delete(self, event_id: str, **headers: str) -> None:
        """Delete an event."""
        answer = self.send("DELETE", event_path(event_id), **headers)
        assert answer.status_code == 204, answer.text

    def event(self, event_id: str, query: str = "", **headers: str) -> Json:
        """Return an event."""
        return self.get(event_path(event_id) + query, **headers)

    def instances(self, series_id: str, start: str, end: str) -> list[Json]:
        """Return the instances of a series, in the order of their start."""
        bounds = f"?startDateTime={start}&endDateTime={end}&$top=500"
        found = self.get(f"{event_path(series_id)}/instances{bounds}")["value"]
        return sorted(found, key=lambda event: event["start"]["dateTime"])

    def view(self, start: str, end: str, **headers: str) -> list[Json]:
        """Return the calendar view of a window."""
        path = f"/me/calendarView?startDateTime={start}&endDateTime={end}&$top=500"
        return self.get(path, **headers)["value"]

    def act(self, event_id: str, action: str, body: Json | None = None) -> int:
        """Run an action and return the status."""
        path = f"{event_path(event_id)}/{action}"
        return self.send("POST", path, {} if body is None else body).status_code

    def only_event(self) -> Json:
        """Return the only event of the mailbox."""
        events = self.get("/me/events")["value"]
        assert len(events) == 1, [event["subject"] for event in events]
        return events[0]

    def delta_round(self, link: str, **headers: str) -> tuple[list[Json], str]:
        """Follow a delta round, and return its items and the deltaLink."""
        found: list[Json] = []
        while True:
            page = self.get(link, **headers)
            found += page["value"]
            if "@odata.deltaLink" in page:
                assert "@odata.nextLink" not in page
                return found, page["@odata.deltaLink"]
            link = page["@odata.nextLink"]


def event_path(event_id: str) -> str:
    """Return the path of an event, its id percent-encoded."""
    return f"/me/events/{quote(event_id, safe='')}"


def delta_path(start: str, end: str) -> str:
    """Return the path of a first delta round."""
    return f"/me/calendarView/delta?startDateTime={start}&endDateTime={end}"


def moment(text: str, zone: str = "UTC") -> Json:
    """Return a ``dateTimeTimeZone``; ``2026-03-02T10`` is enough."""
    if len(text) == 13:
        text += ":00:00"
    return {"dateTime": text, "timeZone": zone}


def meeting(
    subject: str = "Meeting",
    start: str = "2026-03-02T10",
    end: str = "2026-03-02T11",
    zone: str = "UTC",
    attendees: tuple[str, ...] = (),
    **values: Any,
) -> Json:
    """Return the body of an event."""
    body = {
        "subject": subject,
        "start": moment(start, zone),
        "end": moment(end, zone),
        **values,
    }
    if attendees:
        body["attendees"] = [attendee(address) for address in attendees]
    return body


def attendee(address: str, kind: str = "required") -> Json:
    """Return an attendee."""
    name = address.split("@")[0].title()
    return {"type": kind, "emailAddress": {"address": address, "name": name}}


def weekly(*days: str, start: str, **bounds: Any) -> Json:
    """Return a weekly recurrence, by default without an end."""
    return recurrence(
        {"type": "weekly", "interval": 1, "daysOfWeek": list(days)}, start, **bounds
    )


def recurrence(pattern: Json, start: str, **bounds: Any) -> Json:
    """Return a recurrence with ``endDate``, ``numberOfOccurrences`` or no end."""
    kind = "noEnd"
    if "endDate" in bounds:
        kind = "endDate"
    elif "numberOfOccurrences" in bounds:
        kind = "numbered"
    return {"pattern": pattern, "range": {"type": kind, "startDate": start, **bounds}}


def error_code(answer: requests.Response) -> str:
    """Check that an error body has Graph's form, and return its code."""
    error = answer.json()["error"]
    assert isinstance(error["message"], str)
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    return error["code"]
