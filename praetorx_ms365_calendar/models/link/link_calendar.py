from datetime import datetime

from odoo import fields, models
from odoo.fields import Domain

from ...const import UNDER_WAY
from ...engine.calendars import may_write_event
from ...engine.delta import must_be_listed
from ...engine.meetings import stays_deleted
from ...engine.plan import base_of_copy, pushes
from ...engine.push_order import is_to_move, other_event_comes_first


class PraetorxMs365EventLink(models.Model):
    """The calendar of an event in its mailbox, and the edits that it allows."""

    _inherit = "praetorx.ms365.event.link"

    left_calendar = fields.Boolean(
        help="Its calendar lists it no more, and no other one has listed it yet."
    )
    place_unknown = fields.Boolean(
        "Calendar Unknown",
        copy=False,
        help="Its calendar has reported it as removed while it was outside the window, "
        "and none has listed it since.",
    )
    on_behalf = fields.Boolean(
        help="Organized by the owner of a shared calendar: may be written for them."
    )
    moved_to_id = fields.Many2one(
        "praetorx.ms365.event.link",
        ondelete="set null",
        index="btree_not_null",
        help="The event was moved by a person in Odoo: this is what it left behind.",
    )

    def _ms365_calendar(self):
        """Return the calendar that an edit of this event is sent to."""
        return self.calendar_id

    def _event_path(self):
        """Return the path of a shared calendar (its events need it), else None."""
        calendar = self.calendar_id
        return calendar._path() if calendar._is_shared() else None

    def _organizes(self):
        """Return True if edits of this copy count as edits by the organizer."""
        return self.is_organizer or self.on_behalf

    def _may_be_organized_here(self):
        """Return True if a person may edit it in Odoo (docs/laws.md, law 6)."""
        self.ensure_one()
        return self.is_organizer or (self.on_behalf and self._is_writable())

    def _direction(self):
        """Return the sync direction of this event: its calendar's, if it is writable.

        :return: ``both``, ``outlook_to_odoo`` or ``odoo_to_outlook``
        """
        self.ensure_one()
        calendar = self.calendar_id
        if not calendar:
            return self.account_id.direction
        may_write = all(
            may_write_event(
                calendar.kind,
                is_organizer=self._organizes(),
                sensitivity=sensitivity,
                can_view_private=calendar.can_view_private,
            )
            for sensitivity in self._sensitivities() or {"private"}
        )
        if not may_write:
            return "outlook_to_odoo"
        return calendar.effective_direction or self.account_id.direction

    def _sensitivities(self):
        """Return the sensitivities in Outlook of the event, or of a series' parts."""
        return {content.sensitivity for content in self._their_contents()}

    def _is_writable(self):
        """Return True if edits in Odoo reach Outlook through this link."""
        self.ensure_one()
        return (
            self.state != "calendar_off"
            and pushes(self._direction())
            and self.account_id._is_writable_calendar(
                self.account_id.id, self.calendar_id.id
            )
        )

    def _is_inside_window(self):
        """Return True if the calendar must list this event, if it still has it."""
        calendar = self.calendar_id
        if not calendar.window_end:
            return False
        window = calendar.window_start, calendar.window_end
        return any(
            must_be_listed(
                datetime.fromisoformat(times.start),
                datetime.fromisoformat(times.end),
                window,
            )
            for times in self._agreed_times()
        )

    def _agreed_times(self):
        """Return when the event is in Outlook, of a series each occurrence."""
        if self.is_series:
            base = self._series_base
            contents = base.theirs.contents().values() if base else []
            return [content.times for content in contents]
        conflict = self._open_conflict()
        theirs = conflict._theirs_content() if conflict else self._theirs()
        return [theirs.times] if theirs else []

    # ------------------------------------------------------------------
    # Moved by a person in Odoo
    # ------------------------------------------------------------------

    def _is_to_move(self):
        """Return True if a person wants this event in another calendar."""
        self.ensure_one()
        target = self.event_id.ms365_calendar_id
        is_of_mailbox = target.account_id == self.account_id
        return is_to_move(
            self._facts(),
            is_elsewhere=bool(target and target != self.calendar_id),
            are_own=is_of_mailbox
            and not (target._is_shared() or self.calendar_id._is_shared()),
        )

    def _move_to(self, vals):
        """Link the event with its copy, and delete the former event in Outlook.

        :param vals: of the copy, including its id and calendar
        """
        self.ensure_one()
        left = {
            "calendar_id": self.calendar_id.id,
            "remote_id": self.remote_id,
            "ical_uid": self.ical_uid,
            "change_key": self.change_key,
            "modified_at": self.modified_at,
            "base_snapshot": self.base_snapshot,
            "last_seen_round": self.last_seen_round,
        }
        self.write({**vals, "generation": self.generation + 1})
        self.flush_recordset()  # the unique index knows each id but once
        self._leave_behind(left)

    def _leave_behind(self, vals):
        """Delete in Outlook what a move has left: a former event, or a needless copy.

        :param vals: of its own link, including its id and calendar
        """
        of_move = {"state": "deleted_here", "moved_to_id": self.id}
        left = self.create({"account_id": self.account_id.id, **vals, **of_move})
        self.env["praetorx.ms365.outbox"]._enqueue_delete_of(left)._agree_to_mails()

    def _leave_copy_behind(self, remote_id, calendar_id, sent):
        """Delete in Outlook the copy of an event that was deleted during its move.

        It is read first: Outlook may have edited it.

        :param sent: Odoo's content of the copy, None if it is unknown
        """
        base = self._base
        vals = self._base_vals(base_of_copy(base, sent)) if base and sent else {}
        place = {"remote_id": remote_id, "calendar_id": calendar_id}
        self._leave_behind({**vals, **place, "needs_read": True})

    def _waits_for_other_event(self):
        """Return True if a deletion waits for the other event of the same move."""
        left_sudo = self.browse()
        if self.state == "deleted_here" and not self.moved_to_id:
            left_sudo = self.sudo().search(
                [("moved_to_id", "=", self.id), ("state", "=", "deleted_here")]
            )
        return other_event_comes_first(
            self._facts(),
            copy=self.moved_to_id._facts() if self.moved_to_id else None,
            has_left_event=bool(left_sudo and left_sudo._entries_under_way()),
        )

    def _keep_calendar(self):
        """Show the present calendar again, as the event cannot be moved."""
        self.event_id._ms365_write_bookkeeping(
            {"ms365_calendar_id": self.calendar_id.id}
        )

    def _stop_following(self):
        """Stop the sync of these events but keep them: their calendar is off."""
        for link in self:
            self.env["praetorx.ms365.conflict"]._close_gone(link)
        self.filtered(
            lambda link: link.is_primary and link._is_linked()
        )._move_primary_elsewhere()
        self.write(
            {
                "state": "calendar_off",
                "needs_read": False,
                "left_calendar": False,
                "awaits_word": False,
                "decision": False,
            }
        )
        self.env["praetorx.ms365.approval"].search(
            Domain("link_id", "in", self.ids) & Domain("state", "=", "waiting")
        )._end_over("not_sent")
        # An unsent edit remains an edit: it is sent when the calendar comes back. A
        # reply is sent now: the organizer waits for it, and the invitation is there.
        self._entries_under_way().filtered(
            lambda entry: entry.operation != "respond"
        ).write({"state": "done"})

    def _return_to_calendar(self):
        """Continue from the last agreement, as their calendar is synced again."""
        deleted = self.filtered(lambda link: link._stays_deleted())
        deleted.write(self._DELETED_HERE)
        deleted._resume_deletions()
        others = self - deleted
        others.write({"state": "synced"})
        others.filtered(lambda link: link._is_linked())._resume_links()
        # The copies that waited for another mailbox may find their meeting now.
        others.filtered(lambda link: not link._is_linked()).needs_read = True

    def _stays_deleted(self):
        """Return True if a person deleted it in Odoo before its calendar was left."""
        return stays_deleted(
            is_active=bool(self._living_events()),
            was_agreed=bool(self.base_snapshot),
            is_primary=self.is_primary,
            archived_by_sync=bool(self._copies()._archived_by_sync()),
        )

    def _move_primary_elsewhere(self):
        """Make copies in other mailboxes primary; without one, show no sync state."""
        alone = self._all_events()
        for link in self:
            successor = link._next_primary()
            if successor:
                link._move_primary_to(successor)
                alone -= link._all_events()
        alone._ms365_write_bookkeeping({"ms365_sync_state": "none"})

    def _resume_links(self):
        """Make the organizer's links primary again, and find edits made meanwhile.

        Edits of meetings with guests wait for the user's consent: Exchange would mail.
        """
        for link in self.filtered(
            lambda link: link.is_organizer and link.base_snapshot
        ):
            link._copies().filtered("is_primary")._move_primary_to(link)
        own = self.filtered("is_primary")
        # Perhaps archived because an attendee's copy was primary meanwhile.
        archived = own.filtered(lambda link: not link._living_events())
        archived.needs_read = True
        own -= archived
        edited = own._edited()
        (own - edited)._rows()._ms365_show_state("synced")
        # An attendee's edits are personal: nobody is mailed about them.
        waiting = edited.filtered(
            lambda link: link.is_organizer and link._invites_others()
        )
        waiting.awaits_word = True
        sent = edited - waiting
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(
            sent._one_event(), noted_late=True
        )

    def _wait_for_calendar(self):
        """Let these events wait until their calendar is read again."""
        for link in self:
            not_before = link.calendar_id.not_before
            link.read_not_before = not_before
            if not_before:
                link._entries_under_way().not_before = not_before

    def _entries_under_way(self):
        """Return the edits of these events that their mailboxes do not have yet.

        The first ones of a series are from before there was a link.
        """
        of_these = Domain("link_id", "in", self.ids)
        for link in self.filtered("recurrence_id"):
            of_these |= Domain("account_id", "=", link.account_id.id) & Domain(
                "recurrence_id", "=", link.recurrence_id.id
            )
        return self.env["praetorx.ms365.outbox"].search(
            of_these & Domain("state", "in", UNDER_WAY)
        )

    def _find_calendar(self, calendar):
        """Record that these events were moved to ``calendar`` in Outlook."""
        for link in self:
            wished = link._any_event().ms365_calendar_id
            is_waiting = wished and wished != link.calendar_id
            returns = link.state == "calendar_off"
            link.write(
                {
                    "calendar_id": calendar.id,
                    "left_calendar": False,
                    "last_seen_round": calendar.round_number,
                }
            )
            if link.is_primary and not is_waiting:
                link._all_events()._ms365_write_bookkeeping(
                    {"ms365_calendar_id": calendar.id}
                )
            if returns:
                link._return_to_calendar()
