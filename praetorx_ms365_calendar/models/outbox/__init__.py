from . import (
    outbox,
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
