"""How fast a notification is taken while many come in, and how fast edits arrive.

One Odoo with two HTTP processes, one simulator, PostgreSQL, and this program, all on
this machine: compare figures of one run with each other, not with another machine's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import requests

from e2e.harness.notifying import notify, subscription_of
from e2e.harness.person import Person
from e2e.harness.waiting import eventually
from e2e.harness.world import World


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description="Measure the sync")
    parser.add_argument("--rate", type=int, default=50, help="notifications a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--edits", type=int, default=10, help="in each direction")
    options = parser.parse_args()
    with _world() as world:
        anna = Person(world, "anna").connect()
        seconds = _notifications(world, anna, options)
        _report(f"notifications, {options.rate} a second", seconds)
        world.quiesce()
        _report("Odoo to Outlook", [_to_outlook(anna, n) for n in range(options.edits)])
        _report("Outlook to Odoo", [_to_odoo(anna, n) for n in range(options.edits)])


@contextmanager
def _world() -> Iterator[World]:
    world = World("bench", moves_clock=False)
    world.start()
    try:
        yield world
    finally:
        world.stop()


def _notifications(
    world: World, person: Person, options: argparse.Namespace
) -> list[float]:
    """Send notifications at a steady rate, however long the answers take.

    :return: seconds from when each was due until it was answered
    """
    subscription = subscription_of(world, person)
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))
    began = time.monotonic() + 0.2

    def send(number: int) -> float:
        due = began + number / options.rate
        time.sleep(max(0.0, due - time.monotonic()))
        response = notify(world, subscription, session=session)
        assert response.status_code == 202, response.status_code
        return time.monotonic() - due

    count = options.rate * options.seconds
    with ThreadPoolExecutor(64) as pool:
        return list(pool.map(send, range(count)))


def _to_outlook(person: Person, number: int) -> float:
    name = f"Dinner {number}"
    person.create(name)
    return _seconds_until(lambda: person.outlook_events(name), name)


def _to_odoo(person: Person, number: int) -> float:
    name = f"Supper {number}"
    person.outlook_create(name)
    return _seconds_until(lambda: person.events(name), name)


def _seconds_until(look: Callable[[], object], what: str) -> float:
    began = time.monotonic()
    eventually(look, f"{what} arrives", step_seconds=0.02)
    return time.monotonic() - began


def _report(name: str, seconds: list[float]) -> None:
    in_order = sorted(seconds)
    slow = in_order[min(len(in_order) - 1, int(len(in_order) * 0.99))]
    print(
        f"{name:<28} {len(in_order):5} times   median {median(in_order) * 1000:6.0f} ms"
        f"   p99 {slow * 1000:6.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
