"""Measure the simulator: ``PYTHONPATH=tests python -m graph_simulator.bench``.

One client process with a few threads on keep-alive connections. It prints requests per
second, and the 99th percentile of their times.
"""

from __future__ import annotations

import argparse
import itertools
import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

from .client import Simulator

UPN = "adele@contoso.example"
WINDOW = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
Call = tuple[str, str, bytes | None]


class Client:
    """One keep-alive connection with a token."""

    def __init__(self, simulator: Simulator, token: str) -> None:
        address = urlsplit(simulator.url)
        self._connection = HTTPConnection(str(address.hostname), address.port)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def send(self, method: str, path: str, body: bytes | None) -> bytes:
        """Send a request, check that it succeeds, and return the body."""
        self._connection.request(method, f"/v1.0{path}", body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status}: {content[:300]!r}")
        return content


def measure(
    name: str, clients: list[Client], count: int, call: Callable[[int], Call]
) -> None:
    """Send ``count`` requests over all clients and print their speed."""
    numbers = itertools.count()
    times: list[float] = []

    def work(client: Client) -> None:
        while (number := next(numbers)) < count:
            began = time.perf_counter()
            client.send(*call(number))
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    slowest = sorted(times)[int(len(times) * 0.99)] * 1000
    print(f"{name:<28} {len(times) / taken:8.0f} /s   p99 {slowest:6.1f} ms")


def delta_rounds(client: Client, size: int) -> None:
    """Print the time of a first delta round, and of a round without changes."""
    link = f"/me/calendarView/delta?{WINDOW}"
    for name in (f"delta, first round of {size}", "delta, nothing changed"):
        began = time.perf_counter()
        pages = 0
        while True:
            page = json.loads(client.send("GET", link, None))
            pages += 1
            following = page.get("@odata.nextLink") or page["@odata.deltaLink"]
            link = following.split("/v1.0", 1)[1]
            if "@odata.deltaLink" in page:
                break
        taken = (time.perf_counter() - began) * 1000
        print(f"{name:<28} {taken:8.1f} ms   {pages} pages")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--events", type=int, default=5000)
    arguments = parser.parse_args()
    began = time.perf_counter()
    with Simulator.start(
        delta_page_size=100, max_requests_per_ten_minutes=10**9, max_concurrent=100
    ) as simulator:
        print(f"ready after {(time.perf_counter() - began) * 1000:.0f} ms")
        ids = simulator.control.seed(
            UPN, arguments.events, start="2026-01-01T00:00:00Z", every_minutes=60
        )
        token = simulator.control.token(UPN)
        clients = [Client(simulator, token) for _number in range(4)]
        paths = [f"/me/events/{quote(event_id, safe='')}" for event_id in ids]
        changes = [json.dumps({"subject": f"S{n}"}).encode() for n in range(100)]
        delta_rounds(clients[0], arguments.events)
        measure(
            "GET event",
            clients,
            arguments.count,
            lambda number: ("GET", paths[number % len(paths)], None),
        )
        measure(
            "PATCH event",
            clients,
            arguments.count,
            lambda number: ("PATCH", paths[number % len(paths)], changes[number % 100]),
        )
        body = {
            "subject": "New",
            "start": {"dateTime": "2026-02-01T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-02-01T11:00:00", "timeZone": "UTC"},
        }
        create = json.dumps(body).encode()
        measure(
            "POST event",
            clients,
            arguments.count,
            lambda _number: ("POST", "/me/events", create),
        )


if __name__ == "__main__":
    main()
