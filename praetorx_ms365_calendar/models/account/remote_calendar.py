import random
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ...engine import delta, retry
from ...graph import calls

#: After a round that never ended, delta is left alone for this long.
DELTA_PAUSE = timedelta(hours=6)
#: The next round lists the whole window; events that it lacks are verified.
FROM_THE_START = {
    "delta_link": False,
    "next_link": False,
    "round_kind": False,
    "round_state": False,
    "sweep": True,
}


class PraetorxMs365Calendar(models.Model):
    """A remote calendar and the progress of reading it.

    A *round* is a chain of pages. An initial round lists the whole window and ends in
    a new delta link. A delta round lists the changes. When the window rolls, a new
    initial round runs first. Then the old delta link is read once more (the *retiring*
    round), so that no deletion in between is missed.
    """

    _name = "praetorx.ms365.calendar"
    _description = "Microsoft 365 Calendar"
    _inherit = ["praetorx.ms365.reasoned", "praetorx.ms365.bookkeeping"]

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True)
    remote_id = fields.Char(required=True)
    is_default = fields.Boolean()

    window_start = fields.Datetime(readonly=True)
    window_end = fields.Datetime(readonly=True)
    delta_link = fields.Text(readonly=True, groups=fields.NO_ACCESS)
    retiring_link = fields.Text(readonly=True, groups=fields.NO_ACCESS)

    round_kind = fields.Selection(
        [
            ("initial", "Whole window"),
            ("delta", "Changes"),
            ("retiring", "Last changes of the old window"),
            ("view", "Whole window, without delta"),
        ],
        readonly=True,
    )
    round_number = fields.Integer(readonly=True)
    next_link = fields.Text(readonly=True, groups=fields.NO_ACCESS)
    round_state = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    sweep = fields.Boolean(
        readonly=True, help="Verify what this round does not list, when it ends."
    )
    restart_requested = fields.Boolean(readonly=True)
    stamps_read = fields.Boolean(readonly=True)
    stamps_link = fields.Text(readonly=True, groups=fields.NO_ACCESS)
    delta_paused_until = fields.Datetime(readonly=True)
    restarts = fields.Integer(
        readonly=True,
        help="Rounds and searches that had to begin anew since one came to its end.",
    )

    _remote_unique = models.Constraint(
        "UNIQUE (account_id, remote_id)", "This calendar is listed already."
    )

    def _path(self):
        """Return the path of this calendar for Graph's calls.

        :return: None for the primary calendar, also where none is known yet
        """
        if not self or self.is_default:
            return None
        return calls.calendar_path(self.remote_id)

    def _restart_round(self):
        """Read the whole window again, and verify events that it does not list."""
        self.write(
            {
                **FROM_THE_START,
                "retiring_link": False,
                "stamps_link": False,
                "stamps_read": False,
                "restart_requested": False,
                "restarts": 0,
                "not_before": False,
            }
        )

    def _begin_round(self, now):
        """Decide which round comes next, if none is under way, and note it down."""
        self.ensure_one()
        if self.next_link or self.round_kind:
            return
        account = self.account_id
        start, end = account._window()
        paused = self.delta_paused_until and self.delta_paused_until > now
        kind = delta.plan_round(
            has_delta_link=bool(self.delta_link),
            is_outdated=bool(self.window_end)
            and delta.is_outdated(
                (self.window_start, self.window_end),
                (start, end),
                now=now,
                days_ahead=account.days_ahead,
            ),
            is_paused=bool(paused),
        )
        vals = {
            "round_number": self.round_number + 1,
            "round_state": False,
            "round_kind": kind,
        }
        if kind == "delta":
            vals["next_link"] = self.delta_link
        else:
            vals |= {
                "retiring_link": self.delta_link,
                # Without an old link, deletions before this round are not reported.
                "sweep": self.sweep or not self.delta_link,
                "window_start": start,
                "window_end": end,
            }
        self.write(vals)

    def _count_as_listed(self):
        """Have the next page count as one of a whole window, in a dry run."""
        self.write({"round_kind": "initial", "round_number": self.round_number + 1})

    def _end_round(self, delta_link):
        """Store the start of the next round.

        :return: a ``RoundEnd``: it names the events that must be verified now
        """
        self.ensure_one()
        end = delta.plan_round_end(
            self.round_kind,
            has_retiring_link=bool(self.retiring_link),
            sweep=self.sweep,
        )
        vals = {
            "next_link": False,
            "round_kind": False,
            "round_state": False,
            "restarts": 0,
        }
        if self.round_kind == "retiring":
            vals["retiring_link"] = False
        if end.stores_delta_link:
            vals["delta_link"] = delta_link
        if end.retires_next:
            vals |= {"round_kind": "retiring", "next_link": self.retiring_link}
        self.write(vals)
        return end

    def _lost_delta_state(self):
        """Graph has forgotten the state (410): list everything, verify the rest."""
        for calendar in self:
            if calendar.round_kind == "retiring":
                calendar.write(
                    {"retiring_link": False, "next_link": False, "round_kind": False}
                )
                calendar._sweep_links()
            else:
                calendar.write({**FROM_THE_START, "retiring_link": False})

    def _wait_to_begin(self, error, now):
        """Begin anew at once, and after longer and longer waits if that repeats.

        :param error: a ``ResyncNeeded``
        """
        self.ensure_one()
        self.restarts += 1
        step = retry.next_step(
            error, self.restarts, now=now, rng_fraction=random.random()
        )
        self.not_before = retry.whole_seconds(step.at) if step.at > now else False

    def _end_wait(self, now):
        """Return True if calendars have waited long enough to begin anew."""
        due = self.filtered(
            lambda calendar: (
                calendar.restarts and calendar.not_before and calendar.not_before <= now
            )
        )
        due.not_before = False
        return bool(due)

    def _delta_round_loops(self, now):
        """Give up on this delta round; a plain view of the window does the job."""
        self.write({**FROM_THE_START, "delta_paused_until": now + DELTA_PAUSE})

    def _sweep_links(self):
        """Have every linked event verified that the last full round did not list."""
        for calendar in self:
            calendar._verify_missing(calendar._links_not_listed())

    def _verify_window(self):
        """Mark events to verify that a full round of their time did not list.

        Delta never reports the deletion of an event outside the window.
        """
        self.ensure_one()
        self._verify_missing(
            self._links_not_listed(
                Domain("event_id.start", "<", self.window_end)
                & Domain("event_id.stop", ">", self.window_start)
            )
        )

    def _links_not_listed(self, which=Domain.TRUE):
        """Return the links that the last full round of this calendar did not list."""
        self.ensure_one()
        return self.env["praetorx.ms365.event.link"].search(
            Domain("calendar_id", "=", self.id)
            & Domain("state", "not in", ["deleted_here", "deleted_there"])
            & Domain("last_seen_round", "<", self.round_number)
            & Domain("remote_id", "!=", False)
            & which
        )

    def _verify_missing(self, links):
        """Have events read that this calendar misses: moved elsewhere, or deleted."""
        links.write(
            {
                "needs_read": True,
                "left_calendar": True,
                "last_seen_round": self.round_number,
            }
        )
