"""Members of invited groups take part in Odoo, too.

Outlook lists only the group, and each member gets a copy of the meeting. The link of
this copy is the fact that its owner takes part. Odoo shows the owner as an attendee.
Outlook's list does not change, so the owner is in Odoo's side of the base only.
"""

from odoo import Command, models

from ...const import IN_BOTH
from ...engine.group_members import (
    lists_any,
    with_attendee_here,
    without_attendee_here,
)


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    def _add_members(self):
        """Let the owners of these copies take part, if no list names them.

        Nobody is mailed and nothing is sent.

        :return: the links whose owner was added
        """
        added = self.browse()
        for link in self:
            if not link._events_without_owner():
                continue  # the usual case
            primary = link._primary_elsewhere()
            base = primary._meeting_base if primary else None
            if not base or not link._is_own_copy() or link._is_named(base.ours):
                continue
            if not link._is_named(base.theirs) and link._add_owner():
                primary._agree_on_owner(link, with_attendee_here)
                added |= link
        return added

    def _remove_members(self, base=None):
        """Let the owners of deleted copies leave, if Outlook's list does not name them.

        :param base: the last agreement, if a primary copy was deleted
        """
        for link in self:
            primary = link._primary_elsewhere()
            known = (primary._meeting_base if primary else None) or base
            if not known or not link._is_own_copy() or link._is_named(known.theirs):
                continue
            if primary and link._remove_owner() and primary._meeting_base:
                primary._agree_on_owner(link, without_attendee_here)

    def _primary_elsewhere(self):
        """Return the primary link of this meeting in another mailbox."""
        return (self._copies() - self).filtered("is_primary")[:1]

    def _is_own_copy(self):
        """Return True if this copy shows that its owner takes part."""
        return bool(
            self._is_linked()
            and not self.is_organizer
            and not self.calendar_id._is_shared()
        )

    def _is_named(self, side):
        """Return True if the list of attendees on one side of a base has the owner."""
        return lists_any(side, self.account_id._addresses())

    def _events_without_owner(self):
        """Return the events of this meeting in Odoo that the owner does not attend."""
        partner = self.account_id.user_id.partner_id
        return self._rows().filtered(lambda one: partner not in one.partner_ids)

    def _add_owner(self):
        """Add the owner to the events in Odoo; return True if they were changed."""
        partner = self.account_id.user_id.partner_id
        events = self._events_without_owner()
        events._ms365_for_sync(self.account_id.user_id)._ms365_add_guest(partner)
        return bool(events)

    def _remove_owner(self):
        """Take the owner from the events in Odoo; return True if they were changed."""
        partner = self.account_id.user_id.partner_id
        events = self._rows().filtered(
            lambda one: partner in one.partner_ids and one.user_id.partner_id != partner
        )
        for event in events._ms365_for_sync(self.account_id.user_id):
            event.write({"partner_ids": [Command.unlink(partner.id)]})
        return bool(events)

    def _keep_members(self, before):
        """Keep the members who came while a write was under way.

        Its response makes the sent content the base, and that content is older.

        :param before: the base before the response was stored
        """
        after = self._meeting_base
        if not before or not after:
            return
        for copy in self._copies() - self:
            came = copy._is_named(before.ours) and not copy._is_named(before.theirs)
            if came and copy._is_own_copy() and not copy._is_named(after.ours):
                self._agree_on_owner(copy, with_attendee_here)

    def _agree_on_owner(self, copy, change):
        """Record that the owner of another copy is, or is not, in Odoo's list only.

        It is not known if a write without a response has arrived, so the base that it
        would give changes, too.

        :param copy: link of that copy
        :param change: function that changes Odoo's side of the base
        """
        addresses = copy.account_id._addresses()
        ours = self._meeting()._ms365_read(self._meeting_base)
        if ours:
            base = self._meeting_base
            vals = self._base_vals(change(base, ours, addresses))
            if self.sent_snapshot:
                sent = type(base).from_json(self.sent_snapshot)
                vals["sent_snapshot"] = change(sent, ours, addresses).to_json()
            self.write(vals)

    def _owners_by_group(self, agreed):
        """Return the contacts of the owners of living copies whom no list names.

        :param agreed: Outlook's content at the last agreement, None if never
        """
        listed = {one.email for one in agreed.attendees} if agreed else set()
        return self.filtered(
            lambda link: (
                link.state in IN_BOTH
                and link._is_own_copy()
                and not link.account_id._addresses() & listed
            )
        ).account_id.user_id.partner_id
