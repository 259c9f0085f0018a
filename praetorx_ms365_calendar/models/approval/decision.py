"""Approve, reject or end a change that waits."""

import logging
from datetime import timedelta
from typing import Any

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import ACTIVITY_APPROVAL, QUIET

#: The pause before an approval is ended again after an error.
TRY_AGAIN_AFTER = timedelta(hours=6)

_logger = logging.getLogger(__name__)


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    def action_approve(self) -> dict[str, Any] | None:
        """Send the waiting change, by the owner or a delegate.

        :return: an action that asks to look again, if it was changed since it was seen
        """
        approvals = self._to_decide()
        if (
            approvals._are_changed_since_seen(is_yes=True)
            or approvals._show_new_addresses()
        ):
            return approvals._look_again()
        for approval in approvals.sorted(lambda one: one.operation != "cancel"):
            if approval.state != "waiting":
                continue  # the yes to another one has ended it
            if approval.expires_at <= fields.Datetime.now():
                approval._lapse()
                continue
            approval._close("approved", self.env.user)
            approval._after_approval()
            approval._end_earlier()
            held = approval.entry_ids.filtered(lambda one: one.state == "held")
            held._allow_mails(approval.mail_count)
            held._send_unless_proposed()
            approval._log("done")
        return None

    def action_reject(self) -> dict[str, Any] | None:
        """Undo the change in Odoo without sending it. Nobody is mailed.

        The author may do that too: it is the author's own edit.

        :return: an action that asks to look again, if it was changed since it was seen
        """
        approvals = self._to_decide(author_too=True)
        if approvals._are_changed_since_seen(is_yes=False):
            return approvals._look_again()
        for approval in approvals:
            if approval.state != "waiting":
                continue  # the no to another one has ended it
            is_author = approval.author_id == self.env.user
            approval._end("withdrawn" if is_author else "rejected", self.env.user)
        return None

    def _lapse(self):
        """The time is over and nobody has decided: the same as a no."""
        for approval in self.filtered(lambda one: one.state == "waiting"):
            approval._end("lapsed")

    @api.model
    def _cron_lapse(self, limit=200):
        """End approvals that have expired, or that have nothing left to decide."""
        waiting = self.search(
            [("state", "=", "waiting")], limit=limit, order="expires_at"
        )
        for approval in waiting:
            try:
                with self.env.cr.savepoint():
                    approval._end_if_over()
                    if approval.expires_at <= fields.Datetime.now():
                        approval._lapse()
            except OperationalError:
                raise  # changed by somebody meanwhile: all of it once more
            except Exception:
                _logger.exception(
                    "Microsoft 365: approval %s cannot lapse", approval.id
                )
                approval.expires_at += TRY_AGAIN_AFTER

    def _to_decide(self, *, author_too=False):
        """Return the approvals that wait, with full rights.

        :raise AccessError: no right to see them
        :raise UserError: visible, but for somebody else to decide
        """
        self.check_access("read")
        for approval in self:
            is_author = author_too and approval._is_edit_by(self.env.user)
            if not is_author and not approval.sudo()._may_decide(self.env.user):
                raise UserError(
                    self.env._(
                        "Only %(owner)s can decide this, or somebody who acts for "
                        "%(owner)s.",
                        owner=approval.user_id.sudo().name,
                    )
                )
        self.sudo()._end_if_over()
        waiting = self.sudo().filtered(lambda one: one.state == "waiting")
        waiting._all_events()._ms365_lock()
        return waiting

    def _may_decide(self, user):
        """Return True if a user may say yes in the name of the owner."""
        return user._ms365_may_act_for(self.user_id)

    def _is_edit_by(self, user):
        """Return True if a user has edited the event itself, and so knows about it.

        Whoever has changed a contact or a tag need not know of any event with it.
        """
        return self.kind != "noticed" and self.author_id == user

    def _end(self, state, decider=None):
        """End this approval without sending anything, and restore the event."""
        self.ensure_one()
        entries = self.entry_ids.filtered(lambda one: one.state == "held")
        self._close(state, decider)
        entries._allow_mails(0)
        entries.write({"state": "done", "reason": self._reason_of_end()})
        self._undo_change()
        self._log("nothing")

    def _overtake(self, state="withdrawn"):
        """End approvals that a later edit has made pointless; keep the event as it is.

        Of an archived event the edit is taken back, the latest one first.
        """
        decider = self.env.user if state == "withdrawn" else None
        for approval in self.sorted("id", reverse=True):
            held = approval.entry_ids.filtered(lambda one: one.state == "held")
            approval._close(state, decider)
            held.write({"state": "done", "reason": approval._reason_of_end()})
            approval._undo_in_archived()

    def _close(self, state, decider=None):
        """Note the decision; nobody needs to be reminded any more."""
        self.write(
            {
                "state": state,
                "decided_by_id": decider.id if decider else False,
                "decided_at": fields.Datetime.now(),
            }
        )
        for approval in self:
            approval.with_context(**QUIET).activity_unlink([ACTIVITY_APPROVAL])

    def _log(self, outcome):
        """Write one row of the sync log, which names the author."""
        operations = {"create": "create", "update": "update", "cancel": "delete"}
        if outcome == "held":
            reason = self._reason_while_waiting()
        else:
            reason = self._reason_of_end()
            words = self._in_language_of_owner()._describe_end()
            for event in self.event_id.exists():
                event._message_log(body=words)
        self.env["praetorx.ms365.sync.log"]._log(
            self.account_id,
            event_id=self.event_id.id,
            event_key=self.event_key,
            author_id=self.author_id.id,
            remote_id=self.link_id.remote_id,
            direction="push",
            origin="odoo",
            operation=operations[self.operation],
            outcome=outcome,
            field_names=", ".join(self.field_names or ()),
            reason=reason,
        )
