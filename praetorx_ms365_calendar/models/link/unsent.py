"""Remember the edits of a link that were never sent, and the consent to send."""

from odoo import fields, models

from ...engine.recorded_names import NAMES


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    unsent_names = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="What people have edited in Odoo and what was not sent: the event was in "
        "conflict, or held.",
    )

    def _remember_unsent(self, entries):
        """Remember what these entries name, which are closed without being sent.

        Where another mailbox carries the meeting by now, it is to send them.
        """
        names = entries._united_names()
        for link in self._copies().filtered("is_primary"):
            known = set(link.unsent_names or ())
            link.unsent_names = sorted(NAMES if names is None else names | known)

    def _end_waiting_for_consent(self, names):
        """Stop waiting for the owner's word, as soon as everything may be sent.

        :param names: what a new edit has touched; the rest goes on waiting
        """
        if not names:
            self.filtered("awaits_word").awaits_word = False

    def _agreed_on_all(self, event):
        """Stop waiting for the owner's word once nothing is left to be sent."""
        if self.awaits_word and self._base:
            ours = event._ms365_read_contents()[event]
            self.awaits_word = bool(ours.changed_fields(self._base.ours))
