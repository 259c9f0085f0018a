"""Compare a mailbox with Odoo by content, page by page, and write nothing to Graph.

For each event in the calendar view, Outlook's side and Odoo's side are both compared
with the link. An event that differs in Outlook is read again, as if Graph had notified
us. A difference in Odoo is sent, shown, or put to a person as a question.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from psycopg2 import OperationalError

from odoo import fields

from ...engine.choices import facts_of
from ...engine.conflict_policy import Side
from ...engine.delta import Page, last_of_each
from ...engine.errors import SyncError
from ...engine.mapping.title_prefix import without_prefix
from ...engine.merge import DELETED
from ...engine.series_units import RECURRENCE
from ...engine.snapshot import Content, RemoteEvent
from ...graph import calls
from ...graph.client import GraphResponse
from ..apply.where import parse_as_seen
from ..read.page import page_of
from ..records import Account, Calendar, Difference, Link, Links, Payload
from ..worker.graph_job import graph_job, record_health
from ..worker.job import Job

_logger = logging.getLogger(__name__)

#: Events of one page, and of one transaction.
PAGE_SIZE = 100
#: Links without a listed event that are checked at the end.
UNLISTED_AT_MOST = 200


def check_job(account: Account) -> Job | None:
    """Return the next step of the self-check of a mailbox, None if none is due."""
    now = fields.Datetime.now()
    if not account.check_due_at or account.check_due_at > now:
        return None
    if not account.check_state:
        account._begin_check()
    calendar = account._calendar_to_check()
    if not calendar:
        account._end_check()
        return None
    next_link = account.check_state.get("next")
    if next_link:
        request = calls.follow(next_link, operation="list")
    else:
        window = calendar.window_start, calendar.window_end
        request = calls.calendar_view(calendar._path(), *window, PAGE_SIZE)
    return graph_job(account, [request], partial(_record, account, calendar))


def _record(
    account: Account, calendar: Calendar, responses: Sequence[GraphResponse]
) -> None:
    root = account._graph_root()
    [(response, page)] = [page_of(response, root=root) for response in responses]
    if page is None:
        if record_health(account, [response], of_events=True) is None:
            account._calendar_is_checked()  # of this calendar alone: tomorrow again
        return
    try:
        with account.env.cr.savepoint():
            _compare_page(account, calendar, page)
    except OperationalError:
        raise
    except Exception:
        # No error of a comparison may stop the mailbox.
        _logger.exception("Microsoft 365: account %s cannot be compared", account.id)
        account._calendar_is_checked()


def _compare_page(account: Account, calendar: Calendar, page: Page) -> None:
    check = SelfCheck(account, calendar)
    found = check.compare(last_of_each(page.items))
    if not page.next_link:
        found += check.compare_unlisted()
    account._page_is_checked(len(page.items), found, check.series_seen, page.next_link)
    if not page.next_link:
        account._calendar_is_checked()


class SelfCheck:
    """Compares one page of a calendar; :meth:`compare` counts the differences."""

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self.env = account.env
        self.account = account
        self.calendar = calendar
        self.Link = self.env["praetorx.ms365.event.link"]
        self.Difference = self.env["praetorx.ms365.difference"]
        #: Links of series that this check has compared in Odoo already.
        self.series_seen = set(account.check_state.get("series") or ())

    def compare(self, items: Iterable[Payload]) -> int:
        """Compare the events of a page on both sides; return how many differ."""
        remotes = [one for one in map(self._parsed, items) if one]
        ids = {one.series_master_id or one.remote_id for one in remotes}
        links = self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "in", list(ids))]
        )
        by_id = {link.remote_id: link for link in links}
        links._are_listed(self.account.check_number)
        differs: dict[Link, frozenset[str]] = {}
        values: dict[Link, tuple[Content, Content | None]] = {}
        for remote in remotes:
            link = by_id.get(remote.series_master_id or remote.remote_id)
            if link is None:
                self._unknown(remote)
            elif names := self._differs_in_outlook(link, remote):
                differs[link] = differs.get(link, frozenset()) | names
                if base := link._base:
                    values[link] = (base.theirs, _content(link, remote))
        found = sum(
            self._show(link, names, *values.get(link, ()))
            for link, names in differs.items()
        )
        return found + self._compare_in_odoo(links)

    def _parsed(self, item: Payload) -> RemoteEvent | None:
        """Return an event, None if it cannot be parsed: the puller sets it aside."""
        try:
            return parse_as_seen(item, self.calendar)
        except (SyncError, ValueError, KeyError, TypeError):
            return None

    def _unknown(self, remote: RemoteEvent) -> None:
        """Request a new list of the calendar: one of its events has never arrived."""
        facts = facts_of(remote, is_shared=self.calendar._is_shared())
        is_left_out = self.account._choices().leave_out(**facts)
        if remote.is_cancelled or is_left_out:
            return
        if not self.calendar.restart_requested:
            self.calendar.restart_requested = True
            self.account._request_pull(fresh_seconds=0)

    def _differs_in_outlook(self, link: Link, remote: RemoteEvent) -> frozenset[str]:
        """Return the names of the fields that differ in Outlook from the base.

        A newer version than the known one will still be read: that is no difference.
        Copies other than the primary are not compared: they only carry replies.
        """
        if not link.is_primary or link.state != "synced":
            return frozenset()
        if link.needs_read or link.sent_snapshot:
            return frozenset()
        content = _content(link, remote)
        if not content:
            return frozenset()
        if not link.is_series:
            base, known = link._base, link.change_key
        else:
            day, known = _day_of(link, remote.remote_id)
            series = link._series_base
            if series is None:
                return frozenset()
            if day is None or day not in series.theirs.days:
                outside = not series.theirs.days or not (
                    series.theirs.window[0]
                    <= content.times.start[:10]
                    <= series.theirs.window[1]
                )
                return frozenset() if outside else frozenset({RECURRENCE})
            base = series.occurrence(day)
        if not base:
            return frozenset()
        names = content.changed_fields(base.theirs)
        if names and known and remote.change_key != known:
            self._read_again(link)
            return frozenset()
        return names

    def _compare_in_odoo(self, links: Links) -> int:
        """Compare Odoo's events with the base; return the number of new differences."""
        links = links.filtered(lambda link: link.id not in self.series_seen)
        self.series_seen.update(links.filtered("is_series").ids)
        links = links.filtered(lambda link: not link.needs_read)
        found, equal = 0, self.Link
        all_differences = links._find_differences_in_odoo()
        self.Link.union(*all_differences)._end_what_is_equal_again()
        for link, differences in all_differences.items():
            names = differences.names
            if not names:
                equal |= link
            elif not self.Difference._found_before(link, "odoo", names):
                found += 1
                difference = self._new_difference(link, "odoo")
                difference._decide_safely(link, differences)
        self.Difference._no_longer(equal)
        return found

    def compare_unlisted(self) -> int:
        """Read events again that the view should list; return how many are new."""
        unlisted = self.calendar._links_without_listing(
            self.account.check_number, UNLISTED_AT_MOST
        )
        return sum(self._show(link, {DELETED}) for link in unlisted)

    def _read_again(self, link: Link) -> None:
        link.needs_read = True
        self.account._request_pull(fresh_seconds=0)

    def _show(
        self,
        link: Link,
        names: Collection[str],
        before: Content | None = None,
        after: Content | None = None,
    ) -> bool:
        """Read an event again that differs in Outlook; return True if that is new.

        :param before: the content at the last agreement, None if unknown
        :param after: the present content
        """
        is_new = not self.Difference._found_before(link, "outlook", names)
        if is_new:
            difference = self._new_difference(link, "outlook")
            difference._found(link, names, "read", before, after)
        self._read_again(link)
        return is_new

    def _new_difference(self, link: Link, side: Side) -> Difference:
        """Return a new row for a difference with an unknown cause."""
        return self.Difference.create(
            {
                "account_id": self.account.id,
                "link_id": link.id,
                "side": side,
                "cause": "unknown",
                "author_id": False,
            }
        )


def _content(link: Link, remote: RemoteEvent) -> Content | None:
    """Return the content in Outlook, without the title prefix that Odoo adds there."""
    return without_prefix(remote, link.title_prefix).content


def _day_of(link: Link, remote_id: str) -> tuple[str | None, str | None]:
    """Return the day of an occurrence and its known version, None for each unknown."""
    for day, (known_id, change_key) in (link.occurrence_ids or {}).items():
        if known_id == remote_id:
            return day, change_key
    return None, None
