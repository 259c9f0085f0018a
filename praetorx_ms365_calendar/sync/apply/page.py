"""A page of events, and the links that Odoo has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...engine.link_facts import LinkFacts
from ...engine.page_order import (
    RemovedLink,
    SeriesOnPage,
    latest_items,
    parse_items,
    plan_removed,
    series_on_page,
)
from ...engine.reasons import because
from ..meeting.reading import Reading
from ..records import Link, Links, Payload
from .where import as_listed, record_calendar


class PageLinks:
    """The items of a page with their links, in the order of ``engine/page_order.py``.

    Interface: ``events`` and ``links`` by remote id. :meth:`record` updates links from
    the page without applying an event. Then :meth:`facts` returns the sorting facts.

    :param payloads: as Graph has sent them
    """

    def __init__(self, reading: Reading, payloads: Iterable[Payload]) -> None:
        self._reading = reading
        self._items = latest_items(parse_items(payloads))
        self.events = as_listed(self._items.events, reading.calendar)
        self.links = self._links(self._items.ids)

    def record(self, *, listed: bool) -> None:
        """Quarantine, verify, have series read, and note where events are.

        :param listed: it is a page, so that they are in this calendar now
        """
        reading = self._reading
        for reason in self._items.without_id:
            reading.log("read", "quarantined", reason=reason)
        for remote_id, reason in self._items.unreadable.items():
            self._quarantine(remote_id, reason)
        self._verify_removed()
        seen = self._read_series()
        if listed:
            found = (self.links[one] for one in self.events if one in self.links)
            record_calendar(reading, seen.union(*found))
        calendar = reading.calendar
        if calendar and calendar.round_kind in ("initial", "view"):
            seen = seen.union(*self._of_single_events().values())
            seen.write({"last_seen_round": calendar.round_number})

    def facts(self) -> dict[str, LinkFacts]:
        """Return remote id -> facts of the links of single events."""
        return {
            remote_id: link._facts()
            for remote_id, link in self._of_single_events().items()
        }

    # ------------------------------------------------------------------

    def _links(self, ids: Iterable[str]) -> dict[str, Link]:
        reading = self._reading
        links = reading.Link.search(
            [
                ("account_id", "=", reading.account.id),
                ("remote_id", "in", list(ids)),
            ]
        )
        return {link.remote_id: link for link in links}

    def _of_single_events(self) -> dict[str, Link]:
        return {
            remote_id: self.links[remote_id]
            for remote_id, remote in self.events.items()
            if remote.kind == "singleInstance" and remote_id in self.links
        }

    def _quarantine(self, remote_id: str, reason: str) -> None:
        link = self.links.get(remote_id, self._reading.Link)
        self.links[remote_id] = self._reading.quarantine(link, remote_id, reason)

    def _verify_removed(self) -> None:
        """Have removed events read: ``@removed`` may mean "left the window"."""
        calendar, Link = self._reading.calendar, self._reading.Link
        here = (calendar, calendar.browse())
        removed = [self.links[one] for one in self._items.removed if one in self.links]
        plan = plan_removed(
            {
                link.remote_id: RemovedLink(
                    link.state,
                    listed_elsewhere=link.calendar_id not in here,
                    last_seen_round=link.last_seen_round,
                    place_unknown=link.place_unknown,
                )
                for link in removed
            },
            round_kind=calendar.round_kind,
            round_number=calendar.round_number,
        )
        verify = Link.union(*(self.links[one] for one in plan.verify))
        verify.write({"needs_read": True, "expected": False})
        calendar._verify_missing(
            Link.union(*(self.links[one] for one in plan.may_have_moved))
        )

    # ------------------------------------------------------------------
    # Series
    # ------------------------------------------------------------------

    def _read_series(self) -> Links:
        """Request a reading of changed series: a page has only parts of them.

        :return: the links of all series of this page
        """
        reading = self._reading
        series, lost = series_on_page(self.events.values())
        for remote_id in lost:
            self._quarantine(remote_id, because("lost_series"))
        self.links |= self._links(series.keys() - self.links.keys())
        new = self._link_new_series(series)
        seen = reading.Link.union(*(self.links[master_id] for master_id in series))
        for link in seen - new:
            if not self._is_known(link, series[link.remote_id]):
                link.write({"is_series": True, "needs_read": True})
        for link in seen.filtered("needs_read"):
            parts = series[link.remote_id]
            link._expect(parts.modified_at, parts.versions)
        return seen

    def _link_new_series(self, series: Mapping[str, SeriesOnPage]) -> Links:
        reading = self._reading
        new = reading.Link.create(
            [
                {
                    **reading.new_link_vals(),
                    "remote_id": master_id,
                    "ical_uid": parts.master and parts.master.ical_uid,
                    "is_series": True,
                    "needs_read": True,
                }
                for master_id, parts in series.items()
                if master_id not in self.links
            ]
        )
        self.links |= {link.remote_id: link for link in new}
        return new

    def _is_known(self, link: Link, parts: SeriesOnPage) -> bool:
        """Return True if this version of a series was applied, or set aside, before."""
        if link.state == "quarantined" and parts.master:
            return link.change_key == parts.master.change_key
        return link._is_known_series_version(parts.master, parts.exceptions)
