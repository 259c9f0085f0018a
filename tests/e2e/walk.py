"""Walk at random: two people edit on both sides, with faults, and lose nothing.

The walk remembers only the edits. The expected calendars follow from these edits and
from docs/laws.md, not from the code of the sync.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from graph_simulator.client import ControlFailed

from .contacts_walk import ContactRules
from .copies_walk import CopyRules
from .guard_walk import GuardRules
from .harness.compare import meaning_of_ours, meaning_of_theirs
from .harness.odoo_client import Json, OdooError
from .harness.person import Person, graph_attendee, graph_time, mark, odoo_time
from .harness.waiting import eventually
from .harness.world import World
from .series_walk import CALENDARS, SIDES, SeriesRules

POLICIES = ("ask", "odoo", "outlook", "newest")
WORDS = ("alpha", "beta", "gamma", "delta")
#: Maximum number of days that pass, so that the first events stay in the window.
MAX_DAYS = 12
TAGS = ("Blue category", "Red category")
#: Fields that must be the same on both sides, and values to write.
VALUES: dict[str, Any] = {
    "subject": st.sampled_from(WORDS),
    "body": st.sampled_from(("", *WORDS)),
    "location": st.sampled_from(("", *WORDS)),
    "times": st.tuples(st.integers(1, 3), st.integers(6, 18), st.integers(1, 2)),
    "attendees": st.booleans(),
    "reminder": st.sampled_from((None, 15, 30)),
    "categories": st.sets(st.sampled_from(TAGS)).map(sorted),
    "free": st.booleans(),
    "privacy": st.sampled_from(("public", "private", "confidential")),
}
EDITS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), VALUES[name])
)
#: Fields with one value, where one side wins -> the engine's name of the conflict.
SINGLE_VALUED = {
    "subject": "subject",
    "body": "body",
    "location": "location",
    "times": "times",
    "reminder": "reminder",
    "privacy": "sensitivity",
}
#: State of an attendee in Odoo -> Graph's word.
REPLIES = {"accepted": "accepted", "tentative": "tentativelyAccepted"}
#: A field with a value for each side.
CLASHES = st.sampled_from(sorted(SINGLE_VALUED)).flatmap(
    lambda name: st.tuples(st.just(name), VALUES[name], VALUES[name])
)
#: Decisions of an organizer about a colleague's edit.
DECISIONS = ("approve", "reject")
#: Buttons of a preview of changed settings.
CHANGE_BUTTONS = ("action_apply", "action_keep_settings")
REQUEST_FAULTS = (
    "throttle",
    "unavailable",
    "gateway_timeout",
    "reset",
    "answer_lost",
)
NOTIFICATION_FAULTS = (
    "notification_lost",
    "notification_doubled",
    "notification_late",
    "notification_reordered",
)
#: Fault (Graph shows data too late or only in part) -> path of the request.
VIEW_FAULTS = {
    "delta_behind": "delta",
    "delta_removed_changed": "delta",
    "delta_without_master": "delta",
    "stale_read": "/events/",
    "not_found_yet": "/events/",
    "instances_without_exceptions": "/instances",
    "exceptions_not_expanded": "/events/",
}


class Meeting:
    """The edits of one event since both calendars were last equal.

    :param token: first word of its subject, to identify the event; never changes
    """

    def __init__(self, token: str, organizer: Person) -> None:
        self.token = token
        self.organizer = organizer
        self.edits: dict[str, dict[str, Any]] = {side: {} for side in SIDES}
        self.moves: dict[str, str] = {}
        self.deleted_on: set[str] = set()
        self.may_mail = False
        self.is_gone = False
        #: When it was edited in Odoo since the last look.
        self.edited_at: list[datetime] = []
        #: A person has agreed to its mails since the last look.
        self.is_agreed = False

        self.reply: str | None = None  #: of the attendee, since the last look
        self.answers_given = 0
        self.is_answered_on: set[str] = set()

    def forget_edits(self, *, is_gone: bool) -> None:
        """Forget all edits, because both sides are equal now."""
        self.edits = {side: {} for side in SIDES}
        self.moves = {}
        self.deleted_on = set()
        self.may_mail = False
        self.is_gone = is_gone
        self.edited_at = []
        self.is_agreed = False
        self.reply = None
        self.answers_given = 0
        self.is_answered_on = set()


class Walk(ContactRules, CopyRules, GuardRules, SeriesRules):
    """The rules of the walk; :meth:`check_laws` checks the laws."""

    def __init__(self, world: World, make_person: Callable[..., Person]) -> None:
        super().__init__()
        self.world = world
        self.people = [make_person("anna"), make_person("ben")]
        for person in self.people:
            person.connect()
        anna, ben = self.people
        # In Odoo, an attendee edits as a delegate.
        anna.client.set_preferences(ms365_delegate_ids=[(4, ben.user_id)])
        ben.client.set_preferences(ms365_delegate_ids=[(4, anna.user_id)])
        self.colleague = make_person("cleo")
        self.calendars = {
            person: {
                "Calendar": world.control.mailbox(person.upn)["calendars"][0],
                "Second": person.add_calendar("Second"),
            }
            for person in self.people
        }
        self.meetings: list[Meeting] = []
        self.series = []
        self.guest_tokens = set()
        self.days_passed = 0
        self.is_ahead = False  #: time has passed since everything was calm
        self.tag_ids = {name: _tag_id(world, name) for name in TAGS}
        self.alarm_ids = {
            one["duration_minutes"]: one["id"]
            for one in world.admin.search_read(
                "calendar.alarm",
                [("alarm_type", "=", "notification")],
                ["duration_minutes"],
            )
        }
        self.first_mail = 0
        self._limit_mails()
        self.world.control.reset_mails()

    # -- people -----------------------------------------------------------------------

    @rule(
        side=st.sampled_from(SIDES),
        who=st.integers(0, 1),
        values=st.fixed_dictionaries({}, optional=VALUES),
        calendar=st.sampled_from(CALENDARS),
    )
    def create(
        self, side: str, who: int, values: dict[str, Any], calendar: str = "Calendar"
    ) -> None:
        """Somebody creates an event."""
        meeting = Meeting(f"E{len(self.meetings)}", self.people[who])
        self.meetings.append(meeting)
        values = {"subject": "new", "times": (1, 9, 1), **values}
        if side == "odoo":
            vals = self._for_odoo(meeting, values)
            if not values.get("attendees"):
                vals["partner_ids"] = [(6, 0, [meeting.organizer.partner_id])]
            vals["ms365_calendar_id"] = meeting.organizer.calendar(calendar)["id"]
            # Odoo would add everybody's phone numbers to the description.
            meeting.organizer.client.create(
                "calendar.event", vals, skip_contact_description=True
            )
        else:
            body = {"isReminderOn": False, **self._for_outlook(meeting, values)}
            calendar_id = self.calendars[meeting.organizer][calendar]["id"]
            upn = meeting.organizer.upn
            self.world.control.create_event(upn, body, calendar_id)
        self._note(meeting, side, values)
        meeting.moves[side] = calendar

    def _add_copy(self, who: Person) -> Meeting:
        """Return a meeting that somebody is about to make by duplicating another."""
        self.meetings.append(Meeting(f"E{len(self.meetings)}", who))
        return self.meetings[-1]

    @precondition(lambda self: self._living())
    @rule(
        side=st.sampled_from(SIDES),
        which=st.integers(0, 10),
        edit=EDITS,
        by_attendee=st.booleans(),
    )
    def edit(
        self, side: str, which: int, edit: tuple[str, Any], by_attendee: bool
    ) -> None:
        """Somebody edits one field."""
        meeting = self._pick(which)
        who = meeting.organizer
        if by_attendee and (event := self._odoo(meeting)):
            invited = event["partner_ids"]
            who = [one for one in self.people if one.partner_id in invited][-1]
        self._edit(side, meeting, dict([edit]), who)

    @precondition(lambda self: self._living())
    @rule(which=st.integers(0, 10), edit=EDITS, word=st.sampled_from(DECISIONS))
    def let_a_colleague_edit(
        self, which: int, edit: tuple[str, Any], word: str
    ) -> None:
        """Let a person without delegation edit a field; the organizer decides."""
        meeting = self._pick(which)
        event = self._odoo(meeting)
        if not event or event["privacy"] in ("private", "confidential"):
            return  # nobody else sees it
        vals = self._for_odoo(meeting, dict([edit]))
        self.colleague.client.write("calendar.event", event["id"], vals)
        domain = [("state", "=", "waiting"), ("event_id", "=", event["id"])]
        client = meeting.organizer.client
        found = client.search_read("praetorx.ms365.approval", domain, ["id"])
        ids = [one["id"] for one in found]
        meeting.organizer.decide(ids, word)
        meeting.is_agreed |= bool(ids)
        if word == "approve" or not ids:
            self._note(meeting, "odoo", dict([edit]))

    def _edit(
        self, side: str, meeting: Meeting, values: dict[str, Any], who: Person
    ) -> None:
        """Write values on one side, unless the event was just deleted there.

        :param who: the author in Odoo; in Outlook the organizer is the author
        """
        upn = meeting.organizer.upn
        try:
            if side == "odoo":
                if not (event := self._odoo(meeting)):
                    return
                vals = self._for_odoo(meeting, values)
                who.client.write("calendar.event", event["id"], vals)
            else:
                if not (event := self._outlook(meeting, meeting.organizer)):
                    return
                body = self._for_outlook(meeting, values)
                self.world.control.update_event(upn, event["id"], body)
        except OdooError as error:
            if "MissingError" not in error.name:
                raise
        except ControlFailed as error:
            if error.status != 404:
                raise
        else:
            self._note(meeting, side, values)

    @precondition(lambda self: self._living())
    @rule(
        side=st.sampled_from(SIDES),
        which=st.integers(0, 10),
        calendar=st.sampled_from(CALENDARS),
    )
    def move(self, side: str, which: int, calendar: str) -> None:
        """The organizer moves an event to another calendar, or tries to."""
        meeting = self._pick(which)
        who = meeting.organizer
        if side == "outlook":
            if not (event := self._outlook(meeting, who)):
                return
            target = self.calendars[who][calendar]
            if event["_sim"]["calendarId"] != target["id"]:
                self.world.control.move_event(who.upn, event["id"], target["id"])
        else:
            if not (event := self._odoo(meeting)):
                return
            vals = {"ms365_calendar_id": who.calendar(calendar)["id"]}
            try:
                who.client.write("calendar.event", event["id"], vals)
            except OdooError as error:
                refused = "Move it in Outlook" in error.message
                if not refused and "MissingError" not in error.name:
                    raise
                return
            # While Odoo moves it, it is in Outlook twice.
            self.world.quiesce()
        meeting.moves[side] = calendar
        meeting.edits[side]["calendar"] = calendar
        meeting.edited_at.append(self.world.now())

    @precondition(lambda self: self._living())
    @rule(side=st.sampled_from(SIDES), which=st.integers(0, 10), archive=st.booleans())
    def delete(self, side: str, which: int, archive: bool) -> None:
        """The organizer deletes an event."""
        meeting = self._pick(which)
        client = meeting.organizer.client
        if side == "odoo":
            if not (event := self._odoo(meeting)):
                return
            if archive:
                client.write("calendar.event", event["id"], {"active": False})
            else:
                client.unlink("calendar.event", event["id"])
        else:
            if not (event := self._outlook(meeting, meeting.organizer)):
                return
            self.world.control.delete_event(meeting.organizer.upn, event["id"])
        meeting.deleted_on.add(side)
        meeting.edited_at.append(self.world.now())
        meeting.may_mail = True

    @precondition(lambda self: self._living())
    @rule(
        which=st.integers(0, 10),
        clash=CLASHES,
        fault=st.sampled_from((None, *REQUEST_FAULTS)),
        keep=st.sampled_from(SIDES),
        policy=st.sampled_from(("ask", *SIDES)),
    )
    def edit_both_sides_at_once(
        self,
        which: int,
        clash: tuple[str, Any, Any],
        fault: str | None,
        keep: str,
        policy: str,
    ) -> None:
        """Edit the same field on both sides before either gets the other's edit.

        Then both sides must have the value chosen by the person or by the policy.
        """
        self.check_laws(keep)
        if not self._living():
            return
        meeting, (name, here, there) = self._pick(which), clash
        values = {"odoo": here, "outlook": there}
        wanted = {side: self._meaning(meeting, name, values[side]) for side in SIDES}
        before = meaning_of_ours(self._odoo(meeting), meeting.organizer.names())[name]
        if len({str(one) for one in (before, *wanted.values())}) < 3:
            return  # somebody changed nothing, or both did the same
        upn = meeting.organizer.upn
        self.world.control.fault("notification_lost", mailbox=upn, times=None)
        if fault:
            self.world.control.fault(fault, mailbox=upn, path="/events", retry_after=2)
        self._prefer(meeting.organizer, policy)
        for side in reversed(SIDES):
            self._edit(side, meeting, {name: values[side]}, meeting.organizer)
        self._calm_down()
        if policy in SIDES:
            keep = policy
        else:
            [conflict] = meeting.organizer.conflicts()
            assert SINGLE_VALUED[name] in conflict["field_names"], conflict
        meeting.edits = {side: {} for side in SIDES} | {keep: {name: wanted[keep]}}
        self.check_laws(keep)

    @rule(who=st.integers(0, 1), policy=st.sampled_from(POLICIES))
    def prefer(self, who: int, policy: str) -> None:
        """Somebody wants conflicts to be decided otherwise from now on."""
        self._prefer(self.people[who % len(self.people)], policy)

    def _prefer(self, person: Person, policy: str) -> None:
        person.client.set_preferences(ms365_conflict_policy=policy)

    @precondition(lambda self: self._living())
    @rule(
        side=st.sampled_from(SIDES),
        which=st.integers(0, 10),
        state=st.sampled_from(sorted(REPLIES)),
    )
    def reply(self, side: str, which: int, state: str) -> None:
        """The attendee answers the invitation, which has arrived on both sides."""
        meeting = self._pick(which)
        who = self._other(meeting)
        event, copy = self._odoo(meeting), self._outlook(meeting, who)
        if not event or not copy or copy["isCancelled"]:
            return
        if who.partner_id not in event["partner_ids"] or meeting.deleted_on:
            return
        if side == "odoo":
            if meeting.reply == state:
                return
            who.client.call(
                "calendar.event",
                "change_attendee_status",
                [event["id"]],
                state,
                "self_only",
            )
        else:
            self.world.control.respond(who.upn, copy["id"], REPLIES[state])
        meeting.reply = state
        meeting.answers_given += 1
        meeting.is_answered_on.add(side)
        meeting.may_mail = True

    # -- accidents --------------------------------------------------------------------

    @rule(
        fault=st.sampled_from(REQUEST_FAULTS),
        who=st.integers(0, 1),
        times=st.integers(1, 3),
        writes_only=st.booleans(),
    )
    def let_requests_fail(
        self, fault: str, who: int, times: int, writes_only: bool
    ) -> None:
        """The next requests of a mailbox fail."""
        self.world.control.fault(
            fault,
            mailbox=self.people[who].upn,
            path="/events" if writes_only else None,
            times=times,
            retry_after=2 if fault in ("throttle", "unavailable") else None,
        )

    @rule(
        fault=st.sampled_from(NOTIFICATION_FAULTS),
        who=st.integers(0, 1),
        times=st.integers(1, 3),
    )
    def let_notifications_fail(self, fault: str, who: int, times: int) -> None:
        """The next notifications of a mailbox do not arrive as they should."""
        self.world.control.fault(
            fault, mailbox=self.people[who].upn, times=times, seconds=20
        )

    @rule(
        fault=st.sampled_from(sorted(VIEW_FAULTS)),
        who=st.integers(0, 1),
        times=st.integers(1, 3),
    )
    def let_readings_lag(self, fault: str, who: int, times: int) -> None:
        """The next readings of a mailbox show old versions, or not all there is."""
        lasts = fault in ("stale_read", "not_found_yet")
        self.world.control.fault(
            fault,
            method="GET",
            mailbox=self.people[who].upn,
            path=VIEW_FAULTS[fault],
            times=times,
            seconds=8 if lasts else None,
        )

    @rule(who=st.integers(0, 1))
    def lose_delta_state(self, who: int) -> None:
        """Graph forgets how far a mailbox was read."""
        self.world.control.lose_sync_state(self.people[who].upn)

    @rule()
    def let_tokens_end(self) -> None:
        """So much time passes that access tokens have to be refreshed."""
        self._let_pass(2 * 3600)

    @precondition(lambda self: self.days_passed < MAX_DAYS)
    @rule(days=st.integers(1, 4))
    def let_days_pass(self, days: int) -> None:
        """So much time passes that subscriptions end and windows roll."""
        self.days_passed += days
        self._let_pass(days * 24 * 3600)

    def _let_pass(self, seconds: float) -> None:
        """Let time pass during the work, but only once before that work is done.

        Otherwise a mailbox could do no work for many hours.
        """
        if self.is_ahead:
            self.world.quiesce()
        self.is_ahead = True
        self.world.advance(seconds)

    @rule(who=st.integers(0, 1), days_ahead=st.sampled_from((90, 365, 900)))
    def choose_window(self, who: int, days_ahead: int) -> None:
        """Somebody wants to see more of the future in Odoo, or less."""
        self.people[who].client.set_preferences(ms365_days_ahead=days_ahead)

    @rule(who=st.integers(0, 1), button=st.sampled_from(CHANGE_BUTTONS))
    def decide_about_a_change(self, who: int, button: str) -> None:
        """Somebody applies a change of settings that waits, or keeps the old ones."""
        self.world.quiesce()
        self.people[who].apply_change(button)

    @precondition(lambda self: self._living())
    @rule(who=st.integers(0, 1), method=st.sampled_from(("POST", "PATCH")))
    def kill_odoo_while_it_sends(self, who: int, method: str) -> None:
        """Power cut: Graph has got a write, Odoo does not live to hear of it."""
        person = self.people[who]
        rule_id = self.world.control.fault(
            "latency", method=method, path="/events", mailbox=person.upn, seconds=1
        )
        if method == "POST":
            self.create("odoo", who, {})
        else:
            own = [one for one in self._living() if one.organizer is person]
            for meeting in own[:1]:
                which = self._living().index(meeting)
                self.edit("odoo", which, ("subject", "cut"), False)
        eventually(
            lambda: self._has_hit(rule_id) or not self.world.work_left(),
            "the write is under way, or there is none",
            meanwhile=self.world.skip_wait,
        )
        self.world.odoo.kill_workers()
        self.world.control.remove_fault(rule_id)
        self.world.odoo.resume()
        people = [*self.people, self.colleague]
        for client in (self.world.admin, *(one.client for one in people)):
            client.log_in()

    # -- the laws ---------------------------------------------------------------------

    @rule(keep=st.sampled_from([*SIDES, "mixed"]))
    def check_laws(self, keep: str) -> None:
        """Let everything calm down and look whether the laws hold."""
        wanted = self._what_series_should_be()
        self._calm_down()
        self._check_guard()
        self._resolve(keep)
        self._check_nothing_failed()
        self._check_meetings()
        self._check_mails()
        self._check_series(wanted)
        self._check_no_echo()
        for meeting in self.meetings:
            meeting.forget_edits(is_gone=self._odoo(meeting) is None)
        self.is_ahead = False

    def teardown(self) -> None:
        """End every walk with a look, and compare both sides by content."""
        self.check_laws("odoo")
        self._check_both_sides()
        self._allow_all_mails()
        for person in self.people:
            person.switch_off()

    def _calm_down(self) -> None:
        self.world.control.clear_faults()
        self.world.advance(30)  # late notifications arrive
        self.world.quiesce()
        self.world.poll()  # lost ones are made good
        self.world.quiesce()

    def _resolve(self, keep: str) -> None:
        """Both sides edited the same: a person decides, of series one after another."""
        for _look in range(30):
            found = [(who, one) for who in self.people for one in who.conflicts()]
            agreed = self._agree_to_deletions() or self._release_mails()
            if not found and not agreed:
                return
            for person, conflict in found:
                if keep == "mixed":
                    names = conflict["field_names"].split(", ")
                    choices = dict(zip(names, itertools.cycle(SIDES), strict=False))
                    how = ("keep_by_field", [conflict["id"]], choices)
                else:
                    how = (f"keep_{keep}", [conflict["id"]])
                person.client.call("praetorx.ms365.conflict", *how)
            self.world.quiesce()
        raise AssertionError(f"there is always one more conflict: {found}")

    def _agree_to_deletions(self) -> bool:
        """Agree to all held deletions; return True if there was one."""
        held = [(who, one) for who in self.people for one in who.holds()]
        for person, hold in held:
            person.client.call("praetorx.ms365.hold", "action_delete", [hold["id"]])
        return bool(held)

    def _check_nothing_failed(self) -> None:
        for person in self.people:
            dead = [one for one in person.outbox() if one["state"] == "dead"]
            assert not dead, f"dead letters though all faults were passing: {dead}"
            account = person.account("state", "last_error")
            assert account["state"] == "active", account

    def _check_meetings(self) -> None:
        """Fail if a meeting is lost or doubled (docs/laws.md, laws 2, 3 and 5)."""
        for meeting in self.meetings:
            names = meeting.organizer.names()
            ours = self._odoo(meeting)
            theirs = self._outlook(meeting, meeting.organizer)
            told = f"{meeting.token}: {meeting.edits}, deleted {meeting.deleted_on}"
            assert bool(ours) == bool(theirs), f"{told}: {ours} | {theirs}"
            edited_on = {side for side in SIDES if meeting.edits[side]}
            if ours is None or theirs is None:
                assert meeting.is_gone or meeting.deleted_on, f"{told}: lost"
                continue
            assert meeting.deleted_on <= edited_on or edited_on - meeting.deleted_on, (
                f"{told}: is back"
            )
            self._check_calendar(meeting, ours, theirs)
            mine, other = meaning_of_ours(ours, names), meaning_of_theirs(theirs)
            assert mine == other, f"{told}: {mine} | {other}"
            for field, value in mine.items():
                wanted = [
                    meeting.edits[side][field]
                    for side in SIDES
                    if field in meeting.edits[side]
                ]
                assert not wanted or value in wanted, f"{told}: {field} is {value!r}"
            self._check_copies(meeting, mine)
            self._check_reply(meeting, ours)

    def _check_calendar(self, meeting: Meeting, ours: Json, theirs: Json) -> None:
        """Both sides have it in the same calendar: where Outlook moved it, at least."""
        there = theirs["_sim"]["calendarName"]
        here = ours["ms365_calendar_id"][1]
        told = f"{meeting.token}: in {here} | {there}, moved {meeting.moves}"
        assert here == there, told
        if set(meeting.moves) == {"outlook"}:
            assert there == meeting.moves["outlook"], told

    def _check_copies(self, meeting: Meeting, mine: Json) -> None:
        for person in self.people:
            if person is meeting.organizer:
                continue
            copy = self._outlook(meeting, person)
            is_invited = person.upn in mine["attendees"]
            is_there = copy is not None and not copy.get("isCancelled")
            assert is_there == is_invited, f"{meeting.token}: copy of {person.upn}"

    def _check_reply(self, meeting: Meeting, ours: Json) -> None:
        """Check that one reply causes one mail, and is the same on both sides.

        If both sides got a reply since the last look, Odoo cannot know the order,
        because the two clocks differ. Then both sides must only be the same.
        """
        who = self._other(meeting)
        copy = self._outlook(meeting, who)
        # A new date sets the answer in Outlook back; Odoo keeps it.
        edited = {name for side in SIDES for name in meeting.edits[side]}
        if not meeting.reply or not copy or edited & {"attendees", "times"}:
            return
        [part] = self.world.admin.search_read(
            "calendar.attendee",
            [("event_id", "=", ours["id"]), ("partner_id", "=", who.partner_id)],
            ["state"],
        )
        told = f"{meeting.token}: {meeting.reply}"
        replied = copy["responseStatus"]["response"]
        assert REPLIES.get(part["state"]) == replied, told
        if len(meeting.is_answered_on) == 1:
            assert part["state"] == meeting.reply, told
        mails = [
            mail
            for mail in self.world.control.mails(after=self.first_mail)
            if mail["kind"] == "response"
            and mail["subject"].split()[0] == meeting.token
        ]
        assert len(mails) <= meeting.answers_given, told

    def _check_mails(self) -> None:
        """Fail if a mail has no person's action as its cause (docs/laws.md, law 4)."""
        acted_on = [*self.meetings, *self.series]
        allowed = {one.token for one in acted_on if one.may_mail}
        allowed |= self.guest_tokens
        for mail in self.world.control.mails(after=self.first_mail):
            assert mail["subject"].split()[0] in allowed, mail
        self.first_mail = len(self.world.control.mails())

    def _check_no_echo(self) -> None:
        """Fail if a second reading writes anything (docs/laws.md, law 1)."""
        before, mails = mark(self.world), self.first_mail
        hashes = self._all_written()
        self.world.poll()
        self.world.quiesce()
        for person in self.people:
            assert person.writes(before) == []
        assert self._all_written() == hashes
        assert len(self.world.control.mails()) == mails

    def _all_written(self) -> list[tuple[int, str]]:
        """Return when which event of anybody was last written."""
        return [
            (event["id"], event["write_date"])
            for person in self.people
            for event in person.events()
        ]

    # -- looking ----------------------------------------------------------------------

    def _living(self) -> list[Meeting]:
        return [one for one in self.meetings if not one.is_gone]

    def _pick(self, which: int) -> Meeting:
        living = self._living()
        return living[which % len(living)]

    def _odoo(self, meeting: Meeting) -> Json | None:
        """Return the one Odoo event of a meeting."""
        found = [
            one
            for one in meeting.organizer.events()
            if one["name"].split()[0] == meeting.token
            and one["user_id"][0] == meeting.organizer.user_id
        ]
        assert len(found) < 2, f"doubled in Odoo: {found}"
        return found[0] if found else None

    def _outlook(self, meeting: Meeting, person: Person) -> Json | None:
        """Return the one event of a meeting in somebody's mailbox."""
        found = [
            one
            for one in person.outlook_events()
            if meeting.token in one["subject"].replace(":", " ").split()
            and one["organizer"]["emailAddress"]["address"] == meeting.organizer.upn
        ]
        assert len(found) < 2, f"doubled in Outlook: {found}"
        return found[0] if found else None

    def _has_hit(self, rule_id: str) -> bool:
        rules = self.world.control.faults()
        return any(one["id"] == rule_id and one["hits"] for one in rules)

    # -- writing ----------------------------------------------------------------------

    def _note(self, meeting: Meeting, side: str, values: dict[str, Any]) -> None:
        for name, value in values.items():
            meeting.edits[side][name] = self._meaning(meeting, name, value)
        meeting.edited_at.append(self.world.now())
        meeting.may_mail = True

    def _meaning(self, meeting: Meeting, name: str, value: Any) -> Any:
        """Return a value as the comparison knows it."""
        if name == "subject":
            return f"{meeting.token} {value}"
        if name == "times":
            return [odoo_time(moment) for moment in self._moments(value)]
        if name == "attendees":
            return [self._other(meeting).upn] if value else []
        return value

    def _moments(self, value: tuple[int, int, int]) -> list[Any]:
        day, hour, hours = value
        start = self.world.at(hour, day=day)
        return [start, start + timedelta(hours=hours)]

    def _other(self, meeting: Meeting) -> Person:
        [other] = [one for one in self.people if one is not meeting.organizer]
        return other

    def _for_odoo(self, meeting: Meeting, values: dict[str, Any]) -> Json:
        vals: Json = {}
        for name, value in values.items():
            meaning = self._meaning(meeting, name, value)
            if name == "times":
                vals |= {"start": meaning[0], "stop": meaning[1]}
            elif name == "attendees":
                partners = [meeting.organizer.partner_id]
                partners += [self._other(meeting).partner_id] if value else []
                vals["partner_ids"] = [(6, 0, partners)]
            elif name == "reminder":
                ids = [] if value is None else [self.alarm_ids[value]]
                vals["alarm_ids"] = [(6, 0, ids)]
            elif name == "categories":
                vals["categ_ids"] = [(6, 0, [self.tag_ids[one] for one in value])]
            elif name == "free":
                vals["show_as"] = "free" if value else "busy"
            elif name == "body":
                vals["description"] = f"<p>{value}</p>" if value else False
            else:
                vals[{"subject": "name"}.get(name, name)] = meaning
        return vals

    def _for_outlook(self, meeting: Meeting, values: dict[str, Any]) -> Json:
        body: Json = {}
        for name, value in values.items():
            if name == "times":
                start, end = self._moments(value)
                body |= {"start": graph_time(start), "end": graph_time(end)}
            elif name == "attendees":
                others = [graph_attendee(self._other(meeting))] if value else []
                body["attendees"] = others
            elif name == "reminder":
                body["isReminderOn"] = value is not None
                if value is not None:
                    body["reminderMinutesBeforeStart"] = value
            elif name == "free":
                body["showAs"] = "free" if value else "busy"
            elif name == "privacy":
                body["sensitivity"] = "normal" if value == "public" else value
            elif name == "body":
                content = f"<p>{value}</p>" if value else ""
                body["body"] = {"contentType": "html", "content": content}
            elif name == "location":
                body["location"] = {"displayName": value}
            else:
                body[name] = self._meaning(meeting, name, value)
        return body


def _tag_id(world: World, name: str) -> int:
    domain = [("name", "=", name)]
    found = world.admin.search_read("calendar.event.type", domain, [])
    if found:
        return found[0]["id"]
    return world.admin.create("calendar.event.type", {"name": name})
