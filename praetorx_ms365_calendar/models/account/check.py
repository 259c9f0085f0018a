"""The self-check: once a day both sides of a mailbox are compared by content."""

from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from ...const import OPEN_DIFFERENCES

DAILY = timedelta(days=1)
#: Mailboxes are checked at different hours.
HOURS = 24


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    check_due_at = fields.Datetime(
        index="btree_not_null", help="When both sides are compared next."
    )
    check_number = fields.Integer(help="How many checks were begun.")
    check_state = fields.Json(
        groups=fields.NO_ACCESS, copy=False, help="How far the present check is."
    )
    checked_at = fields.Datetime("Compared at", readonly=True)
    checked_event_count = fields.Integer("Compared Events", readonly=True)
    check_found_count = fields.Integer("Differences Found", readonly=True)
    check_summary = fields.Char("Self-Check", compute="_compute_check_summary")
    difference_count = fields.Integer(
        "Differences", compute="_compute_difference_count"
    )

    @api.depends("checked_at", "checked_event_count", "check_found_count")
    @api.depends_context("lang", "tz")
    def _compute_check_summary(self):
        """Describe the time and the result of the last comparison of both sides."""
        for account in self:
            account.check_summary = account._describe_check()

    def _describe_check(self):
        if not self.checked_at:
            return self.env._("Not checked yet")
        tz = self.env.user.tz or "UTC"
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        checked = fields.Datetime.context_timestamp(self, self.checked_at)
        if checked.date() == now.date():
            time = format_time(self.env, checked.time(), time_format="short")
            when = self.env._("today %(time)s", time=time)
        else:
            when = format_datetime(self.env, self.checked_at, tz=tz, dt_format="short")
        if self.check_found_count:
            return self.env._(
                "Checked %(when)s. Events: %(count)s, differences: %(found)s",
                when=when,
                count=self.checked_event_count,
                found=self.check_found_count,
            )
        if self.difference_count:
            return self.env._(
                "Checked %(when)s. Events: %(count)s, no new difference",
                when=when,
                count=self.checked_event_count,
            )
        return self.env._(
            "Checked %(when)s. Events: %(count)s, no difference",
            when=when,
            count=self.checked_event_count,
        )

    def _compute_difference_count(self):
        counts = dict(
            self.env["praetorx.ms365.difference"]._read_group(
                Domain("account_id", "in", self.ids)
                & Domain("state", "in", OPEN_DIFFERENCES),
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.difference_count = counts.get(account, 0)

    def action_open_differences(self) -> dict[str, Any]:
        """Open the differences in these mailboxes."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "praetorx_ms365_calendar.praetorx_ms365_difference_action"
        )
        return action | {"domain": [("account_id", "in", self.ids)]}

    def action_check_now(self) -> dict[str, Any]:
        """Compare both sides as soon as a worker has time."""
        self.check_access("read")
        self.sudo().write({"check_due_at": fields.Datetime.now()})
        self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()
        return self._notify_user(self.env._("The comparison has begun."))

    # ------------------------------------------------------------------
    # Its steps: each in the transaction of a page
    # ------------------------------------------------------------------

    @api.model
    def _plan_checks(self):
        """Give each mailbox its hour, and wake the puller where it has come."""
        new = self.search(
            Domain("check_due_at", "=", False)
            & Domain("first_pass_done_at", "!=", False)
        )
        for account in new:
            hours = timedelta(hours=1 + account.id % HOURS)
            account.check_due_at = fields.Datetime.now() + hours
        due = Domain("check_due_at", "<=", fields.Datetime.now())
        active = Domain("state", "=", "active") & Domain("enabled", "=", True)
        if self.search_count(due & active, limit=1):
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull")._trigger()

    def _begin_check(self):
        calendars = self.calendar_ids.filtered(lambda one: one._can_be_checked())
        self.write(
            {
                "check_number": self.check_number + 1,
                "check_state": {
                    "calendars": calendars.ids,
                    "started": fields.Datetime.to_string(fields.Datetime.now()),
                    "count": 0,
                    "found": 0,
                    "series": [],
                },
            }
        )

    def _calendar_to_check(self):
        """Return the next calendar to compare, empty if all were compared."""
        ids = self.check_state.get("calendars") or []
        calendars = self.env["praetorx.ms365.calendar"].browse(ids).exists()
        return calendars.filtered(lambda one: one._can_be_checked())[:1]

    def _page_is_checked(self, count, found, series_ids, next_link):
        state = self.check_state
        self.check_state = {
            **state,
            "count": state["count"] + count,
            "found": state["found"] + found,
            "series": sorted(series_ids),
            "next": next_link,
        }

    def _calendar_is_checked(self):
        """Go on with the next calendar, or end the check."""
        state = self.check_state
        current = self._calendar_to_check().id
        left = [one for one in state["calendars"] if one != current]
        self.check_state = {**state, "calendars": left, "next": None}
        if not left:
            self._end_check()

    def _end_check(self):
        state = self.check_state
        started = fields.Datetime.to_datetime(state["started"])
        self.write(
            {
                "check_state": False,
                "check_due_at": max(started + DAILY, fields.Datetime.now()),
                "checked_at": fields.Datetime.now(),
                "checked_event_count": state["count"],
                "check_found_count": state["found"],
            }
        )
