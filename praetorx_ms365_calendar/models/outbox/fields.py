"""Which fields the edits in the outbox have touched: only these are sent."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import NOT_ARRIVED
from ...engine.list_changes import ListChange, united_changes
from ...engine.recorded_names import united


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    field_names = fields.Json(
        copy=False,
        readonly=True,
        help="Names of what the edit has touched, as the engine calls them. Empty for "
        "everything, as for new events.",
    )

    list_changes = fields.Json(
        copy=False,
        readonly=True,
        help="Of the lists among these names, what the edit has added and removed. A "
        "list that is left out counts as a whole.",
    )

    def _recorded_names(self):
        """Return the names that a sending of these entries may write, None for all."""
        return self._with_failed()._united_names()

    def _recorded_changes(self):
        """Return name -> list change that a sending of these entries may write."""
        return self._with_failed()._united_changes()

    def _with_failed(self):
        """Return these entries and failed ones before them: a sending closes both."""
        failed = self.search(
            Domain("account_id", "in", self.account_id.ids)
            & Domain("event_key", "in", self.mapped("event_key"))
            & Domain("operation", "=", "upsert")
            & Domain("state", "=", "dead")
            & Domain("id", "<", max(self.ids))
        )
        return self | failed

    def _united_changes(self):
        """Return name -> the united list change of these entries."""
        return united_changes(
            (
                entry.field_names or None,
                {
                    name: ListChange.from_json(change)
                    for name, change in (entry.list_changes or {}).items()
                },
            )
            for entry in self.sorted("id")
        )

    def _added_guests(self):
        """Return the addresses of the guests that these entries have added."""
        change = self._united_changes().get("attendees")
        return change.added if change else frozenset()

    def _united_names(self):
        """Return the union of these entries' names, None for everything."""
        return united(entry.field_names or None for entry in self)

    @api.model
    def _unarrived_names(self, link, event_key, entries=None):
        """Return the names of edits that are not in Outlook, in any state.

        :param entries: the entries to check, by default all of :meth:`_unarrived`
        :return: all names, and the names with an entry that will be sent or waits for
            approval; None for everything
        """
        if entries is None:
            entries = self._unarrived(event_key)
        waiting = entries.filtered(
            lambda entry: entry.account_id == link.account_id and entry.state != "dead"
        )
        kept = link.unsent_names
        named = [entry.field_names or None for entry in entries]
        return united([*named, kept] if kept else named), waiting._united_names()

    @api.model
    def _unarrived(self, event_key):
        """Return the edits of one event that are not in Outlook."""
        return self.search(
            [
                ("event_key", "=", event_key),
                ("operation", "=", "upsert"),
                ("state", "in", NOT_ARRIVED),
            ]
        )
