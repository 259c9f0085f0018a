"""Stop or pause a mailbox after an error, and tell the right person."""

import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import (
    ACTIVITY_CONFIGURATION,
    ACTIVITY_SIGN_IN,
    ACTIVITY_TROUBLE,
    NO_MAIL,
)
from ...engine import retry
from ...engine.errors import (
    FixConfiguration,
    MailboxUnavailable,
    NotStored,
    RefreshToken,
    SyncError,
)
from ...engine.reasons import because
from ...wording import explain
from .progress import SHARED_SESSIONS_PARAMETER

#: The pause after an error that would end the attempts for a single event.
LONGEST_WAIT = timedelta(hours=1)
#: Failures to store a response after which an administrator is told.
TOLD_AFTER = 3


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _stop_for(self, error: SyncError) -> None:
        """Wait, or stop and tell somebody, as an error of Entra or Graph requires."""
        self.ensure_one()
        now = fields.Datetime.now()
        kind = type(error).__name__  # failures of each kind count by themselves
        failures = self.failures + 1 if self.failure_kind == kind else 1
        step = retry.next_step(error, failures, now=now, rng_fraction=random.random())
        vals = {
            "last_error": error.reason,
            "failures": failures,
            "failure_kind": kind,
        }
        match step:
            case retry.Retry(at=at):
                vals["not_before"] = retry.whole_seconds(at) if at > now else False
            case retry.Pause(until=until):
                vals |= {
                    "state": _state_of(error),
                    "not_before": until and retry.whole_seconds(until),
                }
            case _:
                vals["not_before"] = now + LONGEST_WAIT
        self.write(vals)
        if isinstance(error, RefreshToken):
            self.user_id.sudo().microsoft_calendar_token_validity = False
        if self.state == "sign_in_again":
            self._ask_for_sign_in()
        elif self.state == "configuration":
            self._ask_for_configuration(error)
        elif isinstance(error, NotStored) and self.failures >= TOLD_AFTER:
            self._tell_trouble(error.reason)

    def _why_failing(self, otherwise):
        """Explain the last error to the present user, with the next step.

        :param otherwise: a reason if none is known
        """
        self.ensure_one()
        reason = self.last_error or because(otherwise)
        retried = self.state == "active"
        return explain(self.env, reason, self.user_id, is_retried=retried).words

    @api.model
    def _look_again(self):
        """Try stopped mailboxes again: an administrator may have repaired them."""
        self.search(
            Domain("enabled", "=", True)
            & Domain("state", "in", ["configuration", "unavailable"])
            & Domain("not_before", "<=", fields.Datetime.now())
        )._try_again()

    def _try_again(self):
        self.write({"state": "active", "not_before": False})
        self._request_pull(fresh_seconds=0)

    def _configuration_changed(self):
        """Credentials or endpoints are other ones now: let stopped mailboxes try."""
        stopped = self.filtered(lambda account: account.state == "configuration")
        stopped.activity_unlink([ACTIVITY_CONFIGURATION])
        stopped._try_again()

    def _ask_for_sign_in(self):
        if not self.activity_search([ACTIVITY_SIGN_IN]):
            env = _env_of(self.user_id)
            self.with_context(**NO_MAIL).activity_schedule(
                ACTIVITY_SIGN_IN,
                user_id=self.user_id.id,
                summary=env._("Sign in to Microsoft 365 again"),
                note=env._(
                    "Microsoft no longer accepts the sign-in of your calendar. Open "
                    "“My Connection” with the button above your calendar, and press "
                    "“Sign in”. Until then your edits are kept, and sent afterwards."
                ),
            )

    def _ask_for_configuration(self, error):
        """Tell an administrator, once for all mailboxes that use the same app."""
        others_sudo = self.sudo().search([("company_id", "=", self.company_id.id)])
        if others_sudo.activity_search([ACTIVITY_CONFIGURATION]):
            return
        administrator = self._administrator()
        if not administrator:
            return  # the status of each account says it as well
        env = _env_of(administrator)
        self.with_context(**NO_MAIL).activity_schedule(
            ACTIVITY_CONFIGURATION,
            user_id=administrator.id,
            summary=env._("Check the Azure app of the Microsoft 365 sync"),
            note=env._(
                "The calendars that use the Azure app of %(company)s are stopped. "
                "%(why)s",
                company=self.company_id.display_name,
                why=_explain_to(administrator, error.reason, self.user_id),
            ),
        )

    def _administrator(self):
        """Return an administrator of this mailbox's company, to tell of trouble."""
        users_sudo = self.env.ref("base.group_system").sudo().all_user_ids
        return users_sudo.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )[:1]

    def _tell_trouble(self, reason):
        """Tell an administrator, once for each mailbox."""
        if self.activity_search([ACTIVITY_TROUBLE]):
            return
        administrator = self._administrator()
        if administrator:
            env = _env_of(administrator)
            self.with_context(**NO_MAIL).activity_schedule(
                ACTIVITY_TROUBLE,
                user_id=administrator.id,
                summary=env._(
                    "The Outlook calendar of %(name)s makes no progress",
                    name=self.user_id.name,
                ),
                note=_explain_to(administrator, reason, self.user_id),
            )

    def _recovered(self):
        """Forget old errors, since Microsoft has answered for this mailbox."""
        self.write({"failures": 0, "not_before": False, "last_error": False})
        self.activity_unlink([ACTIVITY_TROUBLE])

    @api.model
    def _tell_of_shared_sessions(self):
        """Note that mailboxes cannot be locked, and tell an administrator."""
        self.env["ir.config_parameter"].sudo().set_param(
            SHARED_SESSIONS_PARAMETER, fields.Datetime.now()
        )
        active = self.search(
            Domain("enabled", "=", True) & Domain("state", "=", "active")
        )
        for account in active.grouped("company_id").values():
            account[0]._tell_trouble(because("sessions_shared"))


def _env_of(user):
    """Return the environment with the language of a user who reads a text later."""
    return user.with_context(lang=user.lang).env


def _explain_to(reader, reason, owner):
    """Explain a reason to a user who reads it later."""
    env = reader.with_user(reader).with_context(lang=reader.lang).env
    return explain(env, reason, owner).words


def _state_of(error):
    if isinstance(error, FixConfiguration):
        return "configuration"
    if isinstance(error, MailboxUnavailable):
        return "unavailable"
    return "sign_in_again"
