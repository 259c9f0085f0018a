"""What differs between Odoo and Outlook although nobody has edited an event.

Such changes are noted when they happen, by one statement whatever their number. A cron
looks at the events in small slices: what mails nobody is sent, the rest is asked.
"""

import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.series import stored_content
from ...sync.worker.commit_retry import commit_step

_logger = logging.getLogger(__name__)

#: Links that are looked at in one transaction.
SLICE = 100
CAUSES = [
    ("contact", "A contact was changed, merged or deleted"),
    ("tag", "A tag was renamed or deleted"),
    ("reminder", "A reminder was changed or deleted"),
    ("privacy", "The default privacy of a person was changed"),
    ("person", "The language or the time zone of a person was changed"),
    ("unknown", "Found by the self-check"),
]


class PraetorxMs365Difference(models.Model):
    """A difference between the two sides of a linked event that no edit explains."""

    _name = "praetorx.ms365.difference"
    _description = "Microsoft 365 Difference"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _order = "id desc"

    display_name = fields.Char("Event")
    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="account_id.user_id", string="Calendar of")
    company_id = fields.Many2one(related="account_id.company_id")
    link_id = fields.Many2one(
        "praetorx.ms365.event.link", ondelete="cascade", index=True
    )
    event_id = fields.Many2one(
        "calendar.event", "Event in Odoo", compute="_compute_event_id"
    )
    side = fields.Selection(
        [("odoo", "In Odoo"), ("outlook", "In Outlook")],
        "Changed",
        required=True,
        default="odoo",
    )
    cause = fields.Selection(CAUSES, required=True, default="unknown")
    field_names = fields.Json(
        groups=fields.NO_ACCESS, help="Names of what differs, as the engine calls it."
    )
    what = fields.Char(compute="_compute_what", help="What differs, in words.")
    before = fields.Json(
        groups=fields.NO_ACCESS, copy=False, help="What the changed side held before."
    )
    after = fields.Json(
        groups=fields.NO_ACCESS, copy=False, help="What it held when this was found."
    )
    changes = fields.Html(
        compute="_compute_changes",
        compute_sudo=True,
        sanitize=False,
        help="Both values of what differs, for those who may know them.",
    )
    entry_ids = fields.One2many("praetorx.ms365.outbox", "difference_id", "Outbox")
    state = fields.Selection(
        [
            ("noted", "Not looked at yet"),
            ("shown", "Open"),
            ("to_send", "To send"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("asked", "Waits for the owner"),
            ("not_sent", "Not sent"),
            ("read", "Read again from Outlook"),
            ("over", "Both sides are equal again"),
        ],
        compute="_compute_state",
        store=True,
        readonly=False,
        default="noted",
        required=True,
        help="Of what goes to Outlook, what has become of it in the outbox.",
    )
    author_id = fields.Many2one("res.users", "Changed by", ondelete="set null")
    version = fields.Char(
        groups=fields.NO_ACCESS,
        help="The version of the link in which it was found: as long as that is the "
        "same, nothing has come of it.",
    )

    _noted_idx = models.Index("(account_id, link_id) WHERE state = 'noted'")

    @api.depends("link_id")
    def _compute_event_id(self):
        for difference in self:
            difference.event_id = difference.link_id.sudo()._any_event()[:1]

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for difference in self:
            event = difference.event_id
            difference.display_name = event.display_name or f"#{difference.id}"

    @api.depends("field_names")
    @api.depends_context("lang")
    def _compute_what(self):
        labels = self.env["praetorx.ms365.conflict"]._labels()
        for difference in self:
            names = difference.sudo().field_names or []
            words = [labels.get(name, name) for name in names]
            difference.what = ", ".join(words)

    @api.depends("entry_ids.state", "entry_ids.approval_id.state")
    def _compute_state(self):
        """Follow the outbox; what it has forgotten stays as it was."""
        for difference in self:
            known = difference.state
            follows = known not in ("shown", "read", "over")
            state = follows and difference.entry_ids._state_of_difference()
            difference.state = state or known

    @api.depends("before", "after", "field_names", "link_id.event_id.privacy")
    @api.depends_context("uid", "lang", "tz")
    def _compute_changes(self):
        Words = self.env["praetorx.ms365.conflict"]
        for difference in self:
            before = stored_content(difference.before)
            after = stored_content(difference.after)
            names = difference.field_names or ()
            shown = before and after and difference._may_know(before, after)
            difference.changes = shown and Words._changes_table(names, before, after)

    def _may_know(self, *versions):
        """Tell whether the viewer may know these versions: private stays private."""
        if self.user_id == self.env.user:
            return True
        event = self.event_id.exists()
        return (
            bool(event)
            and event.effective_privacy not in ("private", "confidential")
            and all(version.sensitivity == "normal" for version in versions)
            and event.sudo(False).has_access("read")
        )

    # ------------------------------------------------------------------
    # Noting down, in the transaction of the change
    # ------------------------------------------------------------------

    @api.model
    def _record_events_with(self, cause, field_name, records):
        """Note down that events have shared records that change or go.

        :param cause: a value of ``cause``
        :param field_name: of the many-to-many field of events that holds the records
        """
        if not records:
            return
        field = self.env["calendar.event"]._fields[field_name]
        self._record_links(
            cause,
            _links_of_events(
                SQL(
                    "SELECT %s FROM %s WHERE %s IN %s",
                    SQL.identifier(field.column1),
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column2),
                    tuple(records.ids),
                )
            ),
        )

    @api.model
    def _record_links(self, cause, links):
        """Note down the same of the events of links.

        Rows are added and no link is written to: nobody waits for a worker.

        :param links: :class:`SQL` that selects their ids
        """
        if not self.env["praetorx.ms365.account"]._pushing_accounts():
            return
        self.env.flush_all()
        recorded = self.env.execute_query(
            SQL(
                """
                INSERT INTO praetorx_ms365_difference
                       (account_id, link_id, side, cause, state, author_id,
                        create_uid, write_uid, create_date, write_date)
                SELECT link.account_id, link.id, 'odoo', %(cause)s, 'noted', %(uid)s,
                       %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM praetorx_ms365_event_link link
                 WHERE link.id IN (%(links)s)
                   AND link.is_primary
                   AND link.base_snapshot IS NOT NULL
                RETURNING 1
                """,
                cause=cause,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                links=links,
            )
        )
        if recorded:
            self._wake()

    @api.model
    def _wake(self):
        self.env.ref("praetorx_ms365_calendar.ir_cron_compare").sudo()._trigger()

    # ------------------------------------------------------------------
    # Looking at it
    # ------------------------------------------------------------------

    @api.model
    def _cron_compare(self):
        """Look at what was noted, slice by slice; a crash repeats one slice."""
        if self.env["praetorx.ms365.account"]._is_paused():
            return
        plan = self.env["praetorx.ms365.account"]._plan_checks
        commit_step(self.env, "the plan of comparisons", plan)
        while found := len(self._next_slice()):
            if not commit_step(self.env, "a change", self._process_next_slice, found):
                self._wake()
                return

    @api.model
    def _process_next_slice(self):
        self._next_slice()._process()

    @api.model
    def _due(self):
        """Return what can be looked at: nobody is about to write to these links."""
        return (
            Domain("state", "=", "noted")
            & Domain("link_id.needs_read", "=", False)
            & Domain("link_id.sent_snapshot", "=", False)
        )

    @api.model
    def _next_slice(self):
        return self.search(self._due(), order="id", limit=SLICE)

    def _process(self):
        """Send what mails nobody, and ask about the rest."""
        found = self.link_id._find_differences_in_odoo()
        self.env["praetorx.ms365.event.link"].union(*found)._end_what_is_equal_again()
        for link, rows in self.grouped("link_id").items():
            result = found.get(link)
            kept = rows[:1] if result and result.names else rows.browse()
            (rows - kept).unlink()
            if kept:
                kept._process_safely(link, result)

    def _process_safely(self, link, result):
        """Settle one event; where that fails, it is shown, and the others go on."""
        try:
            with self.env.cr.savepoint():
                self._process_one(link, result)
        except OperationalError:
            raise
        except Exception:
            _logger.exception(
                "Microsoft 365: difference %s cannot be processed", self.id
            )
            self._found(link, result.names, "shown", result.before, result.after)

    def _process_one(self, link, result):
        """Send, ask or show what one event has.

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
        """Return the entries that wait for the owner's word already, as this one's.

        :param names: what is asked from now on
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
        """Record what differs, and what came of it.

        Both values are kept, as far as they are known: sending makes the sides equal.

        :param names: as the engine calls them
        :param before: :class:`Content` (:class:`Series`) that the side held before
        :param after: the same of now
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
        """Tell whether a comparison finds only what is recorded already.

        Neither side has changed since: what was done about it has not helped. It is
        shown from now on, and neither sent nor counted once more.
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
        """Close what is shown of links that are found equal on both sides."""
        shown = Domain("link_id", "in", links.ids) & Domain("state", "=", "shown")
        self.search(shown).state = "over"

    def _enqueue(self, link, names, author):
        """Return the entries for what one event has, noted down by the sync itself.

        Whether the owner is asked was decided here: nobody judges the author once more.
        """
        Outbox = self.env["praetorx.ms365.outbox"].with_user(SUPERUSER_ID)
        entries = Outbox._enqueue_upserts(
            link._one_event(), names=names, noted_late=True
        )
        entries.write({"author_id": author.id, "difference_id": self.id})
        return entries.with_env(self.env)

    @api.autovacuum
    def _gc_processed(self):
        """Forget processed differences after a while."""
        limit = 1000
        old = self.search(
            Domain("state", "in", ["sent", "asked", "not_sent", "read", "over"])
            & Domain("write_date", "<", "today -30d"),
            limit=limit,
        )
        old.unlink()
        return len(old), len(old) == limit


def _links_of_events(event_ids):
    """Return :class:`SQL` that selects the links of events and of their series.

    :param event_ids: :class:`SQL` that selects the ids of the events
    """
    return SQL(
        """
        WITH concerned AS (
            SELECT id, recurrence_id FROM calendar_event WHERE id IN (%s)
        )
        SELECT link.id FROM concerned
          JOIN praetorx_ms365_event_link link ON link.event_id = concerned.id
        UNION
        SELECT link.id FROM concerned
          JOIN praetorx_ms365_event_link link
            ON link.recurrence_id = concerned.recurrence_id
        """,
        event_ids,
    )
