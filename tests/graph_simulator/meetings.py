"""Send meetings to other mailboxes: invitations, updates, cancellations, replies.

Each attendee with a mailbox in the simulator gets a copy, with another id and
change key but the same ``iCalUId``. A change by the organizer overwrites the copies,
except their personal properties. Every mail is recorded, for all recipients.
"""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any

from . import ids
from .items import Event, Item, SeriesException
from .mail import Cause
from .properties import address_of, no_answer
from .store import Mailbox
from .zones import UNSET_TIME, graph_instant

if TYPE_CHECKING:
    from .exchange import Exchange

_SHARED = (
    "subject",
    "body",
    "bodyPreview",
    "importance",
    "sensitivity",
    "isAllDay",
    "responseRequested",
    "allowNewTimeProposals",
    "hideAttendees",
    "location",
    "locations",
    "organizer",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "onlineMeeting",
)
_SHOW_AS_TENTATIVE = "tentative"


class Meetings:
    """Update the copies of a meeting, as mails between mailboxes do."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    # -- the organizer's side -------------------------------------------------------

    def invite(
        self, event: Event, attendees: list[dict[str, Any]], cause: Cause
    ) -> None:
        """Send the invitation of a new event."""
        self._send("invitation", event.item(), attendees, cause)

    def changed(
        self,
        item: Item,
        before: list[dict[str, Any]],
        *,
        attendees_only: bool,
        rescheduled: bool,
        cause: Cause,
    ) -> None:
        """Tell attendees about a change by the organizer.

        :param before: the attendees before the change
        :param attendees_only: only added and removed attendees are told
        """
        after = item.data["attendees"]
        old = {address_of(attendee).lower() for attendee in before}
        new = {address_of(attendee).lower() for attendee in after}
        if rescheduled and self._exchange.options.reset_responses_on_reschedule:
            self._reset_answers(item)
            after = item.data["attendees"]
        gone = [one for one in before if address_of(one).lower() not in new]
        come = [one for one in after if address_of(one).lower() not in old]
        stay = [one for one in after if address_of(one).lower() in old]
        self._send("cancellation", item, gone, cause)
        self._send("invitation", item, come, cause)
        if attendees_only:
            # The copies keep their own list until the next update.
            return
        self._send("update", item, stay, cause, rescheduled=rescheduled)
        if item.day is None:
            # One mail for the master, and one for each changed instance.
            for day in list(item.event.exceptions):
                self._send("update", item.event.item(day), stay, cause)

    def cancel(self, item: Item, cause: Cause, comment: str = "") -> None:
        """Send the cancellation of a meeting or of one of its dates."""
        attendees = item.data["attendees"]
        self._send("cancellation", item, attendees, cause, comment=comment)
        if item.day is not None:
            return
        told = {address_of(attendee).lower() for attendee in attendees}
        for day in list(item.event.exceptions):
            occurrence = item.event.item(day)
            only_here = [
                attendee
                for attendee in occurrence.data["attendees"]
                if address_of(attendee).lower() not in told
            ]
            self._send("cancellation", occurrence, only_here, cause, comment=comment)

    def share_link(self, event: Event) -> None:
        """Write a late join link into the copies; nobody is mailed."""
        for own in self._exchange.store.copies(event.ical_uid):
            if own is not event:
                own.data["onlineMeeting"] = event.data["onlineMeeting"]
                self._exchange.touch(own.item())

    def forward(
        self, item: Item, recipients: list[dict[str, Any]], comment: str, cause: Cause
    ) -> None:
        """Invite more people, on behalf of the person that forwards the meeting.

        They become attendees of the meeting. The other attendees get no mail.
        """
        own = self._organizers_copy(item.event) or item.event
        self._add_attendees(own, recipients)
        for recipient in recipients:
            address = address_of(recipient)
            self._exchange.mails.record(
                "forward",
                item.event.mailbox.address,
                address,
                item,
                cause,
                comment=comment,
            )
            mailbox = self._exchange.store.mailbox(address)
            if mailbox is not None and self._copy_in(mailbox, own.item()) is None:
                self._deliver(mailbox, own.item())

    def _add_attendees(self, own: Event, recipients: list[dict[str, Any]]) -> None:
        """Add missing people to the attendees of a copy of a meeting."""
        attendees = copy.deepcopy(own.data["attendees"])
        known = {address_of(attendee).lower() for attendee in attendees}
        known.add(own.data["organizer"]["emailAddress"]["address"].lower())
        for recipient in recipients:
            address = address_of(recipient)
            if address.lower() in known:
                continue
            known.add(address.lower())
            name = recipient["emailAddress"].get("name") or address
            attendees.append(
                {
                    "type": "required",
                    "status": no_answer(),
                    "emailAddress": {"name": name, "address": address},
                }
            )
        if len(attendees) > len(own.data["attendees"]):
            own.data["attendees"] = attendees
            self._exchange.touch(own.item())

    def _reset_answers(self, item: Item) -> None:
        attendees = copy.deepcopy(item.data["attendees"])
        for attendee in attendees:
            attendee["status"] = no_answer()
            attendee.pop("proposedNewTime", None)
        target = item.exception.data if item.exception else item.event.data
        target["attendees"] = attendees

    def _send(
        self,
        kind: str,
        item: Item,
        attendees: list[dict[str, Any]],
        cause: Cause,
        *,
        comment: str = "",
        rescheduled: bool = False,
    ) -> None:
        sender = item.event.mailbox
        own = {sender.upn.lower(), sender.address.lower()}
        own |= {alias.lower() for alias in sender.aliases}
        told = set(own)
        for address in self._recipients(attendees):
            if address.lower() in told:
                continue
            told.add(address.lower())
            self._exchange.mails.record(
                kind, sender.address, address, item, cause, comment=comment
            )
            mailbox = self._exchange.store.mailbox(address)
            if mailbox is None or mailbox is sender:
                continue
            if kind == "cancellation":
                self._deliver_cancellation(mailbox, item)
            else:
                self._deliver(mailbox, item, rescheduled=rescheduled)

    def _recipients(self, attendees: list[dict[str, Any]]) -> list[str]:
        """Return the addresses that get a mail; of a group, those of its members."""
        members = self._exchange.store.members
        return [one for person in attendees for one in members(address_of(person))]

    # -- arrival in an attendee's mailbox -------------------------------------------

    def _copy_in(self, mailbox: Mailbox, item: Item) -> Event | None:
        """Return the copy of an item: the whole meeting, or only this date."""
        uids = [item.event.ical_uid]
        if item.day is not None:
            uids.append(ids.dated_uid(item.event.ical_uid, item.day))
        for uid in uids:
            for other in self._exchange.store.copies(uid):
                if other.mailbox is mailbox:
                    return other
        return None

    def _deliver(
        self, mailbox: Mailbox, item: Item, *, rescheduled: bool = False
    ) -> None:
        event = item.event
        own = self._copy_in(mailbox, item)
        if own is None:
            self._new_copy(mailbox, item)
        elif own.occurrence_day is not None:
            self._overwrite_single(own, item, rescheduled)
        elif item.day is not None:
            self._overwrite_exception(own, event, item.day)
        else:
            self._overwrite(own, event, rescheduled)

    def _new_copy(self, mailbox: Mailbox, item: Item) -> None:
        """Deliver a meeting; a single date of a series becomes a single event."""
        event = item.event
        if item.day is None:
            what: dict[str, Any] = {
                "ical_uid": event.ical_uid,
                "recurrence": event.recurrence,
                "cancelled": set(event.cancelled),
            }
        else:
            what = {
                "ical_uid": ids.dated_uid(event.ical_uid, item.day),
                "occurrence_day": item.day,
            }
        data = {
            **self._shared(mailbox, item.data, event),
            "categories": [],
            "isCancelled": False,
            "isDraft": False,
            "isOrganizer": False,
            "showAs": _SHOW_AS_TENTATIVE,
            "isReminderOn": item.data["isReminderOn"],
            "reminderMinutesBeforeStart": item.data["reminderMinutesBeforeStart"],
            "responseStatus": {"response": "notResponded", "time": UNSET_TIME},
        }
        own = self._exchange.store.new_event(
            mailbox.default_calendar,
            mailbox,
            data=data,
            start=item.start,
            end=item.end,
            intended_show_as=item.data["showAs"],
            **what,
        )
        for day in event.exceptions if item.day is None else ():
            own.exceptions[day] = self._exception_copy(own, event, day)
        mailbox.record(own)
        self._exchange.listener.changed(own, "created")

    def _overwrite(self, own: Event, event: Event, rescheduled: bool) -> None:
        self._set_answer_back(own, rescheduled)
        own.data.update(self._shared(own.mailbox, event.data, event))
        own.data["isCancelled"] = False
        own.intended_show_as = event.data["showAs"]
        if (own.start, own.end, own.recurrence) != (
            event.start,
            event.end,
            event.recurrence,
        ):
            own.start, own.end = event.start, event.end
            own.recurrence = event.recurrence
            own.cancelled = set(event.cancelled)
            own.exceptions = {
                day: self._exception_copy(own, event, day) for day in event.exceptions
            }
        self._exchange.touch(own.item())

    def _overwrite_single(self, own: Event, item: Item, rescheduled: bool) -> None:
        """Update the single date of a series that this mailbox has."""
        self._set_answer_back(own, rescheduled)
        own.data.update(self._shared(own.mailbox, item.data, item.event))
        own.data["isCancelled"] = False
        own.intended_show_as = item.data["showAs"]
        own.start, own.end = item.start, item.end
        self._exchange.touch(own.item())

    def _set_answer_back(self, own: Event, rescheduled: bool) -> None:
        resets = rescheduled and self._exchange.options.reset_responses_on_reschedule
        if resets or own.data["isCancelled"]:  # it is a new invitation
            own.data["showAs"] = _SHOW_AS_TENTATIVE
            own.data["responseStatus"] = {
                "response": "notResponded",
                "time": UNSET_TIME,
            }

    def _overwrite_exception(self, own: Event, event: Event, day: date) -> None:
        own.cancelled.discard(day)
        before = own.exceptions.get(day)
        own.exceptions[day] = self._exception_copy(own, event, day)
        if before is not None:
            left_out = {*_SHARED, "attendees", "isCancelled"}
            if before.data.get("isCancelled"):  # it is a new invitation
                left_out |= {"responseStatus", "showAs"}
            personal = {
                name: value
                for name, value in before.data.items()
                if name not in left_out
            }
            own.exceptions[day].data.update(personal)
        self._exchange.touch(own.item(day))

    def _exception_copy(self, own: Event, event: Event, day: date) -> SeriesException:
        source = event.exceptions.get(day)
        if source is None:
            return self._exchange.exception(own, day)
        merged = {**event.data, **source.data}
        shared = self._shared(own.mailbox, merged, event)
        names = [name for name in source.data if name in shared]
        return SeriesException(
            day=day,
            start=source.start,
            end=source.end,
            data={name: shared[name] for name in names},
            created=self._exchange.clock.now(),
            modified=self._exchange.clock.now(),
            change_key=own.mailbox.next_change_key(),
        )

    def _deliver_cancellation(self, mailbox: Mailbox, item: Item) -> None:
        own = self._copy_in(mailbox, item)
        if own is None:
            return
        day = None if own.occurrence_day is not None else item.day
        if day is not None and not own.has_occurrence(day):
            return
        target = own.item(day)
        subject = f"Canceled: {target.data['subject']}"
        changes = {"isCancelled": True, "showAs": "free", "subject": subject}
        if day is None:
            own.data.update(changes)
        else:
            self._exchange.exception(own, day).data.update(changes)
        self._exchange.touch(own.item(day))

    @staticmethod
    def _shared(mailbox: Mailbox, data: dict[str, Any], event: Event) -> dict[str, Any]:
        """Return the data for a copy; its attendees include the organizer."""
        shared = {name: copy.deepcopy(data[name]) for name in _SHARED}
        organizer = data["organizer"]["emailAddress"]
        attendees = [
            {
                "type": "required",
                "status": no_answer(),
                "emailAddress": dict(organizer),
            }
        ]
        own = {mailbox.upn.lower(), mailbox.address.lower()}
        for attendee in data["attendees"]:
            address = address_of(attendee).lower()
            if address == organizer["address"].lower():
                continue
            if data["hideAttendees"] and address not in own:
                continue
            attendees.append(
                {
                    "type": attendee["type"],
                    "status": no_answer(),
                    "emailAddress": dict(attendee["emailAddress"]),
                }
            )
        return {**shared, "attendees": attendees}

    # -- the attendee's side --------------------------------------------------------

    def _organizers_copy(self, event: Event) -> Event | None:
        uid = event.ical_uid
        if event.occurrence_day is not None:
            uid = ids.dated_uid(uid, None)
        for other in self._exchange.store.copies(uid):
            if other.is_organizer:
                return other
        return None

    def respond(
        self,
        item: Item,
        answer: str,
        comment: str,
        send: bool,
        proposed: dict[str, Any] | None,
        cause: Cause,
    ) -> None:
        """Store a reply on the attendee's copy, and if sent, on the organizer's."""
        event = item.event
        mailbox = event.mailbox
        response_requested = item.data["responseRequested"]
        organizer = item.data["organizer"]["emailAddress"]["address"]
        if send and response_requested:
            self._exchange.mails.record(
                "response",
                mailbox.address,
                organizer,
                item,
                cause,
                comment=comment,
                response=answer,
            )
        if answer == "declined":
            self._exchange.remove(item)
        else:
            show_as = event.intended_show_as
            if answer == "tentativelyAccepted":
                show_as = _SHOW_AS_TENTATIVE
            time = graph_instant(self._exchange.clock.now())
            changes = {
                "responseStatus": {"response": answer, "time": time},
                "showAs": show_as,
            }
            if item.day is None:
                event.data.update(changes)
            else:
                self._exchange.exception(event, item.day).data.update(changes)
            self._exchange.touch(event.item(item.day))
        if send and response_requested:
            organizers = self._organizers_copy(event)
            addresses = [mailbox.address, mailbox.upn, *mailbox.aliases]
            if organizers is not None:
                day = item.day or event.occurrence_day
                self.tally(organizers, day, addresses, answer, proposed)

    def tally(
        self,
        event: Event,
        day: date | None,
        addresses: list[str],
        answer: str,
        proposed: dict[str, Any] | None = None,
    ) -> bool:
        """Write a reply that arrived by mail into the organizer's copy.

        :param addresses: all addresses of the sender
        :return: True if the sender is an attendee
        """
        if not event.calendar.is_default:
            return False
        if day is not None and not event.has_occurrence(day):
            return False
        wanted = {address.lower() for address in addresses}
        attendees = copy.deepcopy(event.item(day).data["attendees"])
        found = False
        for attendee in attendees:
            if address_of(attendee).lower() in wanted:
                found = True
                attendee["status"] = {
                    "response": answer,
                    "time": graph_instant(self._exchange.clock.now()),
                }
                if proposed:
                    attendee["proposedNewTime"] = proposed
        if not found:
            return False
        if day is None:
            event.data["attendees"] = attendees
        else:
            self._exchange.exception(event, day).data["attendees"] = attendees
        self._exchange.touch(event.item(day))
        return True
