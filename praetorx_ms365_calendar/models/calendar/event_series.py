"""Edit series that are in Outlook in place, so that each occurrence keeps its row.

When times or rule of a series change, stock Odoo archives its events and creates new
ones. Outlook would then get a new series, with all the mails. People would lose their
replies, activities and messages. Here the rows stay, and one change is sent.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from odoo.addons.calendar.models.calendar_recurrence import weekday_to_field

from ...const import IN_BOTH
from ...engine.mail_guard import Mails, mails_of_create
from ...engine.mapping.odoo_recurrence import inexpressible, rule_from_odoo
from ...engine.reasons import OF_RULE, because
from ...engine.recorded_names import SHAPE, names_of
from ...engine.recurrence import LAST_DAY, occurrence_days
from ...engine.series import Series
from ...engine.series_units import TIMES
from ...engine.slot_times import slot_day, slot_times
from ...engine.snapshot import Times
from ...wording import advice_of
from .event_lists import LIST_FIELDS
from .recurrence import RULE_FIELDS

_DAY = timedelta(days=1)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_day = fields.Char(
        copy=False,
        readonly=True,
        help="The local day on which the series has this occurrence begin, wherever it "
        "was moved to.",
    )
    ms365_read_only_reason = fields.Char(
        related="recurrence_id.ms365_read_only_reason", string="Repetition in Outlook"
    )

    def _ms365_mails_to_create(self):
        """Return the number of mails when these own events are created in Outlook."""
        return sum(mails.count for mails in self._ms365_mails_of_creates().values())

    def _ms365_mails_of_creates(self):
        """Return ``{event: Mails}`` when these own events are created in Outlook.

        A series that Outlook cannot express is not created.

        :param self: events; each series is represented by one of its events
        """
        singles = self.filtered(lambda event: not event.recurrence_id)
        found = {
            event: mails_of_create(content)
            for event, content in singles._ms365_read_contents().items()
        }
        for event in self - singles:
            recurrence = event.recurrence_id
            is_sent = not recurrence._ms365_why_inexpressible()
            series = recurrence._ms365_read() if is_sent else None
            found[event] = mails_of_create(series) if series else Mails()
        return found

    def _ms365_record_days(self):
        """Record the days of occurrences, before somebody moves one of them."""
        unknown = self.sudo().filtered(
            lambda event: event.recurrence_id and not event.ms365_day
        )
        for day, events in groupby(unknown, lambda event: event._ms365_local_day()):
            self.browse().union(*events)._ms365_write_bookkeeping({"ms365_day": day})

    def _ms365_local_day(self):
        """Return the day on which this occurrence begins, in the zone of its series."""
        return slot_day(self._ms365_times(self.recurrence_id._ms365_zone())).isoformat()

    def _ms365_times(self, zone_name):
        """Return start and end of this event as the engine has them."""
        if self.allday:
            first = self.start_date or self.start.date()
            last = max(first, self.stop_date or self.stop.date())
            end = (last + _DAY).isoformat()
            return Times(first.isoformat(), end, all_day=True, zone=zone_name)
        return Times(
            self.start.isoformat(timespec="seconds"),
            self.stop.isoformat(timespec="seconds"),
            zone=zone_name,
        )

    def _ms365_series_before_edit(self, vals):
        """Return the series of these events, after checks before an edit.

        :raise UserError: Outlook would refuse the edit
        """
        rows = self.filtered("recurrence_id")
        in_outlook = rows.recurrence_id.filtered(lambda one: one._ms365_is_in_outlook())
        rows = rows.filtered(lambda row: row.recurrence_id in in_outlook)
        for recurrence in in_outlook:
            recurrence._ms365_rows()
        in_outlook._ms365_make_endless()
        in_outlook._ms365_mend_twins()
        rows = rows.filtered("recurrence_id")
        is_single = vals.get("recurrence_update") not in ("all_events", "future_events")
        start = fields.Datetime.to_datetime(vals.get("start"))
        if is_single and start and len(rows) == 1 and "active" not in vals:
            self._ms365_check_neighbours(rows, start)
        if is_single and TIMES in names_of(vals):
            for recurrence in in_outlook:
                recurrence._ms365_keep_shared(rows)
        self._ms365_check_stays_a_series(vals, in_outlook)
        if is_single:
            rows._ms365_check_within_reach()
        if is_single and not vals.get("active", True):
            self._ms365_check_may_delete_a_part()
            rows._ms365_record_removed()
        if vals.get("active") and any(not row.active for row in rows):
            raise UserError(
                self.env._(
                    "Outlook cannot bring back a deleted occurrence of a series. "
                    "Create a new event instead."
                )
            )
        return in_outlook

    # ------------------------------------------------------------------
    # All of them, this and the following ones, no longer a series
    # ------------------------------------------------------------------

    def _rewrite_recurrence(self, values, time_values, recurrence_values):
        if not self.recurrence_id._ms365_is_in_outlook():
            return super()._rewrite_recurrence(values, time_values, recurrence_values)
        if not values.get("active", True):
            self.recurrence_id._ms365_capture_deletion()
            self._ms365_archive_rows(self.recurrence_id._ms365_rows())
            recurrence_values.clear()
            return None
        self._ms365_change_series(values, time_values, recurrence_values)
        recurrence_values.clear()
        return None

    def _update_future_events(self, values, time_values, recurrence_values):
        recurrence = self.recurrence_id
        if not recurrence._ms365_is_in_outlook():
            return super()._update_future_events(values, time_values, recurrence_values)
        if not values.get("active", True):
            self._ms365_archive_rows(self._ms365_end_series_before())
            recurrence_values.clear()
            return None
        self._ms365_check_can_split()
        self._ms365_check_nothing_waits()
        recurrence._ms365_split_at(self)
        self._ms365_change_series(values, time_values, recurrence_values)
        recurrence._ms365_capture(names=SHAPE)
        # Odoo would apply them once more, by making the series anew.
        recurrence_values.clear()
        return None

    def _ms365_archive_rows(self, rows):
        """Archive events of a series; record it as a change of the series."""
        rows._ms365_for_sync(self.env.user).write({"active": False})

    def _ms365_check_can_split(self):
        """Refuse to split a series if the user may not create its second part.

        :raise UserError: only its organizer may change it, or its calendar accepts no
            new events in its owner's name
        """
        if reason := self._ms365_lock_reason():
            raise UserError(reason)
        primary_sudo = self.recurrence_id.sudo().ms365_link_ids.filtered("is_primary")
        if primary_sudo.calendar_id._is_shared():
            raise UserError(
                self.env._(
                    "This series is in somebody else's calendar, where Odoo cannot "
                    "make a second one of it. Change this event, or all of them."
                )
            )

    def action_mass_deletion(self, recurrence_update_setting):
        recurrence = self.recurrence_id
        if (
            recurrence_update_setting != "future_events"
            or not recurrence._ms365_is_in_outlook()
        ):
            return super().action_mass_deletion(recurrence_update_setting)
        return self._ms365_end_series_before().unlink()

    def action_mass_archive(self, recurrence_update_setting):
        recurrence = self.recurrence_id
        if (
            recurrence_update_setting == "all_events"
            and recurrence._ms365_is_in_outlook()
        ):
            recurrence._ms365_capture_deletion()
        if (
            recurrence_update_setting != "future_events"
            or not recurrence._ms365_is_in_outlook()
        ):
            return super().action_mass_archive(recurrence_update_setting)
        return self._ms365_archive_rows(self._ms365_end_series_before())

    def _ms365_check_may_delete_a_part(self):
        """Refuse to delete a part of a series if Outlook must keep all of it.

        The occurrences would disappear from Outlook, or come back from there.

        :raise UserError: in this company, deletions in Odoo do not reach Outlook
        """
        for recurrence, rows in self.grouped("recurrence_id").items():
            link_sudo = recurrence.sudo().ms365_link_ids.filtered("is_primary")[:1]
            is_sent = (
                link_sudo.state in IN_BOTH
                and link_sudo._organizes()
                and link_sudo._is_writable()
            )
            if (
                is_sent
                and link_sudo._delete_policy() == "off"
                and recurrence._ms365_rows() - rows
            ):
                raise UserError(
                    self.env._(
                        "Your company keeps in Outlook what is deleted in Odoo. "
                        "Outlook cannot do that with a part of a series: delete it "
                        "there, or delete the whole series here."
                    )
                )

    def _ms365_end_series_before(self):
        """End the series before this occurrence: one change, not one for each.

        :return: this and the following ones, as the sync writes them
        """
        recurrence = self.recurrence_id
        rows = recurrence._ms365_rows()
        following = rows.filtered(lambda row: row.ms365_day >= self.ms365_day)
        if following == rows:
            recurrence._ms365_check_may_delete_all(self.ms365_day)
            recurrence._ms365_capture_deletion()
        else:
            following._ms365_check_may_delete_a_part()
            recurrence._ms365_end_before(self.ms365_day)
            recurrence._ms365_capture(names=SHAPE)
        return following._ms365_for_sync(self.env.user)

    # ------------------------------------------------------------------
    # One change of a whole series
    # ------------------------------------------------------------------

    def _ms365_change_series(self, values, time_values, recurrence_values):
        """Change the shared values of a series without making its rows anew.

        :param values: new values of all fields except times
        :param time_values: new start and stop of this occurrence
        :param recurrence_values: new values of the rule
        :raise UserError: Outlook cannot express the result, or Odoo does not hold it
        """
        recurrence = self.recurrence_id
        recurrence_values = recurrence._ms365_with_text_read(recurrence_values)
        if time_values or recurrence_values:
            reason = self._ms365_lock_reason()
            if reason or recurrence.sudo().ms365_rule:
                raise UserError(reason or recurrence.ms365_read_only_reason)
        rows = recurrence._ms365_rows()
        contents = recurrence._ms365_contents_by_day()
        master = recurrence._ms365_master(contents)
        before = Series.of(
            master,
            recurrence._ms365_rule(master),
            (min(contents), max(contents)),
            contents,
        )
        mine = contents[self.ms365_day]
        lists_before = rows._ms365_values(LIST_FIELDS & values.keys())
        if values:
            sync_values = {**values, "recurrence_update": "self_only"}
            rows._ms365_for_sync(self.env.user).write(sync_values)
        ended = frozenset()
        if time_values or recurrence_values or "allday" in values:
            times = self._ms365_new_times(time_values, values.get("allday"))
            first, rule = self._ms365_new_rule(before, times, recurrence_values)
            ended = recurrence._ms365_reshape(before, first, rule)
        self._ms365_store_shared_values(mine)
        changed = {**values, **time_values, **recurrence_values}
        names = self._ms365_names_of_change(changed)
        names = names and names | ended
        recurrence._ms365_capture(
            names=names,
            lists={recurrence: rows.exists()._ms365_change_of_lists(lists_before)},
        )
        for watch in self.env["praetorx.ms365.outbox"]._watches():
            watch.recorded[recurrence.id] = names

    def _ms365_new_times(self, time_values, allday):
        """Return the times that this occurrence gets."""
        zone_name = self.recurrence_id._ms365_zone()
        allday = self.allday if allday is None else allday
        if allday:
            first = fields.Date.to_date(
                time_values.get("start_date") or time_values.get("start")
            ) or (self.start_date or self.start.date())
            last = fields.Date.to_date(
                time_values.get("stop_date") or time_values.get("stop")
            ) or (self.stop_date or self.stop.date())
            last = max(first, last)
            end = (last + _DAY).isoformat()
            return Times(first.isoformat(), end, all_day=True, zone=zone_name)
        start = fields.Datetime.to_datetime(time_values.get("start")) or self.start
        stop = fields.Datetime.to_datetime(time_values.get("stop"))
        stop = stop or start + (self.stop - self.start)
        return Times(
            start.isoformat(timespec="seconds"),
            max(start, stop).isoformat(timespec="seconds"),
            zone=zone_name,
        )

    def _ms365_new_rule(self, before, times, recurrence_values):
        """Return times of the first occurrence, and the rule, after an edit.

        :param before: the series before the edit
        :param times: new times of this occurrence
        :raise UserError: Outlook cannot express the rule
        """
        recurrence = self.recurrence_id
        old_day = slot_day(self._ms365_times(recurrence._ms365_zone()))
        new_day = slot_day(times)
        vals = recurrence._ms365_rule_values()
        if new_day != old_day:
            vals[weekday_to_field(old_day.weekday())] = False
            vals |= self._get_recurrence_params_by_date(new_day)
        vals |= {k: v for k, v in recurrence_values.items() if k in RULE_FIELDS}
        vals["until"] = fields.Date.to_date(vals["until"])
        start = date.fromisoformat(before.rule.start) + (new_day - old_day)
        week_start = recurrence._ms365_first_day_of_week()
        code = inexpressible(vals, start, week_start)
        if code:
            raise UserError(advice_of(self.env, because(OF_RULE[code])))
        rule = rule_from_odoo(vals, start, week_start)
        found = occurrence_days(rule, start, LAST_DAY, at_most=1)
        if not found:
            raise UserError(advice_of(self.env, because("rule_no_date")))
        [first] = found
        rule = rule_from_odoo(vals, first, week_start)
        return slot_times(times, first), rule

    def _ms365_store_shared_values(self, mine_before):
        """Store the shared content of the series after an edit of all occurrences."""
        recurrence = self.recurrence_id
        contents = recurrence._ms365_contents_by_day()
        master = recurrence._ms365_master(contents)
        mine = contents.get(self.ms365_day)
        if not mine:
            return
        changed = mine.changed_fields(mine_before) - {"times"}
        recurrence._ms365_store_shared(master.with_fields(changed, mine))

    def _check_recurrence_overlapping(self, new_start):
        """The stock check takes texts alone; ours knows the zone of the series."""
        if not self.recurrence_id._ms365_is_in_outlook():
            super()._check_recurrence_overlapping(new_start)

    @api.model
    def _ms365_check_neighbours(self, events, start):
        """Refuse to move one occurrence to or past the day of a neighbour.

        :raise UserError: Outlook would refuse it (ErrorOccurrenceCrossingBoundary)
        """
        for event in events:
            rows = event.recurrence_id._ms365_rows()
            zone_name = event.recurrence_id._ms365_zone()
            moment = (start.date() if event.allday else start).isoformat()
            new_day = slot_day(
                Times(moment, moment, all_day=event.allday, zone=zone_name)
            ).isoformat()
            place = list(rows).index(event)
            earlier, later = rows[:place], rows[place + 1 :]
            if (earlier and new_day <= earlier[-1]._ms365_local_day()) or (
                later and new_day >= later[0]._ms365_local_day()
            ):
                raise UserError(
                    self.env._(
                        "Outlook keeps the occurrences of a series in order: "
                        "“%(event)s” must stay after the day of the one before it, and "
                        "before the day of the one that follows.",
                        event=event.display_name,
                    )
                )
