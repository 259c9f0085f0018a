import json
from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import DIRECTIONS
from ...engine.plan import pushes


class PraetorxMs365Preview(models.Model):
    """Show a change of window, direction or calendars before it is made.

    The proposal is written to the mailbox in each dry run, and undone with it.
    """

    _inherit = "praetorx.ms365.preview"

    days_back = fields.Integer(help="How far back events are synced, in days.")
    days_ahead = fields.Integer(help="How far ahead events are synced, in days.")
    direction = fields.Selection(DIRECTIONS)
    calendar_ids = fields.Many2many(
        "praetorx.ms365.calendar",
        "praetorx_ms365_preview_calendar_rel",
        "preview_id",
        "calendar_id",
        string="Synced Calendars",
        help="Your primary calendar is always synced.",
    )
    version = fields.Integer(readonly=True, help="Of the proposal that is computed.")

    _window_days = models.Constraint(
        "CHECK (days_back IS NULL OR days_back BETWEEN 0 AND 900"
        " AND days_ahead BETWEEN 1 AND 900)",
        "The window may reach from 0 to 900 days back and from 1 to 900 days ahead.",
    )

    @api.model
    def _proposal_of(self, account):
        """Return the present settings of a mailbox as columns of a preview."""
        return {
            "days_back": account.days_back,
            "days_ahead": account.days_ahead,
            "direction": account.direction or "both",
            "calendar_ids": [
                fields.Command.set(account.calendar_ids.filtered("is_synced").ids)
            ],
        }

    def _proposed_calendars(self):
        """Return the calendars that would be synced, always with the primary one."""
        calendars = self.account_id.calendar_ids
        chosen = self.calendar_ids or calendars.filtered("is_synced")
        return (chosen & calendars) | calendars.filtered("is_default")

    def _is_proposal(self):
        """Return True if a setting of the mailbox would change."""
        self.ensure_one()
        account = self.account_id
        synced = account.calendar_ids.filtered("is_synced")
        return (
            (self.days_back, self.days_ahead) != (account.days_back, account.days_ahead)
            or self.direction != account.direction
            or self._proposed_calendars() != synced
            or any(
                self._direction_of(one) != one.direction for one in account.calendar_ids
            )
        )

    def _propose(self):
        """Give the mailbox the proposed settings, in a transaction that is undone.

        Nothing follows from them: only the columns are written.
        """
        self.ensure_one()
        if not self._is_proposal():
            return
        account, chosen = self.account_id, self._proposed_calendars()
        window = {"days_back": self.days_back, "days_ahead": self.days_ahead}
        account.write(window)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE praetorx_ms365_account SET direction = %s WHERE id = %s",
                self.direction,
                account.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE praetorx_ms365_calendar
                      SET is_synced = (id = ANY(%s)),
                          direction = COALESCE(%s::jsonb ->> id::text, direction)
                    WHERE account_id = %s""",
                chosen.ids,
                json.dumps(self.calendar_directions or {}),
                account.id,
            )
        )
        account.invalidate_recordset(["direction"])
        account.calendar_ids.invalidate_recordset(["is_synced", "direction"])
        account.calendar_ids._compute_effective_direction()
        account._cache_of_dry_run().clear()

    def _is_being_computed(self, version):
        """Return True if the puller still computes this version of the proposal."""
        return bool(self.state == "computing" and self.work and self.version == version)

    def _propose_with_followers(self):
        """Propose, and do what follows for newly synced calendars; return these.

        A new direction has all calendars read from the start.
        """
        account = self.account_id
        followed = account.calendar_ids._followed()
        if account.direction != self.direction:
            account.calendar_ids.restart_requested = True
        self._propose()
        new = account.calendar_ids._followed() - followed
        new._links_to_return()._return_to_calendar()
        return new

    def _carry_out_proposal(self):
        """Do what follows from the proposal in Odoo; the caller undoes it."""
        account = self.account_id
        resumes = pushes(self.direction) and not pushes(account.direction)
        self._propose_with_followers()
        if resumes and account.started_at:
            account._resume_pushing()

    def _adopt(self):
        """Change the settings of the mailbox as proposed."""
        self.ensure_one()
        account, user = self.account_id, self.user_id
        if self.direction != account.direction:
            user.ms365_sync_direction = self.direction
        user._ms365_choose_window(days_back=self.days_back, days_ahead=self.days_ahead)
        chosen = self._proposed_calendars()
        for calendar in account.calendar_ids:
            wanted = {
                "is_synced": calendar in chosen,
                "direction": self._direction_of(calendar),
            }
            if any(calendar[name] != value for name, value in wanted.items()):
                calendar.write(wanted)
        account._choose(**{name: self[name] for name in self._CHOICES})

    def action_apply(self) -> dict[str, Any] | None:
        """Change the settings as shown; have it computed first if that is not done."""
        self.ensure_one()
        self.check_access("read")
        self._check_is_mine()
        if self._is_changed_since_seen():
            return self._look_again()
        self.sudo()._check_permission()
        if self.state != "ready":
            return None
        preview_sudo = self.sudo()
        preview_sudo._adopt()
        if not preview_sudo.is_change:
            preview_sudo._compute_again()
            return None
        preview_sudo._end()
        return self.account_id.action_open_mine() | {"target": "main"}
