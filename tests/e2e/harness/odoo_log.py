"""Find warnings and errors in the log of an Odoo server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from env.run_tests import ODOO_COMPLAINT, expected_lines

#: Messages that are no defect if servers are killed and people are added and removed.
_EXPECTED = (
    # PostgreSQL requires another try, and workers try again; Odoo logs the statement.
    r"odoo\.sql_db: bad query:[\s\S]*could not serialize access",
)
_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ [A-Z]+ ")


class OdooLog:
    """A growing log file. Each call reads from the end of the last call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen_bytes = 0

    def tail(self, count: int = 40) -> str:
        """Return the last lines."""
        text = self.path.read_text(errors="replace") if self.path.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def count(self, words: str) -> int:
        """Return the number of times that these words are in the log."""
        return self.path.read_text(errors="replace").count(words)

    def new_complaints(self, allowed: Iterable[str] = ()) -> list[str]:
        """Return warnings and errors since the last call, with whole tracebacks.

        :param allowed: regular expressions, searched in each entry
        """
        patterns = [
            *expected_lines(),
            *map(re.compile, [*_EXPECTED, *allowed]),
        ]
        return [
            entry
            for entry in self._new_entries()
            if ODOO_COMPLAINT.match(entry)
            and not any(pattern.search(entry) for pattern in patterns)
        ]

    def _new_entries(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as handle:
            handle.seek(self._seen_bytes)
            text = handle.read().decode(errors="replace")
            self._seen_bytes = handle.tell()
        entries: list[str] = []
        for line in text.splitlines():
            if _LINE.match(line) or not entries:
                entries.append(line)
            else:
                entries[-1] += f"\n{line}"
        return entries
