"""Read a recurrence as one series, and store the shared content of its rows."""

from collections import Counter
from dataclasses import replace

from odoo import api, fields, models

from ...const import SERIES_KEYS
from ...engine.mapping.odoo_recurrence import (
    inexpressible,
    odoo_values_from_rule,
    rule_from_odoo,
    why_not_expressible,
)
from ...engine.reasons import OF_RULE, because
from ...engine.recurrence import WEEKDAYS, Rule
from ...engine.series import Series, shared_content
from ...engine.slot_times import slot_day
from ...engine.snapshot import Content

#: Fields of a recurrence that define its rule.
RULE_FIELDS = (
    "rrule_type",
    "interval",
    "end_type",
    "count",
    "until",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "month_by",
    "day",
    "weekday",
    "byday",
    "event_tz",
)


class CalendarRecurrence(models.Model):
    _name = "calendar.recurrence"
    _inherit = ["calendar.recurrence", "praetorx.ms365.meeting"]
    _ms365_field = "recurrence_id"
    _ms365_is_series = True
    _ms365_bookkeeping = frozenset(
        {
            "ms365_may_be_endless",
            "ms365_removed_days",
            "ms365_rule",
            "ms365_shared",
            "ms365_split_day",
            "ms365_split_from_id",
        }
    )

    ms365_link_ids = fields.One2many(
        "praetorx.ms365.event.link", "recurrence_id", groups="base.group_system"
    )
    ms365_shared = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="What the occurrences share, with the times of the first one.",
    )
    ms365_rule = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Outlook's rule where Odoo cannot hold it: occurrences follow this one.",
    )
    ms365_split_from_id = fields.Many2one(
        "calendar.recurrence",
        copy=False,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The series whose later occurrences go on in this one.",
    )
    ms365_split_day = fields.Char(
        copy=False, readonly=True, help="From which day of that series on."
    )
    ms365_read_only_reason = fields.Char(compute="_compute_ms365_read_only_reason")

    @api.depends("ms365_rule")
    @api.depends_context("lang")
    def _compute_ms365_read_only_reason(self):
        """Say why times and rule of this series can be changed in Outlook alone."""
        reasons = self._ms365_rule_reasons()
        for recurrence in self:
            rule = recurrence.sudo().ms365_rule
            code = rule and why_not_expressible(
                Rule.from_json(rule), recurrence._ms365_first_day_of_week()
            )
            recurrence.ms365_read_only_reason = reasons.get(code, False)

    def _ms365_rule_reasons(self):
        """Return words for why Odoo cannot hold a rule."""
        return {
            "day_in_short_months": self.env._(
                "Outlook repeats this on the last day of shorter months, which Odoo "
                "cannot: its times and its repetition can be changed in Outlook only."
            ),
            "leap_day": self.env._(
                "Outlook repeats this at the end of every February, which Odoo cannot: "
                "its times and its repetition can be changed in Outlook only."
            ),
            "other_month_day": self.env._(
                "Outlook repeats this on another day of the year than the first one, "
                "which Odoo cannot: its times and its repetition can be changed in "
                "Outlook only."
            ),
            "several_days_relative": self.env._(
                "Outlook repeats this on one of several weekdays, which Odoo cannot: "
                "its times and its repetition can be changed in Outlook only."
            ),
            "first_day_of_week": self.env._(
                "The weeks of this series begin on another day than yours: its times "
                "and its repetition can be changed in Outlook only."
            ),
            "count": self.env._(
                "Odoo would make another number of events of this series: its times "
                "and its repetition can be changed in Outlook only."
            ),
        }

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _ms365_meetings(self):
        """Return the meetings that these are; see :meth:`calendar.event`."""
        return (self,)

    def _ms365_any_event(self):
        """Return the event that stands for the series, also an archived one."""
        return self.base_event_id

    def _ms365_organizer(self):
        """Return the user of the organizer."""
        rows = self.with_context(active_test=False).calendar_event_ids
        return (self.base_event_id or rows[:1]).user_id

    def _ms365_days_declined_by(self, user):
        """Return the days of the occurrences that a user has declined."""
        return {
            row.ms365_day
            for row in self._ms365_rows()
            if row._ms365_reply_of(user) == "declined"
        }

    def _ms365_calendar(self):
        """Return the calendar for the creation of this series."""
        rows = self.with_context(active_test=False).calendar_event_ids
        return (self.base_event_id or rows[:1]).ms365_calendar_id

    def _ms365_first_day_of_week(self):
        """Return on which day weeks begin for the organizer, as Odoo counts them."""
        code = self._ms365_organizer().lang or self.env.user.lang or "en_US"
        week_start = self.env["res.lang"]._get_data(code=code).week_start
        return WEEKDAYS[int(week_start or 1) - 1]

    def _ms365_zone(self):
        """Return the time zone of the series."""
        return self.event_tz or self._ms365_organizer().tz or "UTC"

    def _ms365_rows(self):
        """Return the occurrences that exist, each with its day, in their order."""
        rows = self.sudo().calendar_event_ids.filtered("active").sorted("start")
        rows._ms365_record_days()
        return rows

    def _ms365_master(self, contents):
        """Return the shared content of the rows, with the first occurrence's times.

        :param contents: day -> content of each row that exists, at least one
        """
        recorded = self.sudo().ms365_shared
        if recorded:
            return Content.from_json(recorded)
        return shared_content(contents)

    def _ms365_rule(self, master):
        """Return the rule of the series.

        :raise ValueError: Outlook cannot express it
        """
        recorded = self.sudo().ms365_rule
        if recorded:
            return Rule.from_json(recorded)
        return rule_from_odoo(
            self._ms365_rule_values(),
            slot_day(master.times),
            self._ms365_first_day_of_week(),
        )

    def _ms365_rule_values(self):
        """Return the fields that define Odoo's rule, as plain values."""
        values = {name: self[name] for name in RULE_FIELDS}
        if self._ms365_is_stock_endless():
            values["end_type"] = "forever"
        return values | {"event_tz": self._ms365_zone()}

    def _ms365_why_inexpressible(self):
        """Return why Outlook would put this series on other days, or False."""
        if self.sudo().ms365_rule:
            return False
        contents = self._ms365_contents_by_day()
        if not contents:
            return False
        code = inexpressible(
            self._ms365_rule_values(),
            slot_day(self._ms365_master(contents).times),
            self._ms365_first_day_of_week(),
        )
        return because(OF_RULE[code]) if code else False

    def _ms365_contents_by_day(self, theirs=None):
        """Return day -> content of each occurrence that exists.

        :param theirs: Outlook's :class:`Series` that counts as agreed; by default, the
            series of the last agreement
        """
        rows = self._ms365_rows()
        agreed = theirs or self._ms365_agreed_theirs()
        of_row = {
            row: agreed.occurrence(row.ms365_day)
            if agreed and row.ms365_day in agreed.days
            else agreed and agreed.master
            for row in rows
        }
        contents = rows._ms365_read_contents(of_row)
        return {row.ms365_day: contents[row] for row in rows}

    def _ms365_read(self, base=None):
        """Return the content of this series in Odoo, None if it has no events.

        :param base: with it, only the days that its window has; else all days
        """
        return self._ms365_read_series(base and base.theirs.window)

    def _ms365_read_series(self, window=None, theirs=None):
        """Return Odoo's :class:`Series`, None if it has no events any more.

        :param window: first and last day; by default, the whole series
        :raise ValueError: Outlook cannot express its rule
        """
        self.ensure_one()
        contents = self._ms365_contents_by_day(theirs)
        if not contents:
            return None
        master = self._ms365_master(contents)
        rule = self._ms365_rule(master)
        removed = self._ms365_removed_days()
        days = {*contents, *removed}
        window = window or (min(days), max(days))
        known = {d: c for d, c in contents.items() if window[0] <= d <= window[1]}
        return Series.of(master, rule, window, known, removed)

    def _ms365_agreed_theirs(self):
        """Return Outlook's side at the last agreement, None if there was none."""
        links_sudo = self.sudo().ms365_link_ids
        base = links_sudo.filtered("is_primary")[:1]._series_base
        return base.theirs if base else None

    def _ms365_event_key(self):
        """Return under which key the outbox has edits of this series."""
        self.ensure_one()
        return SERIES_KEYS - self.id

    def _ms365_describe_rule(self, rule):
        """Return Odoo's description of a rule, without its time zone."""
        recurrence = self.new(self._ms365_rule_vals(rule))
        return recurrence.get_recurrence_name()

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _ms365_next_rows(self):
        """Return of each of these series the next event, or the last one."""
        now = fields.Datetime.now()
        found = self.env["calendar.event"]
        for recurrence in self:
            rows = recurrence._ms365_rows()
            found |= rows.filtered(lambda row: row.stop > now)[:1] or rows[-1:]
        return found

    def _ms365_invites_others(self):
        """Return True if Exchange would mail anybody about these occurrences."""
        return any(row._ms365_invites_others() for row in self._ms365_rows())

    def _ms365_goes_on_from(self):
        """Return the day from which on its occurrences are another series', or None."""
        parts = self.sudo().search([("ms365_split_from_id", "in", self.ids)])
        days = parts.filtered(lambda one: one._ms365_rows()).mapped("ms365_split_day")
        return min(days, default=None)

    def _ms365_forget_remote(self):
        """Forget Outlook's ids of these series: events in Outlook count as new."""
        self._ms365_write(
            {
                "microsoft_id": False,
                "ms_universal_event_id": False,
                "need_sync_m": False,
            }
        )
        entries = self.env["praetorx.ms365.outbox"].search(
            [("recurrence_id", "in", self.ids)]
        )
        entries.recurrence_id = False

    def _ms365_detach(self, rows):
        """Turn occurrences into events of their own, in Odoo only for now."""
        rows._ms365_write_bookkeeping(
            {
                "recurrence_id": False,
                "recurrency": False,
                "ms365_day": False,
                "ms365_sync_state": "none",
            }
        )
        self.invalidate_recordset(["calendar_event_ids"])
        if self.base_event_id in rows:
            self._ms365_write({"base_event_id": self._ms365_rows()[:1].id})

    def _ms365_store_shared(self, master):
        """Store the shared content of the rows."""
        self.sudo().ms365_shared = master.to_json()

    def _ms365_keep_shared(self, rows):
        """Store the shared content before the first row is deleted or moved.

        Unless it is stored, only the first row tells when the series begins.

        :param rows: the rows that are about to be edited or deleted
        """
        first, others = self._ms365_rows()[:1], self._ms365_rows() - rows
        if first in rows and others and not self.sudo().ms365_shared:
            self._ms365_store_shared(self._ms365_master(self._ms365_contents_by_day()))

    def _ms365_store_shared_people(self, before):
        """Store the attendees of the series after an edit of the attendees of each row.

        :param before: the shared content before the edit
        """
        contents = self._ms365_contents_by_day()
        lists = Counter(content.attendees for content in contents.values())
        [(attendees, _count)] = lists.most_common(1)
        self._ms365_store_shared(replace(before, attendees=attendees))

    def _ms365_rule_vals(self, rule):
        """Return values that make the rule of this series ``rule``."""
        vals = odoo_values_from_rule(rule)
        vals["event_tz"] = vals["event_tz"] or self._ms365_zone()
        code = why_not_expressible(rule, self._ms365_first_day_of_week())
        vals["ms365_rule"] = rule.to_json() if code else False
        return vals

    def _ms365_is_managed(self):
        """Return True if our engine syncs this series."""
        return any(
            event._ms365_is_managed()
            for event in (self.base_event_id or self.calendar_event_ids[:1])
        )

    # ------------------------------------------------------------------
    # Last date of a series without an end
    # ------------------------------------------------------------------

    def _range_calculation(self, event, duration):
        """Let an endless series have events up to the end of the organizer's window."""
        ranges = super()._range_calculation(event, duration)
        account_id = (
            self.env["praetorx.ms365.account"]._pushing_accounts().get(event.user_id.id)
        )
        if self.end_type != "forever" or not account_id:
            return ranges
        account_sudo = self.env["praetorx.ms365.account"].sudo().browse(account_id)
        _start, end = account_sudo._window()
        end = max(end, event.stop)
        return {(start, stop) for start, stop in ranges if start < end}
