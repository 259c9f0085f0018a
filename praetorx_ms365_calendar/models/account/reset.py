from odoo import fields, models
from odoo.exceptions import UserError

from ...engine.plan import pushes
from ...engine.reasons import because
from ...engine.reset import is_sent_by_reset, plan_reset


class PraetorxMs365Account(models.Model):
    """Reset an account as chosen in the stock dialog.

    Nothing is requested from Microsoft while the user waits. Deletions in Outlook go
    through the outbox. The sign-in is forgotten when they are done.
    """

    _inherit = "praetorx.ms365.account"

    reset_requested_at = fields.Datetime(
        readonly=True, help="A reset waits until its deletions are in Outlook."
    )
    send_all_at = fields.Datetime(
        readonly=True,
        help="When somebody agreed to send all existing events after the next sign-in.",
    )

    # ------------------------------------------------------------------
    # Preview in the dialog
    # ------------------------------------------------------------------

    def _links_to_reset(self):
        """Return the own events and series that are in both calendars."""
        self.ensure_one()
        return self.link_ids.filtered(
            lambda link: (
                link.is_primary
                and link.is_organizer
                and link.remote_id
                and link.state in ("synced", "conflict", "quarantined")
                and link._living_events()
                and link._living_events()[0].user_id == self.user_id
            )
        )

    def _events_sent_by_reset(self, links):
        """Return the events to send after the next sign-in, if all existing ones are.

        A series is represented by its next event.

        :param links: links of events that are deleted in Outlook only, and sent again
        """
        now = fields.Datetime.now()
        events = self._unlinked() | links._one_event()
        return events.filtered(
            lambda event: is_sent_by_reset(
                is_over=event.stop <= now,
                invites_others=event._ms365_meeting()._ms365_invites_others(),
            )
        )

    # ------------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------------

    def _reset(self, delete_policy, sync_policy):
        """Carry out the confirmed choices of the dialog.

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
            reason=because(
                "reset_done", text=f"{delete_policy}, {sync_policy}: {len(links)}"
            ),
        )
        self._finish_reset()

    def _check_may_mail(self, mails):
        """Refuse a reset that mails guests without the consent of the owner.

        :raise UserError: the current user may not act for the owner
        """
        policy = self.company_id.ms365_colleague_policy
        may_act = self.env.user._ms365_may_act_for(self.user_id)
        if mails and not may_act and policy != "open":
            raise UserError(
                self.env._(
                    "Mails that Outlook would send in the name of %(owner)s: "
                    "%(mails)s. Choose an option that mails nobody, or have "
                    "%(owner)s name you as a delegate in “My Connection”.",
                    mails=mails,
                    owner=self.user_id.name,
                )
            )

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
        Hold = self.env["praetorx.ms365.hold"]
        Hold._agreed(self, "to_outlook", links, is_reset=True)
        links._deleted_in_odoo()
        for link in links:
            self.env["praetorx.ms365.outbox"]._enqueue_delete_of(link)
        links._rows()._ms365_show_state("pending")

    def _delete_in_odoo(self, links, plan):
        """Archive them. Events kept in Outlook come back from there, or never."""
        for link in links:
            events, recurrence = link._living_events(), link.recurrence_id
            copies = link._copies() - link
            events._ms365_for_sync(self.user_id).write({"active": False})
            if plan.comes_back_from_outlook:
                forgotten = {"microsoft_id": False, "ms_universal_event_id": False}
                events._ms365_write_bookkeeping(forgotten)
                recurrence._ms365_forget_remote()
                unlinked = {"event_id": False, "recurrence_id": False}
                copies.write({"state": "waiting", **unlinked})
                link.write(
                    {
                        "state": "synced",
                        "change_key": False,
                        "base_snapshot": False,
                        **unlinked,
                    }
                )
            elif not plan.deletes_in_outlook:
                copies._deleted_in_odoo()
                link.state = "kept_there"
            events._ms365_write_bookkeeping({"ms365_sync_state": "none"})

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
            account.write(
                {
                    "reset_requested_at": False,
                    "first_pass_done_at": False,
                    "started_at": False,
                }
            )
            # The puller may have a page at hand: it restarts the round itself.
            account.calendar_ids.restart_requested = True
            account._forget_tokens()

    def _first_pass(self):
        """Ask the owner of another mailbox anew if all existing events are sent."""
        if self.ask_before_push:
            self.send_all_at = False
        super()._first_pass()

    def _send_from_before(self, *, of_series):
        """Send all of them once; the next first pass asks again."""
        deleted = self._deleted_by_reset(of_series=of_series)
        entries = super()._send_from_before(of_series=of_series)
        if not self.send_all_at:
            return entries
        entries._agree_to_mails()
        deleted.hold_id = False
        if of_series:  # the single events were sent before
            self.send_all_at = False
        return entries

    def _to_send(self, *, of_series):
        """Return also those that existed when the user agreed to send all."""
        events = super()._to_send(of_series=of_series)
        agreed_at = self.send_all_at
        if not agreed_at:
            return events
        deleted = self._deleted_by_reset(of_series=of_series)
        return events | self._events_sent_by_reset(deleted).filtered(
            lambda event: (
                bool(event.recurrence_id) == of_series
                and event._ms365_meeting().create_date.replace(microsecond=0)
                <= agreed_at
            )
        )

    def _deleted_by_reset(self, *, of_series):
        """Return the links whose event a reset has deleted in Outlook only."""
        return self.link_ids.filtered(
            lambda link: (
                link.state == "deleted_there"
                and link.hold_id.is_reset
                and link.is_series == of_series
                and link._living_events()
            )
        )
