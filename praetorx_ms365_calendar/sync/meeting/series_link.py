"""Store a series in its link."""

from .occurrence_copies import link_earlier_copies


def link_vals(Link, remote):
    """Return the columns that identify the read version of a series."""
    return {
        **Link._remote_vals(remote.master),
        "occurrence_ids": occurrence_ids(remote),
        "is_series": True,
    }


def occurrence_ids(remote):
    """Return day -> id and change key, as a link stores them."""
    return {day: list(ids) for day, ids in remote.ids.items()}


def store(reading, link, remote, base, replies):
    """Store the agreed base of a series in its link.

    :param replies: columns with the replies that were seen
    """
    link.write(
        {
            **link_vals(reading.Link, remote),
            **reading.Link._base_vals(base),
            **replies,
            "series_choices": False,
            "state": "synced",
            "reason": False,
        }
    )
    uid, days = remote.master.ical_uid, remote.series.days
    link_earlier_copies(reading, link.recurrence_id, uid, days)
