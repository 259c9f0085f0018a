from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.conflict_policy import apply_policy
from ...engine.meetings import (
    WAIT_FOR_ORGANIZER,
    may_be_primary,
    represents_meeting,
)
from ...engine.merge import (
    DELETED,
    apply_choices,
    base_after_attendee_copy,
    confirm_sent,
)
from ...engine.page_order import EventLink
from ...engine.plan import plan_deletion, plan_incoming
from ...engine.series import SeriesBase
from ...engine.snapshot import Base
from ...sync.apply.applier import Applier

LINK_STATES = [
    ("synced", "In sync"),
    ("waiting", "Waiting for the organizer's mailbox"),
    ("conflict", "In conflict"),
    ("quarantined", "Not understood"),
    ("gone", "Deleted in Outlook, not yet in Odoo"),
    ("deleted_here", "Deleted in Odoo, not yet in Outlook"),
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
    _inherit = ["praetorx.ms365.bookkeeping"]
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
    reason = fields.Char(help="Why this event is not synced.")
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
    #: What a link holds whose remote event has just been read.
    _READ = {
        "needs_read": False,
        "read_attempts": 0,
        "read_not_before": False,
        "expected": False,
    }
    #: Deleted in Odoo for good; what came of the last update does not matter any more.
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
    def _base(self):
        """The last agreed base, None for a pair that never agreed (or for no pair)."""
        data = self.base_snapshot
        return Base.from_json(data) if data and not SeriesBase.is_json(data) else None

    def _base_of_conflict(self):
        """Return the JSON of what a conflict about this event keeps of its past."""
        return self.base_snapshot

    def _base_against(self, theirs):
        """Return the base to compare Outlook's present content with.

        An update whose answer never came may have arrived: Outlook's content tells.
        """
        base = self._base
        if not base or not self.sent_snapshot:
            return base
        return confirm_sent(base, Base.from_json(self.sent_snapshot), theirs)

    def _event_on_page(self):
        """Return the facts by which a page is sorted."""
        self.ensure_one()
        return EventLink(
            self.state,
            has_event=bool(self.event_id),
            is_deleted_here=self._is_deleted_here,
            change_key=self.change_key,
            modified_at=self.modified_at,
            needs_read=self.needs_read,
            awaits_outcome=bool(self.sent_snapshot),
            is_series=self.is_series,
        )

    @api.model
    def _retire_predecessors(self, successors):
        """Delete in Outlook what these events have taken the place of.

        They are there themselves now, with another organizer, or are to go as well.

        :param successors: events, or recurrences
        """
        of_series = successors._name == "calendar.recurrence"
        name = "successor_series_id" if of_series else "successor_id"
        former = self.sudo().search([(name, "in", successors.ids)])
        Outbox_sudo = self.env["praetorx.ms365.outbox"].sudo()
        for link in former:
            # Who has given the meeting away has agreed to this.
            Outbox_sudo._enqueue_delete_of(link, link.account_id.user_id)
        former.write({"successor_id": False, "successor_series_id": False})

    def _was_declined(self):
        """Tell whether an invitation was declined, or thrown away, in this mailbox."""
        return self.state == "deleted_there" and not self.is_organizer

    @property
    def _is_deleted_here(self):
        """Deleted in Odoo: on its way to Outlook, or in a conflict over just that."""
        return self.state == "deleted_here" or (
            self.state == "conflict" and not self.event_id.active
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
        """Return the columns that tell which remote version this is."""
        return {
            "remote_id": remote.remote_id,
            "ical_uid": remote.ical_uid,
            "change_key": remote.change_key,
            "modified_at": remote.modified_at,
            "is_organizer": remote.is_organizer,
            "on_behalf": remote.on_behalf,
            "teams_block": remote.teams_block or False,
            "web_link": remote.web_link,
            **self._READ,
        }

    def _next_generation_vals(self):
        """Return what makes a link forget its remote event, which is gone.

        The next create is then a new event, with an idempotency key of its own.
        """
        self.ensure_one()
        return {
            "remote_id": False,
            "ical_uid": False,
            "change_key": False,
            "base_snapshot": False,
            "sent_snapshot": False,
            "generation": self.generation + 1,
        }

    def _any_represents_meeting(self):
        """Tell whether one of these stands for what became of the meeting."""
        return any(
            represents_meeting(
                link.state,
                is_primary=link.is_primary,
                is_organizer=link.is_organizer,
            )
            for link in self
        )

    def _next_primary(self):
        """Return another mailbox's copy that can carry on the meeting, if any."""
        self.ensure_one()
        return (self._copies() - self).filtered(
            lambda other: may_be_primary(other.state, enabled=other.account_id.enabled)
        )[:1]

    def _move_primary_to(self, successor):
        """Make ``successor`` the primary link of the event instead of this one."""
        successor.ensure_one()
        former = self - successor
        former.write({"is_primary": False})
        # The unique index is checked row by row: the old one must be gone first.
        former.flush_recordset()
        successor.is_primary = True
        if former or not successor._any_event().ms365_calendar_id:
            successor._all_events()._ms365_write_bookkeeping(
                {"ms365_calendar_id": successor.calendar_id.id}
            )
        successor.title_prefix = successor.title_prefix or former[:1].title_prefix
        successor._update_base_from_copy(former)
        if not successor.base_snapshot and successor.remote_id:
            successor.needs_read = True
            successor.account_id._request_pull(fresh_seconds=0)

    def _update_base_from_copy(self, former):
        """Whose copy told of this meeting meanwhile, with that its organizer agrees."""
        copy = former.filtered(lambda link: not link.is_organizer and link._base)[:1]
        if not (copy and self.is_organizer and self._base and self.event_id):
            return
        ours = self.event_id._ms365_read_contents()[self.event_id]
        self.write(
            self._base_vals(base_after_attendee_copy(self._base, copy._base, ours))
        )

    def unlink(self):
        """Conflicts and differences go with their links, and the reminders of them."""
        for name in ("praetorx.ms365.conflict", "praetorx.ms365.difference"):
            self.env[name].search([("link_id", "in", self.ids)]).unlink()
        return super().unlink()

    def action_read_again(self) -> None:
        """Read these events again: a person wants another try."""
        self.check_access("read")
        links_sudo = self.sudo().filtered("remote_id")
        links_sudo.write({**self._READ, "needs_read": True})
        links_sudo.account_id._request_pull(fresh_seconds=0)

    def _merge(self, ours, theirs):
        """Return what Outlook's version means for the linked event.

        :param ours: Odoo's content now, None if the event is deleted there
        :param theirs: Outlook's content now, None if the event is deleted there
        """
        self.ensure_one()
        base = self._base_against(theirs) if theirs else self._base
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
            came_by_attendee=self._came_by_attendee(),
        )

    def _came_by_attendee(self):
        """Tell whether the event was read from another's copy of the meeting."""
        others = self.event_id.ms365_link_ids - self
        return any(other.base_snapshot and not other.is_organizer for other in others)

    def _apply_policy(self, merge, ours, modified_at):
        """Decide conflicts as the owner of the mailbox wants it.

        In a mailbox that syncs one way there is nothing to decide, or no way to carry
        it out.

        :param ours: Odoo's content, None if the event is deleted there
        :param modified_at: Graph's ``lastModifiedDateTime``, None if unknown
        """
        self.ensure_one()
        account = self.account_id
        if not merge.conflicts or self._direction() != "both":
            return merge
        return apply_policy(
            merge,
            ours,
            account.user_id._ms365_conflict_policy(),
            agreed_before=bool(self.base_snapshot),
            edited_at=self.env["praetorx.ms365.outbox"]._edited_at(self),
            modified_at=modified_at,
        )

    def _resolve(self, choices, theirs, change_key):
        """Carry out what a person chose in a conflict.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field
        :param theirs: Outlook's content in the conflict, None if it is deleted there
        :param change_key: Outlook's version that the person has seen
        :raise UserError: the conflict is about more than what was chosen
        """
        self.ensure_one()
        event = self.event_id
        ours = event._ms365_read_contents()[event] if event.active else None
        merge = apply_choices(self._merge(ours, theirs), ours, choices)
        if merge.conflicts:
            raise UserError(
                self.env._("The event was changed again meanwhile. Please look again.")
            )
        keep = choices if isinstance(choices, str) else choices.get(DELETED)
        if theirs is None:
            self._resolve_deleted_there(keep)
        elif ours is None:
            self._resolve_deleted_here(keep, change_key)
        else:
            Applier(self.account_id, self.calendar_id).write_choices(
                self, merge, ours, theirs, change_key
            )
            self.account_id._request_pull(fresh_seconds=0)

    def _dispute_deletion(self, **versions):
        """Ask a person about what one side has deleted; return the conflict.

        :param versions: see ``praetorx.ms365.conflict._save``
        """
        Conflict = self.env["praetorx.ms365.conflict"]
        return Conflict._open(self, {DELETED}, **versions)

    def _resolve_deleted_there(self, keep):
        """Edited in Odoo, deleted in Outlook."""
        Applier(self.account_id, self.calendar_id).apply_deletion(self)
        if keep == "odoo":
            event = self.event_id._ms365_for_sync(self.account_id.user_id)
            event.write({"active": True})
            self.env["praetorx.ms365.outbox"]._enqueue_upserts(event)

    def _resolve_deleted_here(self, keep, change_key):
        """Deleted in Odoo, changed in Outlook."""
        if keep == "odoo":
            self.write({"change_key": change_key, **self._DELETED_HERE})
            self.env["praetorx.ms365.outbox"]._enqueue_delete_of(self)
            return
        event = self.event_id._ms365_for_sync(self.account_id.user_id)
        event.write({"active": True})
        event.ms365_link_ids._record_undeletion()
        self.write(
            {
                "state": "synced",
                "needs_read": True,
                "base_snapshot": self.base_snapshot if event else False,
            }
        )
        self.account_id._request_pull(fresh_seconds=0)

    @api.model
    def _connect_waiting(self):
        """Give attendees' copies that waited for their meeting its event."""
        self.flush_model()
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (waiting.account_id, ical_uid)
                       waiting.id, known.event_id, known.recurrence_id
                  FROM praetorx_ms365_event_link waiting
                  JOIN praetorx_ms365_event_link known USING (ical_uid)
                 WHERE waiting.state = 'waiting'
                   AND known.is_primary
                   AND known.state IN ('synced', 'conflict')
                   AND (known.event_id IS NOT NULL
                        OR known.recurrence_id IS NOT NULL)
                   AND NOT EXISTS (
                       SELECT FROM praetorx_ms365_event_link own
                        WHERE own.account_id = waiting.account_id
                          AND (own.event_id = known.event_id
                               OR own.recurrence_id = known.recurrence_id))
                 ORDER BY waiting.account_id, ical_uid, waiting.id
                """
            )
        )
        links = self.browse([link_id for link_id, *_known in pairs])
        for link, (_id, event_id, recurrence_id) in zip(links, pairs, strict=True):
            link.write(
                {
                    "event_id": event_id,
                    "recurrence_id": recurrence_id,
                    "state": "synced",
                }
            )
        self.env["praetorx.ms365.outbox"]._requeue_replies(links)

    @api.model
    def _stop_waiting(self, now):
        """Take copies whose organizer's mailbox did not bring the meeting."""
        is_over = Domain("create_date", "<", now - WAIT_FOR_ORGANIZER)
        # Whether the owner of a shared calendar syncs it may be known sooner.
        is_shared = Domain("calendar_id.kind", "!=", "own")
        self.search(
            Domain("state", "=", "waiting") & (is_over | is_shared)
        ).needs_read = True
