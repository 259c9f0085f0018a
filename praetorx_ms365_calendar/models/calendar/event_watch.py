"""Keep the content of colleagues' events while somebody edits them.

All edits by people pass here, single or in bulk. ``models/outbox/authority.py`` checks
if the user may act in the mailbox.
"""

from contextlib import contextmanager

from odoo import api, fields, models

from .event_capture import CAPTURED_FIELDS

#: Fields that archive an event, bring it back, or change its organizer.
MAY_END_APPROVALS = frozenset({"active", "user_id", "recurrency", "recurrence_id"})


class Watch:
    """The content of colleagues' events before an edit, and the entries of the edit.

    :param before: event key -> :class:`Content` or :class:`Series`, None if unknown

    ``recorded`` has the series that the present edit has recorded already, each with
    the names of its entry; empty for everything.
    """

    def __init__(self, before):
        self.before = before
        self.entry_ids = []
        self.recorded = {}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_authority_note = fields.Char(
        compute="_compute_ms365_authority_note",
        compute_sudo=True,
        help="What becomes of the viewer's edits in somebody else's mailbox.",
    )

    # ------------------------------------------------------------------
    # Edits by people
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
        """Check the entries that this block records for mailboxes of colleagues.

        Only the outermost block checks, when the edit is complete. It locks the events
        first. At its end, it closes waiting approvals that have nothing left to decide.

        :param deletes: the block deletes these events
        :param may_end: the block may archive events, bring them back, or change their
            organizer
        :param recurrences: series that may be deleted
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
        """Return waiting changes that the current user may approve."""
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
        """Return event key -> Odoo's content, for events of other organizers."""
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
    # Notice to the editor before saving
    # ------------------------------------------------------------------

    @api.depends("user_id", "partner_ids", "ms365_sync_state")
    @api.depends_context("uid", "lang")
    def _compute_ms365_authority_note(self):
        for event in self:
            event.ms365_authority_note = event._ms365_authority_note()

    def _ms365_authority_note(self):
        """Explain the effect of an edit by the viewer, False if it is sent as usual."""
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
