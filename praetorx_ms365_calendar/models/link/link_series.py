"""Links of series: their agreed base, and the versions in their conflicts."""

from datetime import date, timedelta

from odoo import fields, models

from ...engine.delta import MAX_WINDOW_DAYS
from ...engine.list_changes import only_changes
from ...engine.replies import has_reply_of, seen_of_new_copy
from ...engine.series import SeriesBase, part_of, rule_days
from ...engine.series_plan import confirm_series, planned_writes
from ...engine.series_units import ALL


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    recurrence_id = fields.Many2one("calendar.recurrence", ondelete="set null")
    is_series = fields.Boolean(help="The Outlook event is the master of a series.")
    occurrence_ids = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        prefetch=False,
        help="Day -> id and change key of each occurrence.",
    )
    occurrence_answers = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Day -> the answers last seen of an occurrence that has its own.",
    )
    window_read = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="First and last day of which the dates of the series have been read.",
    )

    _recurrence_unique = models.UniqueIndex(
        "(account_id, recurrence_id) WHERE recurrence_id IS NOT NULL",
        "This series is linked to this mailbox already.",
    )
    _recurrence_idx = models.Index("(recurrence_id) WHERE recurrence_id IS NOT NULL")

    def _meeting(self):
        """Return the event or the series that Odoo has for this one.

        Where Odoo has none, an empty one of the kind that Outlook has.
        """
        if self.recurrence_id or (self.is_series and not self.event_id):
            return self.recurrence_id
        return self.event_id

    def _any_event(self):
        """Return the event, of a series its first one."""
        return self.event_id | self.recurrence_id.base_event_id

    def _is_linked(self):
        """Return True if Odoo has an event or a series for this one."""
        return bool(self.event_id or self.recurrence_id)

    def _all_events(self):
        """Return the event, of a series all of them, also archived ones."""
        recurrences = self.recurrence_id.with_context(active_test=False)
        return self.event_id | recurrences.sudo().calendar_event_ids

    def _copies(self):
        """Return all links of these meetings, also the links of other mailboxes."""
        return self.event_id.ms365_link_ids | self.recurrence_id.ms365_link_ids

    def _series_base_against(self, theirs):
        """Return the base to compare Outlook's series with.

        An update without a response may have arrived: Outlook's content shows it.
        """
        base = self._series_base
        if not base or not self.sent_snapshot:
            return base
        return confirm_series(base, SeriesBase.from_json(self.sent_snapshot), theirs)

    def _next_series_write(self, recorded=None, lists=None):
        """Return the next request for this series in Outlook, None if none is needed.

        :param recorded: names of the fields that may be written, None for everything
        :param lists: name -> permitted change, for lists among these fields
        :raise ValueError: Outlook cannot express its rule
        """
        return next(self._planned_series_writes(recorded, lists), None)

    def _planned_series_writes(self, recorded=None, lists=None):
        """Yield all requests for this series; see :meth:`_next_series_write`."""
        self.ensure_one()
        base = self._series_base
        ours = base and self.recurrence_id._ms365_series_to_send(
            self.account_id, base.theirs.window, base
        )
        if ours:
            yield from planned_writes(
                base,
                only_changes(ours, base.ours, lists or {}),
                is_organizer=self._organizes(),
                invites=self.recurrence_id._ms365_may_invite(),
                recorded=recorded,
            )

    def _series_was_edited(self):
        """Return True if Odoo's series has changed since the last agreement."""
        self.ensure_one()
        recurrence = self.recurrence_id
        if not self._series_base or not recurrence._ms365_rows():
            return False
        # A rule that Outlook cannot express must be reported, too.
        return bool(recurrence._ms365_why_inexpressible() or self._next_series_write())

    def _rows(self):
        """Return the events of these links; for a series, its events in Odoo."""
        return self.event_id | self._series_rows()

    def _living_events(self):
        """Return the active events of these links, also of series."""
        return self._rows().filtered("active")

    def _their_contents(self):
        """Return Outlook's contents at the last agreement: one, or each part's."""
        agreed = self._agreed_base
        if isinstance(agreed, SeriesBase):
            return [agreed.theirs.master, *agreed.theirs.exceptions.values()]
        return [agreed.theirs] if agreed else []

    def _next_rows(self):
        """Return the next event, or the last one, of each of these series."""
        return self.recurrence_id._ms365_next_rows()

    def _invites_others(self):
        """Return True if Exchange may mail somebody about an edit in Odoo."""
        return self._meeting()._ms365_invites_others()

    def _is_known_series_version(self, master, exceptions):
        """Return True if this version of a series has been dealt with.

        :param master: its master in a page, None where the page does not list it
        :param exceptions: its exceptions in the page
        """
        self.ensure_one()
        if not self.is_series or self.needs_read or self.sent_snapshot:
            return False
        if self.state == "gone":
            return False  # listed again: it may be back
        if master is None or self.change_key != master.change_key:
            return False
        known = {key for _id, key in (self.occurrence_ids or {}).values()}
        if any(exception.change_key not in known for exception in exceptions):
            return False
        return not self._has_unread_dates()

    def _window_to_read(self):
        """Return the first and the last day to read for this series.

        Days with rows in Odoo are read, too, and days that a person has deleted. They
        must be seen even if they are now outside the window. The limit is the number
        of days that Graph shows at once. The mailbox's own window is always read.
        """
        start, end = (moment.date() for moment in self.account_id._window())
        days = {row.ms365_day for row in self.recurrence_id._ms365_rows()}
        days |= self.recurrence_id._ms365_removed_days()
        longest = timedelta(days=MAX_WINDOW_DAYS - 4)
        last = min(max([end.isoformat(), *days]), (start + longest).isoformat())
        first = min([start.isoformat(), *days])
        return max(first, (date.fromisoformat(last) - longest).isoformat()), last

    def _has_unread_dates(self):
        """Return True if dates of the series have come into the window unread."""
        first, last = (one.date().isoformat() for one in self.account_id._window())
        known = self.window_read
        if known and known[0] <= first and last <= known[1]:
            return False
        base = self._series_base
        if not base:
            return True
        since, until = known or base.theirs.window
        days = rule_days(base.theirs.rule, (first, last))
        return any(not since <= day <= until for day in days)

    def _invitation_id(self, day):
        """Return Graph's id of the invitation to reply to, None if it is not known.

        :param day: of an occurrence; empty for the series, and for a single event
        """
        if not (self.is_series and day):
            return self.remote_id or None
        remote_id, _key = (self.occurrence_ids or {}).get(day, (None, None))
        return remote_id

    def _own_reply_seen(self, day=None):
        """Return Graph's value of the owner's reply as last read, None if unknown.

        :param day: of an occurrence, which may have its own reply
        """
        of_days = self.occurrence_answers or {}
        replies = of_days.get(day) or self.answers or {}
        own = [replies.get(address) for address in self.account_id._addresses()]
        return next(filter(None, own), None)

    def _has_reply_of(self, addresses):
        """Return True if the copy had a reply of one of these people when last read."""
        of_days = self.occurrence_answers or {}
        return any(
            has_reply_of(addresses, seen) for seen in (self.answers, *of_days.values())
        )

    def _own_replies_by_day(self):
        """Return day -> the owner's reply, for occurrences with their own reply."""
        return {day: self._own_reply_seen(day) for day in self.occurrence_answers or {}}

    def _record_own_reply(self, day, reply):
        """Record that Graph accepted a reply, so that it is no change when read."""
        told = dict.fromkeys(self.account_id._addresses(), reply)
        if self.is_series and day:
            of_days = self.occurrence_answers or {}
            seen = of_days.get(day) or self.answers or {}
            self.occurrence_answers = {**of_days, day: {**seen, **told}}
        else:
            self.answers = {**(self.answers or {}), **told}

    def _forget_own_replies(self):
        """Forget the owner's replies to a copy that a new one replaces."""
        own = self.account_id._addresses()
        self.answers = seen_of_new_copy(self.answers, own)
        self.occurrence_answers = {
            day: seen_of_new_copy(seen, own)
            for day, seen in (self.occurrence_answers or {}).items()
        }

    def _series_live_content(self, day):
        """Return Odoo's present content of the series, or of one occurrence."""
        contents = self.recurrence_id._ms365_contents_by_day()
        if not contents:
            return None
        return contents.get(day) if day else self.recurrence_id._ms365_master(contents)

    def _conflict_versions(self, merge_base, ours, theirs, day):
        """Return the base and both sides for a conflict of a series or an occurrence.

        :param merge_base: a :class:`SeriesBase`, None if they never agreed
        :param ours: Odoo's :class:`Series`
        :param theirs: Outlook's
        """
        base = None
        if merge_base and day == ALL:
            base = {"ours": merge_base.ours.master, "theirs": merge_base.theirs.master}
        elif merge_base:
            base = {
                "ours": merge_base.ours.occurrence(day),
                "theirs": merge_base.theirs.occurrence(day),
            }
        return base, part_of(ours, day), part_of(theirs, day)
