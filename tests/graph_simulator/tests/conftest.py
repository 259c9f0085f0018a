"""Fixtures: one simulator for all tests, reset before each test, and two people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph_simulator.client import Control, Simulator
from graph_simulator.tests.people import ADELE, ALEX, Person
from graph_simulator.tests.receiver import Receiver

REDIRECT = "http://localhost/callback"


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    """Return the simulator process; all tests share it."""
    with Simulator.start(demo=False) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    """Return the simulator with only the demo data."""
    running.control.reset(demo={"redirect_uris": [REDIRECT]})
    return running


@pytest.fixture
def control(simulator: Simulator) -> Control:
    """Return the control API."""
    return simulator.control


@pytest.fixture
def adele(simulator: Simulator) -> Person:
    """Return Adele, the organizer of most meetings."""
    return Person(simulator, ADELE)


@pytest.fixture
def alex(simulator: Simulator) -> Person:
    """Return Alex, the attendee of most meetings."""
    return Person(simulator, ALEX)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a real HTTP server that receives notifications."""
    with Receiver() as server:
        yield server
