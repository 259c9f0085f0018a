from datetime import timedelta
from functools import partial
from typing import Any

from psycopg2 import OperationalError

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, str2bool

from ...engine.delta import window_bounds
from ...engine.plan import pushes
from ...sync.pull.work import PullWork
from ...sync.push.work import PushWork
from ...sync.worker.commit_retry import commit_step
from ...sync.worker.muted_sql_log import muted_sql_log
from ...sync.worker.runner import MailboxRunner

#: A pull that somebody asks for by looking at the calendar is not repeated sooner.
FRESH_SECONDS = 20
#: Mailboxes without a notification for this long are polled.
POLL_INTERVAL = timedelta(minutes=15)

ACCOUNT_STATES = [
    ("signed_out", "Not signed in"),
    ("active", "Connected"),
    ("sign_in_again", "Sign-in needed"),
    ("configuration", "Set-up needed"),
    ("unavailable", "Mailbox not available"),
]

#: What people may write of an account; all else is the sync's, which is sudo.
CHOICES = frozenset({"days_back", "days_ahead", "calendar_ids"})


class PraetorxMs365Account(models.Model):
    """The connection of one user to one Microsoft 365 mailbox."""

    _name = "praetorx.ms365.account"
    _description = "Microsoft 365 Account"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="user_id.company_id", store=True, string="Main Company"
    )
    state = fields.Selection(
        ACCOUNT_STATES, default="signed_out", required=True, readonly=True
    )
    enabled = fields.Boolean(compute="_compute_enabled", store=True)
    direction = fields.Selection(related="user_id.ms365_sync_direction", store=True)
    own_window = fields.Boolean(
        readonly=True, help="The person has chosen a window; else the company's counts."
    )
    days_back = fields.Integer(
        compute="_compute_window",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="How far back events are synced, in days.",
    )
    days_ahead = fields.Integer(
        compute="_compute_window",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="How far ahead events are synced, in days.",
    )

    needs_connect = fields.Boolean(
        default=True, readonly=True, help="Ask whose mailbox it is before all else."
    )
    mailbox_id = fields.Char(readonly=True, copy=False)
    mailbox_address = fields.Char(readonly=True, copy=False)
    teams_available = fields.Boolean(readonly=True, copy=False)
    calendar_ids = fields.One2many("praetorx.ms365.calendar", "account_id")
    link_ids = fields.One2many("praetorx.ms365.event.link", "account_id")
    subscription_ids = fields.One2many("praetorx.ms365.subscription", "account_id")

    not_before = fields.Datetime(
        readonly=True, help="Microsoft asked us to wait until then."
    )
    failures = fields.Integer(
        readonly=True, help="Failures of one kind since the last answer."
    )
    failure_kind = fields.Char(readonly=True)
    last_error = fields.Char(readonly=True)
    pull_requested_at = fields.Datetime(readonly=True)
    last_pull_at = fields.Datetime(readonly=True)
    last_push_at = fields.Datetime(readonly=True)
    last_notification_at = fields.Datetime(readonly=True)
    first_pass_done_at = fields.Datetime(readonly=True)
    series_pass_due = fields.Boolean(
        readonly=True, help="Series are sent once those of Outlook have been read."
    )
    ask_before_push = fields.Boolean(
        readonly=True, help="Another mailbox than before: nothing is copied unasked."
    )

    status = fields.Char(compute="_compute_status", string="Status in Words")
    waiting_event_count = fields.Integer(compute="_compute_waiting")
    waiting_mail_count = fields.Integer(compute="_compute_waiting")
    outbox_count = fields.Integer(compute="_compute_counts")
    dead_letter_count = fields.Integer(compute="_compute_counts")
    conflict_count = fields.Integer(compute="_compute_counts")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _user_unique = models.Constraint(
        "UNIQUE (user_id)", "This user has a Microsoft 365 account already."
    )
    _mailbox_unique = models.UniqueIndex(
        "(mailbox_id) WHERE mailbox_id IS NOT NULL",
        "This mailbox is connected to another user.",
    )
    _window_days = models.Constraint(
        "CHECK (days_back BETWEEN 0 AND 900 AND days_ahead BETWEEN 1 AND 900)",
        "The window may reach from 0 to 900 days back and from 1 to 900 days ahead.",
    )
    _pull_requested_idx = models.Index(
        "(pull_requested_at) WHERE pull_requested_at IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # What a person sees
    # ------------------------------------------------------------------

    @api.depends("user_id.ms365_sync_enabled", "user_id.active", "user_id.share")
    def _compute_enabled(self):
        """Tell whether it is switched on, by somebody who is an internal user still."""
        for account in self:
            user_sudo = account.user_id.sudo()
            is_internal = user_sudo.active and not user_sudo.share
            account.enabled = user_sudo.ms365_sync_enabled and is_internal
        self._clear_account_cache()

    @api.depends("state", "enabled", "last_pull_at", "last_error", "first_pass_done_at")
    def _compute_status(self):
        for account in self:
            account.status = account._describe_status()

    def _describe_status(self):
        """Say in one sentence what the sync does, and what to do if it does not."""
        self.ensure_one()
        env = self.env
        if not self.enabled:
            return env._("Switched off.")
        if self._is_paused():
            return env._("Paused by an administrator. Your edits are kept.")
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
            case "unavailable":
                return env._(
                    "Stopped: Microsoft does not serve this mailbox (%(reason)s).",
                    reason=self.last_error or "?",
                )
        if self.failures:
            return env._(
                "Connected, Microsoft does not answer at the moment. "
                "Trying again by itself; nothing is lost."
            )
        if not self.first_pass_done_at:
            return env._("Connected, reading your calendar for the first time.")
        subscription = self.sudo().subscription_ids[:1]
        if subscription.state == "active":
            return env._("Connected: changes arrive within seconds.")
        return env._(
            "Connected: changes in Outlook are read every 15 minutes, since Microsoft "
            "cannot notify this server."
        )

    @api.depends(
        "own_window",
        "user_id.company_id.ms365_days_back",
        "user_id.company_id.ms365_days_ahead",
    )
    def _compute_window(self):
        for account in self:
            source = account if account.own_window else account.user_id.company_id
            account.update(source._ms365_window())

    def _ms365_window(self):
        return {"days_back": self.days_back, "days_ahead": self.days_ahead}

    def _compute_waiting(self):
        for account in self:
            events = account._events_awaiting_consent()
            account.waiting_event_count = len(events)
            account.waiting_mail_count = sum(
                len(content.attendees)
                for content in events._ms365_read_contents().values()
            )

    def _compute_counts(self):
        outbox = dict(
            self.env["praetorx.ms365.outbox"]._read_group(
                Domain("account_id", "in", self.ids)
                & Domain("state", "in", ["pending", "sending"]),
                ["account_id"],
                ["__count"],
            )
        )
        dead = dict(
            self.env["praetorx.ms365.outbox"]._read_group(
                Domain("account_id", "in", self.ids) & Domain("state", "=", "dead"),
                ["account_id"],
                ["__count"],
            )
        )
        conflicts = dict(
            self.env["praetorx.ms365.conflict"]._read_group(
                Domain("account_id", "in", self.ids) & Domain("state", "=", "open"),
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.outbox_count = outbox.get(account, 0)
            account.dead_letter_count = dead.get(account, 0)
            account.conflict_count = conflicts.get(account, 0)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for account in self:
            account.is_mine = account.user_id == self.env.user

    @api.model
    def action_open_mine(self) -> dict[str, Any]:
        """Open the user's own connection, or the preferences if there is none yet."""
        account = self.search([("user_id", "=", self.env.uid)])
        if not account:
            return self.action_open_preferences()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Connection"),
            "res_model": self._name,
            "res_id": account.id,
            "views": [(False, "form")],
        }

    def action_open_preferences(self) -> dict[str, Any]:
        """Open the preferences, where each user switches the sync on and signs in."""
        return self.env.user.action_get() | {"res_id": self.env.uid}

    def action_sync_now(self) -> dict[str, Any]:
        """Wake the workers for these mailboxes; what Microsoft asked for is kept."""
        self.check_access("read")
        self.sudo()._request_pull(fresh_seconds=0)
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()
        stopped = self.filtered(
            lambda account: account.state != "active" or account.failures
        )
        if stopped:
            return self._notify_user(stopped[0].status, kind="warning")
        return self._notify_user(self.env._("Sync started."))

    def action_push_waiting(self) -> dict[str, Any]:
        """The user's word: send the meetings from before the switch, mails and all."""
        self.ensure_one()
        self.check_access("read")
        account_sudo = self.sudo()
        if account_sudo.user_id != self.env.user:
            raise UserError(
                self.env._("Only the owner of the calendar can send these invitations.")
            )
        events = account_sudo._events_awaiting_consent()
        account_sudo.ask_before_push = False
        self.env["praetorx.ms365.outbox"].sudo()._enqueue_upserts(
            events, noted_late=True
        )
        return self._notify_user(
            self.env._(
                "Meetings on their way to Outlook: %(count)s.", count=len(events)
            )
        )

    def action_resync(self) -> None:
        """Read the whole window again: links are kept, nothing is mailed."""
        self.check_access("write")
        # The puller may have a page at hand: it restarts the round itself.
        self.sudo().calendar_ids.restart_requested = True
        self.sudo()._request_pull(fresh_seconds=0)

    def _notify_user(self, message, kind="success"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # ------------------------------------------------------------------
    # Who takes part
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _pushing_accounts(self):
        """Return ``{user id: account id}`` of the calendars whose edits go to Outlook.

        A mailbox that waits for a new sign-in is among them: its edits are kept.
        """
        accounts = self.sudo().search(
            Domain("enabled", "=", True)
            & Domain("state", "!=", "signed_out")
            & Domain("direction", "!=", "outlook_to_odoo")
        )
        return {account.user_id.id: account.id for account in accounts}

    def _is_ready(self):
        """Tell whether what is noted down for this mailbox is sent now."""
        self.ensure_one()
        return self.enabled and self.state == "active"

    def write(self, vals):
        if not self.env.su and not vals.keys() <= CHOICES:
            raise AccessError(
                self.env._("Only the owner of the calendar can decide this.")
            )
        if vals.keys() & {"days_back", "days_ahead"}:
            vals = {"own_window": True, **vals}
        changed = any(
            account[name] != vals[name]
            for account in self
            for name in vals.keys() & {"state", "mailbox_address", "other_addresses"}
        )
        result = super().write(vals)
        if changed:
            self._clear_account_cache()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self._clear_account_cache()
        return accounts

    def unlink(self):
        self._clear_account_cache()
        return super().unlink()

    @api.model
    def _clear_account_cache(self):
        """Drop what is cached of the accounts, now and once more after the commit.

        In between, another thread of this process may have cached the old state again.
        """
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    def _events_awaiting_consent(self):
        """Meetings from before the switch which Exchange would mail others about."""
        self.ensure_one()
        if not self.first_pass_done_at:
            return self.env["calendar.event"]
        unlinked = self._unlinked_events() | self._unlinked_series()
        if self.ask_before_push:
            return unlinked
        now = fields.Datetime.now()
        awaiting = self.link_ids.filtered("awaits_word")
        edited = awaiting._one_event()
        return (unlinked | edited).filtered(
            lambda event: event.stop > now and event._ms365_invites_others()
        )

    def _unlinked_events(self):
        """Single events of this organizer inside the window that Outlook lacks."""
        self.ensure_one()
        start, end = self._window()
        return (
            self.env["calendar.event"]
            .sudo()
            .search(
                Domain("user_id", "=", self.user_id.id)
                & Domain("recurrency", "=", False)
                & Domain("stop", ">=", start)
                & Domain("start", "<", end)
                & Domain("ms365_sync_state", "=", "none")
                & Domain("ms365_link_ids", "=", False)
            )
        )

    # ------------------------------------------------------------------
    # Connection
    # ------------------------------------------------------------------

    @api.model
    def _ensure(self, user):
        """Return the account of ``user``, made if there was none.

        :raise UserError: a portal or public user has none
        """
        account = self.search([("user_id", "=", user.id)])
        if not account:
            user._ms365_check_internal()
            account = self.create({"user_id": user.id})
        return account

    def _signed_in(self):
        """The user has just signed in: forget old errors and start."""
        had_stopped = self.filtered(lambda account: account.state == "signed_out")
        self.write(
            {
                "state": "active",
                "needs_connect": True,
                "failures": 0,
                "not_before": False,
                "last_error": False,
            }
        )
        for account in had_stopped:
            account._resume_pushing()
        self._request_pull(fresh_seconds=0)
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")._trigger()

    def _connected(self, *, mailbox_id, address, calendar_id, name, teams_available):
        """Remember which mailbox answered; another one than before starts anew."""
        self.ensure_one()
        if self.mailbox_id and self.mailbox_id != mailbox_id:
            self._forget_mailbox()
        self._remember_addresses({"mail": address})
        self.write(
            {
                "needs_connect": False,
                "mailbox_id": mailbox_id,
                "teams_available": teams_available,
            }
        )
        if not self.calendar_ids:
            self.env["praetorx.ms365.calendar"].create(
                {
                    "account_id": self.id,
                    "remote_id": calendar_id,
                    "name": name,
                    "is_default": True,
                }
            )
        self.calendars_read_at = False
        self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")._trigger()

    def _forget_mailbox(self):
        """Another mailbox takes the place of this one: nothing of it is carried over.

        What was still to be sent is shown as failed: in the new mailbox it would be
        new meetings, with invitations, which nobody has asked for.
        """
        self.ensure_one()
        entries = self.env["praetorx.ms365.outbox"].search(
            [
                ("account_id", "=", self.id),
                ("state", "in", ["pending", "sending", "held"]),
            ]
        )
        self.link_ids.filtered("is_primary")._all_events()._ms365_write_bookkeeping(
            {"ms365_sync_state": "none", "ms_change_key": False}
        )
        entries.write(
            {
                "state": "dead",
                "reason": self.env._("The user has signed in to another mailbox."),
            }
        )
        entries.event_id._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        self.link_ids.unlink()
        self.calendar_ids.unlink()
        self.write(
            {
                "first_pass_done_at": False,
                "ask_before_push": True,
                "mailbox_address": False,
                "other_addresses": False,
            }
        )

    def _switched_off(self):
        """Let other mailboxes carry on the meetings; show what nobody carries."""
        self.link_ids.filtered(
            lambda link: link.is_primary and link._is_linked()
        )._move_primary_elsewhere()

    def _resume_pushing(self):
        """Take the own meetings back, and find out what was done meanwhile.

        Edits and deletions are known from the links. What was made, on either side, is
        found when the whole window has been read. What others are invited to waits for
        the user's word: Exchange would mail them.
        """
        self.ensure_one()
        self.calendar_ids.restart_requested = True
        self.link_ids.filtered(
            lambda link: link._is_linked() and link.state in ("synced", "conflict")
        )._resume_links()
        self._resume_deletions()

    def _resume_deletions(self):
        """Send deletions that nobody has sent; those that would mail are asked about.

        The deletion of a meeting with others is shown as a conflict: to keep Odoo's
        side of it sends the cancellations.
        """
        Outbox = self.env["praetorx.ms365.outbox"]
        self.link_ids._make_deleted_primary()
        deleted = self.link_ids.filtered(
            lambda link: (
                link.state == "deleted_here" and link.is_primary and link.remote_id
            )
        )
        on_their_way = Outbox.search(
            [
                ("link_id", "in", deleted.ids),
                ("operation", "=", "delete"),
                ("state", "!=", "done"),
            ]
        ).link_id
        for link in deleted - on_their_way:
            theirs = link._theirs()
            if link.is_organizer and theirs and link._deletion_mails_nobody():
                Outbox._enqueue_delete_of(link)
            elif theirs:
                link._dispute_deletion(
                    ours=None, theirs=theirs, change_key=link.change_key
                )

    def _direction_changed(self):
        """Find out what the other direction has left out until now."""
        self._show_unsent()
        for account in self.filtered("enabled"):
            if account.state != "signed_out" and pushes(account.direction):
                account._resume_pushing()
            else:
                account.calendar_ids.restart_requested = True
        self._request_pull(fresh_seconds=0)

    def _show_unsent(self):
        """What waits for a mailbox that is no longer written to says so."""
        entries = self.env["praetorx.ms365.outbox"].search(
            [
                ("account_id", "in", self.ids),
                ("account_id.direction", "=", "outlook_to_odoo"),
                ("state", "in", ["pending", "sending", "held"]),
            ]
        )
        reason = self.env._("Not sent: the sync direction is Outlook to Odoo only.")
        entries.write({"state": "dead", "reason": reason})
        entries.event_id._ms365_show_state("error")
        self.calendar_ids._stop_sending()

    def _request_pull(self, fresh_seconds=FRESH_SECONDS):
        """Ask the puller for these mailboxes, unless they were read just now."""
        now = fields.Datetime.now()
        due = self.filtered(
            lambda account: (
                account.enabled
                and account.state == "active"
                and not (
                    fresh_seconds
                    and account.last_pull_at
                    and (now - account.last_pull_at).total_seconds() < fresh_seconds
                )
            )
        )
        if due:
            due.filtered(lambda account: not account.pull_requested_at)._record_request(
                now
            )
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    def _record_request(self, now):
        """Note down that these mailboxes are to be read.

        The puller writes the same rows all the time. Where it is faster, the request is
        a row of its own, so that neither a person nor a cron has to wait or try again.
        """
        self.flush_recordset(["pull_requested_at"])
        new = self.filtered(lambda account: not account.pull_requested_at)
        try:
            with muted_sql_log(), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        """UPDATE praetorx_ms365_account
                              SET pull_requested_at = %s
                            WHERE id IN (SELECT id FROM praetorx_ms365_account
                                          WHERE id = ANY(%s)
                                            FOR NO KEY UPDATE NOWAIT)""",
                        now,
                        new.ids,
                    )
                )
        except OperationalError:
            self.env["praetorx.ms365.notification"]._store(
                [(account.id, None, "missed", None) for account in new]
            )
        new.invalidate_recordset(["pull_requested_at"])

    def _window(self):
        """Return the bounds of what is synced, naive UTC."""
        self.ensure_one()
        return window_bounds(fields.Datetime.now(), self.days_back, self.days_ahead)

    def _delete_policy(self):
        """Return what deleting an event in Odoo does to Outlook: the company's word."""
        return self.company_id.ms365_delete_policy or "delete"

    def _default_calendar(self):
        """Return the mailbox's default calendar, which new events go to."""
        return self.calendar_ids.filtered("is_default")[:1]

    def _first_pass(self):
        """The whole window has been read: send what nobody else is invited to.

        Meetings with other people wait for the user's word: Exchange would mail them.
        """
        self.ensure_one()
        if not self.first_pass_done_at:
            self.first_pass_done_at = fields.Datetime.now()
        if self.ask_before_push:
            return  # the calendar of another mailbox is not copied unasked
        alone = self._unlinked_events().filtered(
            lambda event: not event._ms365_invites_others()
        )
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(alone)
        self.series_pass_due = True
        self._series_pass()

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _is_paused(self):
        """Tell whether an administrator has paused all syncing in the settings."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return str2bool(
            parameters_sudo.get_param("microsoft_calendar_sync_paused"), default=False
        )

    @api.model
    def _cron_pull(self):
        """Read the mailboxes that were notified or asked for, page by page."""
        if self._is_paused():
            return
        work_left = MailboxRunner(self.env, PullWork(self.env)).run()
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_pull")
        if work_left:
            cron._trigger()
        # The dispatcher may have waited for mailboxes that were at hand here.
        if PushWork(self.env).due_account_ids([]):
            self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")._trigger()
        active = Domain("state", "=", "active") & Domain("enabled", "=", True)
        waits = Domain("not_before", ">", fields.Datetime.now())
        waiting = self.search(active & waits, order="not_before", limit=1)
        calendar = self.env["praetorx.ms365.calendar"].search(
            Domain("account_id", "any", active) & Domain("restarts", ">", 0) & waits,
            order="not_before",
            limit=1,
        )
        moments = [one.not_before for one in (waiting, calendar) if one]
        looks = Domain("look_again_at", "!=", False)
        if looking := self.search(active & looks, order="look_again_at", limit=1):
            moments.append(looking.look_again_at)
        unread = Domain("account_id", "any", active) & Domain("needs_read", "=", True)
        unread &= Domain("read_not_before", ">", fields.Datetime.now())
        link = self.env["praetorx.ms365.event.link"].search(
            unread & Domain("remote_id", "!=", False), order="read_not_before", limit=1
        )
        moments += link.mapped("read_not_before")
        if moments:
            cron._ms365_wake_at(min(moments))

    @api.model
    def _cron_delta_poll(self):
        """The net: read mailboxes that Graph has not notified about for a while."""
        if self._is_paused():
            return
        now = fields.Datetime.now()
        stop_waiting = partial(self.env["praetorx.ms365.event.link"]._stop_waiting, now)
        commit_step(self.env, "a mailbox in trouble", self._look_again)
        commit_step(self.env, "a copy without its meeting", stop_waiting)
        commit_step(self.env, "a mailbox without progress", self._watch_progress)
        commit_step(
            self.env, "a user who has left", self._close_mailboxes_of_former_users
        )
        lapse = self.env["praetorx.ms365.approval"]._cron_lapse
        commit_step(self.env, "a change that nobody has approved", lapse)
        quiet_since = now - POLL_INTERVAL
        self.search(
            Domain("state", "=", "active")
            & Domain("enabled", "=", True)
            & (
                Domain("last_notification_at", "=", False)
                | Domain("last_notification_at", "<", quiet_since)
                # Microsoft does not notify of what happens in shared calendars.
                | Domain("calendar_ids", "any", self._unannounced_calendars())
            )
        )._request_pull(fresh_seconds=POLL_INTERVAL.total_seconds() / 2)
