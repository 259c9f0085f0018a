from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.plan import pushes
from ..engine.reset import is_sent_by_reset, plan_reset


class PraetorxMs365Account(models.Model):
    """Resetting an account: the stock dialog, carried out by this sync.

    Nothing is asked of Microsoft while the person waits. What is to be deleted in
    Outlook goes through the outbox; the sign-in is forgotten once that is done.
    """

    _inherit = "praetorx.ms365.account"

    reset_requested_at = fields.Datetime(
        readonly=True, help="A reset waits until its deletions are in Outlook."
    )
    send_all_at = fields.Datetime(
        readonly=True,
        help="When somebody agreed to send all existing events after the next sign-in.",
    )

    def _status_in_words(self):
        if self.enabled and self.state == "active" and self.reset_requested_at:
            return self.env._(
                "Being reset: %(count)s deletions are on their way to Outlook. Sign in "
                "again afterwards.",
                count=len(self._entries_of_reset()),
            )
        return super()._status_in_words()

    # ------------------------------------------------------------------
    # What the dialog shows before the button is pressed
    # ------------------------------------------------------------------

    def _links_to_reset(self):
        """Return the own events that are in both calendars."""
        self.ensure_one()
        return self.link_ids.filtered(
            lambda link: (
                link.is_primary
                and link.is_organizer
                and not link.is_series
                and link.remote_id
                and link.state in ("synced", "conflict", "quarantined")
                and link.event_id.user_id == self.user_id
                and link.event_id.active
            )
        )

    def _events_sent_by_reset(self, links):
        """Return what is sent after the next sign-in, if all existing events are.

        :param links: whose events are deleted in Outlook only, and go there again
        """
        now = fields.Datetime.now()
        return (self._unlinked_events() | links.event_id).filtered(
            lambda event: is_sent_by_reset(
                is_over=event.stop <= now,
                invites_others=event._ms365_invites_others(),
            )
        )

    # ------------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------------

    def _reset(self, delete_policy, sync_policy):
        """Carry out what the person has chosen and confirmed.

        :raise UserError: Outlook cannot be written to
        """
        self.ensure_one()
        plan = plan_reset(delete_policy, sync_policy)
        links = self._links_to_reset()
        now = fields.Datetime.now()
        self.write(
            {
                "reset_requested_at": now,
                "ask_before_push": not plan.sends_all,
                "send_all_at": plan.sends_all and now,
            }
        )
        if plan.deletes_in_outlook:
            self._check_can_delete_there()
            self._delete_in_outlook(links)
        if plan.deletes_in_odoo:
            self._delete_in_odoo(links, plan)
        self.env["praetorx.ms365.sync.log"]._log(
            self,
            operation="reset",
            origin="odoo",
            direction="push",
            outcome="done",
            reason=f"{delete_policy}, {sync_policy}: {len(links)}",
        )
        self._finish_reset()

    def _check_can_delete_there(self):
        if self.state != "active" or not pushes(self.direction):
            raise UserError(
                self.env._(
                    "Nothing can be deleted in Outlook at the moment: the calendar is "
                    "not connected, or its direction is Outlook to Odoo only."
                )
            )

    def _delete_in_outlook(self, links):
        """Have the outbox delete them; the question has been asked already."""
        links.hold_id = self.env["praetorx.ms365.hold"].create(
            {
                "account_id": self.id,
                "direction": "to_outlook",
                "state": "approved",
                "is_reset": True,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        links._deleted_in_odoo()
        for link in links:
            self.env["praetorx.ms365.outbox"]._enqueue_delete_of(link)
        links.event_id._ms365_show_state("pending")

    def _delete_in_odoo(self, links, plan):
        """Archive them; what Outlook keeps comes back from there, or never."""
        for link in links:
            event = link.event_id
            copies = event.ms365_link_ids - link
            event._ms365_for_sync(self.user_id).write({"active": False})
            if plan.comes_back_from_outlook:
                event._ms365_write_bookkeeping(
                    {"microsoft_id": False, "ms_universal_event_id": False}
                )
                copies.write({"state": "waiting", "event_id": False})
                link.write(
                    {
                        "state": "synced",
                        "event_id": False,
                        "change_key": False,
                        "base_snapshot": False,
                    }
                )
            elif not plan.deletes_in_outlook:
                copies._deleted_in_odoo()
                link.state = "kept_there"
            event._ms365_write_bookkeeping({"ms365_sync_state": "none"})

    def _entries_of_reset(self):
        """Return the deletions that Microsoft has not confirmed yet."""
        return self.env["praetorx.ms365.outbox"].search(
            [
                ("account_id", "=", self.id),
                ("operation", "=", "delete"),
                ("state", "in", ["pending", "sending"]),
                ("link_id.hold_id.is_reset", "=", True),
            ]
        )

    def _finish_reset(self):
        """Sign out once everything that was asked for is in Outlook."""
        for account in self.filtered("reset_requested_at"):
            if account._entries_of_reset():
                continue
            account.write({"reset_requested_at": False, "first_pass_done_at": False})
            # The puller may have a page at hand: it restarts the round itself.
            account.calendar_ids.restart_requested = True
            account._forget_tokens()

    def _first_pass(self):
        """Also: send all existing events if that was agreed to in the dialog."""
        super()._first_pass()
        agreed_at = self.send_all_at
        self.send_all_at = False
        if not agreed_at or self.ask_before_push:
            return  # it is another mailbox: its owner is asked anew
        deleted = self.link_ids.filtered(
            lambda link: (
                link.state == "deleted_there"
                and link.hold_id.is_reset
                and link.event_id.active
            )
        )
        events = self._events_sent_by_reset(deleted).filtered(
            lambda event: event.create_date.replace(microsecond=0) <= agreed_at
        )
        deleted.hold_id = False
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(events)
