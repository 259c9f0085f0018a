"""Record people's edits of meetings, in the transaction of the edit."""

from odoo import api, models

from ...const import UNDER_WAY_OR_FAILED
from ...engine.outgoing import is_recorded


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    @api.model
    def _enqueue_upserts(self, meetings, *, noted_late=False, names=None, lists=None):
        """Record that a person has created or edited these meetings.

        :param meetings: recurrences or events; any event stands for its series
        :param noted_late: the edit was made some time before this transaction
        :param names: the fields that the edit has touched, by the engine's names; empty
            for everything
        :param lists: ``{meeting: {name: ListChange}}`` of the lists among the names, if
            the added and removed entries are known
        :return: the entries
        """
        entries = self.sudo().browse()
        for of_kind in meetings._ms365_meetings():
            of_kind._ms365_prepare_for_outlook()
            new = self._enqueue(of_kind, "upsert", names, lists)
            recorded = new[of_kind._ms365_field]
            # Archived and back again before the deletion was sent.
            recorded.ms365_link_ids._record_undeletion()
            recorded.ms365_link_ids._end_waiting_for_consent(names)
            recorded._ms365_rows()._ms365_show_state("pending")
            entries |= new
        if noted_late:
            entries.noted_late = True
        return entries

    @api.model
    def _enqueue_deletes(self, meetings):
        """Record that a person has deleted or archived these meetings.

        :param meetings: recurrences, or events without one
        """
        links = meetings.sudo().ms365_link_ids
        links._retire_predecessors(meetings)
        if not (links or self.env["praetorx.ms365.account"]._pushing_accounts()):
            return
        vals_list = self._vals_of_entries(meetings, "delete")
        # All copies, also in mailboxes without writing, and also while no mailbox
        # pushes: none of the copies may bring the meeting back.
        links._deleted_in_odoo()
        self._append(vals_list)

    @api.model
    def _enqueue_delete_of(self, link, author=None):
        """Record that a person wants this Outlook event deleted after all.

        :param author: of the deletion, by default the current user
        :return: the entry
        """
        previous = self.search([("link_id", "=", link.id)], order="id desc", limit=1)
        meeting = link._meeting()
        key = meeting._ms365_event_key() if meeting else previous.event_key
        entry = self.create(
            {
                "account_id": link.account_id.id,
                "event_id": link._any_event().id,
                "recurrence_id": link.recurrence_id.id,
                "event_key": key or -link.id,
                "link_id": link.id,
                "calendar_id": link.calendar_id.id,
                "operation": "delete",
                "author_id": (author or self.env.user).id,
                "idempotency_key": previous.idempotency_key or link.remote_id,
                "stamp": previous.stamp or link.remote_id,
            }
        )
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()
        return entry

    @api.model
    def _enqueue(self, meetings, operation, names=None, lists=None):
        """Append entries about these meetings, and do nothing else.

        :param meetings: events without a recurrence, or recurrences
        :param names: see :meth:`_enqueue_upserts`, like ``lists``
        :return: the entries
        """
        return self._append(self._vals_of_entries(meetings, operation, names, lists))

    def _append(self, vals_list):
        entries = self.sudo().create(vals_list)
        if entries:
            self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch").sudo()._trigger()
        return entries

    def _vals_of_entries(self, meetings, operation, names=None, lists=None):
        """Return values of entries about those meetings that go to a mailbox."""
        if not self.env["praetorx.ms365.account"]._pushing_accounts():
            return []
        sent_before = self._sent_before(meetings) if operation == "delete" else set()
        vals_list = []
        for meeting in meetings.sudo():
            account, link = self._sender(meeting)
            if not account:
                continue
            key = meeting._ms365_event_key()
            if not is_recorded(
                link._facts(),
                deletes=operation == "delete",
                was_sent=key in sent_before,
            ):
                continue
            changes = (lists or {}).get(meeting) or {}
            vals_list.append(
                {
                    "account_id": account.id,
                    "event_id": meeting._ms365_any_event().id,
                    meeting._ms365_field: meeting.id,
                    "event_key": key,
                    "link_id": link.id,
                    "calendar_id": (link or meeting)._ms365_calendar().id,
                    "operation": operation,
                    "idempotency_key": meeting._ms365_transaction_id(
                        account, link.generation
                    ),
                    "stamp": meeting._ms365_stamp(),
                    "field_names": sorted(names or ()),
                    "list_changes": {
                        name: change.to_json() for name, change in changes.items()
                    }
                    or False,
                }
            )
        return vals_list

    def _sender(self, meeting):
        """Return the account that sends edits of a meeting, and its link to it.

        :return: an empty account if no account sends them
        """
        Account = self.env["praetorx.ms365.account"].sudo()
        links = meeting.ms365_link_ids
        nobody = Account.browse(), links.browse()
        organizer = meeting._ms365_organizer()
        if organizer._ms365_uses_stock():
            return nobody  # the stock connector sends the edits
        pushing = Account._pushing_accounts()
        link = links.filtered("is_primary")[:1]
        account_id = link.account_id.id or pushing.get(organizer.id)
        if account_id not in pushing.values():
            return nobody
        account = Account.browse(account_id)
        link = link or links.filtered(lambda one: one.account_id == account)[:1]
        if link:
            is_writable = link._is_writable()
        elif Account._may_be_in_former_mailbox(account_id, meeting):
            return nobody
        else:
            calendar = meeting._ms365_calendar()
            is_writable = Account._is_writable_calendar(account_id, calendar.id)
        return (account, link) if is_writable else nobody

    def _sent_before(self, meetings):
        """Return the event keys of the meetings that ever had an entry to send."""
        keys = [meeting._ms365_event_key() for meeting in meetings]
        groups = self.sudo()._read_group(
            [("event_key", "in", keys), ("operation", "!=", "respond")], ["event_key"]
        )
        return {event_key for [event_key] in groups}

    # ------------------------------------------------------------------
    # Events that become series, and series that become events
    # ------------------------------------------------------------------

    @api.model
    def _move_edits_to_series(self, events, recurrence):
        """Turn unsent edits of these events into edits of the series they became.

        A series is sent as a whole: edits of a single event could not be sent.
        """
        self._edits_to_move(events.ids)._become_edits_of(recurrence)

    @api.model
    def _move_edits_to_event(self, recurrence, event):
        """Turn unsent edits of a series into edits of the event that is left of it."""
        entries = self._edits_to_move([recurrence._ms365_event_key()])
        key = event._ms365_event_key()
        entries.write({"recurrence_id": False, "event_id": event.id, "event_key": key})

    def _move_late_edits_to_series(self):
        """Turn edits into edits of a series if they were held when it began."""
        late = self.filtered(
            lambda entry: (
                entry.event_key > 0
                and entry.operation != "respond"
                and entry.link_id.recurrence_id
            )
        )
        for link, entries in late.grouped("link_id").items():
            entries._become_edits_of(link.recurrence_id)

    def _edits_to_move(self, event_keys):
        return self.sudo().search(
            [
                ("event_key", "in", event_keys),
                ("operation", "!=", "respond"),
                ("state", "in", UNDER_WAY_OR_FAILED),
            ]
        )

    def _become_edits_of(self, recurrence):
        key = recurrence._ms365_event_key()
        self.write({"recurrence_id": recurrence.id, "event_key": key})
