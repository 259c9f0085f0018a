"""Check the result of the demo; each check has a name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from e2e.harness.compare import differences
from e2e.harness.odoo_client import OdooError
from e2e.harness.person import Person, graph_time, mark, odoo_time
from e2e.harness.waiting import eventually
from e2e.harness.world import World
from graph_simulator.client import ControlFailed

from . import seed
from .table import Figures

#: An edit must be on the other side within this time.
PROMISED_SECONDS = 5.0
#: An attendee's copy has its own reminder, categories and privacy.
_SHARED = ("subject", "body", "location", "times", "attendees")
_LOOK_SECONDS = 0.05


class Report:
    """The results of the checks, with the reasons of failures."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Run a block as a check; if it fails, record that and continue."""
        self._problems[name] = ""
        try:
            yield
        except (AssertionError, OdooError, ControlFailed) as error:
            self._problems[name] = str(error) or type(error).__name__

    @property
    def failed(self) -> int:
        """Return the number of failed checks."""
        return sum(1 for problem in self._problems.values() if problem)

    def __str__(self) -> str:
        lines = [
            f"FAILED  {name}\n        {problem}" if problem else f"ok      {name}"
            for name, problem in self._problems.items()
        ]
        return "\n".join([*lines, "", self._sum()])

    def _sum(self) -> str:
        count = len(self._problems)
        if self.failed:
            return f"{self.failed} of {count} checks failed"
        return f"all {count} checks hold"


def first_sync(report: Report, figures: Figures, anna: Person) -> None:
    """Nobody was mailed, meetings with others wait for consent, Graph calls us back."""
    with report.check("the first sync mails nobody"):
        assert figures.first_sync_mails == 0, f"{figures.first_sync_mails} mails"
    with report.check("the meeting that would mail Ben waits for Anna's word"):
        waiting = anna.account("waiting_event_count")
        assert waiting["waiting_event_count"] == 1, waiting
        assert not anna.outlook_events(seed.WORKSHOP), "it is in Outlook"
    for person in figures.people:
        with report.check(f"{person.name}'s subscription is active"):
            _assert_subscribed(person)


def _assert_subscribed(person: Person) -> None:
    there = person.world.control.subscriptions(person.upn)
    assert len(there) == 1, f"Microsoft 365 has {len(there)}"
    here = person.world.admin.search_read(
        "praetorx.ms365.subscription",
        [("user_id", "=", person.user_id)],
        ["state", "remote_id", "reason"],
    )
    states = [(one["state"], one["remote_id"]) for one in here]
    assert states == [("active", there[0]["id"])], here


def edit_in_outlook(report: Report, figures: Figures, anna: Person) -> None:
    """A new time in Outlook reaches Odoo soon, and causes no write to Outlook."""
    world = anna.world
    with report.check("an edit in Outlook arrives in Odoo, without a Graph write"):
        remote = anna.outlook_event(seed.FOCUS)
        start = _half_an_hour_later(remote["start"])
        end = _half_an_hour_later(remote["end"])
        before = mark(world)
        figures.seconds_to_odoo = _seconds_until(
            lambda: anna.only_event(seed.FOCUS)["start"] == odoo_time(start),
            "the edit is in Odoo",
            edit=lambda: anna.outlook_update(
                remote, start=graph_time(start), end=graph_time(end)
            ),
        )
        world.quiesce()
        _assert_writes(anna, before, 0)
    _check_speed(report, "an edit in Outlook", figures.seconds_to_odoo)


def edit_in_odoo(report: Report, figures: Figures, anna: Person) -> None:
    """A new place in Odoo reaches Outlook soon, by one write."""
    world = anna.world
    place = "Room Spree"
    with report.check("an edit in Odoo arrives in Outlook by one Graph write"):
        event_id = anna.only_event(seed.FIGURES)["id"]
        before = mark(world)
        figures.seconds_to_outlook = _seconds_until(
            lambda: (
                anna.outlook_event(seed.FIGURES)["location"]["displayName"] == place
            ),
            "the edit is in Outlook",
            edit=lambda: anna.write(event_id, location=place),
        )
        world.quiesce()
        _assert_writes(anna, before, 1)
    _check_speed(report, "an edit in Odoo", figures.seconds_to_outlook)


def no_echo(report: Report, figures: Figures) -> None:
    """Reading everything again causes no write on either side."""
    world = figures.world
    with report.check("no echo: polling again writes nothing on either side"):
        before, written = mark(world), _last_write(figures.people)
        world.poll()
        world.quiesce()
        for person in figures.people:
            _assert_writes(person, before, 0)
        assert _last_write(figures.people) == written, "Odoo's events were written"


def created_in_odoo(report: Report, figures: Figures, anna: Person) -> None:
    """Events created after the switch are sent: one Teams meeting, one mail."""
    with report.check("a Teams meeting made in Odoo has its link; Ben is invited once"):
        link = anna.only_event(seed.PLANNING)["teams_meeting_url"]
        remote = anna.outlook_event(seed.PLANNING)
        assert link, "no link"
        assert link == remote["onlineMeeting"]["joinUrl"], link
        mails = [(one["kind"], one["to"]) for one in figures.later_mails()]
        assert mails == [("invitation", seed.upn("ben"))], mails


def same_on_both_sides(report: Report, person: Person, people: list[Person]) -> None:
    """Every event exists once on each side, with the same content."""
    with report.check(f"{person.name} has the same events on both sides, each once"):
        ours = [one for one in person.events() if one["name"] != seed.WORKSHOP]
        theirs = {one["subject"]: one for one in person.outlook_events()}
        here = sorted(one["name"] for one in ours)
        there = sorted(one["subject"] for one in person.outlook_events())
        assert here == there, f"Odoo has {here}, Outlook has {there}"
        assert len(set(here)) == len(here), f"an event is there twice: {here}"
        organizers = {one.user_id: one for one in people}
        for event in ours:
            organizer = organizers[event["user_id"][0]]
            names = {**person.names(), "organizer": organizer.upn}
            unlike = differences(event, theirs[event["name"]], names)
            if organizer is not person:
                unlike = [one for one in unlike if one.split(":")[0] in _SHARED]
            assert not unlike, f"{event['name']}: {unlike}"
            assert event["ms365_sync_state"] == "synced", event


def one_event_per_meeting(report: Report, people: list[Person]) -> None:
    """A meeting in two mailboxes is one event in Odoo."""
    with report.check("a meeting of both is one event in Odoo"):
        ids = {event["id"]: event["name"] for one in people for event in one.events()}
        assert len(set(ids.values())) == len(ids), ids


def log_is_clean(report: Report, world: World) -> None:
    """Odoo has logged no warning, no error and no traceback."""
    with report.check("Odoo's log has no complaint"):
        world.odoo.assert_no_complaints()


def _assert_writes(person: Person, after: int, count: int) -> None:
    writes = person.writes(after)
    told = [f"{one['method']} {one['path']} {one['body_keys']}" for one in writes]
    assert len(writes) == count, f"{len(writes)} writes: {told}"


def _check_speed(report: Report, what: str, seconds: float | None) -> None:
    with report.check(f"{what} takes less than {PROMISED_SECONDS:g} s"):
        assert seconds is not None, "it did not arrive"
        assert seconds < PROMISED_SECONDS, f"{seconds:.2f} s"


def _seconds_until(
    look: Callable[[], bool], what: str, *, edit: Callable[[], object]
) -> float:
    began = time.monotonic()
    edit()
    eventually(look, what, step_seconds=_LOOK_SECONDS)
    return time.monotonic() - began


def _half_an_hour_later(moment: dict[str, str]) -> datetime:
    """Return a moment of Graph (in UTC) plus half an hour."""
    return datetime.fromisoformat(moment["dateTime"][:19]) + timedelta(minutes=30)


def _last_write(people: list[Person]) -> list[str]:
    return [max(one["write_date"] for one in person.events()) for person in people]
