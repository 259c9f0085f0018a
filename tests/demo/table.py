"""Show the figures of the demo as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from e2e.harness.person import Person, mark
from e2e.harness.world import World


@dataclass
class Figures:
    """Figures from the moment when the people switch the sync on."""

    world: World
    people: list[Person]
    seconds_to_odoo: float | None = None
    seconds_to_outlook: float | None = None
    first_sync_mails: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._before_requests = mark(self.world)
        self._earlier_mails = self._mail_count()

    def first_sync_is_over(self) -> None:
        """Store the number of mails that the first sync caused."""
        self.first_sync_mails = self._mail_count() - self._earlier_mails

    def later_mails(self) -> list[dict[str, Any]]:
        """Return the mails after the first sync."""
        return self.world.control.mails()[self._earlier_mails + self.first_sync_mails :]

    def table(self) -> str:
        """Return the table, aligned: one column for each person and one for all."""
        rows = [["", *(person.name.split()[0] for person in self.people), "all"]]
        rows.append(["events pulled from Outlook", *self._counted("pull")])
        rows.append(["events pushed to Outlook", *self._counted("push")])
        rows.append(["Graph requests, reading", *self._requests(is_write=False)])
        rows.append(["Graph requests, writing", *self._requests(is_write=True)])
        single = {
            "seconds from an Outlook edit to Odoo": _seconds(self.seconds_to_odoo),
            "seconds from an Odoo edit to Outlook": _seconds(self.seconds_to_outlook),
            "mails by the first sync": str(self.first_sync_mails),
            "mails by what people did": str(self._mail_count() - self.first_sync_mails),
        }
        blank = [""] * len(self.people)
        rows += [[name, *blank, value] for name, value in single.items()]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        return "\n".join(_line(row, widths) for row in rows)

    def _counted(self, direction: str) -> list[str]:
        """Count events, not log rows: an event that was created and changed is one."""
        counts = []
        for person in self.people:
            rows = self.world.admin.search_read(
                "praetorx.ms365.sync.log",
                [
                    ("user_id", "=", person.user_id),
                    ("direction", "=", direction),
                    ("outcome", "=", "done"),
                    ("operation", "in", ["create", "update", "link"]),
                ],
                ["event_key"],
            )
            counts.append(len({row["event_key"] for row in rows}))
        return _with_sum(counts)

    def _requests(self, *, is_write: bool) -> list[str]:
        """Count round trips; a batch is one."""
        counts = []
        for person in self.people:
            found = self.world.control.requests(
                mailbox=person.upn, path=r"^/v1\.0/", after=self._before_requests
            )
            writing = {one["batch_id"] or one["n"] for one in found if one["is_write"]}
            trips = {one["batch_id"] or one["n"] for one in found}
            counts.append(len(writing if is_write else trips - writing))
        return _with_sum(counts)

    def _mail_count(self) -> int:
        return len(self.world.control.mails())


def _with_sum(counts: list[int]) -> list[str]:
    return [str(count) for count in [*counts, sum(counts)]]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _line(row: list[str], widths: list[int]) -> str:
    name, *numbers = (
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "   ".join([name, *numbers])
