from odoo import api, models


class MailActivity(models.Model):
    """Activities are read by more people than what they are about."""

    _inherit = "mail.activity"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """Keep names of events out of the column: it is the same for every reader."""
        conflicts = self.filtered(
            lambda activity: activity.res_model == "praetorx.ms365.conflict"
        )
        conflicts.res_name = self.env._("Outlook conflict")
        super(MailActivity, self - conflicts)._compute_res_name()
