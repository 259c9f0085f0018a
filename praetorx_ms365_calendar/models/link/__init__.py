from . import (
    link,
    link_calendar,
    deletion,
    freshness,
    difference,
    link_series,
    primary,
    group_member,
    conflict,
    decision,
    series_deletion,
    unsent,
)
