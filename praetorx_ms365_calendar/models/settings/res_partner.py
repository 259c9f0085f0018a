from odoo import models
from odoo.tools import SQL

from ...engine.mapping.text import mail_address


class ResPartner(models.Model):
    """Contacts: their address makes them guests of events in Outlook."""

    _inherit = "res.partner"

    def write(self, vals):
        if "email" in vals:
            changed = self.filtered(lambda one: one.email != vals["email"])
            changed._ms365_record_differences()
        if not vals.keys().isdisjoint({"tz", "lang"}):
            self._ms365_record_series_differences()
        result = super().write(vals)
        Account = self.env["praetorx.ms365.account"]
        if "email" in vals and Account._addresses_of_people().keys() & set(self.ids):
            Account._clear_account_cache()
        return result

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

    def _ms365_addresses(self):
        """Return all mail addresses of a person, the one to invite first."""
        self.ensure_one()
        people = self.env["praetorx.ms365.account"]._addresses_of_people()
        if addresses := people.get(self.id):
            return addresses
        address = mail_address(self.email_normalized or "")
        return (address,) if address else ()
