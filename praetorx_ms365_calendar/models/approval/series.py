"""Waiting changes of single events that become series."""

from odoo import api, models

from ...engine.snapshot import Base


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    @api.model
    def _move_to_series(self, events, recurrence):
        """Turn waiting edits of these events into edits of the series they became.

        The series is sent without them, as the events were before. A yes is for all
        events of the series, so the owner has to look again.
        """
        waiting = self.sudo()._waiting_about(events, recurrence.browse())
        for approval in waiting.filtered(lambda one: one.operation == "update"):
            vals = {
                "recurrence_id": recurrence.id,
                "event_key": recurrence._ms365_event_key(),
                "version": approval.version + 1,
            }
            if edit := approval._edit():
                series = recurrence._ms365_base_of_single(Base(*edit))
                vals["before"] = series.ours.to_json()
                vals["after"] = series.theirs.to_json()
            approval.write(vals)
            approval.entry_ids._become_edits_of(recurrence)
