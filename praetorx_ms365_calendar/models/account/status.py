"""Say how the sync of a mailbox is doing: in sentences, and as a badge."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...engine.errors import NotStored
from .account import ACCOUNT_STATES

#: Badges: off or in trouble first, then the states of connected mailboxes.
BADGES = [
    ("off", "Switched off"),
    ("paused", "Paused"),
    ("reset", "Being reset"),
    ("stopped", "Stopped"),
    ("still", "Standing still"),
    ("failing", "Trying again"),
    *ACCOUNT_STATES,
]


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    status = fields.Char(compute="_compute_status", string="Status in Words")
    badge = fields.Selection(BADGES, compute="_compute_badge")

    @api.depends("state", "enabled", "last_pull_at", "last_error", "first_pass_done_at")
    def _compute_status(self):
        for account in self:
            account.status = account._describe_status()

    @api.depends("state", "enabled", "failures", "reset_requested_at")
    def _compute_badge(self):
        for account in self:
            account.badge = account._badge()

    def _badge(self):
        """Return the badge that agrees with the status in words."""
        self.ensure_one()
        is_active = self.state == "active"
        if not self.enabled:
            return "off"
        if is_active and self.reset_requested_at:
            return "reset"
        if self._is_paused():
            return "paused"
        if not is_active:
            return self.state
        if self._cannot_be_stored():
            return "failing"
        if self._sessions_are_shared():
            return "stopped"
        if self._stands_still_since():
            return "still"
        return "failing" if self.failures else "active"

    def _describe_status(self):
        """Describe the state of the sync, and the next step if it has stopped."""
        self.ensure_one()
        env = self.env
        is_active = self.state == "active"
        if not self.enabled:
            return env._("Switched off.")
        if is_active and self.reset_requested_at:
            return env._(
                "Being reset. Deletions on their way to Outlook: %(count)s. Sign in "
                "again afterwards.",
                count=len(self._entries_of_reset()),
            )
        if self._is_paused():
            words = env._("Paused by an administrator. Your edits are kept.")
            return self._with_held_deletions(words) if is_active else words
        if not is_active:
            return self._describe_stop()
        words = self._describe_trouble() or self._with_held_deletions(
            self._describe_connection()
        )
        return " ".join(
            filter(
                None, [words, self._describe_quarantined(), self._describe_skipped()]
            )
        )

    def _describe_stop(self):
        """Say why nothing is read or sent for a mailbox that is switched on."""
        env = self.env
        match self.state:
            case "signed_out":
                return env._("Not signed in: press “Sign in” to connect your mailbox.")
            case "sign_in_again":
                return env._(
                    "Stopped: Microsoft no longer accepts this sign-in. Sign in again."
                )
            case "configuration":
                return env._(
                    "Stopped: the Azure app is not set up right (%(reason)s). "
                    "Ask your administrator.",
                    reason=self.last_error or "?",
                )
        return env._(
            "Stopped: Microsoft does not serve this mailbox (%(reason)s).",
            reason=self.last_error or "?",
        )

    def _describe_trouble(self):
        """Say why a connected mailbox makes no progress; empty if it does."""
        if self._cannot_be_stored():
            return self.env._(
                "Connected, but what Microsoft sends cannot be stored in Odoo "
                "(%(reason)s). Trying again by itself. Ask your administrator to look "
                "into the server log.",
                reason=self.last_error or "?",
            )
        if self._sessions_are_shared():
            return self.env._(
                "Stopped: the connection pooler of the database runs in transaction "
                "mode, where mailboxes cannot be locked. Ask your administrator to set "
                "it to session mode."
            )
        if since := self._stands_still_since():
            return self.env._(
                "Standing still: work has been due since %(time)s, and nothing was "
                "done. Ask your administrator whether the scheduled jobs run.",
                time=format_datetime(self.env, since),
            )
        return ""

    def _cannot_be_stored(self):
        """Return True if the last response could not be stored in Odoo."""
        return bool(self.failures) and self.failure_kind == NotStored.__name__

    def _describe_connection(self):
        """Say how fast changes arrive in a mailbox that is connected."""
        env = self.env
        if self.failures:
            return env._(
                "Connected, Microsoft does not answer at the moment. "
                "Trying again by itself; nothing is lost."
            )
        if not self.first_pass_done_at:
            return env._("Connected, reading your calendar for the first time.")
        if self.sudo().subscription_ids[:1].state == "active":
            return env._("Connected: changes arrive within seconds.")
        return env._(
            "Connected: changes in Outlook are read every 15 minutes, since Microsoft "
            "cannot notify this server."
        )

    def _with_held_deletions(self, words):
        """Add to the status that deletions wait for a decision, if some do."""
        if not self.hold_count:
            return words
        return self.env._(
            "%(status)s Many deletions are held until you decide.", status=words
        )

    def _describe_quarantined(self):
        """Say how many events Odoo cannot take for other reasons than their dates."""
        if others := self.set_aside_count - self.outside_years_count:
            return self.env._(
                "Events that are not synced, since Odoo cannot take them: %(count)s. "
                "Each is listed with its reason under “Not Understood”.",
                count=others,
            )
        return ""

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
