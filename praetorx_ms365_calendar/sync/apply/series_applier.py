"""Brings series of Outlook into Odoo: one series, one savepoint."""

from dataclasses import replace

from psycopg2 import OperationalError

from odoo.fields import Domain

from ...engine.conflict_policy import winner
from ...engine.mapping.title_prefix import series_without_prefix
from ...engine.merge import DELETED
from ...engine.recorded_names import series_names_to_record
from ...engine.replies import first_new_replies
from ...engine.series import days_lost
from ...engine.series_merge import base_without_declined, choose_all, merge_series
from ...engine.series_plan import agreed_base
from ...engine.series_steps import next_step
from ...engine.series_unread import with_unread
from ...engine.snapshot import Base
from ..meeting.write_series import SeriesWriter
from ..worker.muted_sql_log import muted_sql_log
from .applier import Applier
from .deletion_count import DeletionBudget
from .gone_series import GoneSeries
from .new_series import NewSeries
from .refusals import is_same_meeting_race, reason_of

#: Events and attendees of a series that are made or changed in one transaction.
ROWS_AT_ONCE = 5000
ROWS_AT_ONCE_PARAMETER = "praetorx_ms365_calendar.series_rows_at_once"


class SeriesApplier(GoneSeries, NewSeries, Applier):
    """Applies what was read of series, as its parent does with single events."""

    def __init__(self, account, calendar):
        super().__init__(account, calendar)
        self.rows_writer = SeriesWriter(account, self.writer)
        self.is_whole = True  #: False: the series last applied has more to come

    def quarantine(self, link, reason, *, request_id=None):
        """Name a series that cannot be understood."""
        self.request_id = request_id
        self._quarantine(link, link.remote_id, reason)
        self.finish()

    def apply_series(self, link, remote, *, request_id=None):
        """Apply one series as Graph has it.

        :param remote: a ``RemoteSeries``
        """
        self.request_id = request_id
        self.is_whole = True
        remote = series_without_prefix(remote, link.title_prefix)
        remote = self._log_unread(link, remote)
        logged = len(self.log_rows)
        try:
            with muted_sql_log(), self.env.cr.savepoint():
                self._apply_one(link, remote)
                link.exists().window_read = list(remote.series.window)
        except OperationalError:
            raise
        except Exception as error:
            if is_same_meeting_race(error):
                raise
            del self.log_rows[logged:]
            master = remote.master
            self._quarantine(link, master.remote_id, reason_of(error, master))
        self.finish()

    def _next_step(self, remote, base=None, ours=None):
        """Return as much of a large series as a transaction takes, and if it is all.

        :param base: the last agreement, None if there was none
        :param ours: Odoo's series, None without one
        """
        agreed = base and base.theirs
        step = next_step(remote.series, agreed, ours, self._rows_at_once())
        return replace(remote, series=step), step is remote.series

    def _rows_at_once(self):
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return int(get_param(ROWS_AT_ONCE_PARAMETER) or ROWS_AT_ONCE)

    def _log_unread(self, link, remote):
        """Name the occurrences that cannot be read; the series goes on without.

        :return: the series with these as they were
        """
        readable = {remote_id for remote_id, _key in remote.ids.values()}
        self.Link.search(
            Domain("account_id", "=", self.account.id)
            & Domain("state", "=", "quarantined")
            & Domain("remote_id", "in", list(readable))
        ).unlink()
        for remote_id, reason in remote.unreadable.items():
            if remote_id.startswith("#"):  # it has no id
                self._log("read", "quarantined", reason=reason)
                continue
            known = self.Link.search(
                Domain("account_id", "=", self.account.id)
                & Domain("remote_id", "=", remote_id)
            )
            self._quarantine(known, remote_id, reason)
        base = link._series_base
        known_ids = {
            day: tuple(ids) for day, ids in (link.occurrence_ids or {}).items()
        }
        return with_unread(remote, base and base.theirs, known_ids)

    # ------------------------------------------------------------------
    # One series
    # ------------------------------------------------------------------

    def _apply_one(self, link, remote):
        master = remote.master
        if link.state == "kept_there":
            link.write(self.Link._remote_vals(master))  # not Odoo's any more
            return
        if master.is_cancelled:
            if link._is_linked() and link.state in ("synced", "conflict", "gone"):
                self._gone(link, master.change_key, is_cancelled=True)
            else:
                link.write({"change_key": master.change_key, "needs_read": False})
            return
        if link.event_id and not link.recurrence_id:
            self._single_became_series(link, remote)
        is_contested = link.state == "conflict" and not link.recurrence_id
        if link.state == "deleted_here" or is_contested:
            self._series_changed_after_our_delete(link, remote)
        elif link.recurrence_id and link.is_primary:
            self._apply_primary_series(link, remote)
        elif link.recurrence_id:
            self._apply_other_copy(link, remote)
        else:
            self._apply_unknown_series(link, remote)

    def _apply_primary_series(self, link, remote):
        recurrence = link.recurrence_id
        recurrence._ms365_make_endless(remote.series.rule)
        recurrence._ms365_mend_twins()
        if reason := recurrence._ms365_why_twins():
            self._quarantine(link, remote.master.remote_id, reason)
            recurrence._ms365_rows()._ms365_show_state("error")
            return
        theirs = remote.series
        ours = recurrence._ms365_read_series(theirs.window, theirs=None)
        if ours is None:
            self._series_changed_after_our_delete(link, remote)
            return
        base = link._series_base_against(theirs)
        if base and not remote.master.is_organizer:
            declined = recurrence._ms365_days_declined_by(self.account.user_id)
            base = base_without_declined(base, theirs, declined)
        merge, choices = self._merge_series(link, base, ours, remote)
        if merge.conflicts:
            self._series_conflict(link, merge, base, ours, remote)
            return
        lost = days_lost(ours, merge.target, link._today())
        if self._hold_lost_days(link, lost, remote):
            return
        # Nothing stands against it as a whole: now as much of it as fits.
        remote, self.is_whole = self._next_step(remote, base, ours)
        if not self.is_whole:
            theirs = remote.series
            how = self._how_to_merge(link, remote)
            merge = merge_series(base, ours, theirs, **how, choices=choices)
        if (remote.master.is_organizer, remote.master.on_behalf) != (
            link.is_organizer,
            link.on_behalf,
        ):
            link.write(
                {
                    "is_organizer": remote.master.is_organizer,
                    "on_behalf": remote.master.on_behalf,
                }
            )
        changed = merge.target.contents() != ours.contents() or (
            merge.target.rule != ours.rule
        )
        if changed or merge.target.master != ours.master:
            rows = recurrence._ms365_rows()
            self.rows_writer.write_series(recurrence, ours, merge.target, remote)
            archived = rows.filtered(lambda row: not row.active)
            link._remember_occurrences(archived, link._deleted_vals("odoo"))
        replies = self._write_series_replies(link, remote)
        self.rows_writer.record_teams_link(recurrence, remote.master)
        ours_now = recurrence._ms365_read_series(theirs.window, theirs=theirs)
        agreed = agreed_base(base, ours_now or merge.target, theirs, merge)
        if link.state == "conflict":
            self.Conflict._close_gone(link)
        if not link._may_lose(lost, "to_odoo"):
            link._record_losses("odoo", len(lost))
        recurrence._ms365_forget_removed(theirs)
        names, is_waiting = self._series_names_to_send(link, merge, choices)
        if link.awaits_word and not merge.changes_graph:
            link.awaits_word = False
        self._store_series(link, remote, agreed, replies)
        self._after_series(link, remote, merge, changed, is_waiting)
        if names:
            self.Outbox._enqueue_upserts(recurrence, names=names)
            link.unsent_names = False

    def _hold_lost_days(self, link, lost, remote):
        """Hold a series of which Outlook has deleted much; return whether it is held.

        It then stands still as a whole: its shape and its occurrences belong together.

        :param lost: days of the occurrences that Odoo would lose
        """
        agreed = not lost or link._may_lose(lost, "to_odoo")
        agreed |= bool(link._choices_for(remote.master.change_key))
        if not agreed:
            Hold = self.env["praetorx.ms365.hold"]
            held = Hold._open_hold(self.account, "to_odoo").link_ids | link
            if DeletionBudget(self.account, "odoo").plan(held, {link: lost}) == "ask":
                Hold._hold(self.account, "to_odoo", link, {link: lost})
                link.needs_read = False
                return True
        if link._is_held() and link.hold_id.direction == "to_odoo":
            link._end_hold()
        return False

    def _how_to_merge(self, link, remote):
        return {
            "direction": link._direction(),
            "is_organizer": remote.master.is_organizer or remote.master.on_behalf,
        }

    def _merge_series(self, link, base, ours, remote):
        """Merge both sides, with what a person or the policy has decided.

        :return: the merge, and what was decided
        """
        how = self._how_to_merge(link, remote)
        seen_now = link._choices_for(remote.master.change_key)
        merge = merge_series(base, ours, remote.series, **how, choices=seen_now)
        if not merge.conflicts or how["direction"] != "both" or not base:
            return merge, seen_now
        side = winner(
            self.account.user_id._ms365_conflict_policy(),
            edited_at=self.Outbox._edited_at(link),
            modified_at=remote.master.modified_at,
        )
        if side is None:
            return merge, seen_now
        choices = choose_all(merge.conflicts, side)
        for day in merge.conflicts:
            names = merge.conflicts[day]
            conflict = self._open_series(link, merge, base, ours, remote, day, names)
            conflict._close(
                side,
                choices=choices[day],
                policy=self.account.user_id._ms365_conflict_policy(),
            )
            conflict._log_choices()
        merge = merge_series(base, ours, remote.series, **how, choices=choices)
        return merge, choices

    def _series_names_to_send(self, link, merge, choices):
        """Return what is left to be sent of a series, and whether something is."""
        if link.awaits_word or not merge.changes_graph:
            return frozenset(), merge.changes_graph
        key = link.recurrence_id._ms365_event_key()
        seen_now, waiting = self.Outbox._unarrived_names(link, key)
        names = series_names_to_record(merge, seen_now, waiting, choices)
        return names, bool(names or waiting is None or waiting)

    def _after_series(self, link, remote, merge, changed, is_waiting):
        recurrence = link.recurrence_id
        rows = recurrence._ms365_rows()
        bookkeeping = {
            "synced_field_hash": remote.series.hash,
            "ms_change_key": remote.master.change_key,
            "ms365_sync_state": "pending" if is_waiting else "synced",
        }
        if changed:
            bookkeeping["sync_origin"] = "outlook"
        rows._ms365_write_bookkeeping(bookkeeping)
        if changed:
            self._changed(rows)
        self._log(
            "update",
            "done" if changed else "nothing",
            event=recurrence.base_event_id,
            remote_id=remote.master.remote_id,
            field_names=_field_names(merge),
            reason="; ".join(remote.master.warnings),
        )
        if remote.master.kind == "singleInstance" and not merge.changes_graph:
            self._become_single(link)

    def _store_series(self, link, remote, base, replies):
        link.write(
            {
                **self.Link._remote_vals(remote.master),
                **self.Link._base_vals(base),
                **replies,
                "occurrence_ids": _occurrence_ids(remote),
                "is_series": True,
                "series_choices": False,
                "state": "synced",
                "reason": False,
            }
        )
        self._link_single_occurrences(
            link.recurrence_id, remote.master.ical_uid, remote.series.days
        )

    def _write_series_replies(self, link, remote):
        """Bring answers to the rows: those of exceptions are their own.

        :return: the columns that hold which answers have been seen
        """
        recurrence = link.recurrence_id
        waiting = self.Outbox._waiting_replies(recurrence._ms365_rows())
        to_series = waiting.filtered(lambda entry: entry._is_series)
        seen, seen_by_day = link.answers or {}, link.occurrence_answers or {}
        own_only = not link.is_primary
        if not own_only:
            on_their_way = waiting.account_id._addresses()
            remote = self._with_first_new_replies(
                remote, seen, seen_by_day, on_their_way
            )
        seen_now, seen_by_day_now = None, {}
        for row in recurrence._ms365_rows():
            exception = remote.exceptions.get(row.ms365_day)
            to_row = to_series | waiting.filtered(
                lambda one, row=row: one.event_id == row
            )
            replies = self.writer.write_replies(
                row,
                exception or remote.master,
                seen_by_day.get(row.ms365_day, seen) if exception else seen,
                own_only=own_only,
                waiting=to_row,
            )
            if exception:
                seen_by_day_now[row.ms365_day] = replies
            elif to_row == to_series:
                seen_now = replies
        if seen_now is None:  # all of them have answers of their own
            seen_now = seen
        return {"answers": seen_now, "occurrence_answers": seen_by_day_now}

    def _with_first_new_replies(self, remote, seen, seen_by_day, on_their_way):
        """Return a series with as many new answers as a transaction takes.

        :param seen: address -> answer of the series, as it was last read
        :param seen_by_day: the same of occurrences that have their own
        :param on_their_way: addresses whose answers Outlook does not know yet
        """
        left = self._rows_at_once()
        followers = max(1, len(remote.series.days) - len(remote.exceptions))
        limit = max(1, left // followers)
        replies = first_new_replies(remote.master.replies, seen, limit, on_their_way)
        left -= followers * sum(seen.get(one) != replies[one] for one in replies)
        exceptions = {}
        for day, exception in sorted(remote.exceptions.items()):
            before = seen_by_day.get(day, seen)
            own = first_new_replies(
                exception.replies, before, max(1, left), on_their_way
            )
            left -= sum(before.get(one) != own[one] for one in own)
            exceptions[day] = replace(exception, replies=own)
        master = replace(remote.master, replies=replies)
        first = replace(remote, master=master, exceptions=exceptions)
        if first != remote:
            self.is_whole = False
        return first

    def _series_conflict(self, link, merge, base, ours, remote):
        """Show the first thing that a person has to decide."""
        day, names = next(iter(merge.conflicts.items()))
        self._open_series(link, merge, base, ours, remote, day, names)
        rows = link.recurrence_id._ms365_rows()
        rows._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        link.write(
            {
                "state": "conflict",
                "needs_read": False,
                "occurrence_ids": _occurrence_ids(remote),
            }
        )
        self._log(
            "update",
            "conflict",
            event=link.recurrence_id.base_event_id,
            remote_id=link.remote_id,
            field_names=names,
        )
        self._changed(rows)

    def _open_series(self, link, merge, base, ours, remote, day, names):
        """Return the open conflict about a series, or about one occurrence."""
        before, here, there = link._conflict_versions(base, ours, remote.series, day)
        conflict = self.Conflict._open(
            link,
            names,
            ours=here,
            theirs=there,
            change_key=remote.master.change_key,
            modified_at=remote.master.modified_at,
        )
        recurrence = link.recurrence_id
        row = recurrence._ms365_rows().filtered(lambda row: row.ms365_day == day)
        conflict.write(
            {
                "event_id": (row or recurrence.base_event_id).id,
                "occurrence_day": day or False,
                "base": before and Base(**before).to_json(),
                "rules": {
                    "base": base and recurrence._ms365_describe_rule(base.ours.rule),
                    "odoo": recurrence._ms365_describe_rule(ours.rule),
                    "outlook": recurrence._ms365_describe_rule(remote.series.rule),
                },
            }
        )
        return conflict

    def _apply_other_copy(self, link, remote):
        """A copy beside the primary one; in a shared calendar nobody answers."""
        if self.calendar._is_shared():
            self._record_version(link, remote, "synced")
        else:
            self._apply_copy(link, remote)

    def _record_version(self, link, remote, state):
        """Remember which version of a series has been seen, and do no more with it."""
        link.write(
            {
                **self.Link._remote_vals(remote.master),
                "occurrence_ids": _occurrence_ids(remote),
                "is_series": True,
                "state": state,
            }
        )

    def _apply_copy(self, link, remote):
        """A copy beside the organizer's: it only tells what its owner answered."""
        replies = self._write_series_replies(link, remote)
        if remote.master.is_organizer and not link.is_primary:
            self._make_primary_series(link, remote)
        link.write(
            {
                **self.Link._remote_vals(remote.master),
                **replies,
                "occurrence_ids": _occurrence_ids(remote),
                "is_series": True,
                "state": "synced",
            }
        )

    # ------------------------------------------------------------------
    # From a single event to a series, and back
    # ------------------------------------------------------------------

    def _single_became_series(self, link, remote):
        """Keep the event: it is the first occurrence from now on."""
        event = link.event_id
        base = link._base
        recurrence = self.rows_writer.wrap(event, remote.series.rule)
        vals = {"event_id": False, "recurrence_id": recurrence.id, "is_series": True}
        if base and link.is_primary:
            series_base = recurrence._ms365_base_of_single(base)
            vals |= self.Link._base_vals(series_base)
        else:
            vals["base_snapshot"] = False
        for other in event.ms365_link_ids - link:
            other.write(
                {"event_id": False, "recurrence_id": recurrence.id, "is_series": True}
            )
        link.write(vals)
        self._read_others_again(link)

    def _become_single(self, link):
        """Outlook has taken the repetition away: one event is left, which stays."""
        recurrence = link.recurrence_id
        rows = recurrence._ms365_rows()
        if len(rows) != 1:
            return
        base = link._series_base
        event = self.rows_writer.unwrap(recurrence)
        links = recurrence.ms365_link_ids
        links.write({"recurrence_id": False, "event_id": event.id, "is_series": False})
        day = base.theirs.days[0]
        link.write(
            self.Link._base_vals(
                Base(base.ours.occurrence(day), base.theirs.occurrence(day))
            )
        )
        recurrence._ms365_discard()
        self._read_others_again(link)


def _occurrence_ids(remote):
    """Return day -> id and change key, as a link remembers them."""
    return {day: list(ids) for day, ids in remote.ids.items()}


def _field_names(merge):
    names = set(merge.shared.to_odoo)
    names |= {name for name in ("times", "rule") if getattr(merge, name) == "odoo"}
    for of_day in merge.occurrences.values():
        names |= of_day.to_odoo
    return names | ({DELETED} if merge.gone_in_graph else set())
