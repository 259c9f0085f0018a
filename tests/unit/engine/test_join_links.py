"""Test which links lead to Microsoft Teams."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.join_links import (
    TEAMS_HOSTS,
    host_of,
    is_teams_link,
    link_of_place,
)


@pytest.mark.parametrize("host", sorted(TEAMS_HOSTS))
def test_each_cloud_has_its_host(host):
    assert is_teams_link(
        f"https://{host}/l/meetup-join/19%3ameeting_x/0?context=%7b%7d"
    )
    assert is_teams_link(f"HTTPS://{host.upper()}/meet/123?p=x")
    assert is_teams_link(f"https://{host}:443/meet/123")


@pytest.mark.parametrize(
    "url",
    [
        "https://teams.microsoft.com.evil.example/l/meetup-join/x",
        "https://teamsXmicrosoft.com/l/meetup-join/x",
        "https://evil.example/teams.microsoft.com/l/meetup-join/x",
        "https://evil.example?teams.microsoft.com/l/meetup-join/x",
        "https://teams.microsoft.com@evil.example/l/meetup-join/x",
        "https://evil.example\\@teams.microsoft.com/l/meetup-join/x",
        "https://evil.example\\.teams.microsoft.com/x",
        "https://sub.teams.microsoft.com/l/meetup-join/x",
        "https://teams.microsoft.com./l/meetup-join/x",
        "https://teams.microsoft.com:8443/l/meetup-join/x",
        "https://teams.microsoft.com:x/l/meetup-join/x",
        "http://teams.microsoft.com/l/meetup-join/x",
        "https://teams.microsoft.com",
        "https://teams.microsoft.com/",
        "https://teams.micros\u043eft.com/l/meetup-join/x",
        "https://teams.microsoft.com/l/\u202emeetup-join/x",
        "javascript:alert(1)//https://teams.microsoft.com/l",
        "https://[teams.microsoft.com/l",
        "https://teams.microsoft.com/l/" + "x" * 5000,
        "Microsoft Teams Meeting",
        "",
    ],
)
def test_link_that_only_looks_like_teams_is_refused(url):
    assert not is_teams_link(url)
    assert link_of_place(url) is None


def test_other_links_have_their_host():
    assert host_of("https://us02web.Zoom.us/j/1?pwd=x") == "us02web.zoom.us"
    assert host_of("https://user@zoom.us/j/1") is None
    assert host_of("no address") is None


def test_location_counts_only_if_all_of_it_is_a_link():
    link = "https://teams.microsoft.com/l/meetup-join/x"
    assert link_of_place(f" {link} ") == link
    assert link_of_place(f"Room 5; {link}") is None
