"""Merges Outlook's version of a series with Odoo's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...engine.conflict_policy import winner
from ...engine.decision import join_choices
from ...engine.mapping.graph_series import RemoteSeries
from ...engine.merge import DELETED
from ...engine.reasons import parts_skipped
from ...engine.recorded_names import series_names_to_record
from ...engine.series import Series, SeriesBase, days_lost
from ...engine.series_changes import base_without_declined
from ...engine.series_merge import merge_series
from ...engine.series_plan import agreed_base
from ...engine.series_units import Choices, SeriesMerge, choose_all
from ...engine.snapshot import Base
from ...engine.versions import changes_of_series
from ..records import Conflict, Link
from .deletion_count import DeletionBudget
from .kind import read_others_again
from .reading import Reading
from .series_link import occurrence_ids, store
from .series_replies import SeriesReplies
from .series_steps import SeriesSteps


@dataclass(frozen=True, slots=True)
class Sides:
    """The sides of a merge.

    :param remote: Outlook's series, or as much of it as fits
    :param base: the last agreement, None if there was none
    :param ours: Odoo's series
    """

    link: Link
    remote: RemoteSeries
    base: SeriesBase | None
    ours: Series

    @property
    def theirs(self) -> Series:
        """Outlook's series."""
        return self.remote.series


class SeriesMerger:
    """Merges one series: open a conflict, hold deletions, or write it and agree.

    Interface: :meth:`merge`.
    """

    def __init__(
        self, reading: Reading, steps: SeriesSteps, replies: SeriesReplies
    ) -> None:
        self._reading = reading
        self._steps = steps
        self._replies = replies

    def merge(self, link: Link, remote: RemoteSeries) -> None:
        """Merge a new version with the series of a primary link."""
        recurrence = link.recurrence_id
        recurrence._ms365_make_endless(remote.series.rule)
        recurrence._ms365_mend_twins()
        if reason := recurrence._ms365_why_twins():
            self._reading.quarantine(link, remote.master.remote_id, reason)
            recurrence._ms365_rows()._ms365_show_state("error")
            return
        Outbox = link._outbox_of_decider(remote.master.change_key)
        is_decided = bool(link._choices_for(remote.master.change_key))
        sides = self._sides(link, remote)
        decided = self._decided_merge(sides) if sides else None
        if not decided:  # no event of it is left
            link.write(self._reading.Link._remote_vals(remote.master))
            return
        sides, merge, choices = decided
        if merge.conflicts:
            self._open_first_conflict(sides, merge)
            return
        lost = days_lost(sides.ours, merge.target, link._today())
        if self._hold_lost_days(sides, lost):
            return
        # Nothing stands against it as a whole: now as much of it as fits.
        first = self._steps.first_of(remote, sides.base, sides.ours)
        sides = replace(sides, remote=first)
        if not self._reading.is_whole:
            merge = self._merge(sides, choices)
        changed = self._write(sides, merge)
        names, is_waiting = self._agree(sides, merge, choices, lost)
        self._show(sides, merge, changed=changed, is_waiting=is_waiting)
        if names:
            entries = Outbox._enqueue_upserts(recurrence, names=names)
            if is_decided:
                entries._agree_to_mails()
            link.unsent_names = False

    def _sides(self, link: Link, remote: RemoteSeries) -> Sides | None:
        """Return the sides of the merge, None if Odoo has no event of the series."""
        recurrence = link.recurrence_id
        ours = recurrence._ms365_read_series(remote.series.window, theirs=None)
        if ours is None:
            return None
        base = link._series_base_against(remote.series)
        if base and not remote.master.is_organizer:
            user = self._reading.account.user_id
            declined = recurrence._ms365_days_declined_by(user)
            base = base_without_declined(base, remote.series, declined)
        return Sides(link, remote, base, ours)

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _merge(self, sides: Sides, choices: Choices | None) -> SeriesMerge:
        master = sides.remote.master
        return merge_series(
            sides.base,
            sides.ours,
            sides.theirs,
            direction=sides.link._direction(),
            is_organizer=master.is_organizer or master.on_behalf,
            choices=choices,
        )

    def _decided_merge(
        self, sides: Sides
    ) -> tuple[Sides, SeriesMerge, Choices | None] | None:
        """Merge both sides with the choices of a person or of the policy.

        :return: the sides as they are now, the merge and the choices; None if the
            choices leave no event in the series
        """
        chosen = sides.link._choices_for(sides.remote.master.change_key)
        merge = self._merge(sides, chosen)
        is_two_way = sides.link._direction() == "both"
        if not merge.conflicts or not is_two_way or not sides.base:
            return sides, merge, chosen
        policy = self._reading.account.user_id._ms365_conflict_policy()
        side = winner(
            policy,
            edited_at=self._reading.Outbox._edited_at(sides.link),
            modified_at=sides.remote.master.modified_at,
        )
        if side is None:
            return sides, merge, chosen
        choices = choose_all(merge.conflicts, side)
        for day, names in merge.conflicts.items():
            conflict = self._open_conflict(sides, day, names)
            conflict._close(side, choices=choices[day], policy=policy)
            conflict._log_choices()
        now = self._without_kept_occurrences(sides, choices)
        choices = join_choices(chosen, choices)
        return (now, self._merge(now, choices), choices) if now else None

    def _without_kept_occurrences(self, sides: Sides, choices: Choices) -> Sides | None:
        """Detach occurrences that Outlook has deleted, where Odoo's edit counts.

        Graph cannot bring them back, so each becomes an event of its own.
        """
        link = sides.link
        deleted = choices.keys() - set(sides.theirs.days)
        kept = [day for day in deleted if choices[day].get(DELETED) == "odoo"]
        rows = link.recurrence_id._ms365_rows()
        for row in rows.filtered(lambda row: row.ms365_day in kept):
            link._detach_from_series(row)
        return self._sides(link, sides.remote) if kept else sides

    def _hold_lost_days(self, sides: Sides, lost: frozenset[str]) -> bool:
        """Hold a series if Outlook has deleted many of its days; return True if held.

        The whole series then waits: its shape and its occurrences belong together.

        :param lost: days of the occurrences that Odoo would lose
        """
        link, account = sides.link, self._reading.account
        agreed = not lost or link._may_lose(lost, "to_odoo")
        agreed |= bool(link._choices_for(sides.remote.master.change_key))
        if not agreed:
            Hold = self._reading.env["praetorx.ms365.hold"]
            held = Hold._open_hold(account, "to_odoo").link_ids | link
            if DeletionBudget(account, "odoo").plan(held, {link: lost}) == "ask":
                Hold._hold(account, "to_odoo", link, {link: lost})
                link.needs_read = False
                return True
        if link._is_held() and link.hold_id.direction == "to_odoo":
            link._end_hold()
        return False

    def _open_first_conflict(self, sides: Sides, merge: SeriesMerge) -> None:
        """Open a conflict for the first day that a person must decide."""
        day, names = next(iter(merge.conflicts.items()))
        link, reading = sides.link, self._reading
        self._open_conflict(sides, day, names)
        rows = link.recurrence_id._ms365_rows()
        rows._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        link.write(
            {
                "state": "conflict",
                "needs_read": False,
                "occurrence_ids": occurrence_ids(sides.remote),
            }
        )
        reading.log(
            "update",
            "conflict",
            event=link.recurrence_id.base_event_id,
            remote_id=link.remote_id,
            field_names=names,
        )
        reading.changed(rows)

    def _open_conflict(self, sides: Sides, day: str, names: frozenset[str]) -> Conflict:
        """Return the open conflict about a series, or about one occurrence."""
        link, base = sides.link, sides.base
        before, here, there = link._conflict_versions(
            base, sides.ours, sides.theirs, day
        )
        conflict = self._reading.Conflict._open(
            link,
            names,
            ours=here,
            theirs=there,
            change_key=sides.remote.master.change_key,
            modified_at=sides.remote.master.modified_at,
        )
        recurrence = link.recurrence_id
        row = recurrence._ms365_rows().filtered(lambda row: row.ms365_day == day)
        in_words = recurrence._ms365_describe_rule
        conflict.write(
            {
                "event_id": (row or recurrence.base_event_id).id,
                "occurrence_day": day or False,
                "base": before and Base(**before).to_json(),
                "rules": {
                    "base": base and in_words(base.ours.rule),
                    "odoo": in_words(sides.ours.rule),
                    "outlook": in_words(sides.theirs.rule),
                },
            }
        )
        return conflict

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _write(self, sides: Sides, merge: SeriesMerge) -> bool:
        """Make Odoo hold the target of a merge; return whether its events change."""
        link, ours, target = sides.link, sides.ours, merge.target
        master = sides.remote.master
        roles = {"is_organizer": master.is_organizer, "on_behalf": master.on_behalf}
        if any(link[name] != role for name, role in roles.items()):
            link.write(roles)
        changed = target.contents() != ours.contents() or target.rule != ours.rule
        if changed or target.master != ours.master:
            recurrence = link.recurrence_id
            rows = recurrence._ms365_rows()
            self._reading.rows_writer.write_series(
                recurrence, ours, target, sides.remote
            )
            archived = rows.filtered(lambda row: not row.active)
            link._remember_occurrences(archived, link._deleted_vals("odoo"))
        return changed

    def _agree(
        self,
        sides: Sides,
        merge: SeriesMerge,
        choices: Choices | None,
        lost: frozenset[str],
    ) -> tuple[frozenset[str], bool]:
        """Store the agreed base of both sides, with the replies.

        :param lost: days of the occurrences that Odoo has lost
        :return: see :meth:`_names_to_send`
        """
        link, remote, theirs = sides.link, sides.remote, sides.theirs
        reading, recurrence = self._reading, sides.link.recurrence_id
        replies = self._replies.write_new(link, remote)
        reading.rows_writer.record_teams_link(recurrence, remote.master)
        ours_now = recurrence._ms365_read_series(theirs.window, theirs=theirs)
        agreed = agreed_base(sides.base, ours_now or merge.target, theirs, merge)
        if link.state == "conflict":
            reading.Conflict._close_gone(link)
        if not link._may_lose(lost, "to_odoo"):
            link._record_losses("odoo", len(lost))
        recurrence._ms365_forget_removed(theirs)
        to_send = self._names_to_send(link, merge, choices)
        if link.awaits_word and not merge.changes_graph:
            link.awaits_word = False
        store(reading, link, remote, agreed, replies)
        return to_send

    def _names_to_send(
        self, link: Link, merge: SeriesMerge, choices: Choices | None
    ) -> tuple[frozenset[str], bool]:
        """Return the names still to send of a series, and True if anything is left."""
        if link.awaits_word or not merge.changes_graph:
            return frozenset(), merge.changes_graph
        key = link.recurrence_id._ms365_event_key()
        recorded, waiting = self._reading.Outbox._unarrived_names(link, key)
        names = series_names_to_record(merge, recorded, waiting, choices)
        return names, bool(names or waiting is None or waiting)

    def _show(
        self, sides: Sides, merge: SeriesMerge, *, changed: bool, is_waiting: bool
    ) -> None:
        reading, master = self._reading, sides.remote.master
        recurrence = sides.link.recurrence_id
        rows = recurrence._ms365_rows()
        bookkeeping = {
            "synced_field_hash": sides.theirs.hash,
            "ms_change_key": master.change_key,
            "ms365_sync_state": "pending" if is_waiting else "synced",
        }
        if changed:
            bookkeeping["sync_origin"] = "outlook"
        rows._ms365_write_bookkeeping(bookkeeping)
        if changed:
            reading.changes(sides.link, changes_of_series(sides.ours, merge.target))
            reading.changed(rows)
        reading.log(
            "update",
            "done" if changed else "nothing",
            event=recurrence.base_event_id,
            remote_id=master.remote_id,
            field_names=_field_names(merge),
            reason=parts_skipped(master.warnings),
        )
        if master.kind == "singleInstance" and not merge.changes_graph:
            self._become_single(sides.link)

    def _become_single(self, link: Link) -> None:
        """Turn a series into a single event, as Outlook has removed the repetition."""
        reading, recurrence = self._reading, link.recurrence_id
        rows = recurrence._ms365_rows()
        if len(rows) != 1:
            return
        base = link._series_base
        event = reading.rows_writer.unwrap(recurrence)
        links = recurrence.ms365_link_ids
        links.write({"recurrence_id": False, "event_id": event.id, "is_series": False})
        day = base.theirs.days[0]
        link.write(
            reading.Link._base_vals(
                Base(base.ours.occurrence(day), base.theirs.occurrence(day))
            )
        )
        reading.Outbox._move_edits_to_event(recurrence, event)
        recurrence._ms365_discard()
        read_others_again(link)


def _field_names(merge: SeriesMerge) -> set[str]:
    names = set(merge.shared.to_odoo)
    names |= {name for name in ("times", "rule") if getattr(merge, name) == "odoo"}
    for of_day in merge.occurrences.values():
        names |= of_day.to_odoo
    return names | ({DELETED} if merge.gone_in_graph else set())
