"""Test a random walk of a series: both sides must become equal, and lose no edit.

People rename, move and delete single occurrences and whole series. Contacts, tags,
reminders and defaults change events without an edit. Writes get lost. The walk uses
only functions of the engine, in the same order as ``sync``. Graph behaves as in
docs/graph.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from content_samples import people
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from series_samples import ZONES, told_by_graph
from walk_settings import walk_settings

from praetorx_ms365_calendar.engine.differences import find_differences
from praetorx_ms365_calendar.engine.mapping.graph_series import read_series
from praetorx_ms365_calendar.engine.merge import DELETED, SET_FIELDS
from praetorx_ms365_calendar.engine.recorded_names import (
    SHAPE,
    names_of_series,
    series_names_to_record,
)
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    changed_series,
    own_fields,
    rule_key,
    time_of_day,
    times_or_rule_differ,
)
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_plan import (
    agreed_base,
    confirm_series,
    next_write,
)
from praetorx_ms365_calendar.engine.series_units import ALL, RECURRENCE, choose_all
from praetorx_ms365_calendar.engine.slot_times import slot_times
from praetorx_ms365_calendar.engine.snapshot import Content, Times

#: Before the clock change on 29 March.
FIRST = date(2026, 3, 2)
WINDOW = ("2026-02-20", "2026-05-20")
#: The window of Graph's series; no rolling window gets longer.
LONG = ("2026-02-20", "2026-09-30")
SIDES = ("odoo", "outlook")
FIELDS = {
    "subject": st.sampled_from(["Lunch", "Dinner", "Tea"]),
    "location": st.sampled_from(["", "Hall"]),
    "attendees": st.sampled_from(
        [(), people("anna@example.com"), people("ben@example.com")]
    ),
    "categories": st.sampled_from([(), ("Blue category",)]),
    "reminder": st.sampled_from([None, 15]),
    "sensitivity": st.sampled_from(["normal", "private"]),
}
#: Fields that may change without an edit, for example when a tag is renamed.
QUIET_FIELDS = frozenset(FIELDS) - {"subject", "location"}
field_names = st.sampled_from(sorted(FIELDS))
ends = st.one_of(
    st.integers(2, 8).map(lambda n: {"count": n, "until": None}),
    st.integers(2, 8).map(
        lambda n: {"count": None, "until": (FIRST + timedelta(weeks=n)).isoformat()}
    ),
    st.just({"count": None, "until": None}),
)
weekdays = st.sampled_from([("monday",), ("monday", "thursday"), ("tuesday",)])
hours = st.integers(7, 12)


def times_at(hour: int) -> Times:
    """Return the times of the first occurrence."""
    return Times(
        f"{FIRST}T{hour:02}:00:00", f"{FIRST}T{hour + 1:02}:00:00", zone="Europe/Berlin"
    )


class OneSeries(RuleBasedStateMachine):
    """A series in Odoo (``ours``, made from its rows) and in Graph (``theirs``).

    ``recorded`` has the fields that may be sent: the edited ones. ``quiet`` has fields
    that may differ without an edit: they were changed so in Odoo, or Graph has dropped
    them in exceptions. ``words`` has the edits that are not agreed yet.
    """

    zone = "Europe/Berlin"

    @initialize(days=weekdays, end=ends, focus=field_names)
    def agree(self, days, end, focus):
        self.focus = focus
        weekly = Rule("weekly", FIRST.isoformat(), days_of_week=days, **end)
        weekly = replace(weekly, zone=self.zone)
        master = Content("Lunch", self.times_at(9))
        empty = Series(master, weekly, *LONG, ())
        self.window, self.removed = WINDOW, frozenset()
        self.graph = changed_series(
            empty, replace(master, times=self.times_at(8)), replace(weekly, interval=2)
        )
        self.graph = changed_series(self.graph, master, weekly)
        self.hold(self.theirs)
        self.base = SeriesBase(self.theirs, self.theirs)
        self.seen, self.sent = self.theirs, None
        self.words = {}
        self.recorded, self.quiet = frozenset(), set()

    def times_at(self, hour):
        return times_at(hour)

    def read(self):
        """Return Graph's side as the sync reads it."""
        return self.theirs

    def hold(self, series):
        """Store a series in Odoo: a row for each occurrence, and the shared content."""
        self.rows = series.contents()
        self.rule, self.master = series.rule, series.master

    @property
    def ours(self):
        return Series.of(self.master, self.rule, self.window, self.rows, self.removed)

    @property
    def theirs(self):
        return self.graph.within(self.window)

    def say(self, side, cell, value):
        """Remember a person's edit, unless its value is equal to the base."""
        if cell[1] == DELETED:  # earlier edits of this occurrence do not count any more
            for other in self.words:
                if other[0] == cell[0]:
                    self.words[other].pop(side, None)
            if self.sent and cell[0] not in self.sent.ours.days:
                return  # a write without response deleted it, and it is there again
        agreed = self.base.ours if side == "odoo" else self.base.theirs
        said = self.words.setdefault(cell, {})
        said.pop(side, None)
        is_as_before = value == self.value(agreed, *cell)
        # A write without response leaves this cell in doubt if it changes the cell.
        in_doubt = self.sent and any(
            self.value(sent, *cell) != self.value(before, *cell)
            for sent, before in (
                (self.sent.ours, self.base.ours),
                (self.sent.theirs, self.base.theirs),
            )
        )
        if not is_as_before or in_doubt:
            said[side] = value
        if is_as_before and in_doubt and side == "outlook":
            # Either this undoes a write without response, or that never arrived.
            said["lost"] = self.value(self.sent.ours, *cell)
        self.words = {cell: said for cell, said in self.words.items() if said}

    def take_back(self, cell):
        """Forget the edits of this cell in Outlook."""
        for side in ("outlook", "lost"):
            self.words.get(cell, {}).pop(side, None)

    @staticmethod
    def value(series, day, name):
        """Return the value of a series in one cell."""
        if name == DELETED:
            return day not in series.days
        if name == "times" and not day:
            return time_of_day(series.master.times)
        if name == "rule":
            return rule_key(series.rule)
        if not day:
            return getattr(series.master, name)
        return getattr(series.occurrence(day), name)

    # --- people ---------------------------------------------------------------------

    @rule(data=st.data())
    def rename_all_in_odoo(self, data):
        name = self.focus
        value = data.draw(FIELDS[name])
        before = self.ours
        if value == getattr(before.master, name):
            return
        for day in self.rows:
            if name in own_fields(before, day) or (day, name) in self.words:
                self.say("odoo", (day, name), value)
        self.give_all_in_odoo(name, value)
        self.recorded |= {name}

    def give_all_in_odoo(self, name, value):
        self.rows = {d: replace(c, **{name: value}) for d, c in self.rows.items()}
        self.master = replace(self.master, **{name: value})
        self.say("odoo", (ALL, name), value)

    @precondition(lambda self: self.focus in QUIET_FIELDS)
    @rule(data=st.data())
    def change_all_without_an_edit(self, data):
        """Change all rows without an edit."""
        name = self.focus
        value = data.draw(FIELDS[name])
        before = self.ours
        if value == getattr(before.master, name):
            return
        for day in self.rows:
            if name in own_fields(before, day) or (day, name) in self.words:
                self.say("odoo", (day, name), value)
        self.give_all_in_odoo(name, value)
        self.quiet |= {name}

    @precondition(lambda self: self.rows and self.focus in QUIET_FIELDS)
    @rule(data=st.data(), which=st.integers(0, 20))
    def change_one_without_an_edit(self, data, which):
        """Change one row without an edit, for example a contact of this row only."""
        day = sorted(self.rows)[which % len(self.rows)]
        value = data.draw(FIELDS[self.focus])
        if value == getattr(self.rows[day], self.focus):
            return
        self.say("odoo", (day, self.focus), value)
        self.rows |= {day: replace(self.rows[day], **{self.focus: value})}
        self.quiet |= {self.focus}

    @rule(is_agreed=st.booleans())
    def look_for_what_nobody_edited(self, is_agreed):
        """Find changes without an edit: send them, or ask the owner."""
        how = {"is_organizer": True, "waiting": self.recorded}
        base = self.base.within(self.window)
        found = find_differences(base, self.ours.within(base.theirs.window), **how)
        assert not found.send & found.ask
        self.recorded |= found.names if is_agreed else found.send

    @rule(data=st.data())
    def rename_all_in_outlook(self, data):
        name = self.focus
        value = data.draw(FIELDS[name])
        if value == getattr(self.theirs.master, name):
            return
        for day in self.graph.exceptions:
            if getattr(self.graph.occurrence(day), name) == value:
                # Now it is not visible that the exception had this value before.
                self.take_back((day, name))
        master = replace(self.theirs.master, **{name: value})
        self.graph = changed_series(self.graph, master, self.graph.rule)
        self.say("outlook", (ALL, name), value)

    @precondition(lambda self: len(self.rows) > 3)
    @rule(data=st.data(), which=st.integers(0, 20))
    def change_one_in_odoo(self, data, which):
        day = sorted(self.rows)[which % len(self.rows)]
        content = self.change(data, self.rows[day], day)
        if content == self.rows[day]:
            return
        for name in content.changed_fields(self.rows[day]):
            self.say("odoo", (day, name), getattr(content, name))
            self.recorded |= {name}
        self.rows = self.rows | {day: content}

    @precondition(lambda self: self.theirs.days)
    @rule(data=st.data(), which=st.integers(0, 20))
    def change_one_in_outlook(self, data, which):
        day = self.theirs.days[which % len(self.theirs.days)]
        before = self.theirs.occurrence(day)
        content = self.change(data, before, day)
        for name in content.changed_fields(before):
            self.say("outlook", (day, name), getattr(content, name))
        contents = self.graph.contents() | {day: content}
        self.graph = self.with_contents(self.graph, contents)
        for name in {*FIELDS, "times"} - own_fields(self.theirs, day).keys():
            # The occurrence is equal to the series again, and inherits from now on.
            self.take_back((day, name))

    def change(self, data, content, day):
        if data.draw(st.booleans()):
            times = self.times_at(data.draw(hours))
            moved = slot_times(times, date.fromisoformat(day))
            return replace(content, times=moved)
        return replace(content, **{self.focus: data.draw(FIELDS[self.focus])})

    @precondition(lambda self: len(self.rows) > 3)
    @rule(which=st.integers(0, 20))
    def delete_one_in_odoo(self, which):
        day = sorted(self.rows)[which % len(self.rows)]
        self.rows = {d: c for d, c in self.rows.items() if d != day}
        self.removed |= {day}
        self.recorded |= {DELETED}
        self.say("odoo", (day, DELETED), True)

    @precondition(lambda self: len(self.rows) > 3)
    @rule(which=st.integers(0, 20))
    def lose_one_in_odoo(self, which):
        """Remove a row that no person deleted, for example by a fault of an addon."""
        day = sorted(self.rows)[which % len(self.rows)]
        if not any(cell[0] == day for cell in self.words):
            self.rows = {d: c for d, c in self.rows.items() if d != day}

    @rule(weeks=st.integers(1, 4))
    def roll_the_window(self, weeks):
        """Make the window longer; Odoo has no rows for the new days."""
        last = date.fromisoformat(self.window[1]) + timedelta(weeks=weeks)
        self.window = self.window[0], min(last.isoformat(), LONG[1])

    @precondition(lambda self: len(self.theirs.days) > 3)
    @rule(which=st.integers(0, 20))
    def delete_one_in_outlook(self, which):
        day = self.theirs.days[which % len(self.theirs.days)]
        contents = self.graph.contents()
        del contents[day]
        self.graph = self.with_contents(self.graph, contents)
        self.say("outlook", (day, DELETED), True)

    @staticmethod
    def with_contents(series, contents):
        return Series.of(series.master, series.rule, series.window, contents)

    @precondition(lambda self: self.rows)
    @rule(side=st.sampled_from(SIDES), hour=hours)
    def move_the_series(self, side, hour):
        series = self.ours if side == "odoo" else self.theirs
        times = slot_times(self.times_at(hour), date.fromisoformat(series.rule.start))
        self.reshape(side, replace(series.master, times=times), series.rule)

    @precondition(lambda self: self.rows)
    @rule(side=st.sampled_from(SIDES), end=ends)
    def give_it_another_end(self, side, end):
        series = self.ours if side == "odoo" else self.theirs
        self.reshape(side, series.master, replace(series.rule, **end))

    @precondition(lambda self: self.rows)
    @rule(side=st.sampled_from(SIDES), days=weekdays)
    def give_it_other_days(self, side, days):
        series = self.ours if side == "odoo" else self.theirs
        other = replace(series.rule, days_of_week=days)
        self.reshape(side, series.master, other)

    def reshape(self, side, master, new_rule):
        series = self.ours if side == "odoo" else self.graph
        changed = changed_series(series, master, new_rule)
        if not changed.days:
            return
        if side == "odoo":
            self.hold(changed)
            self.recorded |= SHAPE
            if times_or_rule_differ(series, changed):
                for day in series.exceptions:  # Odoo drops exceptions at once
                    self.recorded |= own_fields(series, day).keys()
                self.removed = frozenset()
        else:
            self.graph = changed
        if time_of_day(series.master.times) != time_of_day(master.times):
            self.say(side, (ALL, "times"), time_of_day(master.times))
        if rule_key(series.rule) != rule_key(new_rule):
            self.say(side, (ALL, "rule"), rule_key(new_rule))
        if times_or_rule_differ(series, changed):
            self.forget_occurrences()
        # If a longer series has a cut-off occurrence again, it is a new one.
        cut_off = series.expected_days() - changed.expected_days()
        self.words = {c: said for c, said in self.words.items() if c[0] not in cut_off}

    def hear_only(self, side, day, names):
        """Keep only the edits of the chosen side, for a day or the whole series."""
        kept = self.ours if side == "odoo" else self.theirs
        for (of_day, name), said in list(self.words.items()):
            cell = of_day, name
            is_disputed = {"rule": RECURRENCE}.get(name, name) in names
            follows = not day and of_day and name in names and self.follows(*cell)
            if follows or (day == of_day and (day or is_disputed)):
                self.words[cell] = {side: said[side]} if side in said else {}
            elif day or RECURRENCE not in names:
                continue
            elif of_day:  # the rule may drop it: the value of the series is valid too
                del self.words[cell]
            elif name == "times":
                self.words[cell] = said | {side: self.value(kept, *cell)}
        self.words = {cell: said for cell, said in self.words.items() if said}

    def follows(self, day, name):
        """Return True if an occurrence inherits a field on both sides."""
        return all(
            day in one.days and name not in own_fields(one, day)
            for one in (self.ours, self.theirs)
        )

    def followed(self, cell, words):
        """Return True if an occurrence inherits a field with an edit in its series."""
        of_all = words.get((ALL, cell[1])) or words.get((ALL, "rule"))
        return cell[0] and of_all and self.follows(*cell)

    def forget_occurrences(self):
        """Forget the edits of single occurrences, because the series has moved."""
        self.words = {cell: said for cell, said in self.words.items() if not cell[0]}

    # --- the sync -------------------------------------------------------------------

    @rule(keep=st.sampled_from(SIDES))
    def pull(self, keep):
        assert self.read() == self.theirs
        base = self.base
        if self.sent:
            base = confirm_series(base, self.sent, self.theirs)
        self.base = base
        how = {"direction": "both", "is_organizer": True}
        merge = merge_series(base, self.ours, self.theirs, **how)
        choices = choose_all(merge.conflicts, keep)
        for day, names in merge.conflicts.items():
            self.hear_only(keep, day, names)
            if DELETED in names and keep == "odoo" and day not in self.theirs.days:
                del self.rows[day]  # it becomes a separate event
                self.words.pop((day, DELETED), None)
        if choices:
            ours = self.ours
            merge = merge_series(base, ours, self.theirs, **how, choices=choices)
            assert not merge.conflicts
            self.quiet |= self.attendees_to_ask_about(merge, choices)
        self.new_dates_follow_the_series(merge.target)
        self.recorded |= series_names_to_record(
            merge, self.recorded, self.recorded, choices
        )
        self.hold(merge.target)
        self.removed &= set(self.theirs.days) - self.rows.keys()
        # The base for the new rows is the base before they were written.
        self.base = agreed_base(base, self.ours, self.theirs, merge)
        self.seen, self.sent = self.theirs, None
        self.nothing_is_lost()

    def attendees_to_ask_about(self, merge, choices):
        """Return the attendees' name if one side may have dropped them in an exception.

        Either Outlook's move or earlier end dropped the exception, and a person kept
        Odoo's days and times. Or that choice dropped Outlook's exception, and Odoo's
        series moves back before that is sent. The owner decides who is invited.
        """
        if choices.get(ALL, {}).get(RECURRENCE) != "odoo":
            return set()
        target = merge.target
        own = {name for day in target.exceptions for name in own_fields(target, day)}
        return (own | merge.dropped) & {"attendees"} - self.recorded

    @rule(outcome=st.sampled_from(["answered", "answer lost", "never arrived"]))
    def push(self, outcome):
        if self.sent or self.seen != self.theirs:
            self.pull("odoo")
        write = next_write(
            self.base, self.ours, is_organizer=True, recorded=self.recorded
        )
        if not write:
            self.recorded = frozenset()  # all edits have arrived
            return
        assert write.fields <= self.recorded, "an unedited field is sent"
        # An edit never becomes a deletion (docs/laws.md, law 14).
        assert not write.is_delete or write.day in self.removed, write.day
        if outcome != "never arrived":
            self.graph = self.written(write)
        if outcome == "answered":
            self.base, self.seen = write.after, self.theirs
            assert write.after.theirs == self.theirs
            self.nothing_is_lost()
        else:
            self.sent = write.after

    def written(self, write):
        """Return Graph's series after a write."""
        if not write.day:
            return changed_series(self.graph, write.content, write.rule)
        contents = self.graph.contents()
        if write.is_delete:
            del contents[write.day]
        else:
            contents[write.day] = contents[write.day].with_fields(
                write.fields, write.content
            )
        return self.with_contents(self.graph, contents)

    # --- laws -----------------------------------------------------------------------

    def teardown(self):
        if not hasattr(self, "base"):
            return
        self.come_to_rest()
        # If both sides still differ, only changes without an edit are the reason.
        merge = merge_series(
            self.base, self.ours, self.theirs, direction="both", is_organizer=True
        )
        assert names_of_series(merge) <= self.quiet, names_of_series(merge)
        self.look_for_what_nobody_edited(is_agreed=True)
        self.come_to_rest()
        here, there = self.ours.contents(), self.theirs.contents()
        assert here.keys() == there.keys()
        for day, content in here.items():
            assert not content.changed_fields(there[day]), (day, content, there[day])
        assert rule_key(self.rule) == rule_key(self.theirs.rule)
        assert next_write(self.base, self.ours, is_organizer=True) is None
        self.nothing_is_lost()

    def new_dates_follow_the_series(self, target):
        """Fail if a date that only one side has gets an own value by the merge."""
        for day in target.exceptions:
            having = [one for one in (self.ours, self.theirs) if day in one.days]
            if len(having) == 1:
                # Sets are merged by element.
                new = own_fields(target, day).keys() - {"times", *SET_FIELDS}
                assert new <= own_fields(having[0], day).keys(), (day, new)

    def come_to_rest(self):
        self.pull("odoo")
        for _write in range(60):
            before = self.theirs
            self.push("answered")
            if self.theirs == before:
                break
        self.pull("odoo")

    def nothing_is_lost(self):
        """Fail if an edit was undone (docs/laws.md, law 2)."""
        ours, words = self.ours, dict(self.words)
        for cell, said in words.items():
            day, name = cell
            if day and name != DELETED and day not in self.theirs.days:
                continue  # deleted; that edit is in ``words`` too
            value = self.value(self.theirs, day, name)
            if self.value(ours, *cell) != value or self.sent:
                continue  # not sent yet
            of_all = words.get((ALL, name), {}) if day else {}
            # Sets are merged by element; the walk of single events checks that.
            if said and name not in SET_FIELDS and not self.followed(cell, words):
                assert value in (*said.values(), *of_all.values()), (cell, value, said)
            del self.words[cell]


class OneAllDaySeries(OneSeries):
    """The same walk for an all-day series, in zones from Honolulu to Auckland.

    Graph's side is read from Graph's JSON: midnights in the zone of the series, with or
    without ids that contain the day.
    """

    @initialize(
        zone=st.sampled_from(ZONES),
        names=st.sets(st.sampled_from(["iCalUId", "occurrenceId"])),
        rule_zone=st.sampled_from([None, None, ""]),
        days=weekdays,
        end=ends,
        focus=field_names,
    )
    def agree(self, zone, names, rule_zone, days, end, focus):
        self.zone, self.told = zone, (names, rule_zone)
        super().agree(days, end, focus)

    def times_at(self, hour):
        """Return all-day times: one day for each hour after 7, the day before for 7."""
        first = FIRST - timedelta(days=hour == 7)
        last = FIRST + timedelta(days=max(1, hour - 7))
        return Times(first.isoformat(), last.isoformat(), all_day=True, zone=self.zone)

    def read(self):
        names, rule_zone = self.told
        master, instances = told_by_graph(self.theirs, names, rule_zone)
        remote = read_series(
            master, instances, self.window, mailbox_zone="Europe/Berlin"
        )
        return remote.series


TestOneSeries = OneSeries.TestCase
TestOneSeries.settings = walk_settings(250, steps=20)
TestOneAllDaySeries = OneAllDaySeries.TestCase
TestOneAllDaySeries.settings = walk_settings(50, steps=20)
