"""The link to join a meeting: Microsoft Teams', or that of another service."""

from markupsafe import Markup

from odoo import models

from ...engine.join_links import host_of, is_teams_link, link_of_place


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_join_vals(self, url, *, is_own):
        """Return values that hold the join link of an event in Outlook.

        :param url: from Outlook; it may lead to any service
        :param is_own: the event is an online meeting itself. An imported event may have
            the link of another meeting: then it is only a link to join
        """
        if not url:
            return {}
        if not (is_own and is_teams_link(url)):
            return {"videocall_location": url}
        return {
            "teams_meeting_url": url,
            "videocall_location": url,
            "is_teams_meeting": True,
        }

    def _ms365_write_join_link(self, url, *, is_own):
        """Keep the join link that Outlook has; return the events that lacked it.

        See :meth:`_ms365_join_vals`.
        """
        vals = self._ms365_join_vals(url, is_own=is_own)
        new = self.filtered(lambda row: any(row[n] != vals[n] for n in vals))
        if new:
            new.write(vals)
        return new

    def _ms365_place_vals(self, place):
        """Return values for the place that Outlook names: it may be a Teams link.

        A link that came so goes when the place does.
        """
        link = link_of_place(place)
        if link:
            has_own = any(row.teams_meeting_url for row in self)
            return {"location": False} | (
                {} if has_own else {"videocall_location": link}
            )
        vals = {"location": place}
        agreed = self[:1] and self[0]._ms365_agreed_theirs()
        former = agreed and link_of_place(agreed.location)
        if former and all(row.videocall_location == former for row in self):
            vals["videocall_location"] = False
        return vals

    def _ms365_tell_join_link(self):
        """Post the link and its service's name in the chatter, without notification."""
        for event in self.sudo():
            url = event.videocall_location
            host = host_of(url or "")
            if is_teams_link(url or ""):
                words = event.env._("Join the Teams meeting")
            elif host:
                words = event.env._("Join the meeting at %(host)s", host=host)
            else:
                continue
            event._message_log(
                body=Markup('<a href="{}" target="_blank">{}</a>').format(url, words)
            )
