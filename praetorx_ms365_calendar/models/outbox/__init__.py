from . import (
    outbox,
    replies,
    approval,
    authority,
    difference,
    fields,
    readings,
)
