"""Walk through series as a part of the random walk; see :mod:`.walk`.

The walk does not know the expected content of every occurrence. But if only one side
was edited, both sides must become equal to that side.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from graph_simulator.client import ControlFailed

from .harness.compare import meaning_of_ours, meaning_of_theirs
from .harness.odoo_client import Json, OdooError
from .harness.person import Person, graph_attendee, graph_time, odoo_time
from .harness.series import (
    WINDOWS_ZONE,
    all_day_in_odoo,
    all_day_in_outlook,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    rows,
    utc,
    weekly,
)
from .harness.world import World

SIDES = ("odoo", "outlook")
#: Of each person.
CALENDARS = ("Calendar", "Second")
SCOPES = ("self_only", "future_events", "all_events")
NAMES = ("Standup", "Retro", "Review")
#: Hours in Berlin, on the same day. In an all-day series, the second value means the
#: next day, and the third value means a length of two days.
HOURS = (8, 9, 13)
#: Zones of all-day series, Odoo's name -> Windows' one. None is a series of hours.
ZONES = {
    None: WINDOWS_ZONE,
    "Pacific/Honolulu": "Hawaiian Standard Time",
    "America/Los_Angeles": "Pacific Standard Time",
    "Asia/Tokyo": "Tokyo Standard Time",
    "Pacific/Auckland": "New Zealand Standard Time",
}
#: Half of the series are of hours.
zones = st.one_of(st.none(), st.sampled_from(list(ZONES)))
#: State of an attendee in Odoo -> Graph's word.
REPLIES = {
    "accepted": "accepted",
    "tentative": "tentativelyAccepted",
    "declined": "declined",
}
sides = st.sampled_from(SIDES)
which_one = st.integers(0, 10)
#: Occurrences beyond it are not compared: windows end there, and some series do not.
DAYS_COMPARED = 80
#: How many occurrences a series has; None is for ever.
counts = st.one_of(st.integers(3, 6), st.none())
#: Edits of one or more occurrences, with the names of both sides.
series_edits = st.one_of(
    st.tuples(st.just("subject"), st.sampled_from(NAMES)),
    st.tuples(st.just("location"), st.sampled_from(("", "Hall", "Garden"))),
    st.tuples(st.just("hour"), st.sampled_from(HOURS)),
)


class WalkedSeries:
    """The edits of one series since both calendars were last equal.

    :param token: first word of the subject of all its occurrences; never changes
    :param organizer: the series is in the mailbox of this person
    :param is_invited: whether the other person is an attendee
    :param zone: Odoo's name of the zone of an all-day series, None for a timed series
    :param weekday: weekday of its start; an all-day series moves one day and back
    """

    def __init__(
        self,
        token: str,
        organizer: Person,
        *,
        is_invited: bool,
        zone: str | None,
        weekday: int,
    ) -> None:
        self.token = token
        self.organizer = organizer
        self.is_invited = is_invited
        self.zone = zone
        self.weekday = weekday
        self.edited_on: set[str] = set()
        self.may_mail = True
        self.is_gone = False
        self.is_deleted = False  #: a person has deleted all of it, on any side
        self.has_declined = False  #: the invited person, ever, any of it
        self.answers_given = 0  #: counts each request that they may have taken
        self.is_answered_in_odoo = False  #: since the last look

    def days_after(self, day: date, hour: int) -> tuple[date, date]:
        """Return first and last day that an all-day occurrence gets.

        :param day: on which it begins now
        :param hour: of :data:`HOURS`
        """
        usual = day - timedelta(days=(day.weekday() - self.weekday) % 7)
        first = usual + timedelta(days=hour == HOURS[1])
        return first, first + timedelta(days=hour == HOURS[2])


class SeriesRules(RuleBasedStateMachine):
    """The rules that edit series. The walk has ``world`` and ``people``."""

    world: World
    first_mail: int
    people: list[Person]
    calendars: dict[Person, dict[str, Json]]
    series: list[WalkedSeries]
    last_day: date  #: last day to compare

    # -- people -----------------------------------------------------------------------

    @precondition(lambda self: len(self._living_series()) < 2)
    @rule(
        side=sides,
        who=st.integers(0, 1),
        count=counts,
        invite=st.booleans(),
        calendar=st.sampled_from(CALENDARS),
        zone=zones,
    )
    def create_series(
        self,
        side: str,
        who: int,
        count: int | None,
        invite: bool,
        calendar: str,
        zone: str | None,
    ) -> None:
        """Somebody creates a weekly series, also of whole days, or without an end."""
        if not self.series:
            self.last_day = self.world.now().date() + timedelta(days=DAYS_COMPARED)
        organizer = self.people[who]
        [other] = [one for one in self.people if one is not organizer]
        token = f"S{len(self.series)}"
        start = local_start(self.world)
        walked = WalkedSeries(
            token, organizer, is_invited=invite, zone=zone, weekday=start.weekday()
        )
        self.series.append(walked)
        name = f"{token} {NAMES[0]}"
        if side == "odoo":
            people = [organizer.partner_id, *([other.partner_id] if invite else [])]
            values = {"partner_ids": [(6, 0, people)], "location": ""}
            values["ms365_calendar_id"] = organizer.calendar(calendar)["id"]
            if zone:
                values |= all_day_in_odoo(start.date(), start.date())
                values["event_tz"] = zone
            odoo_series(organizer, name, start, **_end_in_odoo(count), **values)
        else:
            attendees = [graph_attendee(other)] if invite else []
            there = self.calendars[organizer][calendar]
            recurrence = _ending_in_outlook(weekly(start), count)
            values = {"recurrence": recurrence, "attendees": attendees}
            if zone:
                recurrence["range"]["recurrenceTimeZone"] = ZONES[zone]
                day = start.date()
                values |= all_day_in_outlook(day, day, ZONES[zone])
            outlook_series(organizer, name, start, calendar=there, **values)
        walked.edited_on.add(side)

    @precondition(lambda self: self._living_series())
    @rule(
        side=sides,
        which=which_one,
        nth=which_one,
        scope=st.sampled_from(SCOPES),
        edit=series_edits,
    )
    def edit_series(
        self, side: str, which: int, nth: int, scope: str, edit: tuple[str, Any]
    ) -> None:
        """The organizer edits one occurrence, it and all that follow, or all."""
        walked = self._pick_series(which)
        if side == "odoo":
            self._edit_in_odoo(walked, nth, scope, *edit)
        elif scope == "self_only":
            self._edit_one_in_outlook(walked, nth, *edit)
        else:  # in Graph there is no "and all that follow"
            self._edit_all_in_outlook(walked, nth, *edit)

    @precondition(lambda self: self._living_series())
    @rule(side=sides, which=which_one, count=counts)
    def give_series_another_end(self, side: str, which: int, count: int | None) -> None:
        """The organizer has a series go on for longer or for ever, or end earlier."""
        walked = self._pick_series(which)
        if side == "odoo":
            self._edit_in_odoo(walked, 0, "all_events", "count", count)
            return
        for master in self._masters(walked)[:1]:
            body = {"recurrence": _ending_in_outlook(master["recurrence"], count)}
            self._write_in_outlook(walked, master["id"], body)

    @precondition(lambda self: self._living_series())
    @rule(side=sides, which=which_one, nth=which_one)
    def delete_occurrence(self, side: str, which: int, nth: int) -> None:
        """The organizer deletes one occurrence; some always remain."""
        walked = self._pick_series(which)
        ours, theirs = self._ours(walked), self._theirs(walked)
        if min(len(ours), len(theirs)) < 3:
            return
        if side == "odoo":
            self._in_odoo(walked, "unlink", [ours[nth % len(ours)]["id"]])
        else:
            upn = walked.organizer.upn
            self._in_outlook(
                walked,
                self.world.control.delete_event,
                upn,
                theirs[nth % len(theirs)]["id"],
            )

    @precondition(lambda self: self._living_series())
    @rule(side=sides, which=which_one)
    def delete_series(self, side: str, which: int) -> None:
        """The organizer deletes all of a series."""
        walked = self._pick_series(which)
        walked.is_deleted = True
        if side == "odoo":
            found = [one for one in self._ours(walked) if one["recurrence_id"]]
            if found:
                first = [found[0]["id"]]
                self._in_odoo(walked, "action_mass_deletion", first, "all_events")
        else:
            for master in self._masters(walked)[:1]:
                upn = walked.organizer.upn
                delete = self.world.control.delete_event
                self._in_outlook(walked, delete, upn, master["id"])

    @precondition(lambda self: any(one.is_invited for one in self._living_series()))
    @rule(
        side=sides,
        which=which_one,
        nth=which_one,
        state=st.sampled_from(sorted(REPLIES)),
        is_every=st.booleans(),
    )
    def reply_to_series(
        self, side: str, which: int, nth: int, state: str, is_every: bool
    ) -> None:
        """Let the attendee reply to one or all occurrences that both sides have."""
        invited = [one for one in self._living_series() if one.is_invited]
        walked = invited[which % len(invited)]
        who = self._invited(walked)
        arrived = self._arrived(walked, who)
        if not arrived:
            return
        if side == "outlook" and state == "declined" and walked.is_answered_in_odoo:
            return  # Odoo refuses a reply to a deleted occurrence
        row, copy = arrived[nth % len(arrived)]
        if side == "odoo":
            scope = "all_events" if is_every else "self_only"
            args = [row["id"]], state, scope
            who.client.call("calendar.event", "change_attendee_status", *args)
            walked.is_answered_in_odoo = True
        else:
            remote_id = copy["seriesMasterId"] if is_every else copy["id"]
            self.world.control.respond(who.upn, remote_id, REPLIES[state])
        # Exceptions have answers of their own: they are answered with the series.
        walked.answers_given += len(arrived) + 1 if is_every else 1
        walked.has_declined |= state == "declined"
        walked.may_mail = True

    @precondition(lambda self: self._living_series())
    @rule(
        side=sides, which=which_one, nth=which_one, calendar=st.sampled_from(CALENDARS)
    )
    def move_series(self, side: str, which: int, nth: int, calendar: str) -> None:
        """The organizer moves a series to another calendar; from Odoo one cannot."""
        walked = self._pick_series(which)
        if side == "outlook":
            if masters := self._masters(walked):
                there = self.calendars[walked.organizer][calendar]
                self._move_in_outlook(walked, masters[nth % len(masters)], there)
            return
        found = [one for one in self._ours(walked) if one["recurrence_id"]]
        calendar_id = walked.organizer.calendar(calendar)["id"]
        for row in found[:1]:
            vals = {"ms365_calendar_id": calendar_id, "recurrence_update": "all_events"}
            if row["ms365_calendar_id"][0] != calendar_id:
                self._be_refused(walked, row, vals)

    # -- how --------------------------------------------------------------------------

    def _invited(self, walked: WalkedSeries) -> Person:
        [other] = [one for one in self.people if one is not walked.organizer]
        return other

    def _arrived(self, walked: WalkedSeries, who: Person) -> list[tuple[Json, Json]]:
        """Return row and copy of the occurrences that somebody sees on both sides."""
        copies = {
            tuple(meaning_of_theirs(one)["times"]): one
            for one in self._theirs(walked, who)
            if one["type"] != "singleInstance"
        }
        names = walked.organizer.names()
        pairs = [
            (row, copies.get(tuple(meaning_of_ours(row, names)["times"])))
            for row in self._ours(walked)
            if row["recurrence_id"] and who.partner_id in row["partner_ids"]
        ]
        return [(row, copy) for row, copy in pairs if copy]

    def _move_in_outlook(
        self, walked: WalkedSeries, master: Json, calendar: Json
    ) -> None:
        if master["_sim"]["calendarId"] == calendar["id"]:
            return
        try:
            walked.organizer.outlook_move(master, calendar)
        except ControlFailed as error:
            if error.status != 404:
                raise

    def _be_refused(self, walked: WalkedSeries, row: Json, vals: Json) -> None:
        try:
            walked.organizer.client.write("calendar.event", row["id"], vals)
        except OdooError as error:
            if (
                "Move it in Outlook" not in error.message
                and "MissingError" not in error.name
            ):
                raise
        else:
            raise AssertionError(f"{walked.token}: moved from Odoo")

    def _edit_in_odoo(
        self, walked: WalkedSeries, nth: int, scope: str, name: str, value: Any
    ) -> None:
        found = [one for one in self._ours(walked) if one["recurrence_id"]]
        if not found:
            return
        row = found[nth % len(found)]
        vals: Json = {"recurrence_update": scope}
        if name == "hour" and walked.zone:
            day = date.fromisoformat(row["start_date"])
            vals |= all_day_in_odoo(*walked.days_after(day, value))
        elif name == "hour":
            day = datetime.fromisoformat(row["start"]).date()
            start = datetime.combine(day, time(value))
            end = start + timedelta(hours=1)
            vals |= {"start": odoo_time(utc(start)), "stop": odoo_time(utc(end))}
        elif name == "subject":
            vals["name"] = f"{walked.token} {value}"
        elif name == "count":
            vals |= _end_in_odoo(value)
        else:
            vals[name] = value
        self._in_odoo(walked, "write", [row["id"]], vals)

    def _edit_one_in_outlook(
        self, walked: WalkedSeries, nth: int, name: str, value: Any
    ) -> None:
        found = [one for one in self._theirs(walked) if one["type"] != "singleInstance"]
        if not found:
            return
        event = found[nth % len(found)]
        day = date.fromisoformat(event["start"]["dateTime"][:10])
        self._write_in_outlook(walked, event["id"], _body(walked, day, name, value))

    def _edit_all_in_outlook(
        self, walked: WalkedSeries, nth: int, name: str, value: Any
    ) -> None:
        if masters := self._masters(walked):
            master = masters[nth % len(masters)]
            day = date.fromisoformat(master["recurrence"]["range"]["startDate"])
            body = _body(walked, day, name, value)
            if name == "hour" and walked.zone:
                first, _last = walked.days_after(day, value)
                body["recurrence"] = _moved(master["recurrence"], first)
            self._write_in_outlook(walked, master["id"], body)

    def _write_in_outlook(
        self, walked: WalkedSeries, event_id: str, body: Json
    ) -> None:
        upn = walked.organizer.upn
        self._in_outlook(walked, self.world.control.update_event, upn, event_id, body)

    def _in_odoo(self, walked: WalkedSeries, method: str, *args: Any) -> None:
        """Call a method of events, unless the sync has just taken them away."""
        try:
            walked.organizer.client.call("calendar.event", method, *args)
        except OdooError as error:
            if "MissingError" not in error.name:
                raise
        else:
            self._note_edit(walked, "odoo")

    def _in_outlook(self, walked: WalkedSeries, call: Any, *args: Any) -> None:
        """Do something in Outlook, unless the sync has just taken the event away."""
        try:
            call(*args)
        except ControlFailed as error:
            if error.status != 404:
                raise
        else:
            self._note_edit(walked, "outlook")

    @staticmethod
    def _note_edit(walked: WalkedSeries, side: str) -> None:
        walked.edited_on.add(side)
        walked.may_mail = True

    # -- looking ----------------------------------------------------------------------

    def _living_series(self) -> list[WalkedSeries]:
        return [one for one in self.series if not one.is_gone]

    def _pick_series(self, which: int) -> WalkedSeries:
        living = self._living_series()
        return living[which % len(living)]

    def _ours(self, walked: WalkedSeries) -> list[Json]:
        """Return Odoo's events of a series, and the events that were split from it."""
        person = walked.organizer
        own = [one for one in person.events() if one["user_id"][0] == person.user_id]
        repeated = {row["id"]: row["recurrence_id"] for row in rows(person)}
        return [
            {**one, "recurrence_id": repeated.get(one["id"])}
            for one in own
            if one["name"].split()[0] == walked.token
            and one["start"][:10] <= self.last_day.isoformat()
        ]

    def _theirs(self, walked: WalkedSeries, person: Person | None = None) -> list[Json]:
        """Return the series in a mailbox, by default in the organizer's."""
        person = person or walked.organizer
        singles = [
            one for one in person.outlook_events() if one["type"] == "singleInstance"
        ]
        return [
            one
            for one in [*occurrences(person), *singles]
            if walked.token in one["subject"].replace(":", " ").split()
            and not one["isCancelled"]
            and one["start"]["dateTime"][:10] <= self.last_day.isoformat()
        ]

    def _masters(self, walked: WalkedSeries) -> list[Json]:
        return [
            one
            for one in walked.organizer.outlook_events()
            if one["type"] == "seriesMaster"
            and one["subject"].split()[0] == walked.token
        ]

    # -- the laws ---------------------------------------------------------------------

    def _what_series_should_be(self) -> dict[WalkedSeries, list[Json]]:
        """Return the expected state of each series that only one side has edited."""
        wanted = {}
        for walked in self._living_series():
            if walked.edited_on == {"odoo"}:
                wanted[walked] = self._say_ours(walked)
            elif walked.edited_on == {"outlook"}:
                wanted[walked] = self._say_theirs(walked)
        return wanted

    def _check_series(self, wanted: dict[WalkedSeries, list[Json]]) -> None:
        for walked in self._living_series():
            ours, theirs = self._say_ours(walked), self._say_theirs(walked)
            told = f"{walked.token}, edited on {walked.edited_on}"
            assert ours == theirs, f"{told}:\n{_short(ours)}\n{_short(theirs)}"
            # An edit never becomes a deletion (docs/laws.md, law 14).
            assert ours or walked.is_deleted, f"{told}: gone, and nobody deleted it"
            if walked in wanted:
                want = wanted[walked]
                assert ours == want, f"{told}, lost:\n{_short(ours)}\n{_short(want)}"
            self._check_where(walked)
            self._check_invited(walked, ours)
            self._check_series_replies(walked)
            walked.is_gone = not ours
            walked.edited_on = set()
            walked.answers_given = 0
            walked.is_answered_in_odoo = False
            walked.may_mail = False

    def _check_where(self, walked: WalkedSeries) -> None:
        """Both sides have each occurrence in the same calendar."""
        names = walked.organizer.names()
        here = sorted(
            (meaning_of_ours(one, names)["times"], one["ms365_calendar_id"][1])
            for one in self._ours(walked)
        )
        there = sorted(
            (meaning_of_theirs(one)["times"], one["_sim"]["calendarName"])
            for one in self._theirs(walked)
        )
        assert here == there, f"{walked.token}: in {here} | {there}"

    def _check_invited(self, walked: WalkedSeries, ours: list[Json]) -> None:
        """Check that the other person's copy is equal to the organizer's."""
        other = self._invited(walked)
        shown = [meaning_of_theirs(one) for one in self._theirs(walked, other)]
        copied = sorted(one["times"] for one in shown)
        times = [one["times"] for one in ours] if walked.is_invited else []
        if walked.has_declined:  # a declined one is missing until it changes
            copied += [one for one in times if one not in copied]
        assert sorted(copied) == times, f"{walked.token}: copy"

    def _check_series_replies(self, walked: WalkedSeries) -> None:
        """Check that replies are the same on both sides, and were mailed once.

        A new date removes the reply in Outlook; Odoo keeps it.
        """
        who = self._invited(walked)
        arrived = self._arrived(walked, who)
        parts = self.world.admin.search_read(
            "calendar.attendee",
            [
                ("event_id", "in", [row["id"] for row, _copy in arrived]),
                ("partner_id", "=", who.partner_id),
            ],
            ["event_id", "state"],
        )
        state_of = {part["event_id"][0]: part["state"] for part in parts}
        for row, copy in arrived:
            replied = copy["responseStatus"]["response"]
            told = (
                f"{walked.token} of {row['start']}: {state_of[row['id']]} | {replied}"
            )
            if replied in REPLIES.values():
                assert REPLIES.get(state_of[row["id"]]) == replied, told
        mails = [
            mail
            for mail in self.world.control.mails(after=self.first_mail)
            if mail["kind"] == "response" and walked.token in mail["subject"].split()
        ]
        assert len(mails) <= walked.answers_given, f"{walked.token}: {len(mails)} mails"

    def _say_ours(self, walked: WalkedSeries) -> list[Json]:
        names = walked.organizer.names()
        return _in_order(meaning_of_ours(one, names) for one in self._ours(walked))

    def _say_theirs(self, walked: WalkedSeries) -> list[Json]:
        return _in_order(meaning_of_theirs(one) for one in self._theirs(walked))


def _end_in_odoo(count: int | None) -> Json:
    """Return Odoo's values for the end of a series: after ``count``, or never."""
    return {"end_type": "count" if count else "forever", "count": count or 1}


def _ending_in_outlook(recurrence: Json, count: int | None) -> Json:
    """Return a ``recurrence`` of Graph that ends after so many, or never."""
    kept = ("startDate", "recurrenceTimeZone")
    until = {name: recurrence["range"][name] for name in kept}
    if count:
        until |= {"type": "numbered", "numberOfOccurrences": count}
    else:
        until["type"] = "noEnd"
    return {**recurrence, "range": until}


def _moved(recurrence: Json, first: date) -> Json:
    """Return a weekly ``recurrence`` that begins on another day."""
    pattern = {**recurrence["pattern"], "daysOfWeek": [f"{first:%A}".lower()]}
    until = {**recurrence["range"], "startDate": first.isoformat()}
    return {**recurrence, "pattern": pattern, "range": until}


def _body(walked: WalkedSeries, day: date, name: str, value: Any) -> Json:
    """Return an edit of an event on that day as Graph takes it."""
    if name == "hour" and walked.zone:
        days = walked.days_after(day, value)
        return all_day_in_outlook(*days, ZONES[walked.zone])
    if name == "hour":
        start = datetime.combine(day, time(value))
        return {
            "start": graph_time(start, WINDOWS_ZONE),
            "end": graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
        }
    if name == "subject":
        return {"subject": f"{walked.token} {value}"}
    return {name: {"displayName": value}}


def _in_order(said: Any) -> list[Json]:
    return sorted(said, key=lambda one: (one["times"], one["subject"]))


def _short(said: list[Json]) -> str:
    return "; ".join(
        f"{one['times'][0]} {one['subject']} {one['location']} {one['attendees']}"
        for one in said
    )
