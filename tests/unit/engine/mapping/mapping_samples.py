"""Payloads in the form of Graph's responses, and strategies that make more."""

from __future__ import annotations

import copy
import html
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.snapshot import Attendee, Content, Times

LINE = "_" * 80
JOIN_URL = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9v%40thread.v2/0"

#: Texts that Teams has written into bodies over the years, in several languages.
TEAMS_BLOCKS = {
    "classes": (
        f'<br>\r\n<div style="width:100%"><span style="color:#5F5F5F">{LINE}</span>\r\n'
        '</div>\r\n<div class="me-email-text" lang="fi-FI" style="color:#252424">\r\n'
        '<div><span style="font-size:24px">Microsoft Teams -kokous</span>\r\n</div>\r\n'
        f'<a href="{JOIN_URL}?context=%7b%7d" class="me-email-headline">Liity\r\n '
        "kokoukseen napsauttamalla</a> </div>\r\n<div></div>\r\n"
        f'<div style="width:100%"><span style="color:#5F5F5F">{LINE}</span>\r\n</div>'
    ),
    "own words of an organization": (
        f"<div><span>{LINE}</span></div>\r\n"
        '<div class="me-email-text"><a class="me-email-headline" '
        f'href="{JOIN_URL}">Participer</a></div>\r\n'
        "<div>Les enregistrements sont conserv&eacute;s 30 jours.</div>\r\n"
        f"<div><span>{LINE}</span></div>"
    ),
    "without lines": (
        '<div class="me-email-text" lang="en-US">\r\n<div>Microsoft Teams '
        '<a id="meet_invite_block.action.help" class="me-email-link" '
        'href="https://aka.ms/help?omkt=en-US">Need help?</a></div>\r\n'
        '<a id="meet_invite_block.action.join_link" class="me-email-headline" '
        'href="https://teams.microsoft.com/meet/234567890?p=abc">Join now</a></div>'
    ),
    "paragraphs of Outlook for Windows": (
        f'<div><p class="MsoNormal"><span>{LINE}</span><o:p></o:p></p></div>\r\n'
        '<div>\r\n<p class="MsoNormal">Riunione di Microsoft Teams<o:p></o:p></p>\r\n'
        '<p class="MsoNormal"><a href="https://eur01.safelinks.protection.outlook.com/'
        '?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19%253ameeting_Zm">'
        "Fai clic qui</a><o:p></o:p></p>\r\n</div>\r\n"
        f'<p class="MsoNormal">{LINE}<o:p></o:p></p>'
    ),
    "text with lines": (
        f"{LINE}<br>\r\nMicrosoft Teams-Besprechung<br>\r\nHier teilnehmen &lt;"
        f"https://teams.live.com/meet/9991112223334?p=x&gt;<br>\r\n{LINE}"
    ),
}


def exchange_document(inside: str) -> str:
    """Return a body as Exchange stores it."""
    return (
        "<html>\r\n<head>\r\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
        f"</head>\r\n<body>\r\n{inside}\r\n</body>\r\n</html>\r\n"
    )


def graph_event(**members: Any) -> dict[str, Any]:
    """Return a full single event as ``calendarView/delta`` gives it."""
    event: dict[str, Any] = {
        "@odata.etag": 'W/"k3yOne=="',
        "id": "AAkALgAAAAAAHYQDEapmSampleEvent",
        "createdDateTime": "2026-02-01T08:00:00.1234567Z",
        "lastModifiedDateTime": "2026-02-02T09:30:00.7654321Z",
        "changeKey": "k3yOne==",
        "categories": ["Travel", "Customers"],
        "transactionId": None,
        "originalStartTimeZone": "W. Europe Standard Time",
        "originalEndTimeZone": "W. Europe Standard Time",
        "iCalUId": "040000008200E00074C5B7101A82E008SAMPLE",
        "uid": "040000008200E00074C5B7101A82E008SAMPLE",
        "reminderMinutesBeforeStart": 30,
        "isReminderOn": True,
        "hasAttachments": False,
        "subject": "Site visit",
        "bodyPreview": "Bring boots",
        "importance": "normal",
        "sensitivity": "private",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": True,
        "responseRequested": True,
        "seriesMasterId": None,
        "showAs": "tentative",
        "type": "singleInstance",
        "webLink": "https://outlook.office365.com/owa/?itemid=AAkALgAA&path=/calendar",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "allowNewTimeProposals": True,
        "occurrenceId": None,
        "isDraft": False,
        "hideAttendees": False,
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
        "body": {
            "contentType": "html",
            "content": exchange_document("<p>Bring <b>boots</b></p>"),
        },
        **_times_and_places(),
        "recurrence": None,
        "attendees": [
            graph_attendee("Mia@Example.test", "Mia Berg", response="accepted"),
            graph_attendee("bob@example.test", "Bob", kind="optional"),
        ],
        "organizer": {"emailAddress": {"name": "Olga", "address": "olga@example.test"}},
        "onlineMeeting": None,
    }
    return event | members


def _times_and_places() -> dict[str, Any]:
    return {
        "start": {"dateTime": "2026-03-29T07:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-29T08:15:00.0000000", "timeZone": "UTC"},
        "location": {
            "displayName": "Harbour, gate 4",
            "locationType": "default",
            "uniqueIdType": "private",
        },
        "locations": [{"displayName": "Harbour, gate 4"}],
    }


def graph_attendee(
    address: str | None,
    name: str = "",
    *,
    kind: str = "required",
    response: str = "none",
) -> dict[str, Any]:
    """Return an entry of ``attendees``."""
    return {
        "type": kind,
        "status": {"response": response, "time": "0001-01-01T00:00:00Z"},
        "emailAddress": {"name": name, "address": address},
    }


def echo(payload: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return Graph's response to a write: the event with the payload in it."""
    after = copy.deepcopy(before) | copy.deepcopy(payload)
    after["changeKey"] = before["changeKey"] + "x"
    after.pop("@odata.etag", None)
    if body := payload.get("body"):
        content = body["content"].replace("\r\n", "\n").replace("\n", "\r\n")
        after["body"] = {"contentType": "html", "content": exchange_document(content)}
    if start := payload.get("start"):
        after["originalStartTimeZone"] = start["timeZone"]
        after["originalEndTimeZone"] = payload["end"]["timeZone"]
    return after


# ----------------------------------------------------------------------
# HTML
# ----------------------------------------------------------------------

_words = st.text(
    alphabet=st.sampled_from("abcÅé漢🙂 \u00a0\n&<>\"'_-;"), min_size=0, max_size=12
)
_attribute_texts = st.sampled_from(
    ["color:red", "color: red; margin:0 ", "a b", 'x"y', "?a=1&copy=2", "it's", ""]
)
# Only harmless HTML; test_harmless.py tests the rest.
_attributes = st.fixed_dictionaries(
    {},
    optional={
        "style": st.sampled_from(["color:red", "color: red; margin:0 ", ""]),
        "title": _attribute_texts,
        "href": _attribute_texts,
        "dir": _attribute_texts,
    },
)


def _element(tag: str, attributes: dict[str, str], children: list[str]) -> str:
    written = "".join(f' {k}="{html.escape(v)}"' for k, v in attributes.items())
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


_texts = _words.map(lambda text: html.escape(text, quote=False))
_inline = st.recursive(
    _texts | st.just("<br>") | st.just('<img src="cid:1">'),
    lambda inner: st.builds(
        _element,
        st.sampled_from(["b", "i", "span", "a", "font"]),
        _attributes,
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
_blocks = st.recursive(
    st.builds(
        _element,
        st.sampled_from(["p", "h1", "pre"]),
        _attributes,
        st.lists(_inline, max_size=4),
    ),
    lambda inner: st.builds(
        _element,
        st.sampled_from(["div", "blockquote"]),
        _attributes,
        st.lists(inner | _inline, max_size=3),
    ),
    max_leaves=6,
)
#: HTML as editors write it.
well_formed_html = st.lists(_blocks | _inline, max_size=5).map("\n".join)
#: Broken HTML.
hostile_html = st.lists(
    st.sampled_from(
        "< > </ /> <! <!-- --> <? & &# &#0; &nbsp; &amp; &copy=1 \" ' = / \x00 \ud800"
        " <p> </p> <div> </div> <b> </b> <span style='white-space:pre'> </span> <pre>"
        " </pre> <table> <tr> <td> </td> </tr> </table> <li> <ul> </ul> <br> </br> <hr"
        " <style> </style> <script> </script> <head> </head> <body> </body> <title> x"
        " <a href= <img/> <p/> <o:p/> <dd> <dl> <option> <select> _____ text".split(" ")
    )
    | st.sampled_from(["\n", "\r\n", "\t", " ", "\u00a0", "\r"]),
    max_size=40,
).map("".join)


# ----------------------------------------------------------------------
# Contents
# ----------------------------------------------------------------------

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Vienna",
    "America/New_York",
    "America/Vancouver",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    None,
)
_lines = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30
).map(str.strip)
_seconds = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


@st.composite
def times(draw: st.DrawFn) -> Times:
    """Return times of a timed or all-day event, in any zone."""
    start = draw(_seconds)
    zone = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):
        first = start.date()
        last = first + timedelta(days=draw(st.integers(1, 400)))
        return Times(first.isoformat(), last.isoformat(), all_day=True, zone=zone)
    end = start + timedelta(seconds=draw(st.integers(0, 10_000_000)))
    return Times(start.isoformat(), end.isoformat(), zone=zone)


_attendee = st.builds(
    Attendee,
    st.from_regex(r"[a-z][a-z0-9.+-]{0,8}@[a-z]{1,6}\.test", fullmatch=True),
    _lines,
    st.sampled_from(["required", "optional", "resource"]),
)
attendees = st.lists(_attendee, max_size=4, unique_by=lambda a: a.email).map(
    lambda people: tuple(sorted(people))
)


def contents(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Content]:
    """Return a content that Graph can store; ``fixed`` limits some fields."""
    # Late, because a sample must not depend on how its subject is imported.
    from praetorx_ms365_calendar.engine.mapping.body import canonical_html

    members: dict[str, st.SearchStrategy[Any]] = {
        "subject": _lines,
        "times": times(),
        "body": well_formed_html.map(canonical_html),
        "location": _lines,
        "attendees": attendees,
        "sensitivity": st.sampled_from(
            ["normal", "personal", "private", "confidential"]
        ),
        "show_as": st.sampled_from(
            ["free", "tentative", "busy", "oof", "workingElsewhere"]
        ),
        "reminder": st.none() | st.integers(0, 50_000),
        "categories": st.sets(_lines.filter(bool), max_size=3).map(
            lambda names: tuple(sorted(names))
        ),
        "online_meeting": st.booleans(),
    }
    return st.builds(Content, **(members | fixed))
