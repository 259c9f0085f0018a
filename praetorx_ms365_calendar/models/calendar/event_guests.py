"""The guests of a meeting: which addresses stand for them, and how the list changes."""

from odoo import Command, models

from ...engine.guests import Guest, change_of_guests, listed_addresses
from ...engine.mapping.reply_states import STATE_OF_REPLY
from ...engine.mapping.text import one_line
from ...engine.snapshot import Attendee


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_addresses_of_organizer(self):
        """Return all addresses of the organizer, none if that is no user."""
        organizer = self.user_id
        if not organizer:
            return frozenset()
        own = organizer.partner_id._ms365_addresses()
        return frozenset({*own, organizer.email_normalized} - {False})

    def _ms365_may_invite(self):
        """Return True if a guest has an address that is not the organizer's."""
        own = self._ms365_addresses_of_organizer()
        others = self.partner_ids - self.user_id.partner_id
        return any(set(guest._ms365_addresses()) - own for guest in others)

    def _ms365_guests(self, agreed):
        """Return the people of this event, each with all addresses in Outlook's list.

        :param agreed: Outlook's content at the last agreement, None if never
        """
        in_outlook = {one.email for one in agreed.attendees} if agreed else ()
        of_organizer = self._ms365_addresses_of_organizer()
        guests = []
        for partner in self.partner_ids:
            known = [
                address
                for address in partner._ms365_addresses()
                if address in in_outlook or address not in of_organizer
            ]
            if partner == self.user_id.partner_id:
                known = []
            listed = listed_addresses(known, in_outlook)
            guests.append(Guest(partner.id, listed, frozenset(known)))
        return guests

    def _ms365_attendees(self, agreed):
        """Return the invited people as Outlook has them, or would have them.

        The organizer and people without a mail address are not included.
        """
        Partner = self.env["res.partner"]
        return tuple(
            Attendee(address, Partner.browse(guest.id).name or "")
            for guest in self._ms365_guests(agreed)
            for address in guest.listed
        )

    def _ms365_people_vals(
        self, content, always_ids, replies, lookups, *, agreed, may_make, like=None
    ):
        """Return values that set the guests to the attendees of ``content``.

        Guests that stay keep their records, with reply and invitation token. An address
        that was listed before does not become a contact again: its contact was erased.

        :param always_ids: partners that always take part: the organizer (None if
            unknown), then the owner of the mailbox
        :param replies: address -> Graph's response value
        :param agreed: Outlook's content at the last agreement, None if never
        :param may_make: contacts may be created
        :param like: another occurrence of the series; its guests are preferred
        """
        organizer_id, own_id = always_ids
        change = change_of_guests(self._ms365_guests(agreed), content.attendees)
        taking_part = [*filter(None, always_ids), *(like or self).partner_ids.ids]
        listed_before = {one.email for one in agreed.attendees} if agreed else ()
        states = {}
        if organizer_id:
            states[organizer_id] = "accepted"
        if own_id:
            own = self.env["res.partner"].browse(own_id)
            states.setdefault(own_id, _state_of(own._ms365_addresses(), replies))
        for partner in self._ms365_members(like or self, agreed):
            states.setdefault(partner.id, "needsAction")
        for person in change.added:
            partner_id = lookups.partner(
                person,
                among=taking_part,
                may_make=may_make and person.email not in listed_before,
            )
            if partner_id:
                states.setdefault(partner_id, _state_of([person.email], replies))
        leaving = change.removed - states.keys()
        staying = [one for one in self.partner_ids.ids if one not in leaving]
        return {
            "partner_ids": [Command.set(list(dict.fromkeys([*states, *staying])))],
            "attendee_ids": self._ms365_attendee_commands(states, leaving),
        }

    def _ms365_add_guest(self, partner):
        """Add the owner of a mailbox who takes part, without a reply.

        Odoo would take the current user as a guest who has accepted.
        """
        for event in self.filtered(lambda one: partner not in one.partner_ids):
            event.write({"partner_ids": [Command.link(partner.id)]})
            parts = event.attendee_ids
            parts.filtered(lambda part: part.partner_id == partner).write(
                {"state": "needsAction"}
            )

    def _ms365_members(self, events, agreed):
        """Return the guests of ``events`` that take part by a group in Outlook's list.

        :param agreed: Outlook's content at the last agreement, None if never
        """
        links_sudo = events.sudo().ms365_link_ids
        links_sudo |= events.sudo().recurrence_id.ms365_link_ids
        return events.partner_ids & links_sudo._owners_by_group(agreed)

    def _ms365_attendee_commands(self, states, leaving):
        """Return commands that add the parts of new guests and delete others.

        :param states: partner id -> state of a part that does not exist yet
        :param leaving: ids of the partners to remove
        """
        present = self.attendee_ids.partner_id.ids
        commands = [
            Command.create({"partner_id": partner_id, "state": state})
            for partner_id, state in states.items()
            if partner_id not in present
        ]
        return commands + [
            Command.delete(part.id)
            for part in self.attendee_ids
            if part.partner_id.id in leaving
        ]

    def _ms365_tag_commands(self, names, lookups, *, may_make):
        """Return commands that set the tags to ``names``.

        Existing tags are found by the name that Outlook has for them.
        """
        present = {one_line(tag.name): tag.id for tag in self.categ_ids}
        found = lookups.tags(set(names) - present.keys(), may_make=may_make)
        tag_ids = {**found, **present}
        return [Command.set([tag_ids[name] for name in names if name in tag_ids])]


def _state_of(addresses, replies):
    """Return the attendee state for the replies of these addresses.

    :param replies: address -> Graph's response value
    """
    told = (replies[address] for address in addresses if address in replies)
    return STATE_OF_REPLY.get(next(told, ""), "needsAction")
