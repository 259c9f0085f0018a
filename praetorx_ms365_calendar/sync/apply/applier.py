"""Applies what was read from Graph to Odoo: one page, one transaction."""

import random
from datetime import timedelta
from itertools import zip_longest

from odoo import fields

from ...engine.errors import AlreadyGone, BadRemoteEvent
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.title_prefix import without_prefix
from ...engine.meetings import is_doubted, may_have_moved
from ...engine.retry import DeadLetter, Retry, next_step, whole_seconds
from ...engine.snapshot import RemovedEvent
from ..meeting.write_event import EventWriter
from ..worker.one_by_one import Item
from .gone_events import GoneEvents
from .known_events import KnownEvents
from .new_events import NewEvents
from .where import as_listed, note_where

#: Failed reads of one event after which it is quarantined, with its reason.
MAX_READS = 6
#: How long an event is left alone that Graph does not let us read.
READ_PAUSE = timedelta(hours=1)
BUS_CHANNEL = "praetorx_ms365/calendar_changed"


class Applier(KnownEvents, GoneEvents, NewEvents):
    """Brings remote events of one mailbox into Odoo.

    Everything is read in bulk first; each event is then written on its own savepoint,
    so that one that Odoo refuses is quarantined and the others are applied.
    """

    def __init__(self, account, calendar):
        self.env = account.env
        self.account = account
        self.calendar = calendar
        self.Link = self.env["praetorx.ms365.event.link"]
        self.Outbox = self.env["praetorx.ms365.outbox"]
        self.Conflict = self.env["praetorx.ms365.conflict"]
        self.writer = EventWriter(account, calendar)
        self.log_rows = []
        self.changed_events = self.env["calendar.event"]
        self.request_id = None
        self._unanswered = None  #: looked for once, and only if there are invitations

    def apply(self, payloads, *, request_id=None, listed=True, nameless=0):
        """Apply events as Graph sent them.

        :param payloads: items of a page, or events that were read one by one
        :param listed: it is a page, so that they are in this calendar now
        :param nameless: entries of the page that had no id
        """
        self.request_id = request_id
        if nameless:
            reason = self.env._("%(count)s entries without an id", count=nameless)
            self._log("read", "quarantined", reason=reason)
        remotes, removed_ids, bad = self._parse(payloads)
        remotes = as_listed(remotes, self.calendar)
        links = {
            link.remote_id: link
            for link in self.Link.search(
                [
                    ("account_id", "=", self.account.id),
                    ("remote_id", "in", [*remotes, *removed_ids, *bad]),
                ]
            )
        }
        self._quarantine_unreadable(bad, links)
        self._doubt_removed(removed_ids, links)
        seen = self._ask_for_series(remotes, links)
        if listed:
            here = self.Link.union(*(links[one] for one in remotes if one in links))
            note_where(self, seen | here)
        changed, unknown = [], []
        for remote in remotes.values():
            link = links.get(remote.remote_id)
            if remote.kind != "singleInstance":
                continue
            if link:
                seen |= link
                remote = without_prefix(remote, link.title_prefix)
            if link and link.is_series:
                link.needs_read = True  # no longer a series, or not yet
                continue
            if link and link.state == "kept_there":
                link.write(self.Link._remote_vals(remote))  # not Odoo's any more
                continue
            if link and link._holds(remote):
                # Listed again: it may be back.
                link.needs_read = link.needs_read or link.state == "gone"
                continue
            if remote.is_cancelled:
                if (
                    link
                    and link.event_id
                    and link.state in ("synced", "conflict", "gone")
                ):
                    self._gone(link, remote.change_key, is_cancelled=True)
                elif link:
                    vals = {"change_key": remote.change_key, "sent_snapshot": False}
                    link.write({**vals, "needs_read": False})
            elif link and (link.event_id or link._is_deleted_here):
                changed.append((link, remote))
            else:
                unknown.append((link, remote))
        if self.calendar and self.calendar.round_kind in ("initial", "view"):
            seen.write({"last_seen_round": self.calendar.round_number})
        self._apply_changed(changed)
        self._apply_unknown(unknown)
        self.finish()

    def gone(self, links, *, request_id=None):
        """Graph has confirmed that these events do not exist any more."""
        self.request_id = request_id
        for link in links:
            self._gone(link)
        self.finish()

    def note_sent(self, event, remote):
        """Graph has taken our write: remember its version, show the Teams link.

        The caller ends with :meth:`finish`.
        """
        event._ms365_write_bookkeeping(
            {
                "sync_origin": "odoo",
                "synced_field_hash": remote.content.hash,
                "ms_change_key": remote.change_key,
                "microsoft_id": remote.remote_id,
                "ms_universal_event_id": remote.ical_uid,
                "need_sync_m": False,
            }
        )
        self.writer.note_teams(event, remote)
        self._changed(event)

    def note_move(self, link):
        """A person has moved this event to another calendar in Outlook."""
        self._log("move", "done", event=link._any_event(), remote_id=link.remote_id)
        self._changed(link._all_events())

    def note_carried_over(self, link, merge):
        """An edit in Outlook was saved from an event that was about to go."""
        outcome = "conflict" if merge.conflicts else "done"
        self._log(
            "update",
            outcome,
            event=link.event_id,
            remote_id=link.remote_id,
            field_names=merge.conflicts | merge.to_odoo,
        )
        if merge.conflicts:
            link.event_id._message_log(
                body=self.env._(
                    "Changed in Outlook while Odoo moved it to another calendar. What "
                    "was also changed in Odoo stays as it is in Odoo."
                )
            )
        self._changed(link.event_id)

    def unreadable(self, link, error):
        """This one event cannot be read: later again, and in the end quarantined."""
        attempts = link.read_attempts + 1
        now = fields.Datetime.now()
        step = next_step(error, attempts, now=now, rng_fraction=random.random())
        not_before = step.at if isinstance(step, Retry) else now + READ_PAUSE
        self.request_id = error.request_id
        if attempts >= MAX_READS or isinstance(step, DeadLetter):
            self._quarantine(link, link.remote_id, error.reason)
        else:
            link.write(
                {
                    "needs_read": True,
                    "read_attempts": attempts,
                    "read_not_before": whole_seconds(not_before),
                }
            )
        self.finish()

    # ------------------------------------------------------------------
    # Reading the page
    # ------------------------------------------------------------------

    def _parse(self, payloads):
        remotes, removed_ids, bad = {}, set(), {}
        for payload in payloads:
            try:
                remote = parse_event(payload)
            except BadRemoteEvent as error:
                if error.remote_id:
                    remotes.pop(error.remote_id, None)
                    removed_ids.discard(error.remote_id)
                    bad[error.remote_id] = error.reason
                else:
                    self._log("read", "quarantined", reason=error.reason)
                continue
            bad.pop(remote.remote_id, None)
            if isinstance(remote, RemovedEvent):
                removed_ids.add(remote.remote_id)
                remotes.pop(remote.remote_id, None)
            else:
                remotes[remote.remote_id] = remote  # a repeated item: the last one wins
                removed_ids.discard(remote.remote_id)
        return remotes, removed_ids, bad

    def _doubt_removed(self, removed_ids, links):
        """``@removed`` may mean "left the window": have it read before deleting."""
        doubtful = self.Link.union(
            *(links[remote_id] for remote_id in removed_ids if remote_id in links)
        )
        doubtful = doubtful.filtered(
            lambda link: is_doubted(
                link.state,
                listed_elsewhere=link.calendar_id
                not in (self.calendar, self.calendar.browse()),
            )
        )
        doubtful.write({"needs_read": True, "expected": False})
        left = doubtful.filtered(
            lambda link: may_have_moved(
                round_kind=self.calendar.round_kind,
                seen_in=link.last_seen_round,
                round_number=self.calendar.round_number,
            )
        )
        self.calendar._doubt(left)

    def _quarantine_unreadable(self, bad, links):
        for remote_id, reason in bad.items():
            links[remote_id] = self._quarantine(links.get(remote_id), remote_id, reason)

    def set_aside(self, remote_id, reason, *, version=None):
        """Quarantine an item that Odoo has refused to store.

        :param version: its change key, where it is at hand
        """
        link = self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "=", remote_id)]
        )
        link = self._quarantine(link, remote_id, reason)
        link.version_set_aside = version
        self.finish()

    def tell_refusal(self, remote_id, reason):
        """Tell of an item that cannot even be quarantined."""
        self._log("read", "quarantined", remote_id=remote_id, reason=reason)
        self.finish()

    def _quarantine(self, link, remote_id, reason, remote=None):
        """Name the event that cannot be synced, and why; go on with the others.

        :return: its link
        """
        vals = {"state": "quarantined", "reason": reason, **self.Link._READ}
        if link and link.state == "quarantined" and link.reason == reason:
            link.write(vals)  # told already
            return link
        if link and link.event_id:
            link.event_id._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        if link:
            link.write(vals)
        else:
            link = self.Link.create(
                vals
                | self._new_link_vals()
                | {"remote_id": remote_id, "ical_uid": remote and remote.ical_uid}
            )
        self._log(
            "read",
            "quarantined",
            event=link.event_id,
            remote_id=remote_id,
            reason=reason,
        )
        return link

    def _ask_for_series(self, remotes, links):
        """Have series read that have changed: a page tells only parts of them.

        :return: the links of all series of this page
        """
        masters, exceptions = {}, {}
        for remote in remotes.values():
            if remote.kind == "seriesMaster":
                masters[remote.remote_id] = remote
            elif remote.kind != "singleInstance" and remote.series_master_id:
                masters.setdefault(remote.series_master_id, None)
                if remote.kind == "exception":
                    exceptions.setdefault(remote.series_master_id, []).append(remote)
            elif remote.kind != "singleInstance":
                links[remote.remote_id] = self._quarantine(
                    links.get(remote.remote_id),
                    remote.remote_id,
                    self.env._("It belongs to a series, and does not say to which."),
                )
        unknown = masters.keys() - links.keys()
        for link in self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "in", list(unknown))]
        ):
            links[link.remote_id] = link
        missing = [
            {
                **self._new_link_vals(),
                "remote_id": master_id,
                "ical_uid": master and master.ical_uid,
                "is_series": True,
                "needs_read": True,
            }
            for master_id, master in masters.items()
            if master_id not in links
        ]
        seen = self.Link.create(missing)
        links |= {link.remote_id: link for link in seen}
        for master_id, master in masters.items():
            link = links[master_id]
            if link in seen:
                continue
            seen |= link
            if link.state == "quarantined" and master:
                is_known = link.change_key == master.change_key
            else:
                is_known = link._holds_series(master, exceptions.get(master_id, ()))
            if not is_known:
                link.write({"is_series": True, "needs_read": True})
        for link in seen.filtered("needs_read"):
            parts = {
                exception.remote_id: exception.modified_at
                for exception in exceptions.get(link.remote_id, ())
                if exception.modified_at and not exception.is_cancelled
            }
            master = masters[link.remote_id]
            link._expect(master and master.modified_at, parts)
        return seen

    # ------------------------------------------------------------------
    # Telling what happened
    # ------------------------------------------------------------------

    def _log(
        self,
        operation,
        outcome,
        *,
        event=None,
        remote_id=None,
        field_names=(),
        reason=None,
    ):
        self.log_rows.append(
            {
                "event_id": event.id if event else False,
                "remote_id": remote_id,
                "direction": "pull",
                "origin": "outlook",
                "operation": operation,
                "outcome": outcome,
                "field_names": ", ".join(sorted(field_names)),
                "reason": reason,
                "request_id": self.request_id,
            }
        )

    def _left_out(self, remote, lookups):
        """Say what of an event could not be taken over; no names."""
        notes = list(remote.warnings)
        if count := lookups.without_contact(remote.content.attendees):
            notes.append(
                self.env._("%(count)s attendees have no contact in Odoo", count=count)
            )
        return "; ".join(notes)

    def _changed(self, events):
        self.changed_events |= events

    def finish(self):
        """Connect copies, write the log, have open calendars show what changed."""
        self.Link._connect_waiting()
        if self.log_rows:
            self.env["praetorx.ms365.sync.log"]._log_many(self.account, self.log_rows)
        self.log_rows = []
        users = self.changed_events.partner_ids.user_ids | self.account.user_id
        if self.changed_events:
            for user in users:
                user._bus_send(BUS_CHANNEL, {})
        self.changed_events = self.env["calendar.event"]


def record_read(account, link, response, *, mailbox_waits=False):
    """Record what reading one linked event brought.

    :param response: of :func:`..graph.calls.get_event`
    :param mailbox_waits: an error is not this event's: it is read again with the rest
    """
    if _shows_too_little(link, response) and link._read_a_little_later():
        return
    applier = Applier(account, link.calendar_id or account._default_calendar())
    if isinstance(response.error, AlreadyGone):
        applier.gone(link, request_id=response.request_id)
    elif response.error is None:
        # An id that came with an error message may be of the other format.
        link.remote_id = response.body.get("id") or link.remote_id
        applier.apply([response.body], request_id=response.request_id, listed=False)
        link.exists().write(link._READ)
    elif not mailbox_waits:
        applier.unreadable(link, response.error)


def item_of(account, calendar, remote_id, *, key, weight=0, version=None):
    """Return how an item of a response is set aside, should Odoo refuse it.

    :param weight: of the item as Graph has sent it
    :param version: its change key, where it is at hand
    """
    return Item(
        key,
        remote_id,
        lambda reason: Applier(account, calendar).set_aside(
            remote_id, reason, version=version
        ),
        lambda reason: Applier(account, calendar).tell_refusal(remote_id, reason),
        weight=weight,
    )


def items_of_links(links, weights=()):
    """Return the events of these links as items of a response.

    :param weights: of what Graph has sent of each, where it is at hand
    """
    return [
        item_of(
            link.account_id,
            link.calendar_id,
            link.remote_id,
            key=link.id,
            weight=weight or 0,
        )
        for link, weight in zip_longest(links, weights)
        if link.exists()
    ]


def _shows_too_little(link, response):
    """Tell whether Graph shows an old version, or does not find a new event yet."""
    if isinstance(response.error, AlreadyGone):
        return bool(link.expected)
    modified_at = (response.body or {}).get("lastModifiedDateTime")
    return isinstance(modified_at, str) and link._is_missed_by(modified_at)
