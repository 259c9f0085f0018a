from odoo import fields, models

COLLEAGUE_POLICIES = [
    ("ask", "Ask the organizer before Outlook mails anybody"),
    ("open", "Send it, and tell the organizer"),
    ("forbid", "Refuse changes that Outlook would mail people about"),
]


class ResCompany(models.Model):
    """What people may do in the mailboxes of colleagues."""

    _inherit = "res.company"

    ms365_colleague_policy = fields.Selection(
        COLLEAGUE_POLICIES,
        "Meetings of Colleagues",
        default="ask",
        required=True,
        help="Rule for edits of a meeting by other people than its organizer and the "
        "organizer's delegates. Changes without mails are always sent.",
    )
    ms365_delegate_group_id = fields.Many2one(
        "res.groups",
        "Delegates for Everybody",
        ondelete="set null",
        help="The members of this group may act in the mailboxes of this company's "
        "people without asking, such as assistants or calendar administrators.",
    )
