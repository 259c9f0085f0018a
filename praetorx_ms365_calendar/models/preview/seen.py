"""Apply and Start are for the version that the owner sees, in whichever tab."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .preview import CHOICES

#: Context key of a button: the version in its view, as in the field ``seen``.
SEEN = "ms365_seen"


class PraetorxMs365Preview(models.Model):
    _inherit = "praetorx.ms365.preview"

    seen = fields.Char(
        compute="_compute_seen",
        help="The version that a view shows; its buttons give it back.",
    )

    @api.depends("version", "state", *CHOICES)
    def _compute_seen(self):
        for preview in self:
            choices = "".join(str(int(preview[name])) for name in self._CHOICES)
            preview.seen = f"{preview.id}:{preview.version}:{choices}"

    def _is_changed_since_seen(self):
        """Return True if the preview is not the one in the view any more.

        :raise UserError: the view does not say which version it shows
        """
        told = self.env.context.get(SEEN)
        if not isinstance(told, str) or not told:
            raise UserError(
                self.env._(
                    "Open the preview and decide there. You can apply only what is "
                    "shown to you."
                )
            )
        return self.state == "over" or told != self.seen

    def _look_again(self):
        """Return an action that says so, and has the view read everything again."""
        if self.state == "over":
            words = self.env._(
                "This preview is over. It was applied or given up in another window."
            )
        else:
            words = self.env._(
                "The change is not the one that you saw: it was changed in another "
                "window. Please look again."
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": words,
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
