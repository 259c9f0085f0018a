from . import (
    outbox,
    crons,
    enqueue,
    replies,
    approval,
    authority,
    judged,
    difference,
    fields,
    mails,
    readings,
    withdrawn,
)
