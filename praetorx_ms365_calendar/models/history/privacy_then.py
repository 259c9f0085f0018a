from odoo import fields, models


class PraetorxMs365PrivacyThen(models.AbstractModel):
    """Rows about an event that were written at some time, with its privacy then.

    The models have ``user_id`` (the owner of the mailbox) and ``event_id``.
    """

    _name = "praetorx.ms365.privacy.then"
    _description = "Privacy at the Time"

    was_private = fields.Boolean(groups=fields.NO_ACCESS)

    def _event_then(self):
        """Return the event of this row, empty if it is gone."""
        return self.event_id

    def _may_know_then(self):
        """Return True if the viewer may know the contents in this row."""
        self.ensure_one()
        if self.user_id == self.env.user:
            return True
        event = self._event_then()
        if not event:
            return not self.was_private
        if event._check_private_event_conditions():
            return False
        if event.user_id == self.env.user:
            return True
        if self.env.user.partner_id in event.partner_ids:
            return True
        return not self.was_private and event.sudo(False).has_access("read")
