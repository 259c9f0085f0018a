from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...const import NOT_ARRIVED, UNDER_WAY_OR_FAILED
from ..settings.reasoned import BUTTONS

SYNC_STATES = [
    ("none", "Not synced"),
    ("pending", "On its way"),
    ("synced", "In sync"),
    ("conflict", "Conflict"),
    ("error", "Failed"),
]


class CalendarEvent(models.Model):
    _name = "calendar.event"
    _inherit = ["calendar.event", "praetorx.ms365.meeting"]
    _ms365_field = "event_id"

    sync_origin = fields.Selection(
        [("odoo", "Odoo"), ("outlook", "Outlook")],
        copy=False,
        readonly=True,
        help="Who made the last change that was synced.",
    )
    synced_field_hash = fields.Char(
        copy=False,
        readonly=True,
        help="SHA-256 of the canonical synced content of the organizer's copy.",
    )
    ms_change_key = fields.Char(
        "Outlook Change Key",
        copy=False,
        readonly=True,
        help="Outlook's version of this event that Odoo has last seen.",
    )
    ms365_sync_state = fields.Selection(
        SYNC_STATES,
        "Outlook Sync",
        default="none",
        required=True,
        copy=False,
        readonly=True,
        index=True,
    )
    is_teams_meeting = fields.Boolean(
        "Teams Meeting",
        copy=False,
        help="Makes a Microsoft Teams meeting of this event when it reaches Outlook.",
    )
    teams_meeting_url = fields.Char("Teams Link", copy=False, readonly=True)
    ms365_link_ids = fields.One2many(
        "praetorx.ms365.event.link", "event_id", groups="base.group_system"
    )
    ms365_message = fields.Char(compute="_compute_ms365_message", compute_sudo=True)
    ms365_details = fields.Text(
        "Details", compute="_compute_ms365_message", compute_sudo=True
    )
    ms365_remedy = fields.Selection(
        BUTTONS, "Next Step", compute="_compute_ms365_message", compute_sudo=True
    )
    ms365_can_sync = fields.Boolean(compute="_compute_ms365_message", compute_sudo=True)
    ms365_web_link = fields.Char(compute="_compute_ms365_message", compute_sudo=True)

    @api.depends("ms365_sync_state", "user_id", "privacy", "partner_ids")
    @api.depends_context("uid", "lang", "tz")
    def _compute_ms365_message(self):
        """Explain the badge if it reports a problem.

        For a private event, only people concerned by the event get this text.
        """
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        failed = self._ms365_entries_with_reason()
        hidden = self.filtered(lambda event: event._check_private_event_conditions())
        hidden.ms365_can_sync = False
        hidden.ms365_web_link = hidden.ms365_message = False
        hidden.ms365_details = hidden.ms365_remedy = False
        for event in self - hidden:
            event.ms365_can_sync = event.user_id.id in pushing
            primary = event._ms365_all_links().filtered("is_primary")[:1]
            event.ms365_web_link = primary.web_link
            event.ms365_details = event.ms365_remedy = False
            if event.ms365_sync_state == "conflict":
                event.ms365_message = self.env._(
                    "This event was changed in Odoo and in Outlook. Nothing was "
                    "overwritten; somebody has to choose."
                )
            elif event.ms365_sync_state in ("error", "pending"):
                source = failed.get(event) or primary
                shown = source._explained() if source else None
                event.ms365_message = (
                    shown.words if shown else primary._describe_decision()
                )
                event.ms365_details = shown and shown.details
                event.ms365_remedy = shown and shown.button
            else:
                event.ms365_message = False

    def _ms365_entries_with_reason(self):
        """Return event -> the latest edit of it that has a reason and has not arrived.

        An occurrence has the edits of its series.
        """
        entries_sudo = (
            self.env["praetorx.ms365.outbox"]
            .sudo()
            .search(
                Domain("state", "in", UNDER_WAY_OR_FAILED)
                & Domain("reason", "!=", False)
                & self._ms365_edits_domain(),
                order="id",
            )
        )
        of_series = {
            entry.recurrence_id: entry for entry in entries_sudo if entry.recurrence_id
        }
        of_event = {entry.event_id: entry for entry in entries_sudo if entry.event_id}
        return {
            event: entry
            for event in self
            if (entry := of_event.get(event) or of_series.get(event.recurrence_id))
        }

    def action_ms365_remedy(self) -> dict[str, Any] | None:
        """Do or open the next step that the bar names."""
        self.ensure_one()
        self.check_access("read")
        if not self.ms365_remedy:
            return None
        source_sudo = self._ms365_entries_with_reason().get(self)
        if not source_sudo:
            source_sudo = self._ms365_all_links().filtered("is_primary")[:1]
        step: dict[str, Any] | None = source_sudo.action_remedy()
        return step

    def action_ms365_retry(self) -> None:
        """Retry failed and late edits, and events that could not be parsed.

        An occurrence has the edits of its series. A reply is sent again by the person
        who has given it.
        """
        self.check_access("write")
        links_sudo = self._ms365_all_links()
        quarantined = links_sudo.filtered(lambda link: link.state == "quarantined")
        quarantined.action_read_again()
        wanted = Domain("state", "in", UNDER_WAY_OR_FAILED) & self._ms365_edits_domain()
        wanted &= Domain("operation", "!=", "respond") | Domain(
            "user_id", "=", self.env.uid
        )
        self.env["praetorx.ms365.outbox"].sudo().search(wanted).action_retry()

    def _ms365_edits_domain(self):
        """Return the domain of the edits of these events, and of their series."""
        of_events = Domain("event_id", "in", self.ids)
        return of_events | Domain("recurrence_id", "in", self.recurrence_id.ids)

    def _ms365_has_unsent(self):
        """Return True if an edit of these events or series is not in Outlook yet."""
        unsent = Domain("state", "in", NOT_ARRIVED) & self._ms365_edits_domain()
        return bool(self.env["praetorx.ms365.outbox"].search_count(unsent, limit=1))

    def _ms365_all_links(self):
        """Return the links of these events; an occurrence has its series' links."""
        events_sudo = self.sudo()
        return events_sudo.ms365_link_ids | events_sudo.recurrence_id.ms365_link_ids

    def _ms365_show_state(self, state):
        """Show how far the sync of these events is; an open conflict stays visible."""
        events_sudo = self.sudo()
        links_sudo = self._ms365_all_links()
        in_conflict = links_sudo.filtered(lambda link: link.state == "conflict")
        disputed = in_conflict.event_id | in_conflict.recurrence_id.calendar_event_ids
        (events_sudo - disputed)._ms365_write_bookkeeping({"ms365_sync_state": state})

    def _ms365_write_bookkeeping(self, vals):
        """Write columns of the sync itself, which is no edit of the event.

        Goes past the overrides of calendar and stock sync: no tracking, no
        notification, no further sync.
        """
        models.Model.write(self.sudo(), vals)

    @api.constrains("is_teams_meeting")
    def _check_teams_meeting_stays(self):
        for event in self:
            if (
                not event.is_teams_meeting
                and event.teams_meeting_url
                and not self._ms365_is_sync()
            ):
                raise UserError(
                    self.env._(
                        "Microsoft cannot take the Teams meeting off this event any "
                        "more. Delete the event and create a new one instead."
                    )
                )

    # ------------------------------------------------------------------
    # Methods of a meeting, for events without a recurrence
    # ------------------------------------------------------------------

    def _ms365_meeting(self):
        """Return the meeting that this event is, or is an occurrence of."""
        return self.recurrence_id or self

    def _ms365_meetings(self):
        """Return the meetings of these events: single events, and series."""
        return self._ms365_singles(), self.recurrence_id

    def _ms365_rows(self):
        """Return the events of these meetings: themselves, also archived ones."""
        return self

    def _ms365_read(self, _base=None):
        """Return the content of this event."""
        return self._ms365_read_contents()[self]

    def _ms365_bring_back(self, _days, account):
        """Bring this event back, for the owner of a mailbox.

        :return: whether Odoo has it now
        """
        self._ms365_for_sync(account.user_id).write({"active": True})
        return bool(self)

    def _ms365_any_event(self):
        """Return the event that stands for this meeting."""
        return self

    def _ms365_event_key(self):
        """Return under which key the outbox has edits of this event."""
        self.ensure_one()
        return self.id

    def _ms365_organizer(self):
        """Return the user of the organizer."""
        return self.user_id

    def _ms365_invites_others(self):
        """Return True if Exchange would mail somebody about this event."""
        self.ensure_one()
        if self._ms365_outlooks_list():
            return True
        invites = self._ms365_invitation_policy() == "exchange"
        return bool(invites and self._ms365_may_invite())
