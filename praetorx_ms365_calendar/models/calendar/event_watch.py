"""Events of colleagues: what Odoo held before somebody edits them is kept for a while.

Everything that people do to events comes by here, single or in bulk. Who may act in the
mailbox is asked in ``models/outbox/authority.py``.
"""

from contextlib import contextmanager

from odoo import api, fields, models

from .event_capture import CAPTURED_FIELDS

#: Fields by which an event goes, comes back, or gets another organizer.
MAY_END_APPROVALS = frozenset({"active", "user_id", "recurrency", "recurrence_id"})


class Watch:
    """What Odoo held before somebody edits colleagues' events, and what is noted then.

    :param before: event key -> :class:`Content` or :class:`Series`, None where unknown
    """

    def __init__(self, before):
        self.before = before
        self.entry_ids = []


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_authority_note = fields.Char(
        compute="_compute_ms365_authority_note",
        compute_sudo=True,
        help="What becomes of the viewer's edits in somebody else's mailbox.",
    )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        with self.browse()._ms365_watched():
            return super().create(vals_list)

    def write(self, vals):
        shape = {"user_id", "recurrency", *self._get_recurrent_fields()}
        if vals.keys().isdisjoint(CAPTURED_FIELDS | shape):
            return super().write(vals)
        may_end = vals.keys() & MAY_END_APPROVALS
        with self._ms365_watched(may_end=bool(may_end)):
            return super().write(vals)

    def unlink(self):
        with self._ms365_watched(deletes=True):
            return super().unlink()

    def action_mass_deletion(self, recurrence_update_setting):
        with self._ms365_watched(deletes=True):
            return super().action_mass_deletion(recurrence_update_setting)

    def action_mass_archive(self, recurrence_update_setting):
        with self._ms365_watched(may_end=True):
            return super().action_mass_archive(recurrence_update_setting)

    @contextmanager
    def _ms365_watched(self, *, deletes=False, may_end=False, recurrences=None):
        """Judge what is noted down for mailboxes of colleagues in this block.

        The outermost block judges, when all of the edit is there. It begins by taking
        the events. At its end, what waits of them is ended, if nothing is left of it to
        decide.

        :param deletes: the block deletes these events
        :param may_end: events may go, come back or change hands in this block
        :param recurrences: series that may go
        :raise UserError: a company forbids it; the whole edit is undone
        """
        Outbox = self.env["praetorx.ms365.outbox"].sudo()
        watches = Outbox._watches()
        if watches:
            yield
            return
        if not self._ms365_is_sync():
            self._ms365_lock(deletes=deletes)
        waiting = self.env["praetorx.ms365.approval"].sudo()
        if deletes or may_end:
            recurrences = recurrences or self.sudo().recurrence_id
            waiting = waiting._waiting_about(self, recurrences)
        if self._ms365_is_sync():
            yield
            waiting._end_if_over()
            return
        own = self._ms365_own_updates_waiting()
        held = own._odoo_contents()
        watch = Watch(self._ms365_before_colleague_edit())
        watches.append(watch)
        try:
            yield
        finally:
            watches.remove(watch)
        if watch.entry_ids:
            Outbox.browse(watch.entry_ids)._judge(watch.before)
        own._end_rewritten_since(held)
        waiting._end_if_over()

    def _ms365_own_updates_waiting(self):
        """Return changes that wait for a word that the current user may give."""
        Approval = self.env["praetorx.ms365.approval"].sudo()
        if not self.ids or not self.env["praetorx.ms365.account"]._pushing_accounts():
            return Approval
        waiting = Approval._waiting_about(self, self.sudo().recurrence_id)
        user = self.env.user
        return waiting.filtered(
            lambda one: (
                one.operation == "update" and user._ms365_may_act_for(one.user_id)
            )
        )

    def _ms365_before_colleague_edit(self):
        """Return event key -> what Odoo holds, of events that are somebody else's."""
        user = self.env.user
        owners = self.sudo().user_id.filtered(
            lambda owner: not user._ms365_may_act_for(owner)
        )
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        by_others = self.sudo().filtered(
            lambda event: event.user_id in owners and event.user_id.id in pushing
        )
        singles = by_others.filtered(lambda event: not event.recurrence_id)
        contents = singles._ms365_read_contents() if singles else {}
        before = {event.id: content for event, content in contents.items()}
        for recurrence in by_others.recurrence_id:
            if recurrence._ms365_is_in_outlook():
                before[recurrence._ms365_event_key()] = recurrence._ms365_try_to_read()
        return before

    # ------------------------------------------------------------------
    # What the editor reads before saving
    # ------------------------------------------------------------------

    @api.depends("user_id", "partner_ids", "ms365_sync_state")
    @api.depends_context("uid", "lang")
    def _compute_ms365_authority_note(self):
        for event in self:
            event.ms365_authority_note = event._ms365_authority_note()

    def _ms365_authority_note(self):
        """Say what becomes of an edit by the viewer, False where nothing is special."""
        self.ensure_one()
        organizer, user = self.user_id, self.env.user
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if (
            organizer.id not in pushing
            or user._ms365_may_act_for(organizer)
            or self.ms365_lock_reason
            or self._check_private_event_conditions()
        ):
            return False
        others = self.partner_ids - organizer.partner_id
        if not others and not self._ms365_outlooks_list():
            return False
        match organizer.sudo().company_id.ms365_colleague_policy:
            case "open":
                return self.env._(
                    "This is a meeting of %(organizer)s. What you change is sent from "
                    "the mailbox of %(organizer)s, and %(organizer)s is told.",
                    organizer=organizer.name,
                )
            case "forbid":
                return self.env._(
                    "This is a meeting of %(organizer)s. Outlook mails other people "
                    "about it: your company lets only %(organizer)s and delegates of "
                    "%(organizer)s change it.",
                    organizer=organizer.name,
                )
        return self.env._(
            "This is a meeting of %(organizer)s. Changes that Outlook would mail other "
            "people about are sent once %(organizer)s has agreed.",
            organizer=organizer.name,
        )
