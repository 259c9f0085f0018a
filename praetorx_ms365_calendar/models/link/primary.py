"""Choose the primary copy of a meeting, and connect the copies that wait for it."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import IN_BOTH
from ...engine.meetings import (
    GONE_THERE,
    WAIT_FOR_ORGANIZER,
    may_be_primary,
    represents_meeting,
)
from ...engine.merge import base_after_attendee_copy


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    def _any_represents_meeting(self):
        """Return True if one of these links represents the meeting in Outlook."""
        return any(represents_meeting(link._facts()) for link in self)

    def _next_primary(self):
        """Return another mailbox's copy that can become the primary, if any."""
        self.ensure_one()
        return (self._copies() - self).filtered(
            lambda other: may_be_primary(other.state, enabled=other.account_id.enabled)
        )[:1]

    def _second_copies(self):
        """Return the other copies of this meeting in the mailbox that were set aside.

        Of two copies in one mailbox, only the first is synced.
        """
        self.ensure_one()
        uids = self._uids()
        if not uids:
            return self.browse()
        return self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("ical_uid", "in", uids),
                ("state", "=", "quarantined"),
                ("id", "!=", self.id),
            ]
        )

    def _uids(self):
        """Return the iCalUIds of this meeting.

        It has several if it was created again after Outlook had deleted it.
        """
        return [uid for uid in {*(self | self._copies()).mapped("ical_uid")} if uid]

    def _comes_again(self):
        """Return True if this copy is gone, and another one is read soon."""
        if self.state not in GONE_THERE:
            return False
        return any(self._second_copies().mapped("needs_read"))

    def _move_primary_to(self, successor):
        """Make ``successor`` the primary link of the event instead of this one."""
        successor.ensure_one()
        former = self - successor
        former.write({"is_primary": False})
        # The unique index is checked row by row: the old one must be gone first.
        former.flush_recordset()
        successor.is_primary = True
        if former or not successor._any_event().ms365_calendar_id:
            successor._all_events()._ms365_write_bookkeeping(
                {"ms365_calendar_id": successor.calendar_id.id}
            )
        successor.title_prefix = successor.title_prefix or former[:1].title_prefix
        successor._update_base_from_copy(former)
        if not successor.base_snapshot and successor.remote_id:
            successor.needs_read = True
            successor.account_id._request_pull(fresh_seconds=0)

    def _update_base_from_copy(self, former):
        """Update the organizer's base with changes that came by an attendee's copy."""
        copy = former.filtered(lambda link: not link.is_organizer and link._base)[:1]
        if not (copy and self.is_organizer and self._base and self.event_id):
            return
        ours = self.event_id._ms365_read_contents()[self.event_id]
        base = base_after_attendee_copy(self._base, copy._base, ours)
        # Odoo may have values of the attendee, for example the availability. The
        # organizer's values are known in Outlook only, in a version that is not new.
        reads = self.needs_read or (self.state in IN_BOTH and base != self._base)
        self.write({**self._base_vals(base), "needs_read": reads})

    @api.model
    def _connect_waiting(self):
        """Link attendees' copies with their meeting if another mailbox now has it."""
        self.flush_model()
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (waiting.account_id, ical_uid)
                       waiting.id, known.event_id, known.recurrence_id
                  FROM praetorx_ms365_event_link waiting
                  JOIN praetorx_ms365_event_link known USING (ical_uid)
                 WHERE waiting.state = 'waiting'
                   AND known.is_primary
                   AND known.state IN ('synced', 'conflict')
                   AND (known.event_id IS NOT NULL
                        OR known.recurrence_id IS NOT NULL)
                   AND NOT EXISTS (
                       SELECT FROM praetorx_ms365_event_link own
                        WHERE own.account_id = waiting.account_id
                          AND (own.event_id = known.event_id
                               OR own.recurrence_id = known.recurrence_id))
                 ORDER BY waiting.account_id, ical_uid, waiting.id
                """
            )
        )
        links = self.browse([link_id for link_id, *_known in pairs])
        for link, (_id, event_id, recurrence_id) in zip(links, pairs, strict=True):
            link.write(
                {
                    "event_id": event_id,
                    "recurrence_id": recurrence_id,
                    "state": "synced",
                }
            )
        self.env["praetorx.ms365.outbox"]._requeue_replies(links)
        if members := links._add_members():
            members.needs_read = True  # for their replies
            members.account_id._request_pull(fresh_seconds=0)

    @api.model
    def _stop_waiting(self, now):
        """Read copies as meetings of their own if the organizer's copy never came."""
        is_over = Domain("create_date", "<", now - WAIT_FOR_ORGANIZER)
        # Whether the owner of a shared calendar syncs it may be known sooner.
        is_shared = Domain("calendar_id.kind", "!=", "own")
        self.search(
            Domain("state", "=", "waiting") & (is_over | is_shared)
        ).needs_read = True
