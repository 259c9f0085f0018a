from . import (
    settings,
    calendar,
    account,
    link,
    outbox,
    approval,
    preview,
    conflict,
    history,
)
