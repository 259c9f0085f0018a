"""Create, change and delete events, and reply to them, by the rules of Exchange.

The Graph routes use it, and so do people "in Outlook" (control API and web page). So
both have the same effects on other mailboxes, mails and notifications.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from . import extras, properties, teams
from .clock import Clock
from .errors import GraphError, invalid_request, property_validation_failure
from .items import Event, Item, SeriesException
from .mail import Cause, MailLog
from .meetings import Meetings
from .options import Options
from .properties import PERSONAL, TIMES, check_times, stored_properties
from .recurrence import Recurrence, parse_recurrence
from .store import Calendar, Mailbox, Store
from .zones import Moment


class Listener(Protocol):
    """Interface of a receiver of changes, for example the sender of notifications."""

    def changed(self, event: Event, change: str) -> None:
        """Handle that ``event`` was created, updated or deleted."""


class Exchange:
    """The calendar service of all mailboxes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        options: Options,
        mails: MailLog,
        listener: Listener,
    ) -> None:
        self.store = store
        self.clock = clock
        self.options = options
        self.mails = mails
        self.listener = listener
        self.meetings = Meetings(self)
        self._late_meetings: set[asyncio.Task[None]] = set()

    def clear(self) -> None:
        """Cancel all delayed actions."""
        for task in self._late_meetings:
            task.cancel()
        self._late_meetings.clear()

    # -- writes ---------------------------------------------------------------------

    def create(
        self, mailbox: Mailbox, calendar: Calendar, values: dict[str, Any], cause: Cause
    ) -> Event:
        """Create an event and invite its attendees.

        :param values: validated values of the request
        :return: the new event, or the existing one if ``transactionId`` was used before
        :raise GraphError: 400
        """
        transaction_id = values.get("transactionId")
        content = _fingerprint(values)
        if transaction_id and transaction_id in mailbox.transactions:
            return self._repeated(mailbox, transaction_id, content)
        start = properties.read_moment(values.get("start"), self.options.body_zones)
        end = properties.read_moment(values.get("end"), self.options.body_zones)
        is_all_day = bool(values.get("isAllDay"))
        check_times(start, end, is_all_day)
        recurrence = None
        if values.get("recurrence") is not None:
            recurrence, start, end = self._recurrence(values["recurrence"], start, end)
        data = properties.default_data(mailbox.display_name, mailbox.address)
        data.update(stored_properties(values, data), isAllDay=is_all_day)
        event = self.store.new_event(
            calendar,
            mailbox,
            data=data,
            start=start,
            end=end,
            recurrence=recurrence,
            transaction_id=transaction_id,
            extended=extended_values(values),
            attachments=extras.attachments(values.get("attachments")),
            extensions=extras.extensions(values.get("extensions")),
        )
        teams.apply(event.item(), values, data, self._teams_setting(mailbox))
        self._await_teams(event)
        if transaction_id:
            mailbox.transactions[transaction_id] = (event, content)
        mailbox.record(event)
        self.listener.changed(event, "created")
        self.meetings.invite(event, data["attendees"], cause)
        return event

    def update(self, item: Item, values: dict[str, Any], cause: Cause) -> Item:
        """Change an event, a series or one occurrence.

        :raise GraphError: 400
        """
        if not values:
            return item
        if item.event.raw is not None:
            # A person repairs a planted event; its other properties stay.
            item.event.raw.update(values)
            self.touch(item)
            return item
        before = dict(item.data)
        times_before = (item.start, item.end, item.event.recurrence)
        changes = stored_properties(values, before)
        extended = extended_values(values)
        self._change_times(item, values, changes)
        target = item.event.item(item.day)
        teams.apply(
            target,
            values,
            changes,
            self._teams_setting(item.event.mailbox),
            flip_flop=self.options.teams_flip_flop,
        )
        self._await_teams(item.event)
        self._store(target, changes, extended)
        self.touch(target)
        if not item.event.is_organizer:
            return target
        impersonal = set(values) - PERSONAL
        if impersonal:
            times_after = (target.start, target.end, target.event.recurrence)
            self.meetings.changed(
                target,
                before["attendees"],
                attendees_only=impersonal == {"attendees"},
                rescheduled=times_before != times_after,
                cause=cause,
            )
        return target

    def delete(self, item: Item, cause: Cause, comment: str = "") -> None:
        """Delete an item; the organizer's attendees get a cancellation."""
        if item.event.is_organizer:
            self.meetings.cancel(item, cause, comment)
        self.remove(item)

    def cancel(self, item: Item, comment: str, cause: Cause) -> None:
        """Cancel a meeting, as its organizer.

        :raise GraphError: 400 for an attendee
        """
        if not item.event.is_organizer:
            raise invalid_request("You need to be an organizer to cancel a meeting.")
        self.delete(item, cause, comment)

    def move(self, event: Event, calendar: Calendar) -> None:
        """Move an event to another calendar of its mailbox."""
        self.listener.changed(event, "deleted")
        event.modified = self.clock.now()
        event.mailbox.move(event, calendar)
        event.change_key = event.mailbox.next_change_key()
        event.mailbox.record(event)
        self.listener.changed(event, "created")

    # -- replies of attendees -------------------------------------------------------

    def respond(
        self,
        item: Item,
        answer: str,
        cause: Cause,
        *,
        comment: str = "",
        send: bool = True,
        proposed: dict[str, Any] | None = None,
    ) -> None:
        """Reply to an invitation.

        :param answer: ``accepted``, ``tentativelyAccepted`` or ``declined``
        :raise GraphError: 400 for the organizer, or for parameters that exclude each
            other
        """
        if item.event.is_organizer:
            raise invalid_request(
                "You can't respond to this meeting because you're its organizer."
            )
        if not send and (comment or proposed):
            name = "Comment" if comment else "ProposedNewTime"
            raise _bad_parameter(
                f"The parameter {name} is not allowed when SendResponse is false."
            )
        if proposed and not item.data["allowNewTimeProposals"]:
            raise _bad_parameter(
                "The organizer does not allow new time proposals for this meeting."
            )
        self.meetings.respond(item, answer, comment, send, proposed, cause)

    def forward(
        self, item: Item, recipients: list[dict[str, Any]], comment: str, cause: Cause
    ) -> None:
        """Forward a meeting; the recipients become attendees."""
        self.meetings.forward(item, recipients, comment, cause)

    # -- used by other modules of this package --------------------------------------

    def touch(self, item: Item, change: str = "updated") -> None:
        """Give an item a new change key, and report it to delta and subscribers."""
        event = item.event
        key = event.mailbox.next_change_key()
        now = self.clock.now()
        if item.exception is not None:
            item.exception.change_key = key
            item.exception.modified = now
        # Exceptions are stored inside their master, which changes with them.
        event.change_key = key
        event.modified = now
        event.mailbox.record(event)
        self.listener.changed(event, change)

    def remove(self, item: Item) -> None:
        """Remove an event, or one date of a series, from the mailbox without a mail."""
        event = item.event
        if item.day is not None:
            event.exceptions.pop(item.day, None)
            event.cancelled.add(item.day)
            self.touch(event.item())
        else:
            event.modified = self.clock.now()
            event.mailbox.remove(event)
            self.listener.changed(event, "deleted")

    def exception(self, event: Event, day: date) -> SeriesException:
        """Return the exception of a series on a date; create it if needed."""
        exception = event.exceptions.get(day)
        if exception is None:
            occurrence = event.item(day)
            exception = SeriesException(
                day=day,
                start=occurrence.start,
                end=occurrence.end,
                data={},
                created=self.clock.now(),
                modified=self.clock.now(),
                change_key=event.change_key,
            )
            event.exceptions[day] = exception
        return exception

    def teams_delay_over(self, event: Event) -> None:
        """Set the join link of a late Teams meeting if its delay is over."""
        if teams.complete(event, self.clock.now()):
            self.touch(event.item())
            self.meetings.share_link(event)

    # -- parts ----------------------------------------------------------------------

    def _teams_setting(self, mailbox: Mailbox) -> teams.Setting:
        return teams.Setting(
            is_allowed=mailbox.teams,
            ready_at=self.clock.now()
            + timedelta(seconds=self.options.teams_join_delay_seconds),
            is_late=self.options.teams_join_delay_seconds > 0,
        )

    def _await_teams(self, event: Event) -> None:
        if not event.teams or not event.teams["ready_at"]:
            return
        task = asyncio.create_task(self._complete_teams(event, event.teams["ready_at"]))
        self._late_meetings.add(task)
        task.add_done_callback(self._late_meetings.discard)

    async def _complete_teams(self, event: Event, ready_at: datetime) -> None:
        await self.clock.sleep_until(ready_at)
        if not event.is_deleted:
            self.teams_delay_over(event)

    def _repeated(self, mailbox: Mailbox, transaction_id: str, content: str) -> Event:
        event, first_content = mailbox.transactions[transaction_id]
        if content == first_content:
            return event
        raise GraphError(
            400,
            "ErrorDuplicateTransactionId",
            "Your request can't be completed. The TransactionId specified in the "
            "request has already been used to create a different event.",
            extra={"@event.existingEventId": event.id},
        )

    def _recurrence(
        self, value: dict[str, Any], start: Moment, end: Moment
    ) -> tuple[Recurrence, Moment, Moment]:
        recurrence = parse_recurrence(value, start)
        zone = recurrence.zone
        shift = timedelta(days=(recurrence.start - start.at(zone).wall.date()).days)
        start, end = _shifted(start, shift, zone), _shifted(end, shift, zone)
        _check_span(recurrence, start, end)
        return recurrence, start, end

    def _change_times(
        self, item: Item, values: dict[str, Any], changes: dict[str, Any]
    ) -> None:
        if not TIMES & set(values):
            return
        zones = self.options.body_zones
        start, end = item.start, item.end
        if "start" in values:
            start = properties.read_moment(values["start"], zones)
        if "end" in values:
            end = properties.read_moment(values["end"], zones)
        is_all_day = item.is_all_day
        if "isAllDay" in values:
            is_all_day = changes["isAllDay"] = bool(values["isAllDay"])
        check_times(start, end, is_all_day)
        if item.day is None:
            self._change_series(item.event, values, start, end)
            return
        if values.get("recurrence") is not None:
            raise invalid_request("An occurrence cannot have a recurrence of its own.")
        _check_boundaries(item, start)
        exception = self.exception(item.event, item.day)
        exception.start, exception.end = start, end

    def _change_series(
        self, event: Event, values: dict[str, Any], start: Moment, end: Moment
    ) -> None:
        old = event.recurrence
        new = old
        if "recurrence" in values:
            new = None
            if values["recurrence"] is not None:
                new, start, end = self._recurrence(values["recurrence"], start, end)
        elif old is not None:
            zone = old.zone if start.zone == event.start.zone else start.zone
            day = start.at(zone).wall.date()
            if day != old.start:
                moved = old.to_graph()
                moved["range"]["startDate"] = day.isoformat()
                moved["range"]["recurrenceTimeZone"] = zone
                new, start, end = self._recurrence(moved, start, end)
        same_times = (start, end) == (event.start, event.end)
        if old is None or new is None or old.pattern_key != new.pattern_key:
            same_times = False
        event.start, event.end, event.recurrence = start, end, new
        if not same_times:
            event.exceptions.clear()
            event.cancelled.clear()
        elif new is not old and new is not None:
            event.exceptions = {
                day: exception
                for day, exception in event.exceptions.items()
                if new.has_date(day)
            }
            event.cancelled = {day for day in event.cancelled if new.has_date(day)}

    def _store(
        self, target: Item, changes: dict[str, Any], extended: dict[str, str]
    ) -> None:
        event = target.event
        if target.day is None:
            event.data.update(changes)
            event.extended.update(extended)
            return
        exception = self.exception(event, target.day)
        exception.data.update(changes)
        exception.extended.update(extended)
        target.exception = exception


def _shifted(moment: Moment, shift: timedelta, zone: str) -> Moment:
    """Shift a moment by whole days, in the local time of a zone."""
    if not shift:
        return moment
    local = moment.at(zone)
    return replace(local, wall=local.wall + shift).at(moment.zone)


def extended_values(values: dict[str, Any]) -> dict[str, str]:
    """Return the extended properties of a request: id -> value.

    :raise GraphError: 400 for a property without id or value
    """
    extended = {}
    for entry in values.get("singleValueExtendedProperties") or []:
        if not entry.get("id") or entry.get("value") is None:
            raise property_validation_failure()
        extended[entry["id"]] = entry["value"]
    return extended


def _fingerprint(values: dict[str, Any]) -> str:
    content = {key: value for key, value in values.items() if key != "transactionId"}
    return json.dumps(content, sort_keys=True)


def _bad_parameter(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidParameter", message)


def _check_span(recurrence: Recurrence, start: Moment, end: Moment) -> None:
    days = {
        "daily": recurrence.interval,
        "weekly": 7 * recurrence.interval,
        "absoluteMonthly": 28 * recurrence.interval,
        "relativeMonthly": 28 * recurrence.interval,
    }.get(recurrence.kind, 365 * recurrence.interval)
    if end.utc() - start.utc() > timedelta(days=days):
        raise GraphError(
            400,
            "ErrorOccurrenceTimeSpanTooBig",
            "The time span of an occurrence is longer than its period.",
        )


def _check_boundaries(item: Item, start: Moment) -> None:
    """Refuse to move an occurrence past a neighbour or to a neighbour's day."""
    event, day = item.event, item.day
    assert event.recurrence is not None and day is not None
    previous = following = None
    for other in event.recurrence.dates():
        if other in event.cancelled or other == day:
            continue
        if other > day:
            following = event.item(other)
            break
        previous = event.item(other)
    new_day = start.at(event.rule_start.zone).wall.date().isoformat()
    too_early = previous and new_day <= previous.start.wall.date().isoformat()
    too_late = following and new_day >= following.start.wall.date().isoformat()
    if too_early or too_late:
        raise GraphError(
            400,
            "ErrorOccurrenceCrossingBoundary",
            "Modified occurrence is crossing or overlapping adjacent occurrence.",
        )
