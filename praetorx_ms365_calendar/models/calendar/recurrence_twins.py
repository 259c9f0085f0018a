"""Two events of a series on one day, where Outlook has one."""

from odoo import SUPERUSER_ID, models

from ...engine.reasons import because
from ...engine.twins import Twin, original_of


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _ms365_twins(self):
        """Return day -> events, for each day that has more than one."""
        by_day = self._ms365_rows().grouped("ms365_day")
        return {day: rows for day, rows in by_day.items() if len(rows) > 1}

    def _ms365_mend_twins(self):
        """Remove duplicate events from a series if they are certainly duplicates.

        They continue as events of their own. Without guests, such an event is sent. The
        others wait for the organizer's consent: nobody has requested an invitation.
        """
        for recurrence in self:
            link_sudo = recurrence.sudo().ms365_link_ids.filtered("is_primary")[:1]
            base = link_sudo._series_base
            for day, rows in recurrence._ms365_twins().items():
                contents = rows._ms365_read_contents()
                [remote_id, *_key] = (link_sudo.occurrence_ids or {}).get(day, [None])
                original_id = original_of(
                    [Twin(r.id, r.microsoft_id or None, contents[r]) for r in rows],
                    remote_id=remote_id,
                    agreed=base.ours.occurrence(day) if base else None,
                )
                if original_id:
                    recurrence._ms365_let_twins_go(rows - rows.browse(original_id))

    def _ms365_let_twins_go(self, rows):
        self._ms365_detach(rows)
        alone = rows.filtered(lambda row: not row._ms365_invites_others())
        for row in rows:
            row._message_log(
                body=self.env._(
                    "This event was in a series that had another one on the same day. "
                    "It is an event of its own now, which goes to Outlook."
                )
                if row in alone
                else self.env._(
                    "This event was in a series that had another one on the same day. "
                    "It is an event of its own now. Outlook would invite people to it: "
                    "it goes there when the organizer sends it under “My Connection”, "
                    "or edits it."
                )
            )
        # The sync's own doing, whoever happens to edit the series just now.
        Outbox = self.env["praetorx.ms365.outbox"].with_user(SUPERUSER_ID)
        Outbox._enqueue_upserts(alone.with_env(Outbox.env), noted_late=True)

    def _ms365_why_twins(self):
        """Return a reason if a day has several events, False if none has."""
        twins = self._ms365_twins()
        if not twins:
            return False
        return because("twins", day=str(min(twins)))
