from typing import Any

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ...const import DRY_RUN, PREFERENCES_VIEW
from ...engine.delta import window_bounds

ACCOUNT_STATES = [
    ("signed_out", "Not signed in"),
    ("active", "Connected"),
    ("sign_in_again", "Sign-in needed"),
    ("configuration", "Set-up needed"),
    ("unavailable", "Mailbox not available"),
]

#: Fields that decide which mailbox sends an edit; the result is cached.
DECIDES_WHO_SENDS = frozenset(
    {"state", "mailbox_address", "other_addresses", "other_mailbox_at"}
)


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
    calendar_ids = fields.One2many(
        "praetorx.ms365.calendar", "account_id", string="Calendars"
    )
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

    @api.depends("user_id.ms365_sync_enabled", "user_id.active", "user_id.share")
    def _compute_enabled(self):
        """Set if the sync is on and its owner is still an internal user."""
        for account in self:
            user_sudo = account.user_id.sudo()
            is_internal = user_sudo.active and not user_sudo.share
            account.enabled = user_sudo.ms365_sync_enabled and is_internal
        self._clear_account_cache()

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

    # ------------------------------------------------------------------
    # Active mailboxes
    # ------------------------------------------------------------------

    @api.model
    def _pushing_accounts(self):
        """Return ``{user id: account id}`` of the mailboxes that send edits to Outlook.

        A mailbox that needs a new sign-in is included: its edits are kept. A dry run
        may propose other settings, which must not be cached.
        """
        if (cache := self._cache_of_dry_run()) is not None:
            if "accounts" not in cache:
                cache["accounts"] = self._find_pushing_accounts()
            return cache["accounts"]
        return self._cached_pushing_accounts()

    @api.model
    def _cache_of_dry_run(self):
        """Return what is cached during a dry run, None while there is none.

        See ``sync/apply/dry_run.py``.
        """
        return self.env.cr.cache.get(DRY_RUN)

    @api.model
    @tools.ormcache()
    def _cached_pushing_accounts(self):
        return self._find_pushing_accounts()

    @api.model
    def _find_pushing_accounts(self):
        accounts = self.sudo().search(
            Domain("enabled", "=", True)
            & Domain("state", "!=", "signed_out")
            & Domain("direction", "!=", "outlook_to_odoo")
        )
        return {account.user_id.id: account.id for account in accounts}

    def _is_ready(self):
        """Return True if outbox entries of this mailbox can be sent now."""
        self.ensure_one()
        return self.enabled and self.state == "active" and not self.awaits_start

    def write(self, vals):
        if vals.keys() & {"days_back", "days_ahead"}:
            vals = {"own_window": True, **vals}
        changed = any(
            account[name] != vals[name]
            for account in self
            for name in vals.keys() & DECIDES_WHO_SENDS
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
        """Clear the cached lists of accounts now, and once more after the commit.

        In between, another thread of this process may cache the old state again.
        """
        if (cache := self._cache_of_dry_run()) is not None:
            cache.clear()
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

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

    def _window(self):
        """Return first and last moment of the synced window, naive UTC."""
        self.ensure_one()
        return window_bounds(fields.Datetime.now(), self.days_back, self.days_ahead)

    def _delete_policy(self):
        """Return the company's policy for events that are deleted in Odoo."""
        return self.company_id.ms365_delete_policy or "delete"

    def _default_calendar(self):
        """Return the mailbox's default calendar, which new events go to."""
        return self.calendar_ids.filtered("is_default")[:1]

    is_mine = fields.Boolean(compute="_compute_is_mine")

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for account in self:
            account.is_mine = account.user_id == self.env.user

    @api.model
    def action_open_mine(self) -> dict[str, Any]:
        """Open the user's own connection, or the dialog that makes one."""
        account = self.search([("user_id", "=", self.env.uid)])
        if not account:
            return self.action_connect()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Connection"),
            "res_model": self._name,
            "res_id": account.id,
            "views": [(False, "form")],
        }

    def action_connect(self) -> dict[str, Any]:
        """Open the dialog that explains the sync and signs the user in."""
        return self.env.user.action_ms365_connect()

    def action_invite_people(self) -> dict[str, Any]:
        """Open the dialog that invites users to connect their calendars."""
        return self.env["praetorx.ms365.invitation"].action_open()

    def action_open_preferences(self) -> dict[str, Any]:
        """Open the preferences of the viewer, at the tab of the calendar."""
        view = self.env.ref(PREFERENCES_VIEW)
        return self.env.user.action_get() | {
            "res_id": self.env.uid,
            "views": [(view.sudo().id, "form")],
        }

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
    # Crons
    # ------------------------------------------------------------------
