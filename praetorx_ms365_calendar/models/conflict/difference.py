"""Differences between Odoo and Outlook that come from no edit of an event.

Such changes are recorded when they happen, always by one statement. A cron checks the
events in small slices. Changes that cause no mails are sent. The owner is asked about
the others.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import HIDES_CONTENT
from ...engine.series import stored_content

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
        """Follow the outbox entry; without one the state stays as it was."""
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
        """Return True if the viewer may know these versions: private stays private."""
        if self.user_id == self.env.user:
            return True
        event = self.event_id.exists()
        return (
            bool(event)
            and event.effective_privacy not in HIDES_CONTENT
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
