"""Merge both sides of a link, open conflicts, and apply the choices for them."""

from odoo import models
from odoo.exceptions import UserError

from ...engine.conflict_policy import apply_policy
from ...engine.merge import DELETED, apply_choices, confirm_sent
from ...engine.plan import plan_deletion, plan_incoming
from ...engine.series import SeriesBase
from ...engine.series_units import ALL
from ...engine.snapshot import Base
from ...sync.apply.applier import Applier


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------

    def _open_conflict(self):
        """Return the open conflict about this meeting, if any."""
        return self.env["praetorx.ms365.conflict"]._open_of(self)

    def _base_of_conflict(self):
        """Return the base of this meeting as JSON, as a conflict stores it."""
        agreed = self._agreed_base
        if isinstance(agreed, SeriesBase):
            agreed = Base(agreed.ours.master, agreed.theirs.master)
        return agreed and agreed.to_json()

    def _base_against(self, theirs):
        """Return the base to compare Outlook's present content with.

        An update without a response may have arrived: Outlook's content shows it. For
        a series, return the base that its open conflict has stored.

        :param theirs: None if it is deleted there
        """
        if self.is_series:
            return self._open_conflict()._base_content()
        base = self._base
        if not (theirs and base and self.sent_snapshot):
            return base
        return confirm_sent(base, Base.from_json(self.sent_snapshot), theirs)

    def _merge(self, ours, theirs):
        """Return the merge of Odoo's and Outlook's versions of the linked event.

        For a series, merge the subject of its conflict: the series or one occurrence.

        :param ours: Odoo's content now, None if the event is deleted there
        :param theirs: Outlook's content now, None if the event is deleted there
        """
        self.ensure_one()
        base = self._base_against(theirs)
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
        """Return True if the event was read from another's copy of the meeting."""
        others = self.event_id.ms365_link_ids - self
        return any(other.base_snapshot and not other.is_organizer for other in others)

    def _apply_policy(self, merge, ours, modified_at):
        """Decide conflicts by the policy of the mailbox's owner.

        In a one-way sync there is nothing to decide, or a choice cannot be applied.

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

    def _dispute_deletion(self, **versions):
        """Open a conflict about a deletion on one side, and return it.

        For a series, it compares the content that the occurrences share.

        :param versions: see ``praetorx.ms365.conflict._save``
        """
        conflict = self.env["praetorx.ms365.conflict"]._open(
            self, {DELETED}, **versions
        )
        self._rows()._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        return conflict

    # ------------------------------------------------------------------
    # Applying choices
    # ------------------------------------------------------------------

    def _resolve(self, choices, theirs, change_key):
        """Apply a person's choices in a conflict.

        Choices for a series are stored. Then the series is read, and merged with them.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field
        :param theirs: Outlook's content in the conflict, None if it is deleted there
        :param change_key: Outlook's version that the person has seen
        :raise UserError: the conflict has a field without a choice
        """
        self.ensure_one()
        conflict = self._open_conflict()
        if self.is_series:
            choices = conflict._choice_by_field(choices)
            deleted = not conflict.occurrence_day and DELETED in choices
        else:
            ours = conflict._live_content()
            merge = self._merge_of_choice(ours, theirs, choices)
            deleted = theirs is None or ours is None
        if deleted:
            keep = choices if isinstance(choices, str) else choices.get(DELETED)
            self._resolve_deletion(keep, theirs, change_key)
        elif self.is_series:
            self._store_choices(conflict, choices, theirs, change_key)
        else:
            Applier(self.account_id, self.calendar_id).write_choices(
                self, merge, ours, theirs, change_key
            )
            self.account_id._request_pull(fresh_seconds=0)

    def _merge_of_choice(self, ours, theirs, choices):
        """Return the merge that follows from a person's choices.

        :raise UserError: the conflict has a field without a choice
        """
        merge = apply_choices(self._merge(ours, theirs), ours, choices)
        if merge.conflicts:
            raise UserError(
                self.env._("The event was changed again meanwhile. Please look again.")
            )
        return merge

    def _store_choices(self, conflict, choices, theirs, change_key):
        """Store the choices for a series, and request a reading of it."""
        if choices.get(DELETED) == "odoo" and theirs is None:
            self._detach_from_series(conflict.event_id)
        known = self.series_choices or {}
        if known.get("change_key") != change_key:
            known = {"change_key": change_key, "choices": {}}
        day = conflict.occurrence_day or ALL
        known["choices"] = {**known["choices"], day: choices}
        self.write({"series_choices": known, "state": "synced", "needs_read": True})
        self.account_id._request_pull(fresh_seconds=0)

    def _choices_for(self, change_key):
        """Return a person's choices if they were made for this version of Outlook."""
        known = self.series_choices or {}
        return known.get("choices") if known.get("change_key") == change_key else None

    def _resolve_deletion(self, keep, theirs, change_key):
        """Apply a choice if one side deleted the meeting and the other edited it."""
        if theirs is None:
            self._resolve_deleted_there(keep)
        elif keep == "odoo":
            self._resolve_deleted_here(change_key)
        else:
            self._undo_odoo_deletion()
            self.account_id._request_pull(fresh_seconds=0)

    def _resolve_deleted_there(self, keep):
        """Delete the meeting in Odoo, or create it in Outlook again.

        It was edited in Odoo and deleted in Outlook.
        """
        if keep != "odoo":
            Applier(self.account_id, self.calendar_id).apply_deletion(self)
            return
        # Until the new one is there, nothing is left to open in Outlook.
        gone = {"state": "deleted_there", "needs_read": False, "web_link": False}
        self.write(gone)
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(self._meeting())

    def _resolve_deleted_here(self, change_key):
        """Delete the present version in Outlook: it was deleted in Odoo."""
        self.write(
            {"needs_read": False, "change_key": change_key, **self._DELETED_HERE}
        )
        if self.is_series:  # a person has just agreed to this number of events
            self.env["praetorx.ms365.hold"]._agreed(self.account_id, "to_outlook", self)
        self.env["praetorx.ms365.outbox"]._enqueue_delete_of(self)

    def _detach_from_series(self, event):
        """Turn an occurrence that Outlook has deleted into an event of its own."""
        self.recurrence_id._ms365_detach(event)
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(event)

    def _undo_odoo_deletion(self):
        """Bring meetings back that were deleted in Odoo only: Outlook still has them.

        They are read next. A meeting without any rows in Odoo is created from Outlook.
        """
        self.write({"state": "synced", "needs_read": True})
        for link in self:
            meeting = link._meeting()
            if link._bring_back():
                link._copies()._record_undeletion()
                link._forget_shape()
                meeting._ms365_rows()._ms365_show_state("synced")
            else:
                unlinked = {"event_id": False, "recurrence_id": False}
                link.write({"base_snapshot": False, **unlinked})
                meeting._ms365_discard()

    def _bring_back(self):
        """Bring back the events of this meeting that the last agreement has.

        :return: True if Odoo has any of them now
        """
        base = self._series_base
        days = base.ours.days if base else ()
        return self._meeting()._ms365_bring_back(days, self.account_id)
