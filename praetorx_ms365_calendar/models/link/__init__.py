from . import (
    link,
    link_calendar,
    deletion,
    freshness,
    noticed,
    link_series,
    primary,
    conflict,
    series_deletion,
    unsent,
)
