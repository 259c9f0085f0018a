from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Record the meetings of the contacts first: the merge writes SQL directly."""
        (src_partners | dst_partner)._ms365_record_differences()
        return super()._update_foreign_keys(src_partners, dst_partner)
