"""Answers to invitations: Graph's words and Odoo's."""

#: Graph's word -> state of ``calendar.attendee``. Words that are missing here say
#: nothing ("none", "notResponded"): an answer that was given in Odoo stands.
STATE_OF_ANSWER = {
    "accepted": "accepted",
    "organizer": "accepted",
    "tentativelyAccepted": "tentative",
    "declined": "declined",
}
