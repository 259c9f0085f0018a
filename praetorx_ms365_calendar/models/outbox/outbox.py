from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...const import SERIES_KEYS, UNDER_WAY
from ...engine.plan import pushes
from ...engine.retry import is_late
from ...engine.series import Series
from ...engine.snapshot import Content

OUTBOX_STATES = [
    ("pending", "Pending"),
    ("sending", "Being sent"),
    ("held", "Held"),
    ("done", "Done"),
    ("dead", "Failed"),
]
DONE_KEPT = timedelta(days=7)


class PraetorxMs365Outbox(models.Model):
    """A change committed in Odoo that Graph has not confirmed yet.

    Written in the transaction of the edit and only ever appended to: several entries
    of one event are sent as one write of its latest state.
    """

    _name = "praetorx.ms365.outbox"
    _description = "Microsoft 365 Outbox Entry"
    _inherit = ["praetorx.ms365.reasoned", "praetorx.ms365.bookkeeping"]
    _order = "id desc"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade"
    )
    user_id = fields.Many2one(related="account_id.user_id")
    company_id = fields.Many2one(related="account_id.company_id")
    event_id = fields.Many2one("calendar.event", ondelete="set null", index=True)
    recurrence_id = fields.Many2one(
        "calendar.recurrence", ondelete="set null", index="btree_not_null"
    )
    event_key = fields.Integer(
        required=True,
        index=True,
        help="Id of the event, also after it was deleted; of a series, that of its "
        "recurrence below SERIES_KEYS; where nobody knows the event any more, that of "
        "the link below zero.",
    )
    link_id = fields.Many2one(
        "praetorx.ms365.event.link", ondelete="set null", index="btree_not_null"
    )
    operation = fields.Selection(
        [
            ("upsert", "Create or update"),
            ("delete", "Delete"),
            ("respond", "Answer an invitation"),
        ],
        required=True,
    )
    state = fields.Selection(OUTBOX_STATES, default="pending", required=True)
    not_before = fields.Datetime(default=fields.Datetime.now, required=True)
    attempts = fields.Integer()
    failing_since = fields.Datetime(
        groups=fields.NO_ACCESS, copy=False, help="Time of the first failure in a row."
    )
    asked_until = fields.Datetime(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Microsoft has asked not to repeat the request before this time.",
    )
    is_late = fields.Boolean(
        "Waits After an Error",
        compute="_compute_is_late",
        compute_sudo=True,
        store=True,
        help="It has failed, and its next attempt is long after the first failure.",
    )
    can_retry = fields.Boolean("Can Be Sent Again", compute="_compute_can_retry")
    #: Class of failures -> their number; ``attempts`` has the number of the last class.
    failure_counts = fields.Json(groups=fields.NO_ACCESS, copy=False)
    calendar_id = fields.Many2one(
        "praetorx.ms365.calendar",
        ondelete="set null",
        index="btree_not_null",
        help="Where it is sent to; empty for the primary calendar.",
    )
    idempotency_key = fields.Char(
        required=True, copy=False, index=True, help="transactionId of a create."
    )
    stamp = fields.Char(required=True, copy=False)
    was_sought = fields.Boolean(
        copy=False, help="No event with this stamp was in Outlook after the last try."
    )
    sought_calendars = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Ids of the calendars without such an event, while others are searched.",
    )
    noted_late = fields.Boolean(
        help="Recorded some time after the edit. The time of the edit is unknown."
    )
    title_prefix = fields.Char(help="With which the create was sent.")
    sent_content = fields.Json(groups=fields.NO_ACCESS, copy=False)
    move_source = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The event in full, of which another calendar gets a copy.",
    )
    request_id = fields.Char("Microsoft's Request Id", readonly=True)
    title = fields.Char(
        "Event Title",
        compute="_compute_title",
        help="Also of a deleted event, as far as the viewer may know it.",
    )

    _due_idx = models.Index(
        "(account_id, not_before, id) WHERE state IN ('pending', 'sending')"
    )
    _event_idx = models.Index(
        "(account_id, event_key) WHERE state IN ('pending', 'sending', 'dead')"
    )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for entry in self:
            entry.display_name = entry.event_id.display_name or f"#{entry.id}"

    @api.depends("event_id", "link_id", "event_key")
    @api.depends_context("uid")
    def _compute_title(self):
        for entry in self:
            known = entry.event_id.display_name or entry.link_id.sudo(False).title
            entry.title = known or (entry.event_key > 0 and f"#{entry.event_key}")

    @api.depends("failing_since", "not_before")
    def _compute_is_late(self):
        for entry in self:
            since = entry.failing_since
            entry.is_late = bool(since) and is_late(since, entry.not_before)

    @api.depends("state", "is_late")
    def _compute_can_retry(self):
        for entry in self:
            waits = entry.state == "pending" and entry.is_late
            entry.can_retry = waits or entry.state == "dead"

    def _all_events(self):
        """Return the events of these entries; for a series, all of its events."""
        of_series = self.filtered("recurrence_id")
        events = (self - of_series).event_id
        return events | of_series.recurrence_id._ms365_rows()

    def _count_failure(self, kind):
        """Return the values that record one more failure of a class.

        Each class has its own count, and a failure of another class keeps it. So an
        edit ends as a dead letter even if two classes of failures take turns. A failed
        reading counts as a failure only.
        """
        counts = {}
        for entry in self:
            for known, count in (entry.failure_counts or {}).items():
                counts[known] = max(count, counts.get(known, 0))
        counts[kind] = counts.get(kind, 0) + 1
        return {
            "attempts": counts[kind],
            "failure_counts": counts,
            "readings": 0,
            **self._failing(),
        }

    def _failing(self):
        """Return the value that records since when these entries have failed."""
        known = [one for one in self.mapped("failing_since") if one]
        return {"failing_since": min(known, default=fields.Datetime.now())}

    def _meeting(self):
        """Return the event or the series of this entry."""
        return self.recurrence_id if self._is_series else self.event_id

    @property
    def _is_series(self):
        """Whether an entry is about a series."""
        without_id = self.event_key < 0 and self.link_id.is_series
        return self.event_key <= SERIES_KEYS or without_id

    @api.model
    def _unsent(self, events):
        """Return the edits of these events that Outlook does not have yet."""
        return self.search(
            [
                ("event_id", "in", events.ids),
                ("operation", "!=", "respond"),
                ("state", "!=", "done"),
            ]
        )

    def _is_waiting(self, account, event_key):
        """Return True if an edit of this event is under way to this mailbox."""
        return bool(
            self.search_count(
                [
                    ("account_id", "=", account.id),
                    ("event_key", "=", event_key),
                    ("operation", "!=", "respond"),
                    ("state", "in", UNDER_WAY),
                ],
                limit=1,
            )
        )

    def _edited_at(self, link):
        """Return when a person last edited or deleted a linked event in Odoo.

        It is the moment of the newest entry; a column of the event is not: the sync
        itself writes there too.

        :return: naive UTC, None if it is not known
        """
        of_event = Domain("link_id", "=", link.id)
        if meeting := link._meeting():  # entries from before there was a link
            of_event |= Domain("event_key", "=", meeting._ms365_event_key())
        newest = self.search(
            Domain("account_id", "=", link.account_id.id) & of_event,
            order="id desc",
            limit=1,
        )
        return None if newest.noted_late else newest.create_date or None

    @api.model
    def _database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _read_sent(self):
        """Return the content of a create, a :class:`Content` or a :class:`Series`."""
        sent = self.sent_content
        return (Series if "rule" in sent else Content).from_json(sent)

    @api.model
    def _own_creates(self, account, keys):
        """Return transaction id -> the entry that created the event with this id.

        If there are several, it is the last sent one, or the first if none was sent.

        :param keys: transaction ids, as read from Outlook
        """
        found = {}
        for entry in self.search(
            Domain("account_id", "=", account.id)
            & Domain("idempotency_key", "in", keys)
            & Domain("operation", "=", "upsert"),
            order="id",
        ):
            if entry.sent_content or entry.idempotency_key not in found:
                found[entry.idempotency_key] = entry
        return found

    @api.model
    def _unanswered_creates(self):
        """Return creates without a response: their events may be in Outlook.

        All mailboxes count, also disabled ones: their responses were lost.

        :return: mail address -> contents, each with the time since its last try
        """
        found = {}
        for entry in self.search(
            Domain("operation", "=", "upsert")
            & Domain("state", "in", UNDER_WAY)
            & Domain("sent_content", "!=", False)
        ):
            sent = entry._read_sent()
            content = sent.master if isinstance(sent, Series) else sent
            age = fields.Datetime.now() - entry.write_date
            for address in entry.account_id._addresses():
                found.setdefault(address, []).append((content, age))
        return found

    def _failed_creates(self, account):
        """Return failed creates of the same events: their events may be in Outlook."""
        return self.search(
            Domain("account_id", "=", account.id)
            & Domain("event_key", "in", self.mapped("event_key"))
            & Domain("state", "=", "dead")
            & Domain("sent_content", "!=", False),
            order="id",
        )

    def _first_attempt(self, key):
        """Return the first entry that sent the create with this key, if any."""
        return self.filtered(
            lambda entry: entry.idempotency_key == key and entry.sent_content
        )[:1]

    def _sought_everywhere(self):
        """Return the ids of the calendars in which all these entries were sought."""
        found = [set(entry.sought_calendars or ()) for entry in self]
        return set.intersection(*found) if found else set()

    def _lost_move(self):
        """Return the first of these entries that sent a copy without response, if any.

        The response ends the move, so that its source is forgotten.
        """
        return self.filtered(lambda entry: entry.sent_content and entry.move_source)[:1]

    def _last_create(self):
        """Return the last entry that sent a create of this event, if any."""
        return self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("event_key", "=", self.event_key),
                ("sent_content", "!=", False),
            ],
            order="id desc",
            limit=1,
        )

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    @api.model
    def _close_overtaken(self, sent):
        """Close failed entries of events if their latest state has arrived since.

        :param sent: the entries that sent this state
        """
        if {"respond"} & set(sent.mapped("operation")):
            return  # a reply sends no edits
        overtaken = self.search(
            Domain("account_id", "in", sent.account_id.ids)
            & Domain("event_key", "in", sent.mapped("event_key"))
            & Domain("operation", "!=", "respond")
            & Domain("state", "=", "dead")
            & Domain("id", "<", max(sent.ids))
        )
        overtaken.state = "done"

    def _is_retried(self):
        return self.state in UNDER_WAY

    def _reason_event(self):
        return self._all_events()[:1]

    def _remedy_try_again(self):
        return self.action_retry()

    def action_retry(self) -> None:
        """Send failed and late entries at once, as a person has requested.

        :raise UserError: Odoo does not write to that mailbox
        """
        self.check_access("read")
        entries_sudo = self.sudo().filtered("can_retry")
        if not all(pushes(one.direction) for one in entries_sudo.account_id):
            raise UserError(
                self.env._(
                    "This calendar is only read from Outlook. To send the change, "
                    "choose another direction in “My Connection” first."
                )
            )
        entries_sudo._all_events()._ms365_lock()
        entries_sudo._send_at_once()
        entries_sudo._all_events()._ms365_show_state("pending")
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()

    def _send_at_once(self):
        """Make these entries due, as if they had never failed.

        Only a wait that Microsoft has asked for stays.
        """
        now = fields.Datetime.now()
        for until, entries in self.grouped("asked_until").items():
            entries.write(
                {
                    "state": "pending",
                    "attempts": 0,
                    "failure_counts": False,
                    "readings": 0,
                    "failing_since": False,
                    "reason": False,
                    "not_before": max(until or now, now),
                }
            )

    @api.autovacuum
    def _gc_done(self):
        limit = 1000
        entries = self.search(
            Domain("state", "=", "done")
            & Domain("write_date", "<", fields.Datetime.now() - DONE_KEPT),
            limit=limit,
        ).try_lock_for_update()
        entries.unlink()
        return len(entries), len(entries) == limit
