from . import (
    link,
    link_calendar,
    deletion,
    freshness,
    noticed,
    link_series,
    series_deletion,
)
