from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """Contacts take part by their address: another one is another guest in Outlook."""

    _inherit = "res.partner"

    def write(self, vals):
        if "email" in vals:
            changed = self.filtered(lambda one: one.email != vals["email"])
            changed._ms365_record_differences()
        if not vals.keys().isdisjoint({"tz", "lang"}):
            self._ms365_record_series_differences()
        return super().write(vals)

    def unlink(self):
        self._ms365_record_differences()
        return super().unlink()

    def _ms365_record_differences(self):
        """Note down that the meetings of these contacts change."""
        Difference_sudo = self.env["praetorx.ms365.difference"].sudo()
        Difference_sudo._record_events_with("contact", "partner_ids", self)

    def _ms365_record_series_differences(self):
        """Note down that series follow these people's clocks, or their weeks."""
        if self:
            self.env["praetorx.ms365.difference"].sudo()._record_links(
                "person",
                SQL(
                    """
                    SELECT link.id FROM praetorx_ms365_event_link link
                      JOIN praetorx_ms365_account account
                        ON account.id = link.account_id
                      JOIN res_users users ON users.id = account.user_id
                     WHERE users.partner_id IN %s AND link.recurrence_id IS NOT NULL
                    """,
                    tuple(self.ids),
                ),
            )
