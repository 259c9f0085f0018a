from odoo import models

from .attendee_token import RENDERS


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        """Render each template with stand-ins for the tokens of invitations."""
        rendering = self.with_context(**{RENDERS: True})
        return super(MailRenderMixin, rendering)._render_template(
            template_src, model, res_ids, *args, **kwargs
        )
