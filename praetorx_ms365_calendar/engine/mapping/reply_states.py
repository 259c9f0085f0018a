"""Convert replies to invitations between the values of Graph and of Odoo."""

#: Graph's value -> state of ``calendar.attendee``. The values "none" and "notResponded"
#: are missing here: they are no reply, so a reply that was given in Odoo stays.
STATE_OF_REPLY = {
    "accepted": "accepted",
    "organizer": "accepted",
    "tentativelyAccepted": "tentative",
    "declined": "declined",
}

#: State of ``calendar.attendee`` -> Graph's value, for the states that are a reply.
REPLY_OF_STATE = {
    "accepted": "accepted",
    "tentative": "tentativelyAccepted",
    "declined": "declined",
}
#: Graph's values for the reply of a person.
REPLIES = frozenset(REPLY_OF_STATE.values())
