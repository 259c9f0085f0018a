"""Test the facts of a link that does not exist."""

from dataclasses import astuple

from praetorx_ms365_calendar.engine.link_facts import LinkFacts


def test_without_a_link_nothing_is_known_or_true():
    assert not any(astuple(LinkFacts()))
