"""How a large series comes to Odoo: time, memory, and the rows of each transaction."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

from e2e.harness.person import Person, graph_attendee
from e2e.harness.series import local_start, outlook_series
from e2e.harness.world import World

#: Counts the rows that each transaction adds, changes or removes.
_COUNTER = """
CREATE TABLE IF NOT EXISTS bench_rows (transaction xid8, name text, rows int);
CREATE OR REPLACE FUNCTION bench_count() RETURNS trigger AS $$
BEGIN
    INSERT INTO bench_rows
    SELECT pg_current_xact_id(), TG_TABLE_NAME, count(*) FROM touched;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
"""
_TABLES = (
    "calendar_event",
    "calendar_attendee",
    "calendar_event_res_partner_rel",
    "mail_followers",
)


def main() -> None:
    """Measure the first pull of a series, one changed guest, and all changed guests."""
    parser = argparse.ArgumentParser(description="Measure a large series")
    parser.add_argument("--occurrences", type=int, default=360)
    parser.add_argument("--guests", type=int, default=150)
    options = parser.parse_args()
    world = World("bench_series", moves_clock=False)
    world.start()
    try:
        _measure(world, options)
    finally:
        world.stop()


def _measure(world: World, options: argparse.Namespace) -> None:
    for statement in _statements():
        world.odoo.database.rows(statement)
    anna = Person(world, "anna").connect()
    first = [f"guest{number}@example.com" for number in range(options.guests)]
    other = [f"other{number}@example.com" for number in range(options.guests)]
    master: dict[str, Any] = {}

    def create() -> None:
        master.update(
            outlook_series(
                anna,
                "Standup",
                local_start(world),
                options.occurrences,
                attendees=[graph_attendee(one) for one in first],
                recurrence=_daily(world, options.occurrences),
            )
        )

    def invite(addresses: list[str]) -> None:
        attendees = [graph_attendee(one) for one in addresses]
        anna.outlook_update(master["id"], attendees=attendees)

    _report(world, "first pull", create)
    _report(world, "one guest changed", lambda: invite([*first[1:], other[0]]))
    _report(world, "all guests changed", lambda: invite(other))


def _daily(world: World, count: int) -> dict[str, Any]:
    return {
        "pattern": {"type": "daily", "interval": 1},
        "range": {
            "type": "numbered",
            "startDate": f"{local_start(world):%Y-%m-%d}",
            "numberOfOccurrences": count,
            "recurrenceTimeZone": "W. Europe Standard Time",
        },
    }


def _statements() -> list[str]:
    changes = {
        "INSERT": "NEW TABLE AS touched",
        "UPDATE": "NEW TABLE AS touched",
        "DELETE": "OLD TABLE AS touched",
    }
    return [
        _COUNTER,
        *(
            f"CREATE TRIGGER bench_{change.lower()} AFTER {change} ON {table}"
            f" REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION bench_count()"
            for table in _TABLES
            for change, rows in changes.items()
        ),
    ]


class _Memory:
    """Looks how much memory the largest process of Odoo has."""

    def __init__(self, world: World) -> None:
        self._main = psutil.Process(world.odoo.process_id)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak = 0

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            for process in self._main.children():
                try:
                    self.peak = max(self.peak, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue


def _report(world: World, name: str, act: Callable[[], None]) -> None:
    database = world.odoo.database
    database.rows("DELETE FROM bench_rows")
    began = time.monotonic()
    with _Memory(world) as memory:
        act()
        world.quiesce(timeout_seconds=3600)
    seconds = time.monotonic() - began
    of_transactions = database.rows(
        "SELECT sum(rows) FILTER (WHERE name = 'calendar_attendee'),"
        " sum(rows) FROM bench_rows GROUP BY transaction"
    )
    attendees = [row[0] or 0 for row in of_transactions]
    print(
        f"{name:<20} {seconds:6.0f} s   {memory.peak / 2**20:5.0f} MiB"
        f"   {sum(attendees):6} attendees in {len([a for a in attendees if a])} steps,"
        f" at most {max(attendees, default=0)} in one;"
        f" at most {max((row[1] for row in of_transactions), default=0)} rows of all",
        flush=True,
    )


if __name__ == "__main__":
    main()
