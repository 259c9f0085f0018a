from . import (
    settings,
    calendar,
    account,
    link,
    outbox,
    approval,
    conflict,
)
