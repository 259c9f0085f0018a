"""Test that content written to Graph is read back unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from mapping_samples import TEAMS_BLOCKS, contents, echo, exchange_document, graph_event

from praetorx_ms365_calendar.engine.mapping.graph_reader import parse_event
from praetorx_ms365_calendar.engine.mapping.graph_writer import (
    create_payload,
    patch_payload,
)
from praetorx_ms365_calendar.engine.mapping.stamp import make_stamp
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS, Base, Content

blocks = st.sampled_from(["", *TEAMS_BLOCKS.values()])
zones = st.sampled_from(["Europe/Berlin", "UTC", None])


@given(contents(), zones)
def test_a_created_event_is_read_back(content, default_zone):
    stamp = make_stamp("database", 1, datetime(2026, 1, 1))
    payload = create_payload(
        content, stamp=stamp, transaction_id="key", default_zone=default_zone
    )
    empty = graph_event(attendees=[], location=None, categories=[])

    event = parse_event(echo(payload, empty))

    assert event.content == content
    assert event.content.hash == content.hash
    assert (event.stamp, event.transaction_id) == (stamp, "key")
    assert [(a.email, a.kind) for a in event.content.attendees] == [
        (a.email, a.kind) for a in content.attendees
    ]


@given(contents(), blocks, st.sets(st.sampled_from(CONTENT_FIELDS)))
def test_a_patched_event_is_read_back(ours, block, changed):
    before = graph_event(
        body={"contentType": "html", "content": exchange_document(f"<p>x</p>{block}")}
    )
    theirs = parse_event(before)
    wanted = theirs.content.with_fields(changed, ours)
    payload = patch_payload(
        changed, wanted, base_theirs=theirs.content, teams_block=theirs.teams_block
    )

    after = parse_event(echo(payload, before))

    assert after.content == wanted
    assert after.content.hash == wanted.hash
    assert after.teams_block == block
    if wanted.times.all_day:  # Graph does not return their original zone
        assert after.content.times.zone is None
    else:
        assert after.content.times.zone in {theirs.content.times.zone, "UTC"}


@given(contents(), contents(), blocks)
def test_an_edit_in_odoo_is_exactly_one_write(before, after, block):
    """Reading a written event finds no change (docs/laws.md, law 1)."""
    after = replace(after, online_meeting=before.online_meeting)
    changed = after.changed_fields(before)
    remote = graph_event(attendees=[], location=None, categories=[])
    created = create_payload(before, stamp="s", transaction_id="k", default_zone=None)
    remote = echo(created, remote)
    remote["body"]["content"] += block
    theirs = parse_event(remote)

    payload = patch_payload(
        changed, after, base_theirs=theirs.content, teams_block=theirs.teams_block
    )
    theirs = parse_event(echo(payload, remote))

    assert theirs.content.changed_fields(after) == set()
    assert theirs.teams_block == block
    base = Base(ours=after, theirs=theirs.content)
    assert Base.from_json(base.to_json()) == base


@given(contents(), contents())
def test_equal_contents_have_equal_hashes_and_others_not(first, second):
    assert (first == second) == (first.hash == second.hash)
    assert bool(first.changed_fields(second)) == (first != second)
    assert Content.from_json(first.to_json()).hash == first.hash
