from odoo import SUPERUSER_ID, models


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _trigger_list(self, at_list):
        """Keep the person out of the triggers of our jobs.

        A job locks its triggers for as long as it runs. Were one made by a user, then
        deleting that user would wait for the job, and the job perhaps for the user.
        """
        if (self.sudo().model_id.model or "").startswith("praetorx.ms365."):
            self = self.with_user(SUPERUSER_ID)
        return super()._trigger_list(at_list)
