"""Read a series from two responses of Graph: its master, and its instances.

The response about the master has the exceptions in full. The list of instances shows
the existing occurrences: Graph announces no deleted one (docs/graph.md, Series).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from ..errors import BadRemoteEvent
from ..recurrence import Rule
from ..series import Series, default_occurrence, single_rule
from ..slot_times import slot_day, slot_times
from ..snapshot import Content, RemoteEvent, Times
from ..timezones import zone
from .graph_days import day_of_exception, day_of_occurrence
from .graph_reader import parse_event
from .graph_recurrence import names_zone, read_rule
from .graph_times import read_times
from .series_zone import guessed_zone
from .untrusted_json import UntrustedJson

#: Properties to request for an instance.
INSTANCE_FIELDS = (
    "id,type,start,end,originalStart,isAllDay,isCancelled,iCalUId,lastModifiedDateTime"
)
#: Properties to request for a master. Graph returns the exceptions only if they are
#: named, and then it returns only the named properties.
MASTER_FIELDS = (
    "id,changeKey,iCalUId,seriesMasterId,type,isOrganizer,isCancelled,organizer,"
    "responseStatus,lastModifiedDateTime,transactionId,webLink,subject,body,start,end,"
    "isAllDay,originalStart,originalStartTimeZone,location,attendees,sensitivity,showAs,"
    "isReminderOn,reminderMinutesBeforeStart,categories,isOnlineMeeting,"
    "onlineMeetingProvider,onlineMeeting,onlineMeetingUrl,recurrence,"
    "cancelledOccurrences,exceptionOccurrences"
)
_OF_MASTERS = {"recurrence", "cancelledOccurrences", "exceptionOccurrences"}
#: Properties to request for an exception that is missing in the responses about its
#: series.
EXCEPTION_FIELDS = ",".join(
    name for name in MASTER_FIELDS.split(",") if name not in _OF_MASTERS
)


#: From this day on, Windows and the tz database agree about the local times of a zone.
_CLOCKS_ARE_KNOWN = "1970-01-01"


@dataclass(frozen=True, slots=True)
class RemoteSeries:
    """A series in one mailbox of Graph, already parsed.

    :param master: its identity, people and version; has the same content as the master
        of ``series``
    :param exceptions: day -> exception, which has replies and a join link of its own
    :param ids: day -> id and change key of the occurrence
    :param unreadable: id -> reason, for invalid occurrences
    """

    master: RemoteEvent
    series: Series
    exceptions: Mapping[str, RemoteEvent]
    ids: Mapping[str, tuple[str, str]]
    unreadable: Mapping[str, str] = field(default_factory=dict)


#: What Outlook has: a single event, or a whole series.
RemoteT = TypeVar("RemoteT", RemoteEvent, RemoteSeries)


def read_series(
    master: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]],
    window: tuple[str, str],
    *,
    mailbox_zone: str | None = None,
) -> RemoteSeries:
    """Read a series from the responses about it.

    :param master: response to a request for :data:`MASTER_FIELDS`
    :param instances: entries of all pages of its instances in the window
    :param window: first and last day, inclusive
    :param mailbox_zone: IANA name, used if the series does not name its zone
    :raise BadRemoteEvent: the master is invalid; nothing else is ever raised
    """
    remote, rule = read_master(master)
    content = remote.content
    assert content is not None  # a master is never in its minimal form
    if remote.kind == "singleInstance":
        window = min(window[0], rule.start), max(window[1], rule.start)
        ids = {rule.start: (remote.remote_id, remote.change_key)}
        series = Series.of(content, rule, window, {rule.start: content})
        return RemoteSeries(remote, series, {}, ids)
    unreadable: dict[str, str] = {}
    listed = list(_read_instances(instances, remote.remote_id, unreadable))
    event = UntrustedJson(dict(master), remote.remote_id)
    changed = _read_exceptions(event, listed, unreadable)
    by_id = {one.remote_id: one for one in changed}
    # The content of an exception comes with its full form only. An instance that has an
    # unreadable full form is left out: its content is unknown.
    plain = [one for one in listed if one.remote_id not in {**by_id, **unreadable}]
    is_named = names_zone(UntrustedJson(dict(master)).object("recurrence"))
    if not is_named:
        rule = _with_zone(rule, content.times, plain, mailbox_zone)
    content = _in_zone_of_rule(content, rule, plain)
    placed = instances_by_day(plain, changed, content.times, rule, is_named=is_named)
    contents: dict[str, Content] = {}
    exceptions: dict[str, RemoteEvent] = {}
    ids = {}
    for day, instance in placed.items():
        if not window[0] <= day <= window[1] or instance.event.is_cancelled:
            continue
        ids[day] = instance.remote_id, instance.event.change_key
        if instance.is_expanded:
            exceptions[day] = instance.event
        contents[day] = _content_on(day, instance, content)
    series = Series.of(content, rule, window, contents)
    remote = replace(remote, content=content)
    return RemoteSeries(remote, series, exceptions, ids, unreadable)


def unread_exceptions(
    master: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]],
    known: Mapping[str, str],
) -> list[str]:
    """Return the ids of exceptions that must be read one by one.

    These are exceptions that the master does not have in full. Some mailboxes leave
    exceptions out of the master's list, or of the instances, or of both. An exception
    that is missing in both would count as deleted.

    :param master: response to a request for :data:`MASTER_FIELDS`
    :param instances: entries of all pages of its instances
    :param known: id -> day of exceptions that are known from elsewhere; the day is
        empty if unknown. An exception is left out if Graph lists its day as deleted
    """
    event = UntrustedJson(dict(master), "")
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

    An event that is not a series (yet, or any more) is read as a series of one
    occurrence.

    :raise BadRemoteEvent: it is invalid, or is a single occurrence of a series
    """
    remote = parse_event(payload)
    event = UntrustedJson(dict(payload), remote.remote_id)
    if not isinstance(remote, RemoteEvent) or remote.content is None:
        raise event.bad("it is no series")
    if remote.kind == "singleInstance":
        return remote, single_rule(remote.content.times)
    if remote.kind != "seriesMaster":
        raise event.bad("it is no series")
    if "recurrence" not in event:
        raise event.bad("its recurrence is missing")
    own_zone = remote.content.times.zone
    rule = read_rule(event.object("recurrence"), own_zone)
    times = replace(remote.content.times, zone=rule.zone)
    return replace(remote, content=replace(remote.content, times=times)), rule


@dataclass(frozen=True, slots=True)
class _Instance:
    """One occurrence or exception.

    :param entries: Graph's entries about it, the one of the list of instances first
    :param is_expanded: the response about its master has it in full
    """

    event: RemoteEvent
    times: Times
    entries: tuple[UntrustedJson, ...]
    is_expanded: bool = False

    @property
    def remote_id(self) -> str:
        return self.event.remote_id

    @property
    def is_as_series(self) -> bool:
        """Return True if it was not changed: it is no exception."""
        return self.event.kind != "exception" and not self.is_expanded


def _read_instances(
    items: Iterable[Mapping[str, Any]], master_id: str, unreadable: dict[str, str]
) -> Iterator[_Instance]:
    """Yield the instances. An invalid one is added to ``unreadable`` instead.

    :param unreadable: id -> reason
    """
    for item in items:
        entry = UntrustedJson(dict(item), master_id)
        try:
            event = parse_event(item)
            if isinstance(event, RemoteEvent):
                yield _Instance(event, read_times(entry), (entry,))
        except BadRemoteEvent as error:
            unreadable[_id_of(item, number=len(unreadable))] = error.reason


def _id_of(item: Mapping[str, Any], *, number: int) -> str:
    """Return the id of an invalid entry, or ``#number`` if it has none."""
    remote_id = item.get("id")
    return remote_id if remote_id and isinstance(remote_id, str) else f"#{number}"


def _read_exceptions(
    master: UntrustedJson, listed: Iterable[_Instance], unreadable: dict[str, str]
) -> list[_Instance]:
    """Return the exceptions of a master, each with its entry among the instances.

    :param unreadable: id -> reason; invalid exceptions are added here
    """
    by_id = {one.remote_id: one for one in listed}
    changed = []
    for entry in master.objects("exceptionOccurrences"):
        # Graph returns only the selected properties, and ``type`` may still be missing.
        try:
            event = parse_event({"type": "exception", **entry.data})
        except BadRemoteEvent as error:
            unreadable[_id_of(entry.data, number=len(unreadable))] = error.reason
            continue
        if not isinstance(event, RemoteEvent) or event.content is None:
            continue
        instance = by_id.get(event.remote_id)
        entries = (*(instance.entries if instance else ()), entry)
        changed.append(_Instance(event, event.content.times, entries, is_expanded=True))
    return changed


def _with_zone(
    rule: Rule, times: Times, plain: Iterable[_Instance], mailbox_zone: str | None
) -> Rule:
    """Return a rule with a guessed zone, because Graph names no known one."""
    likely = rule.zone, mailbox_zone
    if times.all_day:
        return replace(rule, zone=next(filter(None, likely), None))
    seen = [one.times for one in plain if one.is_as_series and not one.times.all_day]
    return replace(rule, zone=guessed_zone(times, rule, seen, likely))


def _in_zone_of_rule(
    content: Content, rule: Rule, plain: Iterable[_Instance]
) -> Content:
    """Return the content of the master, with times in the zone of the rule.

    Graph does not know the local times of long ago. If the series began then, the time
    of day of its first occurrence is taken from an occurrence that was read.
    """
    times = replace(content.times, zone=rule.zone)
    if not times.all_day and times.start < _CLOCKS_ARE_KNOWN:
        seen = next((one.times for one in plain if one.is_as_series), None)
        if seen and not seen.all_day:
            first_day = date.fromisoformat(rule.start)
            times = slot_times(replace(seen, zone=rule.zone), first_day)
    return replace(content, times=times)


def instances_by_day(
    plain: Iterable[_Instance],
    changed: Iterable[_Instance],
    times: Times,
    rule: Rule,
    *,
    is_named: bool,
) -> dict[str, _Instance]:
    """Return day -> instance. The day is the one on which the rule lets it begin.

    :param is_named: Graph names the zone of the rule
    """
    zone_name = times.zone or "UTC"
    placed: dict[date, _Instance] = {}
    moved = list(changed)
    for instance in plain:
        if not instance.is_as_series:
            moved.append(instance)
            continue
        [entry] = instance.entries
        start = slot_day(replace(instance.times, zone=zone_name))
        is_sure = is_named or times.all_day
        day = day_of_occurrence(entry, start, rule, sure=is_sure)
        placed.setdefault(start if day in placed else day, instance)
    for instance in sorted(moved, key=lambda one: one.times.start):
        day = day_of_exception(
            instance.entries,
            slot_day(replace(instance.times, zone=zone_name)),
            rule,
            zone(zone_name) if is_named else None,
            all_day=times.all_day,
            taken=placed,
        )
        placed.setdefault(day, instance)
    return {day.isoformat(): placed[day] for day in sorted(placed)}


def _content_on(day: str, instance: _Instance, master: Content) -> Content:
    """Return the content of an instance.

    Without a full form, only its times are known; the rest is the master's content.
    """
    times = replace(instance.times, zone=master.times.zone)
    if instance.is_expanded and instance.event.content:
        return replace(instance.event.content, times=times)
    expected = default_occurrence(master, day)
    return expected if expected.times == times else replace(expected, times=times)
