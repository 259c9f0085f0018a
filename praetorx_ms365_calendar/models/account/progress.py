from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import ACTIVITY_TROUBLE

#: How long work may be due while nothing of its kind is done.
STANDSTILL = timedelta(minutes=30)
#: A mailbox is read every 15 minutes. After this long without reading it stands still.
SILENCE = timedelta(hours=2)
#: When a connection pooler was last seen that shares sessions of the database.
SHARED_SESSIONS_PARAMETER = "praetorx_ms365_calendar.shared_sessions_seen_at"
SHARED_SESSIONS_KEPT = timedelta(days=1)


class PraetorxMs365Account(models.Model):
    """Find work that makes no progress, and tell an administrator."""

    _inherit = "praetorx.ms365.account"

    storing = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="What is being worked on, by kind of job: see sync/worker/attempts.py.",
    )
    turn_at = fields.Datetime(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="When work on this mailbox was last begun: who waits longest comes first.",
    )

    # ------------------------------------------------------------------
    # Standing still
    # ------------------------------------------------------------------

    def _stands_still_since(self):
        """Return the time since which due work waits without progress, or None.

        Work that goes on slowly is no standstill.
        """
        self.ensure_one()
        if self.awaits_start:
            return None  # nothing is done before the owner wants it
        limit = fields.Datetime.now() - STANDSTILL
        if self.not_before and self.not_before > limit:
            return None  # Microsoft asked for patience, or has not answered
        read_at = self._read_at()
        found = [
            due
            for due, done in (
                (self._unsent_since(), self.last_push_at),
                (self._unread_since(), read_at),
                (self._silent_since(), read_at),
            )
            if due and due < limit and (not done or done < limit)
        ]
        return min(found, default=None)

    def _unsent_since(self):
        """Return since when the oldest entry of the outbox could have been sent."""
        if self.direction == "outlook_to_odoo":
            return None
        oldest = self.env["praetorx.ms365.outbox"].search(
            Domain("account_id", "=", self.id)
            & Domain("state", "in", ["pending", "sending"])
            & Domain("not_before", "<=", fields.Datetime.now()),
            order="not_before",
            limit=1,
        )
        return oldest.not_before or None

    def _unread_since(self):
        """Return since when the mailbox is to be read.

        Notified, asked for, in the middle of a round, or with an event to read.
        """
        under_way = self.sudo().calendar_ids.filtered("round_kind")
        link = self.env["praetorx.ms365.event.link"].search(
            Domain("account_id", "=", self.id) & self._to_read(),
            order="write_date",
            limit=1,
        )
        oldest = (
            self.env["praetorx.ms365.notification"]
            .sudo()
            .search(
                Domain("account_id", "=", self.id), order="received_at, id", limit=1
            )
        )
        moments = [
            self.pull_requested_at,
            oldest.received_at,
            *under_way.mapped("write_date"),
            link.write_date,
        ]
        return min(filter(None, moments), default=None)

    @api.model
    def _to_read(self):
        """Return the domain of links that must be read now."""
        now = fields.Datetime.now()
        return (
            Domain("needs_read", "=", True)
            & Domain("remote_id", "!=", False)
            & (
                Domain("read_not_before", "=", False)
                | Domain("read_not_before", "<=", now)
            )
        )

    def _silent_since(self):
        """Return since when nobody has asked for the mailbox, None if it is not long.

        Then nothing is due, and yet all is not well: the job that asks does not run.
        """
        is_long = (
            self.last_pull_at and self.last_pull_at < fields.Datetime.now() - SILENCE
        )
        return self.last_pull_at if is_long else None

    def _read_at(self):
        """Return when a page, or an event that was read, was last stored."""
        read = self.env["praetorx.ms365.sync.log"].sudo()
        read = read.search(
            Domain("account_id", "=", self.id) & Domain("direction", "=", "pull"),
            order="id desc",
            limit=1,
        )
        moments = [
            self.last_pull_at,
            read.create_date,
            *self.sudo().calendar_ids.mapped("write_date"),
        ]
        return max(filter(None, moments), default=None)

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    @api.model
    def _sessions_are_shared(self):
        """Return True if a pooler that shares sessions was seen of late."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        seen_at = fields.Datetime.to_datetime(
            parameters_sudo.get_param(SHARED_SESSIONS_PARAMETER) or None
        )
        return bool(seen_at and seen_at > fields.Datetime.now() - SHARED_SESSIONS_KEPT)

    @api.model
    def _watch_progress(self):
        """Tell of mailboxes that stand still, and withdraw it when they go on."""
        if self._is_paused():
            return
        told = self._with_trouble_told()
        for account in told | self._with_late_work():
            if since := account._stands_still_since():
                account._tell_trouble(
                    self.env._(
                        "The calendar of %(name)s stands still: work has been due "
                        "since %(time)s UTC, and nothing was done. Check that the "
                        "scheduled jobs run, and that no connection pooler shares "
                        "sessions (see the configuration notes).",
                        name=account.user_id.name,
                        time=since,
                    )
                )
            elif account in told and not account.failures:
                account.activity_unlink([ACTIVITY_TROUBLE])

    def _with_trouble_told(self):
        """Return the mailboxes that an administrator was told about."""
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search(
                Domain("res_model", "=", self._name)
                & Domain("activity_type_id", "=", self.env.ref(ACTIVITY_TROUBLE).id)
            )
        )
        return self.browse(activities.mapped("res_id")).exists()

    def _with_late_work(self):
        """Return the mailboxes with work that is due for long, found with one query."""
        self.env.flush_all()
        return self.browse(
            account_id
            for [account_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT account.id
                      FROM praetorx_ms365_account account
                     WHERE account.enabled
                       AND account.state = 'active'
                       AND (account.pull_requested_at < %(limit)s
                            OR account.last_pull_at < %(silent)s
                            OR EXISTS (SELECT FROM praetorx_ms365_calendar calendar
                                        WHERE calendar.account_id = account.id
                                          AND calendar.round_kind IS NOT NULL
                                          AND calendar.write_date < %(limit)s)
                            OR EXISTS (SELECT FROM praetorx_ms365_event_link link
                                        WHERE link.account_id = account.id
                                          AND link.needs_read
                                          AND link.remote_id IS NOT NULL
                                          AND link.write_date < %(limit)s)
                            OR EXISTS (SELECT FROM praetorx_ms365_notification n
                                        WHERE n.account_id = account.id
                                          AND n.received_at < %(limit)s)
                            OR EXISTS (SELECT FROM praetorx_ms365_outbox entry
                                        WHERE entry.account_id = account.id
                                          AND entry.state IN ('pending', 'sending')
                                          AND entry.not_before < %(limit)s))
                    """,
                    limit=fields.Datetime.now() - STANDSTILL,
                    silent=fields.Datetime.now() - SILENCE,
                )
            )
        )
