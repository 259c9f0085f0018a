"""Say how the sync of a mailbox is doing: a level, a badge and sentences.

All of them come from `engine/health.py`. This file collects the facts for many
mailboxes at once, and has the words.
"""

from dataclasses import astuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ...engine.errors import NotStored
from ...engine.health import Facts, Health, assess, severity
from ...wording import STATUS, say

#: The state of an account, as the causes of ``engine/health.py`` name it.
BADGES = [
    ("sign_in_again", "Sign-in needed"),
    ("configuration", "Set-up needed"),
    ("unavailable", "Mailbox not available"),
    ("never_connected", "Not connected yet"),
    ("not_stored", "Cannot be stored"),
    ("stopped", "Stopped"),
    ("still", "Standing still"),
    ("failed", "Failed"),
    ("signed_out", "Not signed in"),
    ("awaits_start", "Not started yet"),
    ("change_waits", "Change waits"),
    ("paused", "Paused"),
    ("failing", "Trying again"),
    ("delayed", "Waits after an error"),
    ("conflicts", "Conflict"),
    ("holds", "Deletions held"),
    ("approvals", "Approval needed"),
    ("permission", "Permission needed"),
    ("calendars", "Calendar stopped"),
    ("set_aside", "Not understood"),
    ("differences", "Differences"),
    ("reset", "Being reset"),
    ("connecting", "Connecting"),
    ("reading", "First reading"),
    ("polled", "Connected, every 15 minutes"),
    ("active", "Connected"),
    ("off", "Switched off"),
]
HEALTH = [
    ("trouble", "Stopped or failed"),
    ("attention", "Needs attention"),
    ("working", "In progress"),
    ("ok", "In order"),
    ("off", "Switched off"),
]
#: Cause -> its reason if Microsoft has not said another one.
REASONS = {
    "configuration": "app_wrong",
    "unavailable": "no_access",
    "never_connected": "microsoft_busy",
}
#: Stored fields that decide about the status.
_DECIDES_HEALTH = (
    "enabled",
    "state",
    "failures",
    "failure_kind",
    "last_error",
    "last_pull_at",
    "mailbox_id",
    "first_pass_done_at",
    "reset_requested_at",
    "awaits_start",
)
#: Computed fields that are found, sorted and grouped by a value for each account.
_COMPUTED = ("health", "badge", "severity")


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    health_parts = fields.Json(
        compute="_compute_health_parts",
        help="Level, cause and number of each part of the status, the worst first.",
    )
    status = fields.Char(compute="_compute_status", string="Status in Words")
    health = fields.Selection(
        HEALTH, compute="_compute_health", search="_search_health"
    )
    badge = fields.Selection(BADGES, compute="_compute_health", search="_search_badge")
    severity = fields.Integer(
        compute="_compute_health", help="Higher for a mailbox in worse trouble."
    )
    to_do_count = fields.Integer(
        compute="_compute_health", help="How many things wait for a person."
    )

    @api.depends("health_parts")
    @api.depends_context("uid", "lang", "tz")
    def _compute_status(self):
        for account in self:
            account.status = account._describe(account._parts())

    @api.depends("health_parts")
    def _compute_health(self):
        for account in self:
            parts = account._parts()
            account.health = parts[0].level
            account.badge = parts[0].cause
            account.severity = severity(parts[0].cause)
            account.to_do_count = sum(part.count for part in parts)

    @api.depends(*_DECIDES_HEALTH)
    def _compute_health_parts(self):
        facts = self._health_facts()
        for account in self:
            account.health_parts = [astuple(part) for part in assess(facts[account])]

    def _parts(self):
        """Return the parts of the status, the worst first."""
        return [Health(*part) for part in self.health_parts]

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    def _health_facts(self):
        """Return ``{account: facts}``, read for all of them together."""
        is_paused = self._is_paused()
        shares_sessions = self._sessions_are_shared()
        still = () if is_paused else self._standing_still()
        differences = self._count("difference", Domain("state", "=", "shown"))
        return {
            account: Facts(
                enabled=account.enabled,
                state=account.state,
                is_connected=bool(account.mailbox_id),
                is_read=bool(account.first_pass_done_at),
                is_polled=account.sudo().subscription_ids._is_refused(),
                is_reset=bool(account.reset_requested_at),
                awaits_start=account.awaits_start,
                change_waits=account.sudo()._waiting_change().state == "ready",
                is_paused=is_paused,
                cannot_be_stored=account._cannot_be_stored(),
                shares_sessions=shares_sessions,
                stands_still=account in still,
                needs_permission=account.needs_shared_scope,
                failures=account.failures,
                failed=account.dead_letter_count,
                delayed=account.late_count,
                conflicts=account.conflict_count,
                holds=account.hold_count,
                approvals=account.approval_count,
                calendars=len(account.sudo().calendar_ids._in_trouble()),
                set_aside=account.set_aside_count - account.outside_years_count,
                differences=differences.get(account, 0),
            )
            for account in self
        }

    def _standing_still(self):
        """Return ``{account: since when}`` of those that make no progress."""
        active = self.filtered(lambda one: one.enabled and one.state == "active")
        late = active if len(active) <= 1 else active & self._with_late_work()
        return {
            account: since
            for account in late
            if (since := account._stands_still_since())
        }

    def _cannot_be_stored(self):
        """Return True if the last response could not be stored in Odoo."""
        return bool(self.failures) and self.failure_kind == NotStored.__name__

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    @api.model
    def _search_health(self, operator, value):
        return self._search_assessed("health", operator, value)

    @api.model
    def _search_badge(self, operator, value):
        return self._search_assessed("badge", operator, value)

    @api.model
    def _search_assessed(self, name, operator, values):
        """Return the domain of accounts with one of these values."""
        if operator != "in":
            return NotImplemented
        accounts = self.search(Domain.TRUE)
        return Domain(
            "id", "in", accounts.filtered(lambda one: one[name] in values).ids
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists sort and group by what is computed for each account.

        There is one rule, in Python. So the values come from there, and not from SQL.
        """
        if field_expr not in _COMPUTED:
            return super()._field_to_sql(alias, field_expr, query)
        accounts = self.search(Domain.TRUE, order="id")
        is_number = self._fields[field_expr].type == "integer"
        return SQL(
            "(%(values)s::%(type)s[])[array_position(%(ids)s::int[], %(id)s)]",
            values=[account[field_expr] for account in accounts],
            type=SQL("int") if is_number else SQL("varchar"),
            ids=accounts.ids,
            id=SQL.identifier(alias, "id"),
        )

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _describe(self, parts):
        """Describe the state of the sync, and the next step if somebody must act."""
        self.ensure_one()
        words = [self._words_of(part) for part in parts]
        if self.enabled and self.state == "active" and not self.reset_requested_at:
            words.append(self._describe_skipped())
        return " ".join(filter(None, words))

    def _words_of(self, part):
        """Return the sentences about one part of the status."""
        key, facts = part.cause, {"count": part.count}
        match key:
            case "not_stored":
                return self._why_failing("not_stored")
            case "configuration" | "unavailable" | "never_connected":
                facts["why"] = self._why_failing(REASONS[key])
            case "still":
                since = self._stands_still_since()
                facts["time"] = format_datetime(self.env, since)
            case "delayed":
                next_at = self._late_entries()[:1].not_before
                facts["time"] = next_at and format_datetime(self.env, next_at)
            case "signed_out" if question := self._open_question():
                key = "question"
                facts["mailbox"] = question.address or "?"
            case "reset":
                facts["count"] = len(self._entries_of_reset())
            case "active" if self.sudo().subscription_ids.state == "active":
                key = "notified"
        return say(self.env, STATUS[key], self.user_id, **facts)

    def _describe_skipped(self):
        """Say how many events are not in Odoo because of their dates."""
        words = []
        if self.without_dates_count:
            words.append(
                self.env._(
                    "Series in Outlook without a date in the synced window: %(count)s. "
                    "They come to Odoo as soon as one of their dates does.",
                    count=self.without_dates_count,
                )
            )
        if self.outside_years_count:
            words.append(
                self.env._(
                    "Events in Outlook that are left out, since Odoo cannot show the "
                    "years in which they begin or end: %(count)s. Each is listed with "
                    "its year under “Not Understood”.",
                    count=self.outside_years_count,
                )
            )
        return " ".join(words)
