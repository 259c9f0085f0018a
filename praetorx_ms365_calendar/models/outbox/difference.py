"""Show the state of differences that the outbox sends."""

from odoo import fields, models

#: How approvals end if nothing of them is sent.
NOT_AGREED = ("rejected", "lapsed", "withdrawn", "over")
#: State of an entry -> state of its difference; the first match counts.
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

        Entries that need a person come first, then entries under way, then results.
        """
        refused = self.filtered(lambda entry: entry.approval_id.state in NOT_AGREED)
        states = set((self - refused).mapped("state"))
        for state, shown in STATE_OF_ENTRIES:
            if state in states:
                return shown
        return "not_sent" if refused else None
