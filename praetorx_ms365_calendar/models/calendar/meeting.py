from odoo import models

from ...engine.mapping.stamp import make_stamp, transaction_id


class PraetorxMs365Meeting(models.AbstractModel):
    """A meeting: an event without a recurrence, or a whole series of events.

    Links and outbox entries are about meetings. Code for both kinds is here or with the
    link. Each kind implements the rest, in methods of the same name:

    - ``_ms365_rows()``: the event itself, or the events of the series in Odoo
    - ``_ms365_read(base)``: its content in Odoo, of a series in the window of that
      base; None for a series without events
    - ``_ms365_bring_back()``: brings its archived events back
    - ``_ms365_any_event()``: the event that stands for it, also an archived one
    - ``_ms365_event_key()``: the key of its edits in the outbox
    - ``_ms365_organizer()``: the user of the organizer
    - ``_ms365_calendar()``: the calendar for its creation
    - ``_ms365_agreed_theirs()``: Outlook's side at the last agreement
    - ``_ms365_is_managed()``: True if our engine syncs it, not the stock connector
    - ``_ms365_invites_others()``: True if Exchange would mail somebody about it
    """

    _name = "praetorx.ms365.meeting"
    _description = "Microsoft 365 Meeting"
    _inherit = ["praetorx.ms365.bookkeeping"]

    #: The field of links and outbox entries that refers to meetings of this kind.
    _ms365_field = None
    _ms365_is_series = False

    # ------------------------------------------------------------------
    # Edits by people
    # ------------------------------------------------------------------

    def _ms365_capture(self, names=None, lists=None):
        """Record that a person has created or edited these meetings.

        :param names: the fields that the edit has touched; empty for everything
        :param lists: ``{meeting: {name: ListChange}}`` of the edit
        """
        self._ms365_rows()  # records the days of occurrences
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(
            self, names=names, lists=lists
        )

    def _ms365_capture_deletion(self):
        """Record that a person has deleted or archived these meetings."""
        self._ms365_rows()
        self.env["praetorx.ms365.outbox"]._enqueue_deletes(self)

    def _ms365_prepare_for_outlook(self):
        """Bring these meetings into a form that Outlook can hold, before they go."""

    def _ms365_why_inexpressible(self):
        """Return why Outlook cannot repeat as Odoo does, or False."""
        return False

    def _ms365_discard(self):
        """Remove the rest of a meeting from Odoo when it has no events any more."""

    def _ms365_may_invite(self):
        """Return True if Exchange mails people that are added to Outlook's list."""
        event, organizer = self._ms365_any_event(), self._ms365_organizer()
        return event._ms365_invitation_policy(organizer) == "exchange"

    # ------------------------------------------------------------------
    # Stamp in Outlook
    # ------------------------------------------------------------------

    def _ms365_stamp(self):
        """Return the stamp that marks this meeting in Outlook as ours."""
        self.ensure_one()
        return make_stamp(
            self.env["praetorx.ms365.outbox"]._database_uuid(),
            self.id,
            self.create_date,
            is_series=self._ms365_is_series,
        )

    def _ms365_transaction_id(self, account, generation):
        """Return the idempotency key with which it is created in a mailbox."""
        self.ensure_one()
        return transaction_id(
            self.env["praetorx.ms365.outbox"]._database_uuid(),
            self.id,
            self.create_date,
            account.id,
            generation,
            is_series=self._ms365_is_series,
        )
