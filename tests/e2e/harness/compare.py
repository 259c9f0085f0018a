"""Compare an Odoo event with an Outlook event.

This follows the meaning of the fields, not the addon's mapping: a mistake there must
not be repeated here.
"""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

_TEAMS_RULE = "_" * 80
_INVISIBLE = re.compile(
    r"<(head|style|script)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\s*/?>", re.IGNORECASE)
_PRIVACY = {"normal": "public", "personal": "private"}


def differences(ours: Json, theirs: Json, names: Json) -> list[str]:
    """Return a list of differences in words; empty for equal events.

    :param ours: fields of ``calendar.event``, as read
    :param theirs: a complete event of Graph
    :param names: see :func:`meaning_of_ours`
    """
    mine, other = meaning_of_ours(ours, names), meaning_of_theirs(theirs)
    return [
        f"{what}: {mine[what]!r} != {other[what]!r}"
        for what in mine
        if mine[what] != other[what]
    ]


def meaning_of_ours(ours: Json, names: Json) -> Json:
    """Return the meaning of an Odoo event, in terms of both sides.

    :param names: values for ids: ``addresses`` of partners, ``minutes`` of alarms,
        ``tags``; and the ``organizer``'s address
    """
    addresses = {names["addresses"][one] for one in ours["partner_ids"]}
    minutes = [
        names["minutes"][one] for one in ours["alarm_ids"] if one in names["minutes"]
    ]
    times = ("start_date", "stop_date") if ours["allday"] else ("start", "stop")
    return {
        "subject": ours["name"] or "",
        "body": plain_text(ours["description"]),
        "location": ours["location"] or "",
        "times": [ours[name] for name in times],
        "attendees": sorted(addresses - {False, names["organizer"]}),
        "reminder": min(minutes, default=None),
        "categories": sorted(names["tags"][one] for one in ours["categ_ids"]),
        "free": ours["show_as"] == "free",
        "privacy": ours["privacy"] or "public",
    }


def meaning_of_theirs(theirs: Json) -> Json:
    """Return the meaning of an Outlook event, in terms of both sides."""
    organizer = (theirs.get("organizer") or {}).get("emailAddress") or {}
    addresses = {
        one["emailAddress"]["address"].lower() for one in theirs.get("attendees") or []
    }
    sensitivity = theirs.get("sensitivity") or "normal"
    return {
        "subject": theirs.get("subject") or "",
        "body": plain_text((theirs.get("body") or {}).get("content")),
        "location": (theirs.get("location") or {}).get("displayName") or "",
        "times": _times(theirs),
        "attendees": sorted(addresses - {(organizer.get("address") or "").lower()}),
        "reminder": theirs["reminderMinutesBeforeStart"]
        if theirs.get("isReminderOn")
        else None,
        "categories": sorted(theirs.get("categories") or []),
        "free": theirs.get("showAs") == "free",
        "privacy": _PRIVACY.get(sensitivity, sensitivity),
    }


def plain_text(markup: str | bool | None) -> str:
    """Return the visible text of HTML, without Microsoft's Teams block."""
    text = _BREAK.sub("\n", _INVISIBLE.sub("", markup or ""))
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ")
    text = text.split(_TEAMS_RULE)[0]
    return " ".join(text.split())


def _times(theirs: Json) -> list[str]:
    if theirs.get("isAllDay"):
        first = date.fromisoformat(theirs["start"]["dateTime"][:10])
        after = date.fromisoformat(theirs["end"]["dateTime"][:10])
        return [first.isoformat(), (after - timedelta(days=1)).isoformat()]
    return [_utc(theirs["start"]), _utc(theirs["end"])]


def _utc(moment: Json) -> str:
    wall_clock = datetime.fromisoformat(moment["dateTime"][:19])
    aware = wall_clock.replace(tzinfo=ZoneInfo(moment["timeZone"]))
    return aware.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
