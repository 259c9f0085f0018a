from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import DELETED_FOR_GOOD


class CalendarEvent(models.Model):
    """Which of its mailbox's calendars an event belongs to."""

    _inherit = "calendar.event"

    ms365_calendar_id = fields.Many2one(
        "praetorx.ms365.calendar",
        "Outlook Calendar",
        index="btree_not_null",
        tracking=False,
        help="The calendar of the mailbox that holds this event.",
    )
    ms365_calendar_choice_ids = fields.Many2many(
        "praetorx.ms365.calendar", compute="_compute_ms365_calendar_choice_ids"
    )
    ms365_shows_calendar = fields.Boolean(compute="_compute_ms365_calendar_choice_ids")

    @api.model
    def default_get(self, fields):
        """Put a new event into the primary calendar of the user, if that one is synced.

        This is no default of the field: Odoo gives that to all existing events at the
        installation, when the tables of calendars and accounts do not exist yet.
        """
        defaults = super().default_get(fields)
        if "ms365_calendar_id" in fields and "ms365_calendar_id" not in defaults:
            primary = self._ms365_primary_calendar(self.env.user)
            defaults["ms365_calendar_id"] = primary.id
        return defaults

    def _ms365_primary_calendar(self, user):
        """Return the primary calendar of an organizer with sync, else none."""
        Account = self.env["praetorx.ms365.account"]
        account_id = Account._pushing_accounts().get(user.id)
        calendars = Account._pushing_calendars().get(account_id) or {}
        primary = [one for one, is_default in calendars.items() if is_default]
        return self.env["praetorx.ms365.calendar"].browse(primary)

    @api.depends("user_id", "ms365_calendar_id")
    @api.depends_context("uid")
    def _compute_ms365_calendar_choice_ids(self):
        """Offer the user's own calendars, and only to the organizer."""
        own = (
            self.env["praetorx.ms365.calendar"]
            .search([("account_id.user_id", "=", self.env.uid), ("kind", "=", "own")])
            .filtered(lambda calendar: calendar.sudo()._is_writable())
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
        """Return the calendar for the creation of this event."""
        return self.ms365_calendar_id

    def _ms365_keep_to_own_calendars(self):
        """A new event goes to a calendar of its organizer, whoever enters it."""
        for event in self.sudo().filtered("ms365_calendar_id"):
            if event.ms365_calendar_id.account_id.user_id != event.user_id:
                primary = self._ms365_primary_calendar(event.user_id)
                event._ms365_write_bookkeeping({"ms365_calendar_id": primary.id})

    def _ms365_check_calendar(self, calendar_id, recurrence_update=None):
        """Refuse a calendar that these events cannot be put into.

        :param recurrence_update: of how many events of a series the calendar is set
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
            event._ms365_check_can_move(recurrence_update)

    def _ms365_check_can_move(self, recurrence_update=None):
        """Refuse to move a meeting to another calendar if only Outlook can do it.

        Single occurrences cannot be in another calendar than their series.

        :raise UserError: Graph cannot move it, and a copy would lose data; or it is a
            part of a series
        """
        self.ensure_one()
        if self.recurrence_id and recurrence_update != "all_events":
            raise UserError(
                self.env._(
                    "The events of a series are all in one calendar: a part of it "
                    "cannot be moved to another one."
                )
            )
        if obstacle := self._ms365_obstacle_to_move():
            raise UserError(self._ms365_why_not_moved(obstacle))

    def _ms365_obstacle_to_move(self):
        """Return why a meeting cannot be moved, None if it can.

        A copy of a series would lose the data of occurrences that Odoo does not know.
        """
        if recurrence_sudo := self.recurrence_id.sudo():
            outbox_sudo = self.env["praetorx.ms365.outbox"].sudo()
            was_sent = outbox_sudo._sent_before(recurrence_sudo)
            was_sent = was_sent or recurrence_sudo.ms365_link_ids.filtered("remote_id")
            return "series" if was_sent else None
        link_sudo = self.sudo().ms365_link_ids.filtered("is_primary")
        obstacle = None
        if not link_sudo.remote_id or link_sudo.state in DELETED_FOR_GOOD:
            pass  # it is made anew, wherever it is
        elif not link_sudo.is_organizer or not link_sudo._is_writable():
            obstacle = "other organizer"
        elif self._ms365_invites_others():
            obstacle = "people"
        elif self.is_teams_meeting or self.teams_meeting_url:
            obstacle = "teams"
        elif link_sudo.state != "synced":
            obstacle = "conflict"
        return obstacle

    def _ms365_why_not_moved(self, obstacle):
        """Say in words why an event cannot be moved from Odoo."""
        env = self.env
        match obstacle:
            case "people":
                why = env._("its attendees would get a cancellation and an invitation")
            case "teams":
                why = env._("its Teams link would be another one")
            case "attachments":
                why = env._("its attachments would be lost")
            case "series":
                why = env._("it repeats")
            case "conflict":
                why = env._("it was changed on both sides, and is not decided")
            case _:
                why = env._("Odoo may not take it out of its calendar")
        return env._(
            "Odoo cannot move this event to another calendar: %(why)s. Move it in "
            "Outlook, and Odoo follows.",
            why=why,
        )
