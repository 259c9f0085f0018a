"""Convert replies to invitations between the values of Graph and of Odoo."""

from typing import Literal

#: Graph's values for the reply of a person.
ReplyOfPerson = Literal["accepted", "tentativelyAccepted", "declined"]

#: Graph's value -> state of ``calendar.attendee``. The values "none" and "notResponded"
#: are missing here: they are no reply, so a reply that was given in Odoo stays.
STATE_OF_REPLY = {
    "accepted": "accepted",
    "organizer": "accepted",
    "tentativelyAccepted": "tentative",
    "declined": "declined",
}

#: State of ``calendar.attendee`` -> Graph's value, for the states that are a reply.
REPLY_OF_STATE: dict[str, ReplyOfPerson] = {
    "accepted": "accepted",
    "tentative": "tentativelyAccepted",
    "declined": "declined",
}
#: All of these values.
REPLIES: frozenset[str] = frozenset(REPLY_OF_STATE.values())
