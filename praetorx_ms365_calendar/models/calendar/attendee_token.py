"""Keep invitation tokens out of everything except the attendee's own mail.

With a token, anybody can reply in the attendee's name. Templates of invitations contain
it, and people render them: in a preview, in the mail composer, or by an invitation. So
a rendered template has a placeholder, useless to anybody else. A mail gets the token
when it is sent to the attendee's own address (``mail_mail.py``). The placeholder itself
works only for the signed-in attendee (``ir_http.py``).
"""

import re

from odoo import fields, models

#: In the context while a template is rendered.
RENDERS = "ms365_renders_template"
_STAND_IN = "attendee-%d"
STAND_IN_ALONE = re.compile(r"attendee-([0-9]{1,9})")
#: A stand-in as the token of a link.
STAND_INS = re.compile(rf"(?<=[?&;]token=){STAND_IN_ALONE.pattern}(?![\w-])")


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
        """Return the body of a mail to these attendees with their own tokens."""
        tokens = {str(one.id): one.access_token for one in self}
        return STAND_INS.sub(lambda found: tokens.get(found[1]) or found[0], body)
