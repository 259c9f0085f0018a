"""Say whom a new window of the company concerns, before an administrator saves it."""

from odoo import api, models
from odoo.fields import Domain

from ...wording import join_names


class ResCompany(models.Model):
    _inherit = "res.company"

    def _ms365_window_followers(self):
        """Return the mailboxes that have no window of their own."""
        return (
            self.env["praetorx.ms365.account"]
            .sudo()
            .search(
                Domain("user_id.company_id", "in", self.ids)
                & Domain("own_window", "=", False)
                & Domain("enabled", "=", True)
                & Domain("started_at", "!=", False)
            )
        )

    @api.onchange("ms365_days_back", "ms365_days_ahead")
    def _onchange_ms365_window(self):
        """Name the owners of the mailboxes that will have another window."""
        origin = self._origin
        followers = origin._ms365_window_followers() if origin else None
        if not followers or origin._ms365_window() == self._ms365_window():
            return None
        names = followers.user_id.sorted("name").mapped("name")
        return {
            "warning": {
                "title": self.env._("The window of other people changes"),
                "message": self.env._(
                    "Mailboxes that follow this window: %(count)s (%(names)s). Once "
                    "you save, they are read with the new window, without a preview. "
                    "Events that come into the window appear in Odoo. Events that "
                    "leave it stay on both sides. Nobody is mailed. To change "
                    "nothing, discard.",
                    count=len(names),
                    names=join_names(self.env, names),
                ),
            }
        }
