"""Finds out which remote events Odoo knows already."""

from odoo.tools import split_every


class KnownMeetings:
    """What Odoo has that may be the same meetings, read with one query per clue."""

    def __init__(self, account, remotes):
        env = account.env
        self._env = env
        self._account = account
        uids = [remote.ical_uid for remote in remotes if remote.ical_uid]
        ids = [remote.remote_id for remote in remotes]
        self._entries = {}
        transaction_ids = [r.transaction_id for r in remotes if r.transaction_id]
        for chunk in split_every(1000, transaction_ids, list):
            self._entries |= env["praetorx.ms365.outbox"]._own_creates(account, chunk)
        self._uids_of_series = set(
            env["praetorx.ms365.event.link"]
            .search(
                [
                    ("ical_uid", "in", uids),
                    ("is_primary", "=", True),
                    ("recurrence_id", "!=", False),
                ]
            )
            .mapped("ical_uid")
        )
        self._by_uid, self._by_id = {}, {}
        for link in env["praetorx.ms365.event.link"].search(
            [("ical_uid", "in", uids), ("event_id", "!=", False)]
        ):
            self._by_uid[link.ical_uid] = link.event_id
        for event in (
            env["calendar.event"]
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("ms_universal_event_id", "in", uids),
                    ("microsoft_id", "in", ids),
                    ("recurrency", "=", False),
                ],
                order="active, id",
            )
        ):
            self._by_uid.setdefault(event.ms_universal_event_id, event)
            self._by_id.setdefault(event.microsoft_id, event)

    def own_create(self, remote):
        """Return the outbox entry whose create made this event, None if none."""
        return self._entries.get(remote.transaction_id)

    def event(self, remote):
        """Return the Odoo event that is the same meeting, None if there is none."""
        if remote.ical_uid:
            return self._by_uid.get(remote.ical_uid)
        return self._by_id.get(remote.remote_id)

    def is_series(self, remote):
        """Tell whether a series is synced under the iCalUId of this single event."""
        return remote.ical_uid in self._uids_of_series

    def linked_to_this_mailbox(self, event):
        """Return this mailbox's link to ``event``, empty if there is none."""
        return event._ms365_link_of(self._account)
