"""The organizer in Outlook of a meeting by somebody who is no user of Odoo."""

from odoo import api, fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_organizer = fields.Char(
        "Organizer in Outlook",
        compute="_compute_ms365_organizer",
        compute_sudo=True,
        help="The organizer in Outlook, if that is no user of Odoo.",
    )

    @api.depends("user_id", "ms365_sync_state", "privacy", "partner_ids")
    @api.depends_context("uid")
    def _compute_ms365_organizer(self):
        """Name the outside organizer, but strangers learn nothing of a private event.

        Events of users are skipped first: a calendar shows hundreds of them.
        """
        outside = self.filtered(
            lambda event: not event.user_id and event.ms365_sync_state != "none"
        )
        (self - outside).ms365_organizer = False
        for event in outside:
            hidden = event._check_private_event_conditions()
            event.ms365_organizer = not hidden and event._ms365_outside_organizer()

    def _ms365_outside_organizer(self):
        """Return name and address of the organizer in Outlook, False if unknown."""
        self.ensure_one()
        primary = self._origin._ms365_all_links().filtered("is_primary")[:1]
        name, address = primary.organizer_name, primary.organizer_address
        if name and address and name.lower() != address:
            return f"{name} <{address}>"
        return name or address

    def _ms365_lock_of_outsider(self):
        """Explain that only the organizer, who is no user of Odoo, can change it."""
        if organizer := self.ms365_organizer:
            return self.env._(
                "%(organizer)s organizes this meeting and is not a user of Odoo: it "
                "can be changed in the organizer's own calendar only. Your answer, "
                "availability, reminders and tags are yours to change.",
                organizer=organizer,
            )
        return self.env._(
            "The organizer of this meeting is not a user of Odoo: it can be "
            "changed in the organizer's own calendar only. Your answer, "
            "availability, reminders and tags are yours to change."
        )
