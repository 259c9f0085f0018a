"""Compare noticed events with the last agreement, and decide about each difference."""

import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from ...sync.worker.commit_retry import commit_step

#: Links that are looked at in one transaction.
SLICE = 100

_logger = logging.getLogger(__name__)


class PraetorxMs365Difference(models.Model):
    _inherit = "praetorx.ms365.difference"

    @api.model
    def _cron_compare(self):
        """Compare the recorded events, slice by slice; a crash repeats one slice."""
        if self.env["praetorx.ms365.account"]._is_paused():
            return
        plan = self.env["praetorx.ms365.account"]._plan_checks
        commit_step(self.env, "the plan of comparisons", plan)
        while found := len(self._next_slice()):
            if not commit_step(self.env, "a change", self._compare_next_slice, found):
                self._wake()
                return

    @api.model
    def _compare_next_slice(self):
        self._next_slice()._compare()

    @api.model
    def _due(self):
        """Return the domain of differences with links that have no write under way."""
        return (
            Domain("state", "=", "noted")
            & Domain("link_id.needs_read", "=", False)
            & Domain("link_id.sent_snapshot", "=", False)
        )

    @api.model
    def _next_slice(self):
        return self.search(self._due(), order="id", limit=SLICE)

    def _compare(self):
        """Send differences that mail nobody, and ask about the others."""
        found = self.link_id._find_differences_in_odoo()
        self.env["praetorx.ms365.event.link"].union(*found)._end_what_is_equal_again()
        for link, rows in self.grouped("link_id").items():
            result = found.get(link)
            kept = rows[:1] if result and result.names else rows.browse()
            (rows - kept).unlink()
            if kept:
                kept._decide_safely(link, result)

    def _decide_safely(self, link, result):
        """Decide about one event; if that fails, it is shown, and the others go on."""
        try:
            with self.env.cr.savepoint():
                self._decide(link, result)
        except OperationalError:
            raise
        except Exception:
            _logger.exception(
                "Microsoft 365: difference %s cannot be processed", self.id
            )
            self._found(link, result.names, "shown", result.before, result.after)

    def _decide(self, link, result):
        """Send, ask about or show the differences of one event.

        :param result: a :class:`Differences` that has found something
        """
        author = self.author_id or self.env.user
        sent = asked = self.env["praetorx.ms365.outbox"]
        if result.send:
            sent = self._enqueue(link, result.send, author)
        if result.ask:
            before, after = link._sides_of_difference(result.ask)
            asked = self._adopt_asked_entries(link, result.ask)
            asked = asked or self._enqueue(link, result.ask, author)
            if asked:
                self.env["praetorx.ms365.approval"].sudo()._ask(
                    asked,
                    kind="noticed",
                    operation="update",
                    field_names=result.ask,
                    impact=result.impact,
                    author=author,
                    before=before,
                    after=after,
                )
        state = (sent | asked)._state_of_difference() or "shown"
        if result.not_ours and state == "shown":
            link.needs_read = True
            link.account_id._request_pull(fresh_seconds=0)
            state = "read"
        self._found(link, result.names, state, result.before, result.after)

    def _adopt_asked_entries(self, link, names):
        """Return the entries that wait for the owner already, now for this difference.

        :param names: the fields to ask about from now on
        """
        entries = link._asked_difference().entry_ids
        held = entries.filtered(lambda entry: entry.state == "held")
        earlier = entries.difference_id - self
        held.write({"field_names": sorted(names), "difference_id": self.id})
        if earlier and self.cause == "unknown":
            self.cause = earlier[0].cause
        earlier.unlink()
        return held

    def _found(self, link, names, state, before=None, after=None):
        """Record the differing fields and the outcome.

        Both values are kept, as far as they are known: sending makes the sides equal.

        :param names: as the engine calls them
        :param before: :class:`Content` (:class:`Series`) that the side held before
        :param after: the same, now
        """
        vals = {
            "field_names": sorted(names),
            "version": link._version(),
            "state": state,
            "before": before.to_json() if before else False,
            "after": after.to_json() if after else False,
        }
        self.write(vals)

    @api.model
    def _found_before(self, link, side, names):
        """Return True if a comparison finds only differences that are recorded already.

        Neither side has changed since, so the last attempt did not help. The
        difference is shown from now on, and neither sent nor counted again.
        """
        known = self.search(
            Domain("link_id", "=", link.id)
            & Domain("side", "=", side)
            & Domain("state", "in", ["shown", "sent", "read", "over"]),
            order="id desc",
            limit=1,
        )
        if known.field_names != sorted(names) or known.version != link._version():
            return False
        known.state = "shown"
        return True

    @api.model
    def _no_longer(self, links):
        """Close the shown differences of links that are equal on both sides now."""
        shown = Domain("link_id", "in", links.ids) & Domain("state", "=", "shown")
        self.search(shown).state = "over"

    def _enqueue(self, link, names, author):
        """Return new entries for the differences of one event, recorded by the sync.

        The decision to ask the owner was made here, so the author is not judged again.
        """
        Outbox = self.env["praetorx.ms365.outbox"].with_user(SUPERUSER_ID)
        entries = Outbox._enqueue_upserts(
            link._one_event(), names=names, noted_late=True
        )
        entries.write({"author_id": author.id, "difference_id": self.id})
        return entries.with_env(self.env)
