from odoo import models
from odoo.tools import SQL


class ResUsersSettings(models.Model):
    """The default privacy of a user's events."""

    _inherit = "res.users.settings"

    def write(self, vals):
        if "calendar_default_privacy" in vals:
            privacy = vals["calendar_default_privacy"]
            changed = self.filtered(lambda one: one.calendar_default_privacy != privacy)
            changed._ms365_record_differences()
        return super().write(vals)

    def _ms365_record_differences(self):
        """Note down that the events without a privacy of their own change."""
        if not self:
            return
        self.env["praetorx.ms365.difference"].sudo()._record_links(
            "privacy",
            SQL(
                """
                SELECT link.id FROM praetorx_ms365_event_link link
                  JOIN praetorx_ms365_account account ON account.id = link.account_id
                  JOIN calendar_event event
                    ON event.id = link.event_id
                    OR event.recurrence_id = link.recurrence_id
                 WHERE account.user_id IN %s AND event.privacy IS NULL
                """,
                tuple(self.user_id.ids),
            ),
        )
