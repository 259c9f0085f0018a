"""Links of series: what both sides agreed on, and what a person chose in a conflict."""

from datetime import date, timedelta

from odoo import fields, models

from ...engine.delta import MAX_WINDOW_DAYS
from ...engine.list_changes import only_changes_of_series
from ...engine.merge import DELETED
from ...engine.plan import plan_deletion, plan_incoming
from ...engine.series import Series, SeriesBase, rule_days
from ...engine.series_merge import ALL
from ...engine.series_plan import confirm_series, next_write
from ...engine.snapshot import Base


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
    series_choices = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="What a person has chosen so far, and for which version of Outlook's.",
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
        """Tell whether Odoo has an event or a series for this one."""
        return bool(self.event_id or self.recurrence_id)

    def _all_events(self):
        """Return the event, of a series all of them, also archived ones."""
        recurrences = self.recurrence_id.with_context(active_test=False)
        return self.event_id | recurrences.sudo().calendar_event_ids

    def _copies(self):
        """Return all links of these meetings, those of other mailboxes among them."""
        return self.event_id.ms365_link_ids | self.recurrence_id.ms365_link_ids

    @property
    def _series_base(self):
        """The last agreed base of a series, None if there never was one."""
        data = self.base_snapshot
        return SeriesBase.from_json(data) if data and SeriesBase.is_json(data) else None

    def _series_base_against(self, theirs):
        """Return the base to compare Outlook's series with.

        An update whose answer never came may have arrived: Outlook's content tells.
        """
        base = self._series_base
        if not base or not self.sent_snapshot:
            return base
        return confirm_series(base, SeriesBase.from_json(self.sent_snapshot), theirs)

    def _next_series_write(self, recorded=None, lists=None):
        """Return what is to be written to Outlook of this series, None for nothing.

        :param recorded: names of what may be written, None for everything
        :param lists: what may be done to lists among them, by their names
        :raise ValueError: Outlook cannot express its rule
        """
        self.ensure_one()
        base = self._series_base
        ours = base and self.recurrence_id._ms365_series_to_send(
            self.account_id, base.theirs.window, base
        )
        return ours and next_write(
            base,
            only_changes_of_series(ours, base.ours, lists or {}),
            is_organizer=self._organizes(),
            invites=self.recurrence_id._ms365_may_invite(),
            recorded=recorded,
        )

    def _series_was_edited(self):
        """Tell whether Odoo's series is another than at the last agreement."""
        self.ensure_one()
        recurrence = self.recurrence_id
        if not self._series_base or not recurrence._ms365_rows():
            return False
        # What Outlook cannot express has to be said, too.
        return bool(recurrence._ms365_why_inexpressible() or self._next_series_write())

    def _living_events(self):
        """Return the event, or those of the series, that are in Odoo's calendar."""
        return self.event_id.filtered("active") | self._series_rows()

    def _next_rows(self):
        """Return of each of these series the next event, or the last one."""
        return self.recurrence_id._ms365_next_rows()

    def _invites_others(self):
        """Tell whether Exchange may mail somebody about an edit in Odoo."""
        return self._meeting()._ms365_invites_others()

    def _is_known_series_version(self, master, exceptions):
        """Tell whether this version of a series has been dealt with.

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
        """Return first and last day that are read of this series.

        What Odoo has rows of is read as well, and what a person has deleted there, as
        far as Graph shows so much at once: neither may go unseen, though the window has
        left the day behind. The mailbox's own window is always read.
        """
        start, end = (moment.date() for moment in self.account_id._window())
        days = {row.ms365_day for row in self.recurrence_id._ms365_rows()}
        days |= self.recurrence_id._ms365_removed_days()
        longest = timedelta(days=MAX_WINDOW_DAYS - 4)
        last = min(max([end.isoformat(), *days]), (start + longest).isoformat())
        first = min([start.isoformat(), *days])
        return max(first, (date.fromisoformat(last) - longest).isoformat()), last

    def _has_unread_dates(self):
        """Tell whether dates of the series have come into the window unread."""
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
        """Return Graph's id of what is answered, None if it is not known.

        :param day: of an occurrence; empty for the series, and for a single event
        """
        if not (self.is_series and day):
            return self.remote_id or None
        remote_id, _key = (self.occurrence_ids or {}).get(day, (None, None))
        return remote_id

    def _own_reply_seen(self, day=None):
        """Return Graph's word for the owner's answer as last read, None if unknown.

        :param day: of an occurrence, which may have an answer of its own
        """
        of_days = self.occurrence_answers or {}
        replies = of_days.get(day) or self.answers or {}
        own = [replies.get(address) for address in self.account_id._addresses()]
        return next(filter(None, own), None)

    def _own_replies_by_day(self):
        """Return day -> the owner's answer, of occurrences that have their own."""
        return {day: self._own_reply_seen(day) for day in self.occurrence_answers or {}}

    def _record_own_reply(self, day, reply):
        """Graph has taken an answer: what comes back of it is no news."""
        told = dict.fromkeys(self.account_id._addresses(), reply)
        if self.is_series and day:
            of_days = self.occurrence_answers or {}
            seen = of_days.get(day) or self.answers or {}
            self.occurrence_answers = {**of_days, day: {**seen, **told}}
        else:
            self.answers = {**(self.answers or {}), **told}

    # ------------------------------------------------------------------
    # Conflicts
    # ------------------------------------------------------------------

    def _series_conflict(self):
        return self.env["praetorx.ms365.conflict"]._open_of(self)

    def _series_live_content(self, day):
        """Return what Odoo holds now of the series, or of one of its occurrences."""
        contents = self.recurrence_id._ms365_contents_by_day()
        if not contents:
            return None
        return contents.get(day) if day else self.recurrence_id._ms365_master(contents)

    def _base_of_conflict(self):
        if not self.is_series:
            return super()._base_of_conflict()
        base = self._series_base
        return base and Base(base.ours.master, base.theirs.master).to_json()

    def _base_against(self, theirs):
        if not self.is_series:
            return super()._base_against(theirs)
        return self._series_conflict()._base_content()

    def _sensitivities(self):
        if not self.is_series:
            return super()._sensitivities()
        base = self._series_base
        theirs = base and base.theirs
        contents = [theirs.master, *theirs.exceptions.values()] if theirs else []
        return {content.sensitivity for content in contents}

    def _agreed_times(self):
        if not self.is_series:
            return super()._agreed_times()
        base = self._series_base
        contents = base.theirs.contents().values() if base else []
        return [content.times for content in contents]

    def _merge(self, ours, theirs):
        """Merge what one conflict of a series is about."""
        if not self.is_series:
            return super()._merge(ours, theirs)
        base = self._series_conflict()._base_content()
        if ours is None or theirs is None:
            return plan_deletion(
                base,
                ours,
                theirs,
                is_organizer=self.is_organizer,
                unedited=self._unedited_names(),
            )
        return plan_incoming(
            base,
            ours,
            theirs,
            direction=self._direction(),
            is_organizer=self._organizes(),
        )

    def _resolve(self, choices, theirs, change_key):
        """Note down what was chosen; the series is read and merged with it next."""
        if not self.is_series:
            super()._resolve(choices, theirs, change_key)
            return
        conflict = self._series_conflict()
        names = conflict._disputed_names()
        if isinstance(choices, str):
            choices = dict.fromkeys(names, choices)
        day = conflict.occurrence_day or ALL
        if day == ALL and DELETED in choices:
            self._resolve_deleted_series(choices[DELETED], theirs, change_key)
            return
        if DELETED in choices and choices[DELETED] == "odoo" and theirs is None:
            self._detach_from_series(conflict.event_id)
        recorded = self.series_choices or {}
        if recorded.get("change_key") != change_key:
            recorded = {"change_key": change_key, "choices": {}}
        recorded["choices"] = {**recorded["choices"], day: choices}
        self.write({"series_choices": recorded, "state": "synced", "needs_read": True})
        self.account_id._request_pull(fresh_seconds=0)

    def _dispute_deletion(self, **versions):
        """Ask about a series that one side has deleted: what its occurrences share."""
        conflict = super()._dispute_deletion(**versions)
        if self.is_series:
            self.recurrence_id._ms365_rows()._ms365_write_bookkeeping(
                {"ms365_sync_state": "conflict"}
            )
        return conflict

    def _resolve_deleted_there(self, keep):
        if self.recurrence_id:
            self._resolve_series_deleted_there(keep)
        else:
            super()._resolve_deleted_there(keep)

    def _choices_for(self, change_key):
        """Return what a person has chosen, if it was this version of Outlook's."""
        recorded = self.series_choices or {}
        return (
            recorded.get("choices")
            if recorded.get("change_key") == change_key
            else None
        )

    def _resolve_deleted_series(self, keep, theirs, change_key):
        """One side deleted the whole series, the other has edited it."""
        if theirs is None:
            self._resolve_series_deleted_there(keep)
        elif keep == "odoo":
            self._resolve_series_deleted_here(change_key)
        else:
            self.write({"state": "synced", "needs_read": True})
            self._undo_series_deletion()
            self.account_id._request_pull(fresh_seconds=0)

    def _resolve_series_deleted_there(self, keep):
        recurrence = self.recurrence_id
        if keep == "odoo":
            self.write({"state": "deleted_there", "needs_read": False})
            self.env["praetorx.ms365.outbox"]._enqueue_upserts(recurrence)
            return
        self.write(self._deleted_vals("odoo"))
        rows = recurrence._ms365_rows()
        rows._ms365_for_sync(self.account_id.user_id).write({"active": False})

    def _resolve_series_deleted_here(self, change_key):
        self.write(
            {"needs_read": False, "change_key": change_key, **self._DELETED_HERE}
        )
        # How much it is, a person has just agreed to.
        self.env["praetorx.ms365.hold"]._agreed(self.account_id, "to_outlook", self)
        self.env["praetorx.ms365.outbox"]._enqueue_delete_of(self)

    def _bring_rows_back(self):
        """Bring back the events of a series that was deleted in Odoo."""
        base = self._series_base
        if base:
            self.recurrence_id._ms365_bring_back(base.ours.days, self.account_id)

    def _detach_from_series(self, event):
        """Let an occurrence that Outlook has deleted go on as an event of its own."""
        self.recurrence_id._ms365_detach(event)
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(event)

    def _conflict_versions(self, merge_base, ours, theirs, day):
        """Return what a conflict keeps of a series, or of one of its occurrences.

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
        return base, _side(ours, day), _side(theirs, day)


def _side(series: Series, day):
    """Return one side's content of what is in conflict, None where it is deleted."""
    if day == ALL:
        return series.master
    return series.occurrence(day) if day in series.days else None
