"""Fixtures: one server and one simulator for all tests, new people for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from .harness.person import Person
from .harness.world import CRON_IS_BUSY, World, of_process

PersonMaker = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest test first: at the end, nothing could run beside it."""
    items.sort(key=lambda item: not item.path.stem.endswith("random_walk"))


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    """Return the server and the simulator; all tests of a process share them."""
    world = World(of_process(os.environ.get("E2E_DATABASE") or "e2e_tests"))
    world.start()
    yield world
    world.stop()


@pytest.fixture
def allowed_log() -> list[str]:
    """Return a list; a test adds the log messages that Odoo may write."""
    return [CRON_IS_BUSY]


@pytest.fixture
def world(running_world: World, allowed_log: list[str]) -> Iterator[World]:
    """Return both without faults and mails; check the log after the test."""
    running_world.control.clear_faults()
    running_world.control.reset_mails()
    running_world.odoo.log.new_complaints()
    yield running_world
    running_world.control.clear_faults()
    running_world.odoo.assert_no_complaints(allowed_log)


@pytest.fixture
def make_person(world: World) -> Iterator[PersonMaker]:
    """Return a function that creates people; their sync stops after the test."""
    made: list[Person] = []

    def make(first_name: str, **values: object) -> Person:
        person = Person(world, first_name, **values)
        made.append(person)
        return person

    yield make
    world.admin.write(
        "res.users",
        [person.user_id for person in made],
        {"ms365_sync_enabled": False},
    )


@pytest.fixture
def anna(make_person: PersonMaker) -> Person:
    """Return a person with a calendar that is synced both ways."""
    return make_person("anna").connect()


@pytest.fixture
def ben(make_person: PersonMaker) -> Person:
    """Return a second person with a calendar that is synced both ways."""
    return make_person("ben").connect()
