"""Series of a mailbox that are not linked to an Odoo series yet."""

from odoo.fields import Domain

from ...engine.mapping.title_prefix import series_without_prefix
from ...engine.meetings import Newcomer, plan_newcomer, should_be_primary
from ...engine.series import Series, SeriesBase
from .stock_ids import StockIds
from .where import give_way


class NewSeries:
    """The part of the applier that finds out what they are, and makes Odoo series."""

    def _apply_unknown_series(self, link, remote):
        master = remote.master
        # Once agreed on, its create was recorded: it comes back after a deletion.
        entry = None if link.content_hash else self._own_series_create(master)
        recurrence = self._known_series(link, remote)
        former = recurrence.ms365_link_ids.filtered(
            lambda one: one.account_id == self.account
        )
        kind = plan_newcomer(
            own_create=entry and self._fate_of_own_series(entry),
            is_known=bool(recurrence),
            former_state=former.state or None,
            former_is_shared=former.calendar_id._is_shared(),
            is_organizer=master.is_organizer,
            has_twin=False,
            is_shared=self.calendar._is_shared(),
            direction=self.calendar.effective_direction or "both",
            waits=not recurrence and self._waits_for_organizer(link, master),
            is_of_other_kind=self._is_single(link, master),
        )
        match kind:
            case Newcomer.OWN_DELETED:
                self._own_create_deleted_since(link, remote.master, entry)
            case Newcomer.OWN:
                self._link_own_series(link, remote, entry)
            case Newcomer.RETURNS:
                self._series_came_back(former, link, remote)
            case Newcomer.TAKES_PLACE:
                give_way(former, self.calendar)
                self.writer.add_owner(recurrence._ms365_rows())
                self._link_series(link, remote, recurrence)
            case Newcomer.OTHER_VIEW:
                self._record_version(link, remote, "other_view")
            case Newcomer.SECOND_COPY:
                self._quarantine_copy(link, master)
            case Newcomer.OTHER_KIND:
                self._quarantine_other_kind(link, master)
            case Newcomer.KNOWN:
                self._link_series(link, remote, recurrence)
            case Newcomer.NOT_WANTED:
                link.unlink()
            case Newcomer.WAITS:
                self._wait(link, master)
            case Newcomer.NEW if remote.series.days:
                self._create_series(link, remote)
            case Newcomer.NEW:
                # Nothing of it lies in the window: its time may come.
                link.write({**self.Link._remote_vals(master), "state": "synced"})

    def _own_series_create(self, master):
        """Return the outbox entry whose create made this series, None if none."""
        key = master.transaction_id
        found = self.Outbox._own_creates(self.account, [key]) if key else {}
        entry = found.get(key)
        return entry if entry and entry._is_series else None

    def _fate_of_own_series(self, entry):
        return "alive" if entry.recurrence_id._ms365_rows() else "deleted"

    def _known_series(self, link, remote):
        """Return the recurrence that is the same series already, if Odoo has one."""
        uid = remote.master.ical_uid
        if not uid:
            return self.env["calendar.recurrence"]
        other = self.Link.search(
            [
                ("ical_uid", "=", uid),
                ("recurrence_id", "!=", False),
                ("id", "!=", link.id),
            ],
            limit=1,
        )
        if other:
            return other.recurrence_id
        of_stock = (
            self.env["calendar.recurrence"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("ms_universal_event_id", "=", uid),
                    ("microsoft_id", "=", remote.master.remote_id),
                    ("ms365_link_ids", "=", False),
                ]
            )
        )
        stock_ids = StockIds(self.account, self.calendar)
        return of_stock.filtered(
            lambda one: stock_ids.fits(
                one.calendar_event_ids or one.base_event_id, remote.master
            )
        )[:1]

    def _is_single(self, link, master):
        """Tell whether a single event is synced under the iCalUId of this series."""
        others = Domain("ical_uid", "=", master.ical_uid) & Domain("id", "!=", link.id)
        is_synced = Domain("is_primary", "=", True) & Domain("event_id", "!=", False)
        return bool(master.ical_uid and self.Link.search_count(others & is_synced))

    def _series_came_back(self, former, link, remote):
        """Take an invitation that comes again after the copy was declined or deleted.

        :param former: the link that remembers it
        :param link: the one under which it has been read now
        """
        link.unlink()
        self.env.flush_all()  # the unique index knows each id but once
        former.write({**self.Link._remote_vals(remote.master), "state": "synced"})
        former.write(self.Link._READ)
        self._apply_one(former, remote)

    def _link_own_series(self, link, remote, entry):
        """We made it, and crashed before its id was recorded."""
        sent = entry.sent_content and Series.from_json(entry.sent_content)
        remote = series_without_prefix(remote, entry.title_prefix)
        vals = {
            "recurrence_id": entry.recurrence_id.id,
            "is_primary": True,
            "title_prefix": entry.title_prefix,
        }
        if sent:
            sent = sent.within(remote.series.window)
            vals |= self.Link._base_vals(SeriesBase(sent, sent))
        link.write({**self.Link._remote_vals(remote.master), **vals, "state": "synced"})
        self._log(
            "link",
            "done",
            event=entry.recurrence_id.base_event_id,
            remote_id=remote.master.remote_id,
        )
        self._apply_primary_series(link, remote)

    def _link_series(self, link, remote, recurrence):
        """The same series is in Odoo: through another mailbox, or from stock times."""
        link.write(
            {
                **self.Link._remote_vals(remote.master),
                "recurrence_id": recurrence.id,
                "is_primary": False,
                "state": "synced",
            }
        )
        self._log(
            "link",
            "done",
            event=recurrence.base_event_id,
            remote_id=remote.master.remote_id,
        )
        others = recurrence.ms365_link_ids - link
        organizer = recurrence._ms365_organizer()
        if should_be_primary(
            is_organizer=remote.master.is_organizer,
            has_primary=others._any_represents_meeting(),
            organizer_syncs=bool(self._organizer_account(remote.master)),
            organizer_uses_stock=organizer._ms365_uses_stock(),
        ):
            self._make_primary_series(link, remote)
            if recurrence._ms365_bring_back(remote.series.days, self.account):
                self._apply_primary_series(link, remote)
            else:
                recurrence._ms365_discard()
                self._create_series(link, remote)
        else:
            self._apply_other_copy(link, remote)
        self.Outbox._requeue_replies(link)

    def _make_primary_series(self, link, remote):
        link.is_organizer = remote.master.is_organizer
        primary = link.recurrence_id.ms365_link_ids.filtered("is_primary")
        primary._move_primary_to(link)

    def _create_series(self, link, remote):
        remote, self.is_whole = self._next_step(remote)
        recurrence = self.rows_writer.create_series(remote)
        theirs = remote.series
        link.write({"recurrence_id": recurrence.id, "is_primary": True})
        ours = recurrence._ms365_read_series(theirs.window, theirs=theirs)
        replies = self._write_series_replies(link, remote)
        self._store_series(link, remote, SeriesBase(ours, theirs), replies)
        rows = recurrence._ms365_rows()
        if remote.master.join_url:
            recurrence.base_event_id._ms365_tell_join_link()
        self._log(
            "create",
            "done",
            event=recurrence.base_event_id,
            remote_id=remote.master.remote_id,
            reason="; ".join(remote.master.warnings),
        )
        self._changed(rows)
