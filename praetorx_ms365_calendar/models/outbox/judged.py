"""Send, hold or refuse an edit in a colleague's mailbox, after it was checked."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...engine.authority import (
    changed_names,
)


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    def _let_go(self, before, after):
        """Send these entries, and name their author in the chatter."""
        self._send_unless_proposed()
        if before == after:
            return
        for event in self.event_id.exists():
            event._message_log(
                body=self.env._(
                    "%(author)s has changed this meeting of %(owner)s in Odoo.",
                    author=self[-1].author_id.name,
                    owner=self.user_id.name,
                )
            )

    def _send_after_all(self):
        """Send edits that were ready to be sent when their event was archived."""
        self.write(
            {"state": "pending", "reason": False, "not_before": fields.Datetime.now()}
        )

    def _send_unless_proposed(self):
        """Send these entries, unless the meeting itself still waits for approval.

        Any sent entry would create the meeting, and invite people.
        """
        proposed = self[-1:] and self._approvals_of(self[-1]).filtered(
            lambda one: one.operation == "create"
        )
        edits = self.filtered(lambda entry: proposed and entry.operation == "upsert")
        if edits:
            proposed[0]._hold(edits)
        (self - edits).write(
            {
                "state": "pending",
                "reason": False,
                "not_before": fields.Datetime.now(),
            }
        )
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()

    def _ask_owner(self, operation, before, after):
        """Hold these entries until the owner has decided.

        :raise UserError: the owner cannot be asked about such a change
        """
        is_update = operation == "update"
        if self._is_split() or (is_update and type(before) is not type(after)):
            raise UserError(self._too_much())
        asked = self._approvals_of(self[-1]).filtered(
            lambda one: (
                one.author_id == self[-1].author_id and one.operation == "update"
            )
        )
        since = asked._without_edits(before, None) if is_update else before
        impact, count = self._mails(operation, since, after)
        self.env["praetorx.ms365.approval"]._ask(
            self,
            kind="colleague",
            operation=operation,
            field_names=changed_names(before, after) if is_update else (),
            impact=impact,
            mail_count=count,
            author=self[-1].author_id,
            before=before,
            after=after,
        )
        for event in self.event_id.exists():
            event._message_log(
                body=self.env._(
                    "%(author)s has changed this meeting. The change waits for the "
                    "approval of %(owner)s.",
                    author=self[-1].author_id.name,
                    owner=self.user_id.name,
                )
            )

    def _is_split(self):
        """Return True if a part of a series in Outlook becomes its own series."""
        former = self.recurrence_id.ms365_split_from_id
        return bool(former.ms365_link_ids.filtered("remote_id"))

    def _end_what_is_overtaken_by_author(self):
        """End approvals that a new edit makes obsolete.

        A deletion ends earlier requests of the same author, and an upsert ends waiting
        cancellations. An edit still waits if its event is only archived: both may come
        back.
        """
        waiting = self._approvals_of(self[-1])
        if self[-1].operation == "delete":
            waiting = waiting.filtered(
                lambda one: (
                    one.author_id == self[-1].author_id
                    and not (one.operation == "update" and one._is_in_odoo())
                )
            )
        else:
            waiting = waiting.filtered(lambda one: one.operation == "cancel")
        waiting._overtake()

    def _refusal(self):
        return self.env._(
            "This is a meeting of %(owner)s, and Outlook would mail other people about "
            "it. Your company lets only %(owner)s and delegates of %(owner)s do that.",
            owner=self.user_id.name,
        )

    def _too_much(self):
        return self.env._(
            "This is a series of %(owner)s, and Outlook would mail other people about "
            "it. Change one event of it, or all of them: %(owner)s is asked then.",
            owner=self.user_id.name,
        )
