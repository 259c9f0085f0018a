from . import (
    privacy_then,  # log and versions inherit it
    audited,  # the same
    log_title,
    version,
    version_description,
    restore,
    event_history,
)
