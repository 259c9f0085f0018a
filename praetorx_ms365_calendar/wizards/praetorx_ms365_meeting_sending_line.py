from odoo import fields, models


class PraetorxMs365MeetingSendingLine(models.TransientModel):
    """One meeting that waits for its owner."""

    _name = "praetorx.ms365.meeting.sending.line"
    _description = "Meeting to Send to Outlook"
    _rec_name = "event_id"

    sending_id = fields.Many2one(
        "praetorx.ms365.meeting.sending", required=True, ondelete="cascade"
    )
    is_selected = fields.Boolean("Send", default=True)
    event_id = fields.Many2one(
        "calendar.event", "Meeting", required=True, readonly=True, ondelete="cascade"
    )
    start = fields.Datetime("Starts", related="event_id.start")
    people = fields.Char("Who Gets a Mail", readonly=True)
    mail_count = fields.Integer("Mails", readonly=True)
