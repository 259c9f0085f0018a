from odoo import api, fields, models

from ...engine.link_facts import LinkFacts
from ...engine.mapping.text import person_name
from ...engine.series import SeriesBase
from ...engine.snapshot import Base

LINK_STATES = [
    ("synced", "In sync"),
    ("waiting", "Waiting for the organizer's mailbox"),
    ("conflict", "In conflict"),
    ("quarantined", "Not understood"),
    ("gone", "Deleted in Outlook, not yet in Odoo"),
    ("deleted_here", "Deletion on its way"),
    ("deleted_there", "No longer in Outlook"),
    ("kept_there", "Deleted in Odoo, stays in Outlook"),
    ("calendar_off", "Its calendar is not synced"),
    ("other_view", "Linked through another calendar"),
]


class PraetorxMs365EventLink(models.Model):
    """One event of one mailbox, and the Odoo event that is the same meeting.

    Rows outlive both: a deleted event keeps its link as a tombstone, so that reading
    the calendar again cannot bring it back.
    """

    _name = "praetorx.ms365.event.link"
    _description = "Microsoft 365 Event Link"
    _inherit = ["praetorx.ms365.reasoned", "praetorx.ms365.bookkeeping"]
    _rec_name = "remote_id"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    calendar_id = fields.Many2one(
        "praetorx.ms365.calendar", ondelete="cascade", index=True
    )
    event_id = fields.Many2one("calendar.event", ondelete="set null")
    remote_id = fields.Char(index="btree_not_null")
    ical_uid = fields.Char(index="btree_not_null")
    change_key = fields.Char()
    modified_at = fields.Char(help="Graph's lastModifiedDateTime, as sent.")
    is_organizer = fields.Boolean(default=True)
    is_primary = fields.Boolean(
        help="The mailbox whose copy is compared with the Odoo event: the organizer's "
        "if it is synced, else the first attendee's."
    )
    state = fields.Selection(LINK_STATES, default="synced", required=True, index=True)
    version_set_aside = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The version that could not be stored: it is passed over.",
    )
    generation = fields.Integer(
        help="How often the event was made anew in this mailbox."
    )
    needs_read = fields.Boolean(help="Read this event before doing anything with it.")
    read_attempts = fields.Integer()
    read_not_before = fields.Datetime()
    #: Of its calendar: the last full round that listed it, or any that missed it.
    last_seen_round = fields.Integer()
    awaits_word = fields.Boolean(
        help="Edited while the sync was off: sending it would mail others."
    )

    base_snapshot = fields.Json(groups=fields.NO_ACCESS, copy=False)
    content_hash = fields.Char(
        help="SHA-256 of Outlook's content at the last agreement."
    )
    odoo_hash = fields.Char(help="SHA-256 of Odoo's content at the last agreement.")
    sent_snapshot = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="What will be agreed if the update that is under way arrives.",
    )
    teams_block = fields.Text(groups=fields.NO_ACCESS, copy=False)
    successor_id = fields.Many2one(
        "calendar.event",
        ondelete="set null",
        index="btree_not_null",
        help="Deleted in Outlook once this event is there: another organizer has it.",
    )
    successor_series_id = fields.Many2one(
        "calendar.recurrence",
        ondelete="set null",
        index="btree_not_null",
        help="The same, of a series.",
    )
    answers = fields.Json(
        groups=fields.NO_ACCESS, copy=False, help="The answers last seen in Outlook."
    )
    web_link = fields.Char()
    organizer_name = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The organizer in Outlook, for meetings of people who do not use Odoo.",
    )
    organizer_address = fields.Char(groups=fields.NO_ACCESS, copy=False)
    title_prefix = fields.Char(
        help="What stands before the title in Outlook, since Odoo has sent it so."
    )

    _remote_unique = models.UniqueIndex(
        "(account_id, remote_id) WHERE remote_id IS NOT NULL",
        "This Outlook event is linked already.",
    )
    _event_unique = models.UniqueIndex(
        "(account_id, event_id) WHERE event_id IS NOT NULL",
        "This event is linked to this mailbox already.",
    )
    _primary_unique = models.UniqueIndex(
        "(ical_uid) WHERE is_primary AND ical_uid IS NOT NULL"
        " AND (event_id IS NOT NULL OR recurrence_id IS NOT NULL)",
        "This meeting is linked to another event already.",
    )
    #: Values of a link when its remote event has just been read.
    _READ = {
        "needs_read": False,
        "read_attempts": 0,
        "read_not_before": False,
        "expected": False,
    }
    #: Values after a final deletion in Odoo; the last update does not matter any more.
    _DELETED_HERE = {"state": "deleted_here", "sent_snapshot": False}

    _waiting_idx = models.Index("(ical_uid) WHERE state = 'waiting'")
    _event_idx = models.Index("(event_id) WHERE event_id IS NOT NULL")
    _needs_read_idx = models.Index(
        "(account_id, read_not_before) WHERE needs_read AND remote_id IS NOT NULL"
    )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for link in self:
            link.display_name = link._any_event().display_name or f"#{link.id}"

    @property
    def _agreed_base(self):
        """The last agreed base of an event or a series, None if there never was one."""
        data = self.base_snapshot
        if not data:
            return None
        return (SeriesBase if SeriesBase.is_json(data) else Base).from_json(data)

    @property
    def _meeting_base(self):
        """The last agreed base, None if Odoo's meeting is of another kind."""
        base, is_series = self._agreed_base, self._meeting()._ms365_is_series
        return base if isinstance(base, SeriesBase) == is_series else None

    @property
    def _base(self):
        """The last agreed base of an event, None for a pair that never agreed."""
        agreed = self._agreed_base
        return agreed if isinstance(agreed, Base) else None

    @property
    def _series_base(self):
        """The last agreed base of a series, None if there never was one."""
        agreed = self._agreed_base
        return agreed if isinstance(agreed, SeriesBase) else None

    def _facts(self):
        """Return the facts that the engine needs about this link, if there is one."""
        if not self:
            return LinkFacts()
        self.ensure_one()
        is_unknown = self.moved_to_id and not self.change_key
        return LinkFacts(
            self.state,
            has_meeting=self._is_linked(),
            has_remote=bool(self.remote_id),
            is_series=self.is_series,
            is_deleted_here=self._is_deleted_here,
            is_organizer=self.is_organizer,
            is_primary=self.is_primary,
            change_key=self.change_key,
            modified_at=self.modified_at,
            needs_read=self.needs_read or bool(is_unknown),
            awaits_outcome=bool(self.sent_snapshot),
        )

    @api.model
    def _retire_predecessors(self, successors):
        """Delete the predecessors of these events in Outlook.

        The events themselves are now in Outlook, with another organizer, or they are
        to be deleted as well.

        :param successors: events, or recurrences
        """
        name = "successor_series_id" if successors._ms365_is_series else "successor_id"
        former = self.sudo().search([(name, "in", successors.ids)])
        Outbox_sudo = self.env["praetorx.ms365.outbox"].sudo()
        for link in former:
            # The former organizer gave the meeting away, and so agreed to this.
            entry = Outbox_sudo._enqueue_delete_of(link, link.account_id.user_id)
            entry._agree_to_mails()
        former.write({"successor_id": False, "successor_series_id": False})

    def _was_declined(self):
        """Return True if an invitation was declined or deleted in this mailbox."""
        return self.state == "deleted_there" and not self.is_organizer

    @property
    def _is_deleted_here(self):
        """True if deleted in Odoo, and not yet in Outlook or in a conflict over it."""
        return self.state == "deleted_here" or (
            self.state == "conflict" and not self._living_events()
        )

    @property
    def _etag(self):
        """What ``If-Match`` takes."""
        return f'W/"{self.change_key}"' if self.change_key else None

    @api.model
    def _base_vals(self, base):
        """Return the columns that hold ``base``."""
        return {
            "sent_snapshot": False,
            "base_snapshot": base.to_json(),
            "content_hash": base.theirs.hash,
            "odoo_hash": base.ours.hash,
        }

    @api.model
    def _remote_vals(self, remote):
        """Return the columns that identify a remote version."""
        return {
            "remote_id": remote.remote_id,
            "ical_uid": remote.ical_uid,
            "change_key": remote.change_key,
            "modified_at": remote.modified_at,
            "is_organizer": remote.is_organizer,
            "on_behalf": remote.on_behalf,
            "teams_block": remote.teams_block or False,
            "web_link": remote.web_link,
            **self._organizer_vals(remote),
            **self._READ,
        }

    @api.model
    def _organizer_vals(self, remote):
        """Return the organizer that Outlook names; minimal versions name none."""
        organizer = remote.organizer
        if not organizer:
            return {}
        return {
            "organizer_name": person_name(organizer.name),
            "organizer_address": organizer.email,
        }

    def _next_generation_vals(self):
        """Return values that make a link forget its remote event, which is gone.

        The next create then makes a new event, with its own idempotency key.
        """
        self.ensure_one()
        return {
            "remote_id": False,
            "ical_uid": False,
            "change_key": False,
            "base_snapshot": False,
            "sent_snapshot": False,
            "decision": False,
            "generation": self.generation + 1,
        }

    def unlink(self):
        """Conflicts and differences go with their links, and the reminders of them."""
        for name in ("praetorx.ms365.conflict", "praetorx.ms365.difference"):
            self.env[name].search([("link_id", "in", self.ids)]).unlink()
        return super().unlink()

    def _remedy_try_again(self):
        return self.action_read_again()

    def _remedy_outlook(self):
        if not self.web_link:
            return self.action_read_again()
        return {"type": "ir.actions.act_url", "url": self.web_link, "target": "new"}

    def action_read_again(self) -> None:
        """Read these events again: a person wants another try."""
        self.check_access("read")
        links_sudo = self.sudo().filtered("remote_id")
        links_sudo.write({**self._READ, "needs_read": True})
        links_sudo.account_id._request_pull(fresh_seconds=0)
