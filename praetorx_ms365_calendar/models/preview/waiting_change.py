from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...const import CHANGE_WAITS

#: Actions of lines that change nothing on either side.
_CHANGES_NOTHING = ["leave_out", "wait"]


class PraetorxMs365Preview(models.Model):
    """Let a change of settings wait until its owner has seen what it will do.

    The mailbox goes on with its old settings meanwhile
    (``docs/adr/0014-changes-of-settings-wait.md``).
    """

    _inherit = "praetorx.ms365.preview"

    is_change = fields.Boolean(
        readonly=True,
        help="A person has changed a setting of a mailbox that syncs. "
        "The change waits.",
    )
    calendar_directions = fields.Json(
        readonly=True, help="The proposed directions of calendars, by their id."
    )
    change_note = fields.Char(compute="_compute_change_note", compute_sudo=True)
    needs_permission = fields.Boolean(
        compute="_compute_needs_permission",
        compute_sudo=True,
        help="A shared calendar is chosen that this sign-in does not reach.",
    )

    # ------------------------------------------------------------------
    # Begin and end
    # ------------------------------------------------------------------

    @api.model
    def _hold_back(self, account, vals, calendars):
        """Let changed settings of a mailbox wait, in its open preview or a new one.

        :param vals: proposed values of window and direction
        :param calendars: ``{calendar id: proposed values}``
        """
        preview = account._open_preview()
        if not preview:
            self._begin(account)
            preview = account._open_preview()
        directions = dict(preview.calendar_directions or {})
        commands = []
        for calendar_id, values in calendars.items():
            if "is_synced" in values:
                command = fields.Command
                choose = command.link if values["is_synced"] else command.unlink
                commands.append(choose(calendar_id))
            if "direction" in values:
                directions[str(calendar_id)] = values["direction"]
        of_calendars = {"calendar_ids": commands, "calendar_directions": directions}
        vals = {"is_change": True, **vals, **of_calendars}
        preview.write(vals)
        if preview._is_proposal():
            preview._compute_again()
            preview._tell_owner(preview._words_of_beginning())
        else:
            preview._end()

    def _carry_out_if_harmless(self):
        """Make a change at once if nothing follows from it on either side."""
        self.ensure_one()
        if not self.is_change:
            return
        if self.needs_permission or self._changes_something():
            self.user_id._bus_send(CHANGE_WAITS, {"id": self.id})
            return
        self._adopt()
        self._end()
        self._tell_owner(self._words_of_end(), kind="success")

    def _changes_something(self):
        """Return True if an event is made, linked, changed, deleted or asked about."""
        lines = Domain("preview_id", "=", self.id)
        lines &= Domain("action", "not in", _CHANGES_NOTHING)
        Line = self.env["praetorx.ms365.preview.line"]
        return bool(Line.search_count(lines, limit=1))

    def action_keep_settings(self) -> dict[str, Any]:
        """Discard the change: the old settings stay in force."""
        self.ensure_one()
        self.check_access("read")
        self._check_is_mine()
        account = self.account_id
        self.filtered("is_change").sudo()._end()
        return account.action_open_mine() | {"target": "main"}

    def _check_permission(self):
        """
        :raise UserError: a chosen calendar cannot be read by this sign-in
        """
        if self.needs_permission:
            raise UserError(
                self.env._("Sign in again to read the shared calendars that you chose.")
            )

    @api.depends("calendar_ids", "account_id.signed_in_scope")
    def _compute_needs_permission(self):
        for preview in self:
            shared = preview.calendar_ids.filtered(lambda one: one.kind != "own")
            preview.needs_permission = bool(
                shared and not preview.account_id._may_read_shared()
            )

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.depends(
        "days_back",
        "days_ahead",
        "direction",
        "calendar_ids",
        "calendar_directions",
        "account_id.days_back",
        "account_id.days_ahead",
        "account_id.direction",
    )
    @api.depends_context("uid", "lang")
    def _compute_change_note(self):
        for preview in self:
            is_open = preview.account_id and preview.state != "over"
            preview.change_note = " ".join(preview._changes()) if is_open else False

    def _changes(self):
        """Return a sentence for each setting that would change."""
        env, account = self.env, self.account_id
        words = []
        pair = {"old": account.days_back, "new": self.days_back}
        if pair["old"] != pair["new"]:
            words.append(env._("Days back: %(old)s → %(new)s.", **pair))
        pair = {"old": account.days_ahead, "new": self.days_ahead}
        if pair["old"] != pair["new"]:
            words.append(env._("Days ahead: %(old)s → %(new)s.", **pair))
        if account.direction != self.direction:
            pair = self._names_of_directions(account.direction, self.direction)
            words.append(env._("Direction: %(old)s → %(new)s.", **pair))
        return words + self._changes_of_calendars()

    def _changes_of_calendars(self):
        """Return a sentence for each calendar whose settings would change."""
        env, words = self.env, []
        proposed = self._proposed_calendars()
        for calendar in self.account_id.calendar_ids:
            name = calendar.display_name
            if calendar in proposed and not calendar.is_synced:
                words.append(env._("Calendar %s: synced from now on.", name))
            if calendar.is_synced and calendar not in proposed:
                words.append(env._("Calendar %s: no longer synced.", name))
            if (direction := self._direction_of(calendar)) != calendar.direction:
                pair = self._names_of_directions(calendar.direction, direction)
                words.append(
                    env._("Calendar %(name)s: %(old)s → %(new)s.", name=name, **pair)
                )
        return words

    def _names_of_directions(self, old, new):
        names = dict(self._fields["direction"]._description_selection(self.env))
        return {"old": names.get(old or "both"), "new": names.get(new or "both")}

    def _direction_of(self, calendar):
        """Return the proposed direction of a calendar."""
        proposed = self.calendar_directions or {}
        return proposed.get(str(calendar.id), calendar.direction)

    def _tell_owner(self, message, kind="info"):
        self.user_id._bus_send(
            "simple_notification", {"type": kind, "message": message}
        )

    def _words_of_beginning(self):
        env = self.with_context(lang=self.user_id.lang).env
        return env._(
            "Odoo looks first at what your change does. Until then, the old settings "
            "stay in force."
        )

    def _words_of_end(self):
        env = self.with_context(lang=self.user_id.lang).env
        return env._("Your change is in force. No event changes because of it.")
