from odoo import fields, models


class ResUsers(models.Model):
    """What each user may choose besides the switch and the window."""

    _inherit = "res.users"

    ms365_title_prefix = fields.Char(
        "Title Prefix",
        copy=False,
        help="Put before the titles of events that Odoo makes in Outlook, such as "
        "[Odoo]. Odoo itself does not show it. A change counts for new events only.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "ms365_title_prefix"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "ms365_title_prefix"]
