"""Test that a program cannot make Exchange mail many people without a yes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .harness.world import MANY_MAILS, World


@pytest.fixture
def two_mails(world: World) -> Iterator[None]:
    """Let the company allow two mails without a question."""
    world.admin.write("res.company", 1, {"ms365_mail_limit": 2})
    yield
    world.admin.write("res.company", 1, {"ms365_mail_limit": MANY_MAILS})


def test_invitations_one_by_one_stop_at_the_limit(anna, make_person, two_mails, world):
    """Each call of the program is a transaction of its own."""
    guest = make_person("gus")
    ids = [anna.create(f"Call {n}", n, attendees=[guest]) for n in range(6)]
    world.quiesce()
    assert len(world.control.mails()) <= 2
    waiting = anna.client.search_read(
        "praetorx.ms365.approval", [("state", "=", "waiting")], ["event_id"]
    )
    assert 4 <= len(waiting) <= len(ids)
    anna.decide([one["id"] for one in waiting], "approve")
    world.quiesce()
    assert len(world.control.mails()) == len(ids)
    for number in range(6):
        anna.assert_same(f"Call {number}")


def test_no_to_an_import_leaves_outlook_without_it(anna, make_person, two_mails, world):
    guests = [make_person(name) for name in ("gus", "greta", "gina")]
    anna.create("Fair", attendees=guests)
    anna.create("Alone", 11)
    world.quiesce()
    assert anna.outlook_events("Fair") == []
    assert len(anna.outlook_events("Alone")) == 1
    [waiting] = anna.client.search_read(
        "praetorx.ms365.approval", [("state", "=", "waiting")], ["mail_count"]
    )
    assert waiting["mail_count"] == 3
    anna.decide([waiting["id"]], "reject")
    world.quiesce()
    assert world.control.mails() == []
    assert anna.outlook_events("Fair") == []
    assert anna.only_event("Fair")["ms365_sync_state"] == "none"
