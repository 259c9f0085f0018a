"""Merge both sides of a link, open conflicts, and store the choices for them."""

from odoo import models
from odoo.exceptions import UserError

from ...engine.merge import DELETED, apply_choices, confirm_sent
from ...engine.plan import plan_deletion, plan_incoming
from ...engine.series import SeriesBase
from ...engine.series_units import ALL
from ...engine.snapshot import Base


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
    # Storing choices
    # ------------------------------------------------------------------

    def _resolve(self, choices, theirs, change_key):
        """Store a person's choices in a conflict; the worker carries them out.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field
        :param theirs: Outlook's content in the conflict, None if it is deleted there
        :param change_key: Outlook's version that the person has seen
        :raise UserError: the conflict has a field without a choice
        """
        self.ensure_one()
        conflict = self._open_conflict()
        if self.is_series:
            of_field = conflict._choice_by_field(choices)
            deleted = not conflict.occurrence_day and DELETED in of_field
        else:
            ours = conflict._live_content()
            of_field = self._choices_of_single(ours, theirs, choices)
            deleted = theirs is None or ours is None
        if deleted:
            keep = choices if isinstance(choices, str) else choices.get(DELETED)
            self._resolve_deletion(keep, theirs, change_key)
            return
        if of_field.get(DELETED) == "odoo" and theirs is None:
            self._detach_from_series(conflict.event_id)
        day = conflict.occurrence_day or ALL
        self._store_decision(of_field, change_key, day=day)
        self._carry_out_when_read()

    def _choices_of_single(self, ours, theirs, choices):
        """Return the side that was chosen for each field of a single event.

        :raise UserError: the conflict has a field without a choice
        """
        merge = apply_choices(self._merge(ours, theirs), ours, choices)
        if merge.conflicts:
            raise UserError(
                self.env._("The event was changed again meanwhile. Please look again.")
            )
        return dict.fromkeys(merge.kept_odoo, "odoo") | dict.fromkeys(
            merge.kept_outlook, "outlook"
        )

    def _resolve_deletion(self, keep, theirs, change_key):
        """Store a choice if one side deleted the meeting and the other edited it."""
        if theirs is None and keep == "odoo":
            self._create_again()
        elif theirs is None:
            self._store_decision({DELETED: "outlook"}, None)
            self._carry_out_when_read("gone")
        elif keep == "odoo":
            self._resolve_deleted_here(change_key)
        else:
            self._undo_odoo_deletion()
            self.account_id._request_pull(fresh_seconds=0)

    def _create_again(self):
        """Create a meeting in Outlook again that was deleted there and edited here."""
        # Until the new one is there, nothing is left to open in Outlook.
        gone = {"state": "deleted_there", "needs_read": False, "web_link": False}
        self.write({**gone, "decision": False})
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(
            self._meeting()
        )._agree_to_mails()

    def _resolve_deleted_here(self, change_key):
        """Delete the present version in Outlook: it was deleted in Odoo."""
        self._store_decision({DELETED: "odoo"}, change_key)
        self.write(
            {"needs_read": False, "change_key": change_key, **self._DELETED_HERE}
        )
        self._look_before_cancelling()
        if self.is_series:  # a person has just agreed to this number of events
            self.env["praetorx.ms365.hold"]._agreed(self.account_id, "to_outlook", self)
        self.env["praetorx.ms365.outbox"]._enqueue_delete_of(self)._agree_to_mails()

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
