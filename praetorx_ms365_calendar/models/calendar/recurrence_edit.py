"""Give a series another rule or other times: its events stay, and are moved."""

from dataclasses import replace
from datetime import date, timedelta

from odoo import models
from odoo.exceptions import UserError

from ...engine.list_changes import united_changes
from ...engine.mapping.odoo_recurrence import MAX_OCCURRENCES
from ...engine.recurrence import LAST_DAY, Rule, aligned, occurrence_days
from ...engine.series import (
    Series,
    SeriesBase,
    default_occurrence,
    own_fields,
    single_rule,
    times_or_rule_differ,
)
from ...engine.slot_times import slot_times
from ...wording import advice_of
from .event_copy import MAKES_ROWS

_DAY = timedelta(days=1)
#: Values that an exception loses when the series moves; it keeps people and reminders.
TEXT_FIELDS = frozenset({"subject", "body", "location", "show_as", "sensitivity"})


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _ms365_is_in_outlook(self):
        """Return True if this series is, or will be, in the Outlook of our users."""
        return bool(self) and (
            bool(self.sudo().ms365_link_ids.filtered("is_primary"))
            or self._ms365_is_managed()
        )

    def _apply_recurrence(self, *args, **kwargs):
        """Make the events of a series alike: Odoo would describe the new ones anew."""
        if not any(one._ms365_is_in_outlook() for one in self):
            return super()._apply_recurrence(*args, **kwargs)
        without_descriptions = self.with_context(
            skip_contact_description=True, ms365_makes_rows=MAKES_ROWS
        )
        return super(CalendarRecurrence, without_descriptions)._apply_recurrence(
            *args, **kwargs
        )

    def unlink(self):
        if not self.env["calendar.event"]._ms365_is_sync():
            carried = self.filtered(lambda one: one._ms365_is_in_outlook())
            carried._ms365_capture_deletion()
        return super().unlink()

    def _ms365_prepare_for_outlook(self):
        self._ms365_make_endless()
        self._ms365_mend_twins()
        self._ms365_fit_count()

    def _ms365_capture_new(self):
        """Record series that a person has just created.

        :raise UserError: Outlook has no such series
        """
        for recurrence in self.filtered(lambda one: one._ms365_is_in_outlook()):
            reason = recurrence._ms365_why_inexpressible()
            if reason:
                raise UserError(advice_of(self.env, reason))
            rows = recurrence._ms365_rows()
            rows._ms365_check_nothing_waits(of_series=False)._overtake()
            recurrence._ms365_adopt_single()
            recurrence._ms365_capture()

    def _ms365_capture_edit(self, names=None, lists=None):
        """Record the series of the events that a person has edited.

        :param names: the fields that the edit has touched, None for everything
        :param lists: ``{event: {name: ListChange}}`` of the edit
        """
        for recurrence in self.filtered(lambda one: one._ms365_is_in_outlook()):
            if not recurrence._ms365_rows():
                if recurrence._ms365_is_emptied():
                    recurrence._ms365_check_may_delete_all()
                    recurrence._ms365_capture_deletion()
            elif recurrence.sudo().ms365_link_ids or recurrence.sudo().ms365_shared:
                if names is None or names:
                    of_rows = [
                        changes
                        for event, changes in (lists or {}).items()
                        if event.exists().recurrence_id == recurrence
                    ]
                    united = united_changes((names, changes) for changes in of_rows)
                    recurrence._ms365_capture(names, {recurrence: united})
            else:
                recurrence._ms365_capture_new()

    def _ms365_not_recorded(self, names):
        """Return the series of which the present edit has no entry with these names.

        An edit of a whole series is recorded while Odoo writes it.

        :param names: the fields that the edit has touched, None for everything
        """
        recorded = {}
        for watch in self.env["praetorx.ms365.outbox"]._watches():
            recorded, watch.recorded = watch.recorded, {}
        return self.filtered(
            lambda one: (
                one.id not in recorded
                or (recorded[one.id] and (names is None or names - recorded[one.id]))
            )
        )

    def _ms365_adopt_single(self):
        """Let the Outlook event of an event that has become a series become one too."""
        rows = self._ms365_rows()
        links = rows.sudo().ms365_link_ids.filtered("remote_id")
        if not links:
            return
        for link in links:
            base = link._base
            vals = {"event_id": False, "recurrence_id": self.id}
            if base and link.is_primary:
                vals |= self.env["praetorx.ms365.event.link"]._base_vals(
                    self._ms365_base_of_single(base)
                )
            link.write(vals | {"is_series": True})
        self.env["praetorx.ms365.outbox"]._move_edits_to_series(rows, self)

    def _ms365_base_of_single(self, base):
        """Return the base of a series that both sides know as a single event still."""
        days = [row.ms365_day for row in self._ms365_rows()]
        zoned = [
            replace(side, times=replace(side.times, zone=self._ms365_zone()))
            for side in (base.ours, base.theirs)
        ]
        rules = [single_rule(side.times) for side in zoned]
        window = (
            min(*days, *(rule.start for rule in rules)),
            max(*days, *(rule.start for rule in rules)),
        )
        return SeriesBase(
            *(
                Series.of(side, rule, window, {rule.start: side})
                for side, rule in zip(zoned, rules, strict=True)
            )
        )

    def _ms365_archived_rows(self, days):
        """Return the archived events that these days of the series have had."""
        rows = self.with_context(active_test=False).calendar_event_ids
        return rows.filtered(lambda row: not row.active and row.ms365_day in days)

    def _ms365_bring_back(self, days, account):
        """Bring archived events of a series back, if it has no others.

        :param days: of the occurrences that must exist
        :param account: its mailbox has the occurrences
        :return: True if the series has events now
        """
        if not self._ms365_rows():
            rows = self._ms365_archived_rows(days)
            rows._ms365_for_sync(account.user_id).write({"active": True})
            rows.ms365_link_ids._forget_occurrences()
        return bool(self._ms365_rows())

    def _ms365_discard(self):
        """Remove a recurrence that has no events any more."""
        event = self.env["calendar.event"]._ms365_for_sync(self.env.user)
        self.with_env(event.env).unlink()

    def _ms365_write(self, vals):
        """Write a recurrence as the sync, without any echo."""
        event = self.env["calendar.event"]._ms365_for_sync(self.env.user)
        self.with_env(event.env).write(vals)

    def _ms365_reshape(self, before, first, rule):
        """Give a series another rule or other times, and keep its rows.

        :param before: the series before the edit
        :param first: times of its first occurrence
        :param rule: the new rule
        :return: names of the values that exceptions have lost by the move
        """
        master = before.master
        after = Series(
            replace(master, times=first),
            rule,
            before.first,
            self._ms365_last_day(rule).isoformat(),
            (),
        )
        moved = times_or_rule_differ(before, after)
        days = set(self._ms365_days_to_have(before, after, moved))
        if moved:
            self._ms365_forget_removed()  # as in Outlook: all dates are there again
        else:
            days -= self._ms365_removed_days()
            days -= before.expected_days() - set(before.days)
        if not days:
            raise UserError(
                self.env._(
                    "No event of this series would be left in Odoo. Choose a later "
                    "end; or delete the series, if that is what you want."
                )
            )
        self._ms365_move_rows(before, after, days, moved)
        self._ms365_write(self._ms365_rule_vals(rule))
        self._ms365_store_shared(after.master)
        if not moved:
            return frozenset()
        of_days = [own_fields(before, day).keys() for day in before.exceptions]
        return frozenset().union(*of_days) & TEXT_FIELDS

    def _ms365_last_day(self, rule):
        """Return how far ahead Odoo has rows of a series."""
        rows = self._ms365_rows()
        last = max((date.fromisoformat(row.ms365_day) for row in rows), default=None)
        if rule.until or rule.count:
            return LAST_DAY
        account = (
            self.env["praetorx.ms365.account"]
            .sudo()
            .search([("user_id", "=", self._ms365_organizer().id)], limit=1)
        )
        horizon = account._window()[1].date() if account else last
        return max(filter(None, (horizon, last)))

    def _ms365_days_to_have(self, before, after, moved):
        """Return the days on which the series falls, as far as Odoo has rows."""
        rule = after.rule
        first = date.fromisoformat(before.days[0])
        if before.days[0] == before.rule.start or moved:
            shift = date.fromisoformat(rule.start) - date.fromisoformat(
                before.rule.start
            )
            first = min(first, first + shift)
        if before.days[0] == before.rule.start:
            first = min(first, date.fromisoformat(rule.start))
        last = date.fromisoformat(after.last)
        found = occurrence_days(rule, first, last, at_most=MAX_OCCURRENCES)
        return [day.isoformat() for day in found]

    def _ms365_move_rows(self, before, after, days, moved):
        """Move rows to their new days; archive spare rows and create missing ones."""
        Event = self.env["calendar.event"]
        rows = {row.ms365_day: row for row in self._ms365_rows()}
        pairs = aligned(
            before.rule,
            [date.fromisoformat(day) for day in rows],
            after.rule,
            [date.fromisoformat(day) for day in days],
        )
        place = {old.isoformat(): new.isoformat() for old, new in pairs.items()}
        place = place or {min(rows): min(days)}  # one stays, or Odoo would have none
        kept = Event.browse()
        for old_day, row in rows.items():
            row_sync = row._ms365_for_sync(self.env.user)
            if old_day not in place:
                row_sync.write({"active": False})
                continue
            kept |= row
            if not moved:
                continue
            content = default_occurrence(after.master, place[old_day])
            vals = row_sync._ms365_vals_from(content, {"times"}, None)
            row_sync.write({**vals, "follow_recurrence": True})
            row_sync._ms365_write_bookkeeping({"ms365_day": place[old_day]})
            own = own_fields(before, old_day).keys() & TEXT_FIELDS
            if own:  # exceptions end when the series moves, as they do in Outlook
                row_sync.write(row_sync._ms365_vals_from(content, own, None))
            row_sync._reset_attendees_status()
        missing = sorted(days - set(place.values()))
        if missing and kept:
            self._ms365_add_rows(kept.sorted("start")[0], after, missing)
        if self.base_event_id not in kept:
            self._ms365_write({"base_event_id": kept.sorted("start")[:1].id})

    def _ms365_add_rows(self, like, after, days):
        """Create rows for the occurrences that Odoo does not have yet.

        :param like: a row with the shared values of the series
        """
        [copied] = like.copy_data()
        vals_list = []
        for day in days:
            content = default_occurrence(after.master, day)
            vals = like._ms365_for_sync(self.env.user)._ms365_vals_from(
                content, {"times"}, None
            )
            vals_list.append(
                {
                    **copied,
                    **vals,
                    "recurrence_id": self.id,
                    "follow_recurrence": True,
                    "recurrency": False,
                    "ms365_day": day,
                    "ms365_sync_state": like.ms365_sync_state,
                    "active": True,
                }
            )
        Event = self.env["calendar.event"]._ms365_for_sync(self.env.user)
        made = Event.create(vals_list)
        made._ms365_write_bookkeeping({"recurrency": True})
        return made

    def _ms365_end_before(self, day):
        """Give the series an end before a day; its rows are left to the caller."""
        contents = self._ms365_contents_by_day()
        self._ms365_store_shared(self._ms365_master(contents))
        last = date.fromisoformat(day) - _DAY
        rule = self.sudo().ms365_rule
        if rule:
            rule = Rule.from_json(rule | {"until": last.isoformat(), "count": None})
            self._ms365_write(self._ms365_rule_vals(rule))
        else:
            self._ms365_write({"end_type": "end_date", "until": last})

    def _ms365_split_at(self, event):
        """Split ``event`` and the occurrences after it into a series of their own."""
        day = event.ms365_day
        contents = self._ms365_contents_by_day()
        master = self._ms365_master(contents)
        rule = self._ms365_rule(master)
        before_it = occurrence_days(
            rule, date.fromisoformat(rule.start), date.fromisoformat(day) - _DAY
        )
        rows = self._ms365_rows().filtered(lambda row: row.ms365_day >= day)
        [vals] = self.copy_data()
        if rule.count:
            vals["count"] = max(rule.count - len(before_it), 1)
        vals |= {
            "base_event_id": event.id,
            "rrule": False,
            "ms365_split_from_id": self.id,
            "ms365_split_day": day,
        }
        vals.pop("rrule")
        Recurrence = self.with_env(event._ms365_for_sync(self.env.user).env)
        new = Recurrence.create(vals)
        rows._ms365_write_bookkeeping({"recurrence_id": new.id})
        self.env.invalidate_all()
        new = self.browse(new.id)
        new._ms365_store_shared(
            replace(master, times=slot_times(master.times, date.fromisoformat(day)))
        )
        self._ms365_end_before(day)
        return new
