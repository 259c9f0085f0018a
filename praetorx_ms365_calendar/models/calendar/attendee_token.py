"""The tokens of invitations: mails carry them to their attendee, and nobody else.

Whoever has a token answers in the attendee's name. Yet the templates of invitations
contain it, and people render these: in a preview, in the mail composer, and by inviting
somebody. So all that is rendered has a stand-in, which gives nobody anything. A mail
gets the token when it leaves for the attendee's own address, and who is signed in as
the attendee may follow the link as it is.
"""

import re
from urllib.parse import urlencode

from werkzeug.exceptions import abort

from odoo import fields, models
from odoo.http import request
from odoo.tools import email_normalize

#: In the context while a template is rendered.
RENDERS = "ms365_renders_template"
_STAND_IN = "attendee-%d"
_STAND_IN_ALONE = re.compile(r"attendee-([0-9]{1,9})")
_STAND_INS = re.compile(rf"(?<=[?&;]token=){_STAND_IN_ALONE.pattern}(?![\w-])")


class InvitationToken(fields.Char):
    """A text that templates see as a stand-in."""

    def __get__(self, record, owner=None):
        if record is None or not record.env.context.get(RENDERS) or not record.id:
            return super().__get__(record, owner)
        record.ensure_one()
        return _STAND_IN % record.id


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    access_token = InvitationToken(groups=fields.NO_ACCESS)

    def _ms365_with_own_token(self, body):
        """Return a body with the tokens of these attendees, of whom it is a mail."""
        tokens = {str(one.id): one.access_token for one in self}
        return _STAND_INS.sub(lambda found: tokens.get(found[1]) or found[0], body)


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        """Have all templates see stand-ins for the tokens of invitations."""
        rendering = self.with_context(**{RENDERS: True})
        return super(MailRenderMixin, rendering)._render_template(
            template_src, model, res_ids, *args, **kwargs
        )


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        """Give the recipient the own token, and no other."""
        body = super()._personalize_outgoing_body(body, partner, doc_to_followers)
        attendee_ids = [int(found) for found in _STAND_INS.findall(body or "")]
        if not attendee_ids:
            return body
        attendees_sudo = self.env["calendar.attendee"].sudo().browse(attendee_ids)
        own_sudo = attendees_sudo.exists().filtered(
            lambda one: self._ms365_is_mail_of(one, partner)
        )
        return own_sudo._ms365_with_own_token(body)

    def _ms365_is_mail_of(self, attendee, partner):
        """Tell whether this mail goes to an attendee alone."""
        if partner:
            return attendee.partner_id == partner
        address = email_normalize(self.email_to)
        return (
            bool(address)
            and not self.email_cc
            and email_normalize(attendee.email) == address
        )


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_calendar(cls):
        """Let a link with a stand-in lead who is signed in to the own invitation."""
        query = request.httprequest.args
        found = _STAND_IN_ALONE.fullmatch(query.get("token", ""))
        if found and request.session.uid:
            env_sudo = request.env(su=True)
            part = env_sudo["calendar.attendee"].browse(int(found[1])).exists()
            user = env_sudo["res.users"].browse(request.session.uid)
            if part.partner_id == user.partner_id:
                own = {**query.to_dict(), "token": part.access_token}
                path = request.httprequest.path
                abort(request.redirect(f"{path}?{urlencode(own)}"))
        return super()._auth_method_calendar()
