"""Give meetings back to the former organizer if the new one does not want them."""

from odoo import Command, models


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    def _given_by(self):
        """Return the former organizer's link, empty if nobody has given it away.

        The meeting is still in that mailbox: it goes only when the new one is there.
        """
        Link = self.env["praetorx.ms365.event.link"]
        if self.operation != "create":
            return Link
        if self.recurrence_id:
            return Link.search([("successor_series_id", "=", self.recurrence_id.id)])
        return self.event_id and Link.search([("successor_id", "=", self.event_id.id)])

    def _give_back_to(self, former):
        """Have the former organizer organize the meeting again, as Outlook has it."""
        former = former[-1]
        events, recurrence = self._all_events(), self.recurrence_id
        meeting = {
            "event_id": not recurrence and self.event_id.id,
            "recurrence_id": recurrence.id,
            "state": "synced",
        }
        copies = former.search(
            [
                ("ical_uid", "=", former.ical_uid or ""),
                ("state", "=", "deleted_here"),
                ("event_id", "=", False),
                ("recurrence_id", "=", False),
                ("id", "!=", former.id),
            ]
        )
        self.link_id.unlink()
        former.write(
            {
                **meeting,
                "successor_id": False,
                "successor_series_id": False,
                "moved_to_id": False,
                "is_primary": True,
                "needs_read": True,
                "answers": False,
            }
        )
        copies.write({**meeting, "is_primary": False, "needs_read": True})
        self._restore_people(events, former)
        events._ms365_write_bookkeeping(
            {"ms365_calendar_id": former.calendar_id.id, "ms365_sync_state": "synced"}
        )
        former.account_id._request_pull(fresh_seconds=0)

    def _restore_people(self, events, former):
        """Write the former organizer, and the people that the meeting had."""
        owner, refused = former.account_id.user_id, self.user_id
        base = former._ours()
        invited = {one.email for one in base.attendees} if base else set()
        people = [Command.link(owner.partner_id.id)]
        if invited.isdisjoint(refused.partner_id._ms365_addresses()):
            people.append(Command.unlink(refused.partner_id.id))
        for event in events._ms365_for_sync(owner):
            event.write({"user_id": owner.id, "partner_ids": people})
        if base and self.recurrence_id:
            self.recurrence_id._ms365_store_shared_people(base)
