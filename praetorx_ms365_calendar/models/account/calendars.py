from datetime import timedelta
from typing import Any

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ...engine.meetings import is_unlisted_for_good
from ...graph.auth import SCOPES, SHARED_SCOPE, grants

#: The list of calendars is read again when it is older.
LIST_AGE = timedelta(days=1)


class PraetorxMs365Account(models.Model):
    """The calendars of a mailbox, and the user's rights on them."""

    _inherit = "praetorx.ms365.account"

    calendars_read_at = fields.Datetime("Calendars Listed", readonly=True)
    signed_in_scope = fields.Char(
        readonly=True, copy=False, help="What the person allowed at the last sign-in."
    )
    needs_shared_scope = fields.Boolean(
        compute="_compute_needs_shared_scope",
        help="A shared calendar is chosen that this sign-in does not reach.",
    )

    # ------------------------------------------------------------------
    # Scopes
    # ------------------------------------------------------------------

    @api.depends(
        "calendar_ids.is_synced",
        "calendar_ids.kind",
        "preview_ids.calendar_ids",
        "preview_ids.is_change",
        "preview_ids.state",
        "signed_in_scope",
    )
    def _compute_needs_shared_scope(self):
        for account in self:
            account.needs_shared_scope = (
                account._wants_shared() and not account._may_read_shared()
            )

    def _wants_shared(self):
        """Return True if the user has chosen somebody else's calendar."""
        account_sudo = self.sudo()
        chosen = account_sudo.calendar_ids.filtered("is_synced")
        chosen |= account_sudo._waiting_change().calendar_ids
        return any(calendar.kind != "own" for calendar in chosen)

    def _may_read_shared(self):
        """Return True if the sign-in reaches calendars of other people."""
        self.ensure_one()
        return grants(self.sudo().signed_in_scope or "", SHARED_SCOPE)

    @api.model
    def _unannounced_calendars(self):
        """Return the domain of synced calendars that have to be looked at."""
        return Domain("is_synced", "=", True) & Domain("kind", "!=", "own")

    def _scopes_to_ask(self):
        """Return the scopes that a sign-in needs for the chosen calendars."""
        wants_more = self._wants_shared() or self._may_read_shared()
        return f"{SCOPES} {SHARED_SCOPE}" if wants_more else SCOPES

    def _scopes_granted(self):
        """Return the scopes of a refresh: the scopes that were granted."""
        return f"{SCOPES} {SHARED_SCOPE}" if self._may_read_shared() else SCOPES

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    def action_refresh_calendars(self) -> dict[str, Any]:
        """Have the list of calendars read again, by the puller."""
        self.check_access("read")
        self.sudo().calendars_read_at = False
        self.sudo()._request_pull(fresh_seconds=0)
        return self._notify_user(self.env._("The list of your calendars is read anew."))

    def _calendar_list_is_due(self, now):
        """Return True if the list of calendars has to be read first."""
        self.ensure_one()
        read_at = self.calendars_read_at
        return bool(
            self.pull_requested_at and (not read_at or read_at < now - LIST_AGE)
        )

    def _update_calendars(self, listed, now):
        """Bring the calendars up to date with the list from the mailbox.

        :param listed: :class:`..engine.calendars.RemoteCalendar` of all of them
        """
        self.ensure_one()
        known = {calendar.remote_id: calendar for calendar in self.calendar_ids}
        missing = []
        for remote in listed:
            vals = self._calendar_vals(remote)
            calendar = known.pop(remote.remote_id, None)
            if calendar is None:
                missing.append({"account_id": self.id, **vals})
                continue
            if calendar.state == "vanished":
                vals |= {"state": "listed", "reason": False}
            calendar.write(
                {name: value for name, value in vals.items() if calendar[name] != value}
            )
        self.env["praetorx.ms365.calendar"].create(missing)
        for calendar in known.values():
            if calendar.is_synced or calendar.is_default:
                calendar.write({"state": "vanished"})
            else:
                calendar.unlink()
        self.calendars_read_at = now

    def _calendar_vals(self, remote):
        vals = {
            "remote_id": remote.remote_id,
            "name": remote.name,
            "kind": remote.kind,
            "can_edit": remote.can_edit,
            "can_view_private": remote.can_view_private,
            "owner_name": remote.owner_name or False,
            "owner_address": remote.owner_address or False,
            "color": remote.color or False,
        }
        return vals | ({"is_default": True} if remote.is_default else {})

    # ------------------------------------------------------------------
    # Writable calendars
    # ------------------------------------------------------------------

    @api.model
    def _pushing_calendars(self):
        """Return ``{account id: {calendar id: whether it is the default one}}``.

        It holds the writable calendars of each account that sends edits. An account
        that was never connected is included, without calendars.
        """
        if (cache := self._cache_of_dry_run()) is not None:
            if "calendars" not in cache:
                cache["calendars"] = self._find_pushing_calendars()
            return cache["calendars"]
        return self._cached_pushing_calendars()

    @api.model
    @tools.ormcache()
    def _cached_pushing_calendars(self):
        return self._find_pushing_calendars()

    @api.model
    def _find_pushing_calendars(self):
        accounts = self.sudo().browse(self._pushing_accounts().values())
        return {
            account.id: {
                calendar.id: calendar.is_default
                for calendar in account.calendar_ids
                if calendar._is_writable()
            }
            if account.calendar_ids
            else None
            for account in accounts
        }

    @api.model
    def _is_writable_calendar(self, account_id, calendar_id):
        """Return True if edits in Odoo are sent to this calendar of an account.

        :param calendar_id: False for the default one
        """
        pushing = self._pushing_calendars()
        if account_id not in pushing:
            return False
        calendars = pushing[account_id]
        if calendars is None:
            return True
        return calendar_id in calendars or (not calendar_id and any(calendars.values()))

    # ------------------------------------------------------------------
    # Events that have left a calendar
    # ------------------------------------------------------------------

    def _drop_unlisted_events(self):
        """Stop following events that were moved to a calendar without sync.

        Their ids stay valid, but we get no more news of them. We find them when all
        calendars have been read again: no calendar lists them.

        No calendar needs to list an event outside the window. We forget at once that
        it is missing, because an edit may bring it into the window before the next
        round. But we remember that any calendar may report its deletion.
        """
        self.ensure_one()
        left = self.env["praetorx.ms365.event.link"].search(
            Domain("account_id", "=", self.id)
            & Domain("left_calendar", "=", True)
            & Domain("needs_read", "=", False)
            & Domain("state", "in", ["synced", "conflict"])
        )
        outside = left.filtered(lambda link: not link._is_inside_window())
        outside.write({"left_calendar": False, "place_unknown": True})
        if any(self.calendar_ids.mapped("round_kind")):
            return
        readable = self.calendar_ids._readable(fields.Datetime.now())
        for link in left - outside:
            calendar = link.calendar_id
            if calendar and not is_unlisted_for_good(
                missed_in_round=link.last_seen_round, rounds_ended=calendar.round_number
            ):
                if calendar in readable:
                    self._request_pull(fresh_seconds=0)
                continue
            link._stop_following()
