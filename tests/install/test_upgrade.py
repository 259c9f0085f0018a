"""Test the upgrade of a database of 19.0.1.0.0, without a warning in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from env.paths import ADDONS

from . import outlook
from .harness import Office

OUTBOX = """SELECT id, event_key, operation, state, link_id, event_id, recurrence_id
              FROM praetorx_ms365_outbox ORDER BY id"""
THEIRS = """SELECT remote_id, base_snapshot->'theirs', content_hash
              FROM praetorx_ms365_event_link
             WHERE remote_id <> 'all day' ORDER BY id"""
EVENTS = """SELECT id, write_date, synced_field_hash, ms_change_key, sync_origin
              FROM calendar_event ORDER BY id"""
ENVELOPES = """SELECT microsoft_calendar_rtoken FROM res_users
                WHERE microsoft_calendar_rtoken IS NOT NULL"""
WITHOUT_HARM = (
    '<p style="color:red">Please pay</p><p><a class="o_ms365_image"'
    ' href="https://spy.example/seen.png" title="Logo"'
)


class Upgraded:
    """The office after ``-u``, with its data from before."""

    def __init__(self, office: Office) -> None:
        office.run("synced_before.py", "shape_before.py")
        self.rows = office.rows
        self.before = {query: self.rows(query) for query in (OUTBOX, THEIRS, EVENTS)}
        self.envelopes_before = self.rows(ENVELOPES)
        office.upgrade(*ADDONS)
        self.found = json.loads(office.run("upgraded.py").splitlines()[-1])

    def link(self, remote_id: str, names: str) -> tuple:
        """Return columns of a link, and of its event or series as ``one``."""
        [row] = self.rows(
            f"""SELECT {names} FROM praetorx_ms365_event_link link
                LEFT JOIN calendar_recurrence series ON series.id = recurrence_id
                LEFT JOIN calendar_event event ON event.id = event_id
                 WHERE remote_id = %s""",
            remote_id,
        )
        return row

    def descriptions(self, remote_id: str) -> set[str]:
        """Return the different descriptions of an event, or of a series."""
        rows = self.rows(
            """SELECT DISTINCT event.description FROM calendar_event event
                 JOIN praetorx_ms365_event_link link
                   ON event.id = link.event_id
                   OR event.recurrence_id = link.recurrence_id
                WHERE remote_id = %s""",
            remote_id,
        )
        return {text for (text,) in rows}


@pytest.fixture(scope="module")
def upgraded() -> Iterator[Upgraded]:
    """Return an upgraded office; a warning in the log would fail the upgrade."""
    office = Office("install_upgrade", template="addons")
    try:
        yield Upgraded(office)
    finally:
        office.close()


def test_nothing_is_sent(upgraded):
    """The upgrade creates no edit, and loses none."""
    assert upgraded.rows(OUTBOX) == upgraded.before[OUTBOX]
    for table in ("approval", "difference"):
        assert upgraded.rows(f"SELECT id FROM praetorx_ms365_{table}") == []
    expected = {
        "renamed": ["subject"],
        "disputed": ["subject"],
        "rewritten": ["body"],
        "under way": ["location"],
        "one deleted": [str(outlook.MONDAYS[1])],  # nothing is written about it
    }
    edited = {name: what for name, what in upgraded.found["edited"].items() if what}
    assert edited == expected


def test_outlooks_side_stays(upgraded):
    assert upgraded.rows(THEIRS) == upgraded.before[THEIRS]
    assert upgraded.rows(EVENTS) == upgraded.before[EVENTS]


def test_deletions_are_held_and_conflicts_open_still(upgraded):
    assert upgraded.link("held", "link.state, held_count") == ("gone", 1)
    assert upgraded.rows("SELECT state FROM praetorx_ms365_hold") == [("open",)]
    assert upgraded.rows("SELECT state FROM praetorx_ms365_conflict") == [("open",)]


def test_edits_of_events_in_conflict_are_remembered(upgraded):
    state, names = upgraded.link("disputed", "link.state, unsent_names")
    assert state == "conflict"
    assert {"subject", "body", "times", "attendees"} <= set(names)
    assert upgraded.link("renamed", "unsent_names") == (None,)


def test_all_day_series_are_on_their_days_again(upgraded):
    days = [str(day) for day in outlook.MONDAYS]
    assert upgraded.found["all day"] == {
        "days": days,
        "names": ["all day", "all day", "Their own", "all day"],
        "entries": 0,
    }
    needs_read, base, ids = upgraded.link(
        "all day", "needs_read, base_snapshot, occurrence_ids"
    )
    assert needs_read
    assert base["ours"]["days"] == base["theirs"]["days"] == days
    assert sorted(ids) == days
    assert upgraded.link("endless", "needs_read") == (False,)


def test_endless_series_are_endless_again(upgraded):
    for remote_id in ("endless", "endless under way", "one deleted"):
        end, name = upgraded.link(remote_id, "series.end_type, series.name")
        assert (remote_id, end) == (remote_id, "forever")
        assert "720" not in name
    counted = upgraded.link("for 720 weeks", "series.end_type, series.count")
    assert counted == ("count", 720)
    under_way = upgraded.link("endless under way", "needs_read, sent_snapshot")
    assert under_way == (True, None)


def test_deleted_occurrence_goes_on_being_deleted(upgraded):
    removed = "series.ms365_removed_days"
    assert upgraded.link("one deleted", removed) == ([str(outlook.MONDAYS[1])],)
    assert upgraded.link("endless", removed) == (None,)


def test_only_teams_links_are_teams_links(upgraded):
    url = "https://teams.microsoft.com/l/meetup-join/abc"
    assert upgraded.link("teams", "event.teams_meeting_url") == (url,)
    other = "event.teams_meeting_url, event.videocall_location"
    shown = "https://meet.example.com/abc"
    assert upgraded.link("other service", other) == (None, shown)


def test_secrets_are_tied_to_their_rows(upgraded):
    assert upgraded.found["secrets"] == [
        "refresh token of Anna",
        "access token of Anna",
        "parked token of Ben",
        "own secret",
    ]
    assert not {*upgraded.rows(ENVELOPES)} & {*upgraded.envelopes_before}


def test_descriptions_from_outlook_are_harmless(upgraded):
    single = ("hostile", "renamed", "archived", "disputed", "under way", "held")
    for remote_id in (*single, "all day", "endless", "one deleted"):
        [text] = upgraded.descriptions(remote_id)
        assert (remote_id, text[: len(WITHOUT_HARM)]) == (remote_id, WITHOUT_HARM)
    [long] = upgraded.descriptions("long")
    assert long.startswith(WITHOUT_HARM)
    assert "position" not in long
    assert "The whole of it is in Outlook" in long


def test_other_descriptions_stay(upgraded):
    plain = '<p class="MsoNormal" style="color:red">Hello</p>'
    assert upgraded.descriptions("plain") == {plain}
    assert upgraded.descriptions("rewritten") == {"<p>Rewritten here</p>"}
    [text] = upgraded.descriptions("with own picture")
    assert "/web/image/7" in text
    assert "position:fixed" in text
