"""How often a meeting is read for one edit: none keeps a mailbox busy for ever."""

from datetime import timedelta

from odoo import fields, models

from ...engine.errors import GiveUpOnEvent
from ...engine.reasons import because
from ...engine.retry import VAIN_READINGS, whole_seconds


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    readings = fields.Integer(
        copy=False,
        readonly=True,
        help="How often the meeting was read for this change since something of it was "
        "sent.",
    )

    def _count_reading(self, link):
        """Count a reading of the meeting before these entries can be sent.

        The first ones are made at once. The next ones wait longer and longer, so that
        the other changes of the mailbox are sent meanwhile.

        :param link: of the meeting that is read
        :raise GiveUpOnEvent: the meeting was read too often
        """
        readings = max(self.mapped("readings")) + 1
        if VAIN_READINGS.gives_up(readings):
            raise GiveUpOnEvent(self._why_read_in_vain(link, readings - 1))
        vals = {"readings": readings}
        if pause := VAIN_READINGS.ceiling_seconds(readings):
            not_before = fields.Datetime.now() + timedelta(seconds=pause)
            vals |= {"not_before": whole_seconds(not_before), **self._failing()}
        self.write(vals)

    def _why_read_in_vain(self, link, times):
        """Return why a meeting cannot be sent although it was read."""
        if link.state == "quarantined" and link.reason:
            return link.reason
        if link.is_series:
            return because("series_not_shown", times=times)
        return because("sides_disagree")

    def _start_readings_anew(self):
        """Set the count back to zero: the last reading brought a step further."""
        self.filtered("readings").readings = 0
