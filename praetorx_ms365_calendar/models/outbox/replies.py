"""Record replies to invitations in Odoo, and send them to Outlook."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import SERIES_KEYS, UNDER_WAY
from ...engine.mapping.reply_states import REPLY_OF_STATE


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    answer = fields.Char(
        copy=False,
        help="Graph's word for the answer, as the person has given it.",
    )
    answer_mode = fields.Selection(
        [("told", "The organizer is told"), ("quiet", "The organizer is not told")],
        copy=False,
        help="How the answer is sent, set once the invitation has been read.",
    )
    looked_at = fields.Datetime(copy=False, help="When the invitation was read.")

    # ------------------------------------------------------------------
    # Recording, in the transaction of the reply
    # ------------------------------------------------------------------

    @api.model
    def _enqueue_replies(self, attendees, *, to_series=False):
        """Record that these people have replied to their invitations in Odoo.

        :param attendees: for a series, the attendees of the occurrences with a reply
        :param to_series: the reply is to the whole series. It replaces earlier replies
            to single occurrences that are not sent yet
        """
        vals_list = []
        for attendee in attendees:
            event = attendee.event_id
            meeting = event._ms365_meeting() if to_series else event
            vals = self._reply_vals(attendee, meeting)
            vals_list.append(vals)
            if to_series:
                self._overtake_replies(meeting, vals["account_id"])
        self.sudo().create(vals_list)
        if vals_list:
            self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()

    def _reply_vals(self, attendee, meeting):
        """Return the values of the entry of one reply.

        :param meeting: the event, the occurrence or the series that is replied to
        """
        account = attendee._ms365_replying_account()
        return {
            "account_id": account.id,
            "event_id": meeting._ms365_any_event().id,
            meeting._ms365_field: meeting.id,
            "event_key": meeting._ms365_event_key(),
            "link_id": attendee.event_id._ms365_invitation_of(account).id,
            "operation": "respond",
            "answer": REPLY_OF_STATE.get(attendee.state),
            "idempotency_key": f"answer/{attendee.id}",
            "stamp": meeting._ms365_stamp(),
        }

    def _overtake_replies(self, recurrence, account_id):
        """Close the pending replies of one mailbox to a series and its occurrences."""
        pending = (
            self.sudo()
            ._waiting_replies(recurrence._ms365_rows())
            .filtered(
                lambda entry: (
                    entry.account_id.id == account_id and entry.state == "pending"
                )
            )
        )
        pending.state = "done"

    # ------------------------------------------------------------------
    # Waiting
    # ------------------------------------------------------------------

    @api.model
    def _waiting_replies(self, events):
        """Return the replies in Odoo that Outlook does not have yet.

        :param events: if they are of a series, replies to the series are included
        """
        of_series = Domain("recurrence_id", "in", events.recurrence_id.ids)
        return self.search(
            Domain("operation", "=", "respond")
            & Domain("state", "in", UNDER_WAY)
            & (
                Domain("event_id", "in", events.ids)
                | (of_series & Domain("event_key", "<=", SERIES_KEYS))
            )
        )

    @api.model
    def _requeue_replies(self, links):
        """Send replies that waited for their invitations, as these have arrived."""
        events = links.event_id | links.recurrence_id.calendar_event_ids
        waiting = self._waiting_replies(events).filtered(
            lambda entry: (
                entry.attempts
                and entry.state == "pending"
                and entry.account_id in links.account_id
            )
        )
        if waiting:
            waiting.not_before = fields.Datetime.now()
            self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()

    def _waits_for_series_reply(self):
        """Return True if a reply to the series must be sent before these replies.

        Exchange copies it to the occurrences, too, in either order of the two.
        """
        recurrence = self[-1:].event_id.recurrence_id
        if not recurrence or self[-1]._is_series:
            return False
        return any(
            entry._is_series and entry.account_id == self.account_id
            for entry in self._waiting_replies(recurrence.calendar_event_ids[:1])
        )
