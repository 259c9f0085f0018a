"""Which mails an edit may make Exchange send, and which nobody has agreed to yet."""

from odoo import fields, models


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    mails_allowed = fields.Integer(
        copy=False,
        readonly=True,
        help="Number of mails that Outlook may send about it: a person has seen it and "
        "agreed, or it was below the limit of the company.",
    )
    mails_unasked = fields.Integer(
        copy=False,
        readonly=True,
        help="Number of mails that nobody was asked about. They count together with "
        "those of other edits at about the same time.",
    )
    mails_counted = fields.Boolean(
        copy=False,
        readonly=True,
        help="Its mails are known before its turn to be sent.",
    )

    _mails_idx = models.Index("(account_id, create_date) WHERE mails_unasked > 0")

    def _agree_to_mails(self):
        """Record that a person has seen whom Outlook mails about these edits.

        If there are more mails when an edit is sent, the person is asked again.
        """
        for entry in self:
            entry.mails_allowed = entry._mails_shown()
        return self

    def _mails_shown(self):
        """Return the number of mails that dialogs show for a whole meeting."""
        theirs = self.link_id._theirs()
        if self.operation == "delete":
            return self.link_id._mails_to_delete()
        event = self._meeting()._ms365_any_event()
        known = [*theirs.attendees, *theirs.unmapped_attendees] if theirs else []
        return event._ms365_mails_to_create() + len(known)

    def _count_mails_again(self):
        """Have the dispatcher decide anew: a further edit may mail more or fewer.

        The question stays open meanwhile, and shows the new people if they are many.
        """
        held = self.filtered(lambda one: one.state == "held")
        held.write(
            {
                "state": "pending",
                "mails_counted": False,
                "not_before": fields.Datetime.now(),
            }
        )

    def _allow_mails(self, count):
        """Let these entries of one meeting make Exchange send so many mails."""
        self.write({"mails_allowed": 0, "mails_unasked": 0})
        self[-1:].mails_allowed = count
