"""What has become of the differences that the outbox sends."""

from odoo import fields, models

#: How approvals end if nothing of them is sent.
NOT_AGREED = ("rejected", "lapsed", "withdrawn", "over")
#: What differences show of the outbox, the first of their entries' states that is here.
STATE_OF_ENTRIES = [
    ("dead", "failed"),
    ("held", "asked"),
    ("sending", "to_send"),
    ("pending", "to_send"),
    ("done", "sent"),
]


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    difference_id = fields.Many2one(
        "praetorx.ms365.difference",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
    )

    def _state_of_difference(self):
        """Return the state of the difference that these entries send, None for none.

        It is what still needs somebody, else what is under way, else what came of it.
        """
        refused = self.filtered(lambda entry: entry.approval_id.state in NOT_AGREED)
        states = set((self - refused).mapped("state"))
        for state, shown in STATE_OF_ENTRIES:
            if state in states:
                return shown
        return "not_sent" if refused else None
