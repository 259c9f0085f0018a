"""Carry out the decision about a waiting change in Odoo."""

from odoo import fields, models

from ...engine.authority import changed_names, without_edit
from ...engine.series import Series
from ...engine.series_plan import base_with_edit_undone
from ...engine.snapshot import Content
from ...sync.write.event import EventWriter
from ...sync.write.lookups import Lookups


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    is_left_in_odoo = fields.Boolean(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="It was refused while its series was archived, which has it still.",
    )

    # ------------------------------------------------------------------
    # The change
    # ------------------------------------------------------------------

    def _edit(self):
        """Return the content in Odoo before and after, None where it is unknown.

        For a series, return two :class:`Series`.
        """
        self.ensure_one()
        if not (self.before and self.after):
            return None
        kind = Series if "rule" in self.before else Content
        return kind.from_json(self.before), kind.from_json(self.after)

    def _without_edits(self, now, base):
        """Return a content, or a series, without these edits, which are not sent yet.

        :param now: content in Odoo; None stays None
        :param base: the last agreement, for edits with known fields but unknown values
        """
        updates = self.filtered(lambda one: one.operation == "update")
        for approval in updates.sorted("id", reverse=True):
            now = approval._without_one_edit(now, base)
        return now

    def _without_one_edit(self, now, base):
        edit = self._edit()
        if now is None or (edit and not isinstance(now, type(edit[0]))):
            return now
        if edit:
            return without_edit(now, *edit)
        if base and isinstance(now, Content):
            return now.with_fields(self.field_names or (), base.ours)
        return now

    # ------------------------------------------------------------------
    # Yes
    # ------------------------------------------------------------------

    def _after_approval(self):
        """Bring the links up to date that the entries are about to be sent for."""
        for approval in self:
            if approval.operation != "cancel":
                continue
            approval.link_id._look_before_cancelling()
            approval._waiting_of(approval.account_id, [approval.event_key])._overtake()

    # ------------------------------------------------------------------
    # No
    # ------------------------------------------------------------------

    def _undo_change(self):
        """Restore the values in Odoo from before the change; nobody is mailed.

        A change that comes from no edit stays in Odoo. A deleted contact does not come
        back because nobody has decided.
        """
        self.ensure_one()
        if self.kind == "noticed":
            self.link_id._agree_to_differ(frozenset(self.field_names or ()))
            self._show_remaining_state(self._all_events(), self.link_id)
        elif former := self._given_by():
            self._give_back_to(former)
        else:
            self._undo_edit()

    def _undo_edit(self):
        """Undo the change of a person: a cancellation, a new meeting or an edit."""
        Conflict = self.env["praetorx.ms365.conflict"]
        if self.operation == "cancel":
            Conflict._close_gone(self.link_id)  # there is no deletion to decide about
            edits = self.env["praetorx.ms365.outbox"]._of_edits(
                self.account_id, self.event_key, ["pending"]
            )
            self.link_id._undo_deletion()
            edits.filtered(lambda one: one.operation == "upsert")._send_after_all()
            self._undo_ended_meanwhile()
        elif self.operation == "create":
            self._waiting_of(self.account_id, [self.event_key])._overtake()
            self._all_events()._ms365_show_state("none")
            if self.kind == "mails" and self._is_split_off():
                # The former series has them again.
                events = self._all_events()._ms365_for_sync(self.user_id)
                events.write({"active": False})
        elif self.recurrence_id:
            self._undo_in_series(self._rebase_later_edits())
        elif self.event_id:
            self._undo_in_event(self._rebase_later_edits())
            Conflict._open_of(self.link_id)._review()

    def _is_about(self, event):
        """Return True if this is about an event, or about its series."""
        self.ensure_one()
        if self.recurrence_id:
            return event.recurrence_id == self.recurrence_id
        return bool(event) and event == self.event_id

    def _all_events(self):
        """Return the events that this is about, of a series all of them."""
        return self.event_id | self.recurrence_id._ms365_rows()

    def _is_in_odoo(self):
        """Return True if Odoo has the event still, archived or not."""
        if self.recurrence_id:
            archived = self.recurrence_id.with_context(active_test=False)
            return bool(archived.calendar_event_ids)
        return bool(self.event_id.exists())

    def _undo_in_archived(self):
        """Take an edit back that ends while its event is archived.

        Whoever brings the event back sends all of it.
        """
        event = self.event_id.exists()
        is_edit = self.kind != "noticed" and self.operation == "update"
        if is_edit and event and not self.recurrence_id and not event.active:
            self._write_what_was_before(event, self._edit())

    def _undo_ended_meanwhile(self):
        """Undo edits of a series that were refused while the series was deleted.

        At that time there were no events to restore.
        """
        if not self.recurrence_id or not self.recurrence_id._ms365_rows():
            return
        ended = self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("event_key", "=", self.event_key),
                ("is_left_in_odoo", "=", True),
            ]
        )
        for approval in ended:
            approval.is_left_in_odoo = False
            approval._undo_change()

    def _undo_in_event(self, edit):
        """Write the old values into the event, where nobody has edited it since.

        :param edit: the part that no later change covers
        """
        if not edit and not self.link_id._base:
            self.event_id._ms365_show_state("none")
            return
        self._write_what_was_before(self.event_id, edit)
        self._show_remaining_state(self.event_id, self.link_id)

    def _write_what_was_before(self, event, edit):
        """Write the values from before this edit into an event, archived or not."""
        link, base = self.link_id, self.link_id._base
        now = event._ms365_read_contents()[event]
        if not edit and not base:
            return
        names = frozenset(self.field_names or ())
        before, after = edit or (base.ours, now)
        restored = now.with_fields(names, without_edit(now, before, after))
        names &= now.changed_fields(restored)
        if names:
            lookups = Lookups(self.env, [restored, now], account=self.account_id)
            writer = EventWriter(self.account_id, link.calendar_id)
            writer.write_content(event, restored, names, lookups, agreed=now)

    def _show_remaining_state(self, event, link):
        """Show how far the sync of the event is, now that this change is gone."""
        waits = self.env["praetorx.ms365.outbox"]._is_waiting(
            self.account_id, self.event_key
        )
        if waits or not link.remote_id:
            event._ms365_show_state("pending" if waits else "none")
            return
        event._ms365_show_state("synced")

    def _undo_in_series(self, edit):
        """Let the next reading of a series restore Outlook's version.

        The changed fields count as agreed in Odoo, and as changed back in Outlook.

        :param edit: the part that no later change covers
        """
        link = self.link_id
        base = link._series_base
        names = frozenset(self.field_names or ())
        ours = self.recurrence_id._ms365_read_series()
        if not base or not ours:
            self.is_left_in_odoo = bool(base)
            self._all_events()._ms365_show_state("none")
            return
        if edit:
            before, after = edit
            names &= changed_names(before, after)
            lost = set(before.days) - set(after.days)
            rows = self.recurrence_id._ms365_archived_rows(lost)
            rows._ms365_for_sync(self.user_id).write({"active": True})
            ours = self.recurrence_id._ms365_read_series()
            self.recurrence_id._ms365_undo_removed(lost)
            names -= self._give_back_to_earlier(edit, ours)
            ours = self.recurrence_id._ms365_read_series()
        else:
            self.recurrence_id._ms365_forget_removed()
        link.write(link._base_vals(base_with_edit_undone(base, ours, names)))
        link.needs_read = True
        self.account_id._request_pull(fresh_seconds=0)
