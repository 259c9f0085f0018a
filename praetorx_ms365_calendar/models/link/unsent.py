"""Remember the edits and deletions that were never sent, and the consent to send."""

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
        """Remember the names of entries that are closed without being sent.

        If another mailbox has the primary copy by now, it must send them.
        """
        names = entries._united_names()
        for link in self._copies().filtered("is_primary"):
            known = set(link.unsent_names or ())
            link.unsent_names = sorted(NAMES if names is None else names | known)

    def _resume_deletions(self):
        """Send deletions made while the mailbox did not send; ask if guests get mails.

        The deletion of a meeting with guests becomes a conflict. Keeping Odoo's side
        of it sends the cancellations.
        """
        Outbox = self.env["praetorx.ms365.outbox"]
        deleted = self.filtered(
            lambda link: (
                link.state == "deleted_here" and link.is_primary and link.remote_id
            )
        )
        on_their_way = Outbox.search(
            [
                ("link_id", "in", deleted.ids),
                ("operation", "=", "delete"),
                ("state", "!=", "done"),
            ]
        ).link_id
        for link in deleted - on_their_way:
            theirs = link._theirs()
            if link.is_organizer and theirs and link._deletion_mails_nobody():
                Outbox._enqueue_delete_of(link)
            elif theirs:
                link._dispute_deletion(
                    ours=None, theirs=theirs, change_key=link.change_key
                )

    def _end_waiting_for_consent(self, names):
        """Stop waiting for the owner's consent if an edit sends everything.

        :param names: the fields that a new edit has touched, empty for everything;
            if there are any, the other fields still wait
        """
        if not names:
            self.filtered("awaits_word").awaits_word = False

    def _agreed_on_all(self, event):
        """Stop waiting for the owner's consent if nothing is left to send."""
        if self.awaits_word and self._base:
            ours = event._ms365_read_contents()[event]
            self.awaits_word = bool(ours.changed_fields(self._base.ours))
