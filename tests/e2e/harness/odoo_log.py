"""What an Odoo server has complained about in its log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from env.run_tests import ODOO_COMPLAINT, expected_lines

#: What is no defect where servers are killed and people come and go.
_EXPECTED = (
    # PostgreSQL asks for another try, the workers make it; the statement is logged.
    r"odoo\.sql_db: bad query:[\s\S]*could not serialize access",
)
_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ [A-Z]+ ")


class OdooLog:
    """A log file that grows, looked at from where the last look ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen_bytes = 0

    def tail(self, count: int = 40) -> str:
        """Return the last lines."""
        text = self.path.read_text(errors="replace") if self.path.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def count(self, words: str) -> int:
        """Return how often these words are in the log."""
        return self.path.read_text(errors="replace").count(words)

    def new_complaints(self, allowed: Iterable[str] = ()) -> list[str]:
        """Return warnings and errors that came since the last call, tracebacks whole.

        :param allowed: regular expressions searched in the entry
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
