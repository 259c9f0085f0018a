from odoo import models
from odoo.tools import email_normalize

from .attendee_token import STAND_INS


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        """Put in the recipient's own token, and no other one."""
        body = super()._personalize_outgoing_body(body, partner, doc_to_followers)
        attendee_ids = [int(found) for found in STAND_INS.findall(body or "")]
        if not attendee_ids:
            return body
        attendees_sudo = self.env["calendar.attendee"].sudo().browse(attendee_ids)
        own_sudo = attendees_sudo.exists().filtered(
            lambda one: self._ms365_is_mail_of(one, partner)
        )
        return own_sudo._ms365_with_own_token(body)

    def _ms365_is_mail_of(self, attendee, partner):
        """Return True if this mail goes to one attendee alone."""
        if partner:
            return attendee.partner_id == partner
        address = email_normalize(self.email_to)
        return (
            bool(address)
            and not self.email_cc
            and email_normalize(attendee.email) == address
        )
