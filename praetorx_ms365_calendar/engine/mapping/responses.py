"""Answers to invitations: Graph's words and Odoo's."""

#: Graph's word -> state of ``calendar.attendee``. Words that are missing here say
#: nothing ("none", "notResponded"): an answer that was given in Odoo stands.
STATE_OF_ANSWER = {
    "accepted": "accepted",
    "organizer": "accepted",
    "tentativelyAccepted": "tentative",
    "declined": "declined",
}

#: State of ``calendar.attendee`` -> Graph's word, for what is an answer.
ANSWER_OF_STATE = {
    "accepted": "accepted",
    "tentative": "tentativelyAccepted",
    "declined": "declined",
}
#: Graph's words for what a person has answered.
ANSWERS = frozenset(ANSWER_OF_STATE.values())
