"""Make the stamp of a remote event and the idempotency key of its create.

The stamp is an extended property of the remote event. A reinstalled or restored
database finds its own events by it. The transaction id is the idempotency key: a
repeated create with the same key makes no second event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

#: Graph's id of the property with the stamp. The spelling must never change: Graph
#: compares the name with upper and lower case (docs/graph.md, Writes).
STAMP_PROPERTY_ID = (
    "String {d0b4bd27-4e06-4ca1-98cf-35c7ff1ee6d3} Name PraetorxOdooEvent"
)
_TRANSACTIONS = UUID("3a1f5c0e-9f0b-5a51-8b52-4f3f0f5d6c11")
_STAMP = re.compile(
    r"(?P<database>[^/\s]{1,64})/(?P<series>r?)(?P<event>[0-9]{1,18})/"
    r"(?P<created>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6})"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The Odoo event or series from which a remote event was created.

    :param database_uuid: Odoo's ``database.uuid``
    :param event_id: database id of the ``calendar.event``, or of the
        ``calendar.recurrence`` of a series
    :param created: naive UTC. A database restored from a backup uses an id again, for
        another event. The moment of creation tells the two apart
    """

    database_uuid: str
    event_id: int
    created: datetime
    is_series: bool = False


def make_stamp(
    database_uuid: str, event_id: int, created: datetime, *, is_series: bool = False
) -> str:
    """Return the text of a stamp; :func:`parse_stamp` reads it again."""
    moment = created.isoformat(timespec="microseconds")
    kind = "r" if is_series else ""
    return f"{database_uuid.lower()}/{kind}{event_id}/{moment}"


def parse_stamp(text: str | None) -> Stamp | None:
    """Read the text of a stamp; None if the text is not a stamp."""
    match = _STAMP.fullmatch(text or "")
    if not match:
        return None
    try:
        created = datetime.fromisoformat(match["created"])
    except ValueError:
        return None
    return Stamp(match["database"], int(match["event"]), created, bool(match["series"]))


def transaction_id(
    database_uuid: str,
    event_id: int,
    created: datetime,
    mailbox_id: int | str,
    generation: int,
    *,
    is_series: bool = False,
) -> str:
    """Return the idempotency key of a create; a repeated create has the same key.

    :param mailbox_id: the mailbox of the new event. It is part of the key because it is
        not documented whether Graph keeps keys per mailbox
    :param generation: grows by one for each create that must make a new event, for
        example after the remote event was deleted
    """
    stamp = make_stamp(database_uuid, event_id, created, is_series=is_series)
    return str(uuid5(_TRANSACTIONS, f"{stamp}/{mailbox_id}/{generation}"))
