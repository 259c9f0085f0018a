from . import (
    outbox,
    enqueue,
    replies,
    approval,
    authority,
    difference,
    fields,
    readings,
    withdrawn,
)
