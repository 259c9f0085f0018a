"""The author of an outbox entry, and the approval that it waits for."""

from odoo import api, fields, models
from odoo.fields import Domain


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    author_id = fields.Many2one(
        "res.users",
        "Edited by",
        default=lambda self: self.env.uid,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Who made the edit. OdooBot: a program of this database.",
    )
    approval_id = fields.Many2one(
        "praetorx.ms365.approval",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="What this entry waits for, or has waited for.",
    )

    @api.model
    def _of_edits(self, account, event_key, states):
        """Return the edits of one event for one mailbox that are in these states."""
        return self.search(
            Domain("account_id", "=", account.id)
            & Domain("event_key", "=", event_key)
            & Domain("operation", "!=", "respond")
            & Domain("state", "in", states)
        )

    def _ask_about_other_guests(self, guests):
        """Ask once more where a yes would invite addresses that it was not for.

        A contact may get another address after the yes and before the sending.

        :param guests: the addresses on the list that is about to be written
        :return: whether these wait again
        """
        approved = self.filtered(lambda one: one.approval_id.state == "approved")
        approvals = approved.approval_id.filtered(lambda one: one._invites())
        if not guests or not approvals:
            return False
        others = self - approved
        if others:
            others = others._with_failed() - approved
        if any(one._stands_for_all_guests() for one in others):
            return False
        shown = others._added_guests().union(
            *(one._addresses_shown() for one in approvals)
        )
        if not guests - shown:
            return False
        asked = approvals.sorted("id")[-1:]
        asked._ask_again(guests - shown, approved)
        if others:
            others._send_unless_proposed()
        return True

    def _stands_for_all_guests(self):
        """Return True if this edit is of the whole list, or of the whole event."""
        names = self.field_names or ["attendees"]
        return "attendees" in names and "attendees" not in (self.list_changes or {})

    @api.model
    def _not_of_asked_deletions(self, account):
        """Leave out edits of an event if its deletion waits for approval.

        If they were sent now, they would delete the event: it is archived in Odoo.
        """
        asked = self.env["praetorx.ms365.approval"].search(
            [
                ("account_id", "=", account.id),
                ("operation", "=", "cancel"),
                ("state", "=", "waiting"),
            ]
        )
        keys = asked.mapped("event_key")
        return Domain("operation", "!=", "upsert") | Domain("event_key", "not in", keys)

    def _is_waiting(self, account, event_key):
        """Return True also for edits that wait for the mailbox owner's approval."""
        return super()._is_waiting(account, event_key) or bool(
            self.env["praetorx.ms365.approval"]._waiting_of(account, [event_key])
        )
