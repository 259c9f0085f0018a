"""Copies of events: each is an event of its own, of whoever has made it."""

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...engine.join_links import is_teams_link, link_of_place
from ...engine.mapping.body import split_body

#: Context value while Odoo creates the events of a series; clients cannot send it.
MAKES_ROWS = object()


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_makes_rows(self):
        """Return True if Odoo makes the events of a series."""
        return self.env.context.get("ms365_makes_rows") is MAKES_ROWS

    def copy(self, default=None):
        """Duplicate events; a copy of a synced event is a single event."""
        copies = super(CalendarEvent, self.with_context(ms365_duplicates=True)).copy(
            default
        )
        copies = copies.with_context(ms365_duplicates=False)
        me = self.env.user.partner_id
        for event, new in zip(self, copies, strict=True):
            is_mine_now = new.user_id == self.env.user != event.user_id
            if is_mine_now and me not in new.partner_ids:
                new.partner_ids = [Command.link(me.id)]
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not self.env.context.get("ms365_duplicates"):
            return vals_list  # Odoo makes the events of a series by it
        for event, vals in zip(self, vals_list, strict=True):
            if vals and event._ms365_is_ours_to_copy():
                given = {name: vals[name] for name in default or () if name in vals}
                vals.update(event._ms365_vals_of_copy(vals) | given)
        return vals_list

    def _ms365_is_ours_to_copy(self):
        """Return True if a copy of this event concerns anybody's Outlook calendar."""
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        return bool(
            self._ms365_all_links()
            or self.env.uid in pushing
            or self.user_id.id in pushing
        )

    def _ms365_vals_of_copy(self, vals):
        """Return the values of a copy that differ from its original.

        The copy is no occurrence. It does not get the original's Teams link. It is
        not made in the name of a colleague.

        :param vals: the values that Odoo copies
        """
        changed = {
            "recurrence_id": False,
            "recurrency": False,
            "follow_recurrence": False,
        }
        organizer = self.user_id
        me = self.env.user
        if self._ms365_becomes_mine(me):
            organizer = me
            calendar = self._ms365_primary_calendar(me)
            changed |= {"user_id": me.id, "ms365_calendar_id": calendar.id}
        is_teams = self.is_teams_meeting or self.teams_meeting_url
        changed |= _without_teams_link(vals)
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if is_teams and organizer.id in pushing:
            changed["is_teams_meeting"] = True
        return changed

    @api.model
    def _ms365_without_other_meeting(self, vals):
        """Return values of a new event, without the link of another Teams meeting.

        An import may bring it. Where the event gets a meeting of its own, that one's
        link takes the place; elsewhere it stays a link to join.
        """
        if not vals.get("is_teams_meeting") or vals.get("recurrence_id"):
            return vals
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if vals.get("user_id", self.env.uid) not in pushing:
            return vals
        return {**vals, **_without_teams_link(vals)}

    def _ms365_becomes_mine(self, user):
        """Return True if a copy by this user becomes the user's own meeting.

        A delegate that does not take part makes the copy for the organizer.
        """
        organizer = self.user_id
        if user == organizer or user._is_superuser() or user.share:
            return False
        acts_for = bool(organizer) and user._ms365_may_act_for(organizer)
        return not acts_for or user.partner_id in self.partner_ids

    def _ms365_check_joins_no_series(self, vals):
        """Refuse to put events into a series in Outlook: they have no day there.

        :raise UserError: an event would become an occurrence of such a series
        """
        if not vals.get("recurrence_id") or self._ms365_makes_rows():
            return
        recurrence = self.env["calendar.recurrence"].browse(vals["recurrence_id"])
        is_new = any(event.recurrence_id != recurrence for event in self)
        if is_new and recurrence.sudo().exists().ms365_link_ids:
            raise UserError(
                self.env._(
                    "Events cannot be put into a series that is in Outlook. Change the "
                    "repetition of the series instead."
                )
            )

    @api.model
    def _ms365_without_outlook_series(self, vals):
        """Return values of a new event without the series that it has in Outlook.

        An import of exported events, for example, would contain that series.
        """
        recurrence_id = vals.get("recurrence_id")
        if not recurrence_id or self._ms365_makes_rows():
            return vals
        recurrence = self.env["calendar.recurrence"].browse(recurrence_id).exists()
        if not recurrence._ms365_is_in_outlook():
            return vals
        alone = {"recurrence_id": False, "recurrency": False}
        return {**vals, **alone, "follow_recurrence": False}


def _without_teams_link(vals):
    """Return values that remove the Teams invitation from an event."""
    changed = {}
    if is_teams_link(vals.get("videocall_location") or ""):
        changed["videocall_location"] = False
    if link_of_place(vals.get("location") or ""):
        changed["location"] = False
    own, invitation = split_body(str(vals.get("description") or ""))
    if invitation:
        changed["description"] = own
    return changed
