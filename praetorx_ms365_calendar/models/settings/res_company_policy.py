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
        help="Message to the attendees of a meeting that was deleted in Odoo.",
    )
    ms365_days_back = fields.Integer(
        "Days Back",
        default=30,
        required=True,
        help="Default number of days to sync into the past, for users who have not "
        "set their own.",
    )
    ms365_days_ahead = fields.Integer(
        "Days Ahead",
        default=365,
        required=True,
        help="Default number of days to sync into the future, for users who have not "
        "set their own.",
    )

    _ms365_window_days = models.Constraint(
        "CHECK (ms365_days_back BETWEEN 0 AND 900 "
        "AND ms365_days_ahead BETWEEN 1 AND 900)",
        "The window may reach from 0 to 900 days back and from 1 to 900 days ahead.",
    )

    def _ms365_window(self):
        """Return the window of who has not chosen one."""
        return {"days_back": self.ms365_days_back, "days_ahead": self.ms365_days_ahead}
