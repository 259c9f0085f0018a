from odoo import fields, models

DELETE_POLICIES = [
    ("delete", "Delete it in Outlook as well"),
    ("cancel", "Cancel the meeting, with a message to the attendees"),
    ("off", "Leave it in Outlook"),
]


class ResCompany(models.Model):
    """What a company has decided for the calendars of its people."""

    _inherit = "res.company"

    ms365_delete_policy = fields.Selection(
        DELETE_POLICIES,
        "When an Event Is Deleted in Odoo",
        default="delete",
        required=True,
        help="A message is sent for own meetings with attendees only; everything else "
        "is deleted. Left in Outlook, an event does not come back to Odoo.",
    )
    ms365_cancel_message = fields.Char(
        "Message of Cancellations",
        translate=True,
        help="What the attendees of a meeting read that was deleted in Odoo.",
    )
