from . import (
    link,
    link_calendar,
    deletion,
    freshness,
    difference,
    link_series,
    primary,
    conflict,
    decision,
    series_deletion,
    unsent,
)
