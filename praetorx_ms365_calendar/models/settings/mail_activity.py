from odoo import api, models


class MailActivity(models.Model):
    """Activities, which more people may read than the event itself."""

    _inherit = "mail.activity"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """Keep names of events out of the column: it is the same for every reader."""
        conflicts = self.filtered(
            lambda activity: activity.res_model == "praetorx.ms365.conflict"
        )
        conflicts.res_name = self.env._("Outlook conflict")
        approvals = self.filtered(
            lambda activity: activity.res_model == "praetorx.ms365.approval"
        )
        approvals.res_name = self.env._("Change to approve")
        super(MailActivity, self - conflicts - approvals)._compute_res_name()
