"""Reading an event as canonical content, and writing content to an event."""

from odoo import SUPERUSER_ID, Command, models

from ...engine.body_limits import is_cut
from ...engine.mapping.odoo import (
    OdooValues,
    content_from_odoo,
    odoo_values_from_content,
    reminder_among,
)

#: The context for writes of the sync: no mails, no tracking, no further sync.
SYNC_CONTEXT = {
    "ms365_from_sync": True,
    "active_test": False,
    "dont_notify": True,
    "no_mail_to_attendees": True,
    "skip_attendee_notification": True,
    "skip_contact_description": True,
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_auto_subscribe_no_notify": True,
    "is_calendar_event_new": False,
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_for_sync(self, user):
        """Return these events as the sync writes them: for ``user``, without echo."""
        return self.with_user(user).sudo().with_context(**SYNC_CONTEXT)

    def _ms365_read_contents(self, theirs=None):
        """Return ``{event: Content}`` with the synced fields, read in bulk.

        The attendees do not include the organizer, nor people without an address:
        Exchange cannot invite them.

        :param theirs: ``{event: Outlook's Content}`` that counts as agreed; by default,
            the content of the last agreement
        """
        events = self.sudo().with_context(active_test=False)
        events._ms365_forget_masked_values()
        contents = {}
        agreed = theirs or {event: event._ms365_agreed_theirs() for event in events}
        for event in events:
            organizer = event.user_id
            contents[event] = content_from_odoo(
                OdooValues(
                    name=event.name or "",
                    description=event.description or "",
                    allday=event.allday,
                    start=event.start,
                    stop=event.stop,
                    start_date=event.start_date,
                    stop_date=event.stop_date,
                    zone=event.recurrence_id.event_tz or organizer.tz or None,
                    location=event.location or "",
                    attendees=event._ms365_attendees(agreed[event]),
                    privacy=event.privacy or "",
                    show_as=event.show_as,
                    notification_minutes=event._ms365_pop_up_minutes(),
                    categories=tuple(event.categ_ids.mapped("name")),
                    is_teams=event.is_teams_meeting,
                ),
                base_theirs=agreed[event],
                default_privacy=organizer.calendar_default_privacy or "public",
            )
        return contents

    def _ms365_forget_masked_values(self):
        """Clear masked values ("Busy") from the cache, so that we read the real ones.

        Odoo masks private events for the viewer, and keeps the masked values in a cache
        that the system reads, too.
        """
        if self.env.uid != SUPERUSER_ID:  # the system alone never masks
            private = self.filtered(
                lambda event: event._check_private_event_conditions()
            )
            private.invalidate_recordset()

    def _ms365_agreed_theirs(self):
        """Return Outlook's content at the last agreement, None if there was none."""
        if self.recurrence_id:
            series = self.recurrence_id._ms365_agreed_theirs()
            return series and series.occurrence(self.ms365_day or series.first)
        base = self.ms365_link_ids.filtered("is_primary")[:1]._base
        return base.theirs if base else None

    def _ms365_vals_from(
        self, content, names, lookups, *, may_make=True, web_link=None
    ):
        """Return values for ``create`` or ``write`` with ``names`` of ``content``.

        :param lookups: a prepared :class:`..sync.write.lookups.Lookups`
        :param may_make: tags may be created; False for private events
        :param web_link: of the event in Outlook; needed if it is not linked yet
        """
        plain = odoo_values_from_content(content, names)
        if "description" in plain and is_cut(content.body):
            # As text: a markup that is added to HTML escapes it.
            plain["description"] += str(self._ms365_cut_notice(web_link))
        vals = {
            name: plain[name]
            for name in (
                "name",
                "description",
                "allday",
                "show_as",
            )
            if name in plain
        }
        if "location" in plain:
            vals |= self._ms365_place_vals(plain["location"])
        if "privacy" in plain:
            vals["privacy"] = plain["privacy"] or False
        if "start" in plain:
            if plain["allday"]:
                vals |= {
                    "start_date": plain["start_date"],
                    "stop_date": plain["stop_date"],
                }
            vals |= {"start": plain["start"], "stop": plain["stop"]}
        if "is_teams" in plain:
            vals["is_teams_meeting"] = plain["is_teams"]
        if "categories" in plain:
            vals["categ_ids"] = self._ms365_tag_commands(
                plain["categories"], lookups, may_make=may_make
            )
        if "reminder" in plain:
            vals["alarm_ids"] = self._ms365_alarm_commands(plain["reminder"], lookups)
        return vals

    def _ms365_pop_up_minutes(self):
        """Return how long before the start Odoo's own pop-ups come."""
        pop_ups = self.alarm_ids.filtered(lambda a: a.alarm_type == "notification")
        return tuple(pop_ups.mapped("duration_minutes"))

    def _ms365_alarm_commands(self, minutes, lookups):
        """Replace the pop-up that counts as Outlook's reminder; all others stay.

        That is not always the one last agreed on: it may have been changed since.
        """
        agreed = self._ms365_agreed_theirs()
        replaced = reminder_among(self._ms365_pop_up_minutes(), agreed)
        kept = self.alarm_ids.filtered(
            lambda alarm: (
                alarm.alarm_type != "notification" or alarm.duration_minutes != replaced
            )
        )
        new = [lookups.alarm(minutes)] if minutes is not None else []
        return [Command.set(list(dict.fromkeys(kept.ids + new)))]

    def _detect_pull_conflicts(self, incoming=None, contents=None, versions=None):
        """Merge Outlook's versions with these events: conflicts are decided only here.

        If both sides changed a field, the stored choices of a person decide, else the
        policy of the mailbox's owner. The policy does not decide open conflicts: a
        person was asked already.

        :param incoming: ``{event: (link, theirs Content)}``, theirs None if it is
            deleted there; by default, the versions in the open conflicts of these
            events are merged again
        :param contents: the fresh result of :meth:`_ms365_read_contents`, if known;
            None for an event that is deleted here
        :param versions: ``{event: (change key, Graph's lastModifiedDateTime)}`` of
            Outlook's versions, if known
        :return: ``{event: Merge}``; ``merge.conflicts`` names the fields that both
            sides changed to different values. ``merge.decided`` names the ones that
            are decided
        """
        is_new = incoming is not None
        if incoming is None:
            incoming = {
                conflict.event_id: (conflict.link_id, conflict._theirs_content())
                for conflict in self.sudo()._ms365_open_conflicts()
                if conflict.theirs
            }
        if contents is None:
            contents = self._ms365_read_contents()
        merges = {
            event: link._merge(contents[event], theirs)
            for event, (link, theirs) in incoming.items()
        }
        if is_new:
            for event, (link, _theirs) in incoming.items():
                version = (versions or {}).get(event, (None, None))
                merges[event] = link._decide(merges[event], contents[event], *version)
        return merges
