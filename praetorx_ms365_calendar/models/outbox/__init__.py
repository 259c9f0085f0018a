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
    readings,
    withdrawn,
)
