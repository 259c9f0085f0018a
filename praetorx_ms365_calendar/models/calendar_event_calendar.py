from odoo import api, fields, models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    """Which of its mailbox's calendars an event belongs to."""

    _inherit = "calendar.event"

    ms365_calendar_id = fields.Many2one(
        "praetorx.ms365.calendar",
        "Outlook Calendar",
        default=lambda self: self._default_ms365_calendar(),
        index="btree_not_null",
        tracking=False,
        help="The calendar of the mailbox that holds this event.",
    )
    ms365_calendar_choice_ids = fields.Many2many(
        "praetorx.ms365.calendar", compute="_compute_ms365_calendar_choice_ids"
    )
    ms365_shows_calendar = fields.Boolean(compute="_compute_ms365_calendar_choice_ids")

    def _default_ms365_calendar(self):
        """Return the primary calendar of the user, if new events are sent there."""
        return self._ms365_primary_calendar(self.env.user)

    def _ms365_primary_calendar(self, user):
        """Return the primary calendar of an organizer who syncs, else none."""
        Account = self.env["praetorx.ms365.account"]
        account_id = Account._pushing_accounts().get(user.id)
        calendars = Account._pushing_calendars().get(account_id) or {}
        primary = [one for one, is_default in calendars.items() if is_default]
        return self.env["praetorx.ms365.calendar"].browse(primary)

    @api.depends("user_id", "ms365_calendar_id")
    @api.depends_context("uid")
    def _compute_ms365_calendar_choice_ids(self):
        """Only the own calendars can be chosen, by the person who organizes."""
        own = (
            self.env["praetorx.ms365.calendar"]
            .search([("account_id.user_id", "=", self.env.uid), ("kind", "=", "own")])
            .filtered(lambda calendar: calendar.sudo()._takes_edits())
        )
        for event in self:
            is_mine = event.user_id == self.env.user
            event.ms365_calendar_choice_ids = own if is_mine else own.browse()
            calendar_sudo = event.ms365_calendar_id.sudo()
            event.ms365_shows_calendar = (is_mine and len(own) > 1) or (
                calendar_sudo.account_id.user_id == self.env.user
                and not calendar_sudo.is_default
            )

    def _ms365_calendar(self):
        """Return the calendar in which this event is to be created."""
        return self.ms365_calendar_id

    def _ms365_keep_to_own_calendars(self):
        """A new event goes to a calendar of its organizer, whoever enters it."""
        for event in self.sudo().filtered("ms365_calendar_id"):
            if event.ms365_calendar_id.account_id.user_id != event.user_id:
                primary = self._ms365_primary_calendar(event.user_id)
                event._ms365_write_bookkeeping({"ms365_calendar_id": primary.id})

    def _ms365_check_calendar(self, calendar_id):
        """Refuse a calendar that these events cannot be put into.

        :raise UserError: it is not an own one, or it cannot be written
        """
        for event in self.filtered(
            lambda event: event.ms365_calendar_id.id != calendar_id
        ):
            if calendar_id not in event.ms365_calendar_choice_ids.ids:
                raise UserError(
                    self.env._(
                        "Choose one of your own calendars that is synced and can be "
                        "written."
                    )
                )
            event._ms365_check_can_move()

    def _ms365_check_can_move(self):
        """
        :raise UserError: this event can only be moved in Outlook
        """
        self.ensure_one()
        if self.sudo().ms365_link_ids.filtered("is_primary").remote_id:
            raise UserError(
                self.env._(
                    "Move an event that is in Outlook to another calendar there."
                )
            )
