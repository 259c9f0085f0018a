"""Links of series: count the events of a deletion, and undo it.

A deleted series counts with all of its coming events. If only occurrences are deleted,
they can be held: the link then stores their days, and is not synced meanwhile.
"""

from datetime import datetime

from odoo import fields, models

from ...engine.deletions import BUDGET_PERIOD, cancellations, invitations
from ...engine.mail_impact import mails_of_new_series
from ...engine.series import days_lost
from ...engine.series_plan import base_with_shape_undone, base_without_days
from ...wording import (
    describe_date_count,
    describe_event_count,
    describe_series_count,
)


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    held_count = fields.Integer(
        "Coming Events",
        readonly=True,
        help="How many events the held deletion takes: of a series those to come.",
    )
    lost_days = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Of a series that goes on: the days whose occurrence is held, or was.",
    )
    unmade_days = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Days that the rule has, and that Odoo did not have when the series was "
        "created in Outlook: nobody loses what is deleted there to be the same.",
    )
    losses_noted_at = fields.Datetime(index="btree_not_null")
    recent_losses = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="When, where and how many occurrences were deleted unasked, lately.",
    )

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    def _today(self):
        """Return today's date as text; from it on, occurrences count as coming."""
        return fields.Date.today().isoformat()

    def _coming_count(self):
        """Return the number of events that this deletion removes.

        A single event always counts; of a series, only coming occurrences count.
        """
        self.ensure_one()
        if not self.is_series:
            return 1
        rows = self.recurrence_id._ms365_rows()
        days = rows.mapped("ms365_day")
        if not rows and (base := self._series_base):
            days = base.theirs.days if self.state == "deleted_here" else base.ours.days
        return max(1, sum(day >= self._today() for day in days))

    def _count_held(self):
        """Return how many events the held deletion of these takes."""
        return sum(link.held_count or 1 for link in self)

    def _describe_deleted(self):
        """Describe the number of deleted events, and the number of series in it."""
        series = self.filtered("is_series")
        singles = self - series
        what = []
        if singles or not series:
            what.append(describe_event_count(self.env, len(singles)))
        if series:
            what.append(
                self.env._(
                    "%(series)s (%(events)s to come)",
                    series=describe_series_count(self.env, len(series)),
                    events=describe_event_count(self.env, series._count_held()),
                )
            )
        return ", ".join(what)

    def _describe_shortened(self, *, starts_sentence=False):
        """Describe the number of dates that these series have lost.

        :param starts_sentence: the text is the beginning of a sentence
        """
        dates = describe_date_count(self.env, self._count_held())
        if len(self) > 1:
            return self.env._(
                "%(count)s series shortened by %(dates)s",
                count=len(self),
                dates=dates,
            )
        if starts_sentence:
            return self.env._("A series shortened by %(dates)s", dates=dates)
        return self.env._("a series shortened by %(dates)s", dates=dates)

    def _series_rows(self):
        """Return the events that these series have in Odoo's calendar."""
        return self.env["calendar.event"].union(
            *(recurrence._ms365_rows() for recurrence in self.recurrence_id)
        )

    def _mails_to_delete(self):
        """Return the number of mails when these own events are deleted in Outlook."""
        count = 0
        for link in self:
            # A series that only ends earlier is one update; else each date is mailed.
            ends = link.lost_days and link._ends_earlier()
            times = len(link.lost_days) if link.lost_days and not ends else 1
            count += times * cancellations([link._theirs()])
        return count

    def _ends_earlier(self):
        """Return True if the series has another rule in Odoo than at the agreement."""
        base, recurrence = self._series_base, self.recurrence_id
        if not base or not recurrence._ms365_rows():
            return False
        master = recurrence._ms365_master(recurrence._ms365_contents_by_day())
        return recurrence._ms365_rule(master) != base.ours.rule

    def _deletion_is_agreed(self):
        """Return True if a person has approved the deletion of the whole series."""
        return self.hold_id.state == "approved" and not self.lost_days

    def _lost_in_outlook(self):
        """Return the coming days that Outlook has, and that Odoo will delete there."""
        self.ensure_one()
        base, recurrence = self._series_base, self.recurrence_id
        rows = recurrence._ms365_rows()
        may_write = self.is_organizer and self._is_writable()
        if not base or not rows or not may_write:
            return frozenset()
        coming = {day for day in base.theirs.days if day >= self._today()}
        if coming <= set(rows.mapped("ms365_day")):
            return frozenset()  # the most frequent case, made fast
        if recurrence._ms365_why_inexpressible():
            return frozenset()  # nothing of it is sent
        ours = recurrence._ms365_series_to_send(
            self.account_id, base.theirs.window, base
        )
        if ours is None:
            return frozenset()
        return self._days_lost(base.theirs, ours)

    def _days_lost(self, before, after):
        """Return the coming days that Outlook loses; see :func:`days_lost`.

        Days that continue in a series of their own are not lost.
        """
        lost = days_lost(before, after, self._today()) - set(self.unmade_days or ())
        elsewhere = lost and self.recurrence_id._ms365_goes_on_from()
        return frozenset(day for day in lost if not elsewhere or day < elsewhere)

    def _record_losses(self, side, count):
        """Remember that occurrences were deleted unasked: they count for an hour.

        :param side: ``odoo`` or ``outlook``: where the sync has deleted them
        """
        self.ensure_one()
        if not count:
            return
        now = fields.Datetime.now()
        known = [one for one in self.recent_losses or [] if _is_recent(one, now)]
        self.write(
            {
                "recent_losses": [*known, [now.isoformat(), side, count]],
                "losses_noted_at": now,
            }
        )

    def _losses_lately(self, side):
        """Return how many occurrences were deleted on a side within the hour."""
        now = fields.Datetime.now()
        return sum(
            count
            for link in self
            for moment, where, count in link.recent_losses or []
            if where == side and _is_recent([moment], now)
        )

    # ------------------------------------------------------------------
    # Held occurrences
    # ------------------------------------------------------------------

    def _is_held(self):
        """Return True if occurrences of this series wait for a person."""
        return bool(self.lost_days) and self.hold_id.state == "open"

    def _may_lose(self, days, direction):
        """Return True if a person has agreed to lose just these occurrences."""
        hold = self.hold_id
        return (
            hold.state == "approved"
            and hold.direction == direction
            and set(days) <= set(self.lost_days or ())
        )

    def _end_hold(self):
        """End the hold of these series: no occurrence must be deleted any more."""
        holds = self.hold_id
        self.write({"hold_id": False, "lost_days": False, "held_count": 0})
        self._entries(["held"]).write({"state": "pending", "reason": False})
        holds._close_if_empty()

    def _keep_occurrences(self):
        """Keep the held occurrences in Odoo, each as an event of its own.

        Like any kept event, it is sent to Outlook as a new event if it is edited.
        """
        for link in self:
            base, recurrence = link._series_base, link.recurrence_id
            rows = recurrence._ms365_rows().filtered(
                lambda row, days=link.lost_days: row.ms365_day in days
            )
            link._remember_occurrences(rows, {"state": "deleted_there"})
            if base:
                base = base_without_days(base, rows.mapped("ms365_day"))
                link.write(link._base_vals(base))
            recurrence._ms365_detach(rows)
        self.needs_read = True

    def _remember_occurrences(self, rows, vals):
        """Record occurrences that Outlook has deleted, each in its own link.

        :param vals: further values of these links
        """
        if not rows:
            return
        base = self._series_base
        known = {
            link.event_id: link
            for link in rows.ms365_link_ids
            if link.account_id == self.account_id
        }
        missing = []
        for row in rows:
            of_day = {
                "is_primary": True,
                "is_organizer": self.is_organizer,
                **(self._base_vals(base.occurrence(row.ms365_day)) if base else {}),
                **vals,
            }
            if row in known:
                known[row].write(of_day)
            else:
                missing.append(
                    {
                        "account_id": self.account_id.id,
                        "calendar_id": self.calendar_id.id,
                        "event_id": row.id,
                        **of_day,
                    }
                )
        self.create(missing)

    def _forget_occurrences(self):
        """Delete the tombstones of occurrences when they are not needed any more."""
        self.filtered(
            lambda link: (
                link.state == "deleted_there"
                and link.event_id.recurrence_id
                and not link.remote_id
            )
        ).unlink()

    def _undo_lost_occurrences(self):
        """Restore the days, times and rule of these series from Outlook."""
        for link in self:
            rows = link.recurrence_id._ms365_archived_rows(link.lost_days)
            rows._ms365_for_sync(link.account_id.user_id).write({"active": True})
            rows.ms365_link_ids._forget_occurrences()
            link._forget_shape()
        self.needs_read = True

    def _forget_shape(self):
        """Let Outlook's days, times and rule win at the next reading of a series."""
        base = self._series_base
        self.recurrence_id._ms365_forget_removed()
        ours = base and self.recurrence_id._ms365_read_series()
        if ours:
            self.write(self._base_vals(base_with_shape_undone(base, ours)))

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------

    def _deletion_mails_nobody(self):
        """Return True if Exchange sends no mails when this is deleted in Outlook."""
        return all(content.invites_nobody for content in self._their_contents())

    def _mails_to_create(self):
        """Return the number of mails when these own events are created in Outlook."""
        series = self.filtered("recurrence_id")
        archived = (link._series_base for link in series)
        alone = self.event_id.filtered("recurrence_id")  # goes without its series
        return (
            (self.event_id - alone)._ms365_mails_to_create()
            + invitations(alone._ms365_read_contents().values())
            + sum(mails_of_new_series(base.ours) for base in archived if base)
        )


def _is_recent(loss, now):
    """Return True if a loss belongs to the current budget period."""
    return datetime.fromisoformat(loss[0]) > now - BUDGET_PERIOD
