"""A series as Graph tells it, which takes two answers: its master, and its instances.

The master's answer has the exceptions in full; the instances tell which occurrences
exist, since a deleted one is announced nowhere (docs/graph.md, Series).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..recurrence import Rule, occurrence_days, slot_day
from ..series import Series, pattern, single_rule
from ..snapshot import Content, RemoteEvent, Times
from ..timezones import zone
from .foreign import Foreign
from .graph_reader import parse_event
from .graph_recurrence import read_rule
from .graph_times import read_times

#: What is read of an instance: enough to know that it exists, and when it was due.
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})")
INSTANCE_FIELDS = (
    "id,type,start,end,originalStart,isAllDay,isCancelled,lastModifiedDateTime"
)
#: What is read of a master. Its exceptions come only when they are asked for by name,
#: which drops all that is not asked for.
MASTER_FIELDS = (
    "id,changeKey,iCalUId,seriesMasterId,type,isOrganizer,isCancelled,organizer,"
    "responseStatus,lastModifiedDateTime,transactionId,webLink,subject,body,start,end,"
    "isAllDay,originalStartTimeZone,location,attendees,sensitivity,showAs,"
    "isReminderOn,reminderMinutesBeforeStart,categories,isOnlineMeeting,"
    "onlineMeetingProvider,onlineMeeting,onlineMeetingUrl,recurrence,"
    "cancelledOccurrences,exceptionOccurrences"
)
_OF_MASTERS = {"recurrence", "cancelledOccurrences", "exceptionOccurrences"}
#: What is read of an exception that the answers about its series lack.
EXCEPTION_FIELDS = ",".join(
    name for name in MASTER_FIELDS.split(",") if name not in _OF_MASTERS
)


@dataclass(frozen=True, slots=True)
class RemoteSeries:
    """A series of one mailbox, parsed once at the edge.

    :param master: identity, people and version; its content is that of ``series``
    :param exceptions: day -> exception, for its own answers and join link
    :param ids: day -> id and change key of the occurrence
    """

    master: RemoteEvent
    series: Series
    exceptions: Mapping[str, RemoteEvent]
    ids: Mapping[str, tuple[str, str]]


def read_series(
    master: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]],
    window: tuple[str, str],
) -> RemoteSeries:
    """Read a series from the answers about it.

    :param master: answer to a request for :data:`MASTER_FIELDS`
    :param instances: entries of all pages of its instances in the window
    :param window: first and last day, inclusive
    :raise BadRemoteEvent: it cannot be understood; nothing else is ever raised
    """
    remote, rule = read_master(master)
    content = remote.content
    assert content is not None  # a master is never in its minimal form
    zone_name = rule.zone or content.times.zone or "UTC"
    contents: dict[str, Content] = {}
    exceptions: dict[str, RemoteEvent] = {}
    ids: dict[str, tuple[str, str]] = {}
    event = Foreign(dict(master), remote.remote_id)
    for entry in event.objects("exceptionOccurrences"):
        exception = parse_event(entry.data)
        if not isinstance(exception, RemoteEvent) or exception.content is None:
            continue
        day = _day_of(entry, exception.content.times, rule, zone_name)
        if window[0] <= day <= window[1] and not exception.is_cancelled:
            exceptions[day] = exception
            contents[day] = exception.content
            ids[day] = exception.remote_id, exception.change_key
    placed = {remote_id for remote_id, _key in ids.values()}
    for item in instances:
        entry = Foreign(dict(item), remote.remote_id)
        instance = parse_event(item)
        if not isinstance(instance, RemoteEvent) or instance.remote_id in placed:
            continue
        day = _day_of(entry, read_times(entry), rule, zone_name)
        if window[0] <= day <= window[1] and not instance.is_cancelled:
            contents.setdefault(day, pattern(content, day))
            ids.setdefault(day, (instance.remote_id, instance.change_key))
    if remote.kind == "singleInstance":
        day = rule.start
        window = min(window[0], day), max(window[1], day)
        contents, ids = {day: content}, {day: (remote.remote_id, remote.change_key)}
    series = Series.of(content, rule, window, contents)
    return RemoteSeries(remote, series, exceptions, ids)


def unread_exceptions(
    master: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]],
    known: Mapping[str, str],
) -> list[str]:
    """Return the ids of exceptions of which the answers about a series show nothing.

    Some mailboxes leave exceptions out of the instances, or of what is expanded. An
    exception that neither lists would count as deleted.

    :param master: answer to a request for :data:`MASTER_FIELDS`
    :param instances: entries of all pages of its instances
    :param known: id -> day of exceptions that are known from elsewhere; an empty day
        where it is not known. One whose day is said to be deleted is left out
    """
    event = Foreign(dict(master), "")
    in_full = {entry.text("id") for entry in event.objects("exceptionOccurrences")}
    listed = {str(item.get("id")): item.get("type") for item in instances}
    deleted = {text.rpartition(".")[2] for text in event.texts("cancelledOccurrences")}
    wanted = [remote_id for remote_id, kind in listed.items() if kind == "exception"]
    wanted += [
        remote_id
        for remote_id, day in known.items()
        if remote_id not in listed and day not in deleted
    ]
    return [one for one in dict.fromkeys(wanted) if one not in in_full]


def read_master(payload: Mapping[str, Any]) -> tuple[RemoteEvent, Rule]:
    """Read a series master, without its occurrences.

    An event that is no series (yet, or any more) is one of a single occurrence.

    :raise BadRemoteEvent: it cannot be understood, or is one occurrence of a series
    """
    remote = parse_event(payload)
    event = Foreign(dict(payload), remote.remote_id)
    if isinstance(remote, RemoteEvent) and remote.kind == "singleInstance":
        if remote.content is None:
            raise event.bad("it has no content")
        return remote, single_rule(remote.content.times)
    if not isinstance(remote, RemoteEvent) or remote.kind != "seriesMaster":
        raise event.bad("it is no series")
    if "recurrence" not in event or remote.content is None:
        raise event.bad("its recurrence is missing")
    zone_name = remote.content.times.zone
    return remote, read_rule(event.object("recurrence"), zone_name)


def _day_of(entry: Foreign, times: Times, rule: Rule, zone_name: str) -> str:
    """Return the day on which the rule has this instance begin.

    Personal accounts do not tell it: there it is the nearest day of the rule.
    """
    written = entry.text("originalStart")
    if match := _INSTANT.match(written):
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=timezone.utc)
        if times.all_day:
            return moment.date().isoformat()
        return moment.astimezone(zone(zone_name)).date().isoformat()
    day = slot_day(replace(times, zone=zone_name))
    around = timedelta(days=366)
    near = occurrence_days(rule, day - around, day + around)
    return min(near, key=lambda one: abs(one - day), default=day).isoformat()
