from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ...engine.body_limits import is_cut

CUT_NOTICE = Markup("<p><em>%s</em></p>")
CUT_LINK = Markup('<p><em>%s <a href="%s">%s</a></em></p>')


class CalendarEvent(models.Model):
    """Descriptions too long for Odoo: shown in part, and changed in Outlook."""

    _inherit = "calendar.event"

    def write(self, vals):
        if "description" in vals and not self._ms365_is_sync():
            self._ms365_check_cut(vals["description"])
        return super().write(vals)

    def _ms365_check_cut(self, description):
        """Refuse to change a description if Odoo has only a part of it.

        Outlook would lose the rest.
        """
        for event in self:
            agreed = event.sudo()._ms365_agreed_theirs()
            if not agreed or not is_cut(agreed.body):
                continue
            if html2plaintext(description or "") != html2plaintext(event.description):
                raise UserError(
                    self.env._(
                        "The description of “%(name)s” is longer than Odoo can show. "
                        "Please change it in Outlook: Odoo has only its beginning.",
                        name=event.name,
                    )
                )

    def _ms365_cut_notice(self, web_link):
        """Return the notice below a description that was cut.

        :param web_link: of the event in Outlook; needed if the event is not linked yet
        """
        if not web_link:
            links = self[:1].ms365_link_ids | self[:1].recurrence_id.ms365_link_ids
            web_link = links.filtered("is_primary")[:1].web_link
        words = self.env._("The description is longer. The whole of it is in Outlook.")
        if not web_link:
            return CUT_NOTICE % words
        return CUT_LINK % (words, web_link, self.env._("Open it there."))
