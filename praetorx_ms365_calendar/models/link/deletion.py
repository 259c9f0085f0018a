"""Record the deletion of a link's event, and undo it."""

from datetime import datetime, timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import DELETED_FOR_GOOD, IN_BOTH, STATE_WHILE_HELD
from ...engine.plan import pushes
from ...engine.reasons import because

#: How long a deletion can be undone: so long the snapshots of tombstones are kept.
UNDO_KEPT = timedelta(days=30)


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    deleted_at = fields.Datetime(
        "Deleted", readonly=True, help="When the sync carried the deletion out."
    )
    deleted_side = fields.Selection(
        [("odoo", "In Odoo"), ("outlook", "In Outlook")],
        readonly=True,
        help="Where the sync carried out what was deleted on the other side.",
    )
    hold_id = fields.Many2one(
        "praetorx.ms365.hold",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    title = fields.Char(
        compute="_compute_what_it_was",
        compute_sudo=True,
        help="Of an event that may not exist any more, as far as the viewer may know.",
    )
    starts_at = fields.Datetime(
        "Starts", compute="_compute_what_it_was", compute_sudo=True
    )
    can_restore = fields.Boolean(
        compute="_compute_can_restore", search="_search_can_restore"
    )

    _gone_idx = models.Index("(account_id) WHERE state = 'gone'")
    _deleted_idx = models.Index("(account_id, deleted_at) WHERE deleted_at IS NOT NULL")

    # ------------------------------------------------------------------
    # Display
    # ------------------------------------------------------------------

    @api.depends("event_id", "base_snapshot")
    @api.depends_context("uid")
    def _compute_what_it_was(self):
        for link in self:
            content = link._ours()
            event = link.event_id
            link.starts_at = event.start or (
                datetime.fromisoformat(content.times.start) if content else False
            )
            if link._may_know_title(event, content):
                link.title = event.name or (content and content.subject)
            else:
                link.title = self.env._("Private event")

    def _may_know_title(self, event, content):
        """Return True if the viewer may see the title, also of a deleted event."""
        if self.account_id.user_id == self.env.user:
            return True
        if event:
            hidden = event._check_private_event_conditions()
            return not hidden and event.sudo(False).has_access("read")
        return bool(content) and content.sensitivity == "normal"

    def _theirs(self):
        """Return Outlook's content at the last agreement, None if unknown.

        For a series, return the content that its occurrences share.
        """
        return next(iter(self._their_contents()), None)

    def _ours(self):
        """Return Odoo's content at the last agreement, None if unknown."""
        if series := self._series_base:
            return series.ours.master
        base = self._base
        return base.ours if base else None

    @api.model
    def _deleted_vals(self, side):
        """Return the values of a link when its event is deleted on both sides.

        :param side: the side of the sync's own deletion, ``odoo`` or ``outlook``
        """
        return {
            "state": "deleted_there",
            "needs_read": False,
            "web_link": False,
            "decision": False,
            "deleted_at": fields.Datetime.now(),
            "deleted_side": side,
        }

    def _archived_by_sync(self):
        """Return the links with an event that the sync has archived."""
        return self.filtered(lambda link: link.deleted_side == "odoo")

    def _held_in_odoo(self):
        """Return the links with a deletion in Odoo that a person must decide."""
        return self.filtered(
            lambda link: (
                link.hold_id.state == "open" and link.hold_id.direction == "to_odoo"
            )
        )

    # ------------------------------------------------------------------
    # Deleted in Odoo
    # ------------------------------------------------------------------

    def _deleted_in_odoo(self):
        """Record that a person has deleted these events in Odoo, not yet in Outlook."""
        known = self.filtered(lambda link: link.state not in DELETED_FOR_GOOD)
        known.write({"state": "deleted_here"})
        known._look_before_cancelling()

    def _may_come_back(self):
        """Return the links of events that are deleted in Odoo but not in Outlook."""
        return self.filtered(
            lambda link: (
                link.is_primary
                and link.remote_id
                and link.state in ("deleted_here", "kept_there")
            )
        )

    def _look_before_cancelling(self):
        """Read a meeting before we cancel it: a cancellation has no version check."""
        self.filtered(
            lambda link: link.is_primary and link._delete_policy() == "cancel"
        ).needs_read = True

    def _make_deleted_primary(self):
        """Make the organizer's copies primary again for meetings deleted in Odoo.

        Other copies were primary while this mailbox was not synced.
        """
        own = self.filtered(
            lambda link: (
                link.state == "deleted_here"
                and link.is_organizer
                and link._base
                and not link.moved_to_id
            )
        )
        for link in own:
            link.event_id.ms365_link_ids.filtered("is_primary")._move_primary_to(link)

    def _record_undeletion(self):
        """Record that these events are back in Odoo, while Outlook still has them."""
        kept = self.filtered(lambda link: link.state == "kept_there")
        here = self.filtered(lambda link: link.state == "deleted_here")
        self._forget_occurrences()
        (here | kept).write({"state": "synced"})
        self._read_after_undeletion(here | kept)
        self.env["praetorx.ms365.outbox"]._requeue_replies(here | kept)

    @api.model
    def _read_after_undeletion(self, links):
        """Have copies read that were not followed while they were deleted here.

        They may be gone from Outlook, and another copy may have come instead.
        """
        unverified = links.filtered("remote_id")
        unverified.needs_read = True
        unverified.account_id._request_pull(fresh_seconds=0)

    def _undo_attendee_deletion(self):
        """Undo an attendee's deletion in Odoo, as the meeting is back.

        A copy with an outbox deletion stays deleted: its owner has declined. The other
        attendees never wanted a deletion.
        """
        here = self.filtered(
            lambda link: (
                link.state == "deleted_here"
                and "delete" not in link._entries_under_way().mapped("operation")
            )
        )
        here._record_undeletion()

    def _delete_policy(self):
        """Return the effect in Outlook of a deletion of this event in Odoo."""
        if self.moved_to_id:
            return "delete"  # a move must not leave the old event behind
        policy = self.account_id._delete_policy()
        if policy == "off" and self.hold_id.is_reset:
            return "delete"  # the person has asked for just that
        return policy

    # ------------------------------------------------------------------
    # Held deletions
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._release_from_hold()
        return result

    def _release_from_hold(self):
        """Remove events from an open hold if they are not to be deleted any more."""
        left = self.filtered(
            lambda link: (
                link.hold_id.state == "open"
                and link.state not in link._states_while_held()
            )
        )
        if left:
            holds = left.hold_id
            left.write({"hold_id": False, "lost_days": False, "held_count": 0})
            left._entries(["held"]).write({"state": "done", "reason": False})
            holds._close_if_empty()

    def _states_while_held(self):
        """Return the states of an event that waits for a person's decision."""
        if self.lost_days:  # a series that loses only some days
            return IN_BOTH
        return (STATE_WHILE_HELD[self.hold_id.direction],)

    def _entries(self, states):
        """Return edits and deletions of these events that are in ``states``.

        Entries that wait for the approval of the mailbox's owner are left out.
        """
        return self.env["praetorx.ms365.outbox"].search(
            Domain("link_id", "in", self.ids)
            & Domain("operation", "!=", "respond")
            & Domain("state", "in", states)
            & (
                Domain("state", "!=", "held")
                | Domain("approval_id", "=", False)
                | Domain("approval_id.state", "!=", "waiting")
            )
        )

    def _keep_in_odoo(self):
        """Keep events in Odoo that Outlook has deleted, as a person has decided.

        Events that were edited since are sent to Outlook again, as after later edits.
        """
        going_on = self.filtered("lost_days")
        going_on._keep_occurrences()
        self -= going_on
        self.write({"state": "deleted_there", "needs_read": False})
        self._rows()._ms365_show_state("none")
        edited = self._edited()
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(edited._one_event())

    def _edited(self):
        """Return the links with a meeting that changed in Odoo since the agreement."""
        contents = self.event_id._ms365_read_contents()
        return self.filtered(
            lambda link: (
                (link._base and contents[link.event_id].changed_fields(link._base.ours))
                or link._series_was_edited()
            )
        )

    def _undo_deletion(self):
        """Bring events back that were deleted in Odoo only: Outlook still has them.

        Archived events come back as they were, deleted ones as Outlook has them.
        """
        self._entries(["held", "pending"]).write(
            {"state": "done", "reason": because("taken_back")}
        )
        self.account_id._request_pull(fresh_seconds=0)
        going_on = self.filtered("lost_days")
        going_on._undo_lost_occurrences()
        self -= going_on
        others = self.search(
            [
                ("id", "not in", self.ids),
                ("state", "=", "deleted_here"),
                ("ical_uid", "in", [uid for uid in self.mapped("ical_uid") if uid]),
            ]
        )
        self._undo_odoo_deletion()
        for link in others:
            link.state = "synced" if link._is_linked() else "waiting"

    # ------------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------------

    @api.depends("state", "deleted_at", "deleted_side", "event_id.active")
    def _compute_can_restore(self):
        restorable = self.filtered_domain(self._restorable_domain())
        for link in self:
            link.can_restore = link in restorable

    def _search_can_restore(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._restorable_domain()

    @api.model
    def _restorable_domain(self):
        """Archived by the sync, and not brought back by other means since."""
        # Of a series none of its events may be in the calendar.
        of_series = Domain("recurrence_id", "!=", False) & Domain(
            "recurrence_id.calendar_event_ids", "=", False
        )
        return (
            Domain("state", "=", "deleted_there")
            & Domain("deleted_side", "=", "odoo")
            & Domain("deleted_at", ">", fields.Datetime.now() - UNDO_KEPT)
            & (Domain("event_id.active", "=", False) | of_series)
        )

    def action_restore(self) -> dict[str, Any]:
        """Ask before bringing the events back: it may invite people anew."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bring events back"),
            "res_model": "praetorx.ms365.restore",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_link_ids": self.filtered("can_restore").ids},
        }

    def _goes_to_outlook_again(self):
        """Return the links of events that become new events in Outlook when restored.

        A meeting that an outside organizer cancelled cannot be invited in our name.
        """
        return self.filtered(
            lambda link: (
                link.is_organizer
                and link.account_id.enabled
                and link.account_id.state != "signed_out"
                and pushes(link._direction())
            )
        )

    def _restore(self):
        """Bring archived events back in Odoo, and as new ones in Outlook."""
        self._all_events()._ms365_lock()
        again = self._goes_to_outlook_again()
        for recurrence, rows in self.event_id.grouped("recurrence_id").items():
            if recurrence:  # Graph takes no occurrence back into its series
                recurrence._ms365_detach(rows)
        for link in self:
            link._bring_back()
        self.write({"deleted_at": False, "deleted_side": False, "hold_id": False})
        (self - again)._rows()._ms365_show_state("none")
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(
            again._one_event()
        )._agree_to_mails()
        for link in self:
            self.env["praetorx.ms365.sync.log"]._log(
                link.account_id,
                event_id=link._any_event().id,
                remote_id=link.remote_id,
                direction="push" if link in again else "pull",
                origin="odoo",
                operation="restore",
                outcome="done",
            )

    @api.autovacuum
    def _gc_snapshots_of_tombstones(self):
        """Delete the content of deleted events, but keep their tombstones."""
        limit = 1000
        tombstones = self.search(
            Domain("state", "=", "deleted_there")
            & Domain("deleted_at", "<", fields.Datetime.now() - UNDO_KEPT),
            limit=limit,
        ).try_lock_for_update()
        found = len(tombstones)
        tombstones._forget_occurrences()
        tombstones.exists().write(
            {
                "deleted_at": False,
                "deleted_side": False,
                "base_snapshot": False,
                "sent_snapshot": False,
                "teams_block": False,
                "answers": False,
            }
        )
        return found, found == limit
