"""Read and change an Odoo database by SQL, without the server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from .waiting import eventually


class Database:
    """SQL for data that no screen shows, and for changes like an accident.

    :param name: name of a database on the PostgreSQL of ``make env``
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # Kept open: the search for remaining work runs ten times a second.
        self._connections: dict[str, psycopg2.extensions.connection] = {}
        self._prepared: set[str] = set()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement in its own transaction, and return its rows."""
        return self._run(self.name, query, *values)

    def look(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query that is repeated often.

        PostgreSQL reads and plans it once.

        :param name: unique name for the prepared query
        """
        if self.name not in self._connections:
            self._prepared.clear()
        if name not in self._prepared:
            self.rows(f"PREPARE {name} AS {query}")
            self._prepared.add(name)
        return self.rows(f"EXECUTE {name}")

    def _run(self, name: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if name not in self._connections:
            self._connections[name] = _connect(name)
        with self._connections[name].cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Close the connection, so that the database can be dropped."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def value(self, query: str, *values: Any) -> Any:
        """Return the first column of the first row, None without a row."""
        rows = self.rows(query, *values)
        return rows[0][0] if rows else None

    @contextmanager
    def changed_under(
        self, has_given_way: Callable[[], object], query: str, *values: Any
    ) -> Iterator[None]:
        """Change rows while a server wants to write them inside the block.

        The change is committed after a server has given way to it.

        :param has_given_way: function that returns True after that
        :param query: a statement that changes the rows to be written
        """
        with closing(_connect(self.name)) as connection:
            connection.autocommit = False
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                assert cursor.rowcount, "the statement changes nothing"
                yield
                eventually(has_given_way, "a server gives way")
            connection.commit()

    def wake_cron(self, *names: str) -> None:
        """Let crons run now, in the server's cron workers, as if they were due.

        :param names: xml ids in ``praetorx_ms365_calendar``
        """
        self.rows(
            """INSERT INTO ir_cron_trigger (cron_id, call_at)
                    SELECT res_id, date_trunc('second', now() AT TIME ZONE 'utc')
                      FROM ir_model_data
                     WHERE module = 'praetorx_ms365_calendar' AND name = ANY(%s)""",
            list(names),
        )
        self.ring()

    def ring(self) -> None:
        """Wake the server's cron workers, so that they look for due jobs."""
        # Odoo listens in this database for the crons of all databases.
        self._run("postgres", "SELECT pg_notify('cron_trigger', %s)", self.name)


def _connect(name: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        dbname=name,
        host=os.environ["PGHOST"],
        port=os.environ["PGPORT"],
        user=os.environ["PGUSER"],
    )
    connection.autocommit = True
    return connection
