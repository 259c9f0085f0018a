"""Let a person change the settings of a mailbox, on whichever screen."""

from odoo import Command, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...const import DIRECTIONS
from .remote_calendar_choice import CHOICES as CALENDAR_CHOICES

#: Settings that decide which events are synced, and which way.
SCOPE = frozenset({"days_back", "days_ahead", "direction", "calendar_ids"})
#: Settings that are stored with the user.
OF_USER = frozenset({"conflict_policy", "title_prefix", "busy_times", "delegate_ids"})
#: The window reaches at most so many days back, and ahead.
MAX_DAYS = 900
#: Fields that people may write. The sync writes the others with sudo.
CHOICES = SCOPE | OF_USER


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    direction = fields.Selection(readonly=False)
    conflict_policy = fields.Selection(
        related="user_id.ms365_conflict_policy", readonly=False
    )
    company_conflict_policy = fields.Selection(
        related="user_id.company_id.ms365_conflict_policy", string="As the Company"
    )
    title_prefix = fields.Char(related="user_id.ms365_title_prefix", readonly=False)
    busy_times = fields.Boolean(related="user_id.ms365_busy_times", readonly=False)
    delegate_ids = fields.Many2many(
        related="user_id.ms365_delegate_ids", readonly=False
    )

    def write(self, vals):
        """Let people write the settings only; the sync writes everything with sudo."""
        if self.env.su:
            return super().write(vals)
        if not vals.keys() <= CHOICES:
            raise self._owner_decides()
        self.check_access("write")
        scope = {name: vals[name] for name in vals if name in SCOPE}
        for account in self:
            account._change_settings(scope)
        return super().write({name: vals[name] for name in vals if name in OF_USER})

    def _change_settings(self, vals):
        """Change window, direction and calendars of one mailbox for a person.

        The preferences, *My Connection* and the list of calendars all come through
        here. The caller has checked that the person may change this mailbox.

        :param vals: values of ``SCOPE``
        :raise AccessError: a calendar is not of this mailbox, or comes or goes
        """
        self.ensure_one()
        user_sudo = self.sudo().user_id
        chosen = self._chosen_calendars(vals.get("calendar_ids", ()))
        if "direction" in vals:
            user_sudo.ms365_sync_direction = vals["direction"]
        window = {
            name: vals[name] for name in ("days_back", "days_ahead") if name in vals
        }
        if window:
            user_sudo._ms365_choose_window(**window)
        for calendar_sudo, values in chosen:
            calendar_sudo.write(values)

    def _check_choices(self, vals):
        """Refuse values that no mailbox can have, before a change with them waits.

        The database would refuse the window too, with an error in the server log.

        :raise ValidationError: the window is too large or too small
        :raise ValueError: there is no such direction
        """
        if "direction" in vals and vals["direction"] not in dict(DIRECTIONS):
            raise ValueError(f"Wrong value for a direction: {vals['direction']!r}")
        for name, least in (("days_back", 0), ("days_ahead", 1)):
            if name in vals and not least <= int(vals[name] or 0) <= MAX_DAYS:
                raise ValidationError(
                    self.env._(
                        "The window may reach from 0 to 900 days back and from 1 to "
                        "900 days ahead."
                    )
                )

    def _chosen_calendars(self, commands):
        """Return pairs of calendar and values, from the commands of a list.

        :raise AccessError: a calendar is not of this mailbox, or comes or goes
        """
        own_sudo = self.sudo().calendar_ids
        chosen = []
        for command, calendar_id, values in commands:
            if command == Command.LINK:
                continue
            if (
                command != Command.UPDATE
                or calendar_id not in own_sudo.ids
                or not values.keys() <= CALENDAR_CHOICES
            ):
                raise AccessError(self.env._("Calendars come and go in Outlook only."))
            self._check_choices(values)
            chosen.append((own_sudo.browse(calendar_id), values))
        return chosen
