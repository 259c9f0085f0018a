from typing import Any

from odoo import models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def action_ms365_history(self) -> dict[str, Any]:
        """Open the synced changes of this event, the newest first.

        :raise UserError: the event is private
        """
        self.ensure_one()
        self.check_access("read")
        if self._check_private_event_conditions():
            raise UserError(
                self.env._("Only the participants can see the history of this event.")
            )
        return self.env["praetorx.ms365.event.history"]._start(self)
