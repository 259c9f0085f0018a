from odoo import models


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _ms365_series_to_send(self, account, window=None, base=None):
        """Return Odoo's :class:`Series` without the edits that wait for approval.

        :param window: first and last day; by default, the whole series
        :param base: the last agreement
        :raise ValueError: Outlook cannot express its rule
        """
        series = self._ms365_read_series(window)
        waiting = self.env["praetorx.ms365.approval"]._waiting_of(
            account, [self._ms365_event_key()]
        )
        return waiting._without_edits(series, base)
