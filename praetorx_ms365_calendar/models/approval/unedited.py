from odoo import models


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    def _undo_change(self):
        """Leave both sides as they are where nobody has edited the event.

        A contact that was deleted does not come back because nobody has answered.
        """
        if self.kind != "noticed":
            super()._undo_change()
            return
        self.link_id._agree_to_differ(frozenset(self.field_names or ()))
        self._show_remaining_state(self._all_events(), self.link_id)
