from odoo import models


class PraetorxMs365Thread(models.AbstractModel):
    """Notes about one person's calendar, in the language of that person.

    Workers have no language, and colleagues have another one.
    """

    _name = "praetorx.ms365.thread"
    _description = "Microsoft 365 Notes"
    _inherit = ["mail.thread"]
    _mail_post_access = "read"

    def _creation_message(self):
        worded = self.with_context(lang=self.user_id.lang)
        return super(PraetorxMs365Thread, worded)._creation_message()
