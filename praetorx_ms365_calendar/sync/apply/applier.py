"""Applies what was read from Graph to Odoo: one page, one transaction."""

import random
from datetime import timedelta
from itertools import zip_longest

from odoo import fields

from ...engine.errors import AlreadyGone
from ...engine.mapping.title_prefix import without_prefix
from ...engine.page_order import (
    RemovedLink,
    Step,
    latest_items,
    parse_items,
    plan_removed,
    series_on_page,
    sort_page,
)
from ...engine.retry import DeadLetter, Retry, next_step, whole_seconds
from ..meeting.write_event import EventWriter
from ..worker.one_by_one import Item
from .gone_events import GoneEvents
from .known_events import KnownEvents
from .new_events import NewEvents
from .where import as_listed, record_calendar

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

    def apply(self, payloads, *, request_id=None, listed=True, without_id=0):
        """Apply events as Graph sent them.

        :param payloads: items of a page, or events that were read one by one
        :param listed: it is a page, so that they are in this calendar now
        :param without_id: entries of the page that had no id
        """
        self.request_id = request_id
        if without_id:
            reason = self.env._("Entries without an id: %(count)s", count=without_id)
            self._log("read", "quarantined", reason=reason)
        page = latest_items(parse_items(payloads))
        for reason in page.without_id:
            self._log("read", "quarantined", reason=reason)
        links = {
            link.remote_id: link
            for link in self.Link.search(
                [
                    ("account_id", "=", self.account.id),
                    ("remote_id", "in", page.ids),
                ]
            )
        }
        self._quarantine_unreadable(page.unreadable, links)
        self._verify_removed({one: links[one] for one in page.removed if one in links})
        remotes = as_listed(page.events, self.calendar)
        seen = self._ask_for_series(remotes, links)
        if listed:
            here = self.Link.union(*(links[one] for one in remotes if one in links))
            record_calendar(self, seen | here)
        of_events = {
            remote_id: links[remote_id]
            for remote_id, remote in remotes.items()
            if remote.kind == "singleInstance" and remote_id in links
        }
        if self.calendar and self.calendar.round_kind in ("initial", "view"):
            seen = seen.union(*of_events.values())
            seen.write({"last_seen_round": self.calendar.round_number})
        facts = {one: link._facts() for one, link in of_events.items()}
        for step, found in sort_page(remotes.values(), facts):
            self._carry_out(step, [(links.get(one.remote_id), one) for one in found])
        self.finish()

    def _carry_out(self, step, pairs):
        """Carry out one step of a page.

        :param pairs: of link and remote event; without a link it is empty
        """
        pairs = [
            (link, without_prefix(remote, link.title_prefix) if link else remote)
            for link, remote in pairs
        ]
        match step:
            case Step.RECORD_VERSION:
                for link, remote in pairs:
                    link.write(self.Link._remote_vals(remote))
            case Step.READ:
                self.Link.union(*(link for link, _remote in pairs)).needs_read = True
            case Step.GONE:
                for link, remote in pairs:
                    self._gone(link, remote.change_key, is_cancelled=True)
            case Step.RECORD_CANCELLATION:
                for link, remote in pairs:
                    vals = {"change_key": remote.change_key, "sent_snapshot": False}
                    link.write({**vals, "needs_read": False})
            case Step.KNOWN:
                self._apply_changed(pairs)
            case Step.NEWCOMER:
                self._apply_unknown(pairs)

    def gone(self, links, *, request_id=None):
        """Graph has confirmed that these events do not exist any more."""
        self.request_id = request_id
        for link in links:
            self._gone(link)
        self.finish()

    def record_sent(self, event, remote):
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
        self.writer.record_teams_link(event, remote)
        self._changed(event)

    def log_move(self, link):
        """A person has moved this event to another calendar in Outlook."""
        self._log("move", "done", event=link._any_event(), remote_id=link.remote_id)
        self._changed(link._all_events())

    def log_late_edit(self, link, merge):
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

    def _verify_removed(self, links):
        """``@removed`` may mean "left the window": have it read before deleting."""
        here = (self.calendar, self.calendar.browse())
        plan = plan_removed(
            {
                remote_id: RemovedLink(
                    link.state,
                    listed_elsewhere=link.calendar_id not in here,
                    last_seen_round=link.last_seen_round,
                )
                for remote_id, link in links.items()
            },
            round_kind=self.calendar.round_kind,
            round_number=self.calendar.round_number,
        )
        verify = self.Link.union(*(links[one] for one in plan.verify))
        verify.write({"needs_read": True, "expected": False})
        moved = self.Link.union(*(links[one] for one in plan.may_have_moved))
        self.calendar._verify_missing(moved)

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
        series, lost = series_on_page(remotes.values())
        for remote_id in lost:
            reason = self.env._("It belongs to a series, and does not say to which.")
            links[remote_id] = self._quarantine(links.get(remote_id), remote_id, reason)
        unknown = series.keys() - links.keys()
        for link in self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "in", list(unknown))]
        ):
            links[link.remote_id] = link
        missing = [
            {
                **self._new_link_vals(),
                "remote_id": master_id,
                "ical_uid": parts.master and parts.master.ical_uid,
                "is_series": True,
                "needs_read": True,
            }
            for master_id, parts in series.items()
            if master_id not in links
        ]
        new = self.Link.create(missing)
        links |= {link.remote_id: link for link in new}
        seen = self.Link.union(*(links[master_id] for master_id in series))
        for link in seen - new:
            if not self._knows_series(link, series[link.remote_id]):
                link.write({"is_series": True, "needs_read": True})
        for link in seen.filtered("needs_read"):
            parts = series[link.remote_id]
            link._expect(parts.modified_at, parts.versions)
        return seen

    def _knows_series(self, link, parts):
        if link.state == "quarantined" and parts.master:
            return link.change_key == parts.master.change_key
        return link._is_known_series_version(parts.master, parts.exceptions)

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

    def _describe_skipped(self, remote, lookups):
        """Say what of an event could not be taken over; no names."""
        notes = list(remote.warnings)
        if count := lookups.without_contact(remote.content.attendees):
            notes.append(
                self.env._(
                    "Attendees without a contact in Odoo: %(count)s", count=count
                )
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
