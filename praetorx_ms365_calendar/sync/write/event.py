"""Writes Outlook's content to calendar events, as the sync and not as a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ...engine.replies import lost_replies, new_replies
from ...engine.snapshot import CONTENT_FIELDS, Content, RemoteEvent
from ..records import Account, Calendar, Event, Events, OutboxEntries, User, Vals
from .lookups import Lookups, is_open

#: Fields that need no more than the content itself; people need the organizer too.
SIMPLE_FIELDS = frozenset(CONTENT_FIELDS) - {"attendees"}


class EventWriter:
    """Creates and changes events for the user of one mailbox, without any echo."""

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self.env = account.env
        self.account = account
        self.user = account.user_id
        self.calendar = calendar
        #: The calendar's owner takes part in its events, perhaps through a group.
        self.own_partner = calendar._owner_partner()
        self.own_id = self.own_partner.id
        self.Event = self.env["calendar.event"]._ms365_for_sync(account.user_id)

    def create_events(self, remotes: Iterable[RemoteEvent], lookups: Lookups) -> Events:
        """Return new events, one for each remote event, made in bulk."""
        return self.Event.create(
            [self._vals_of_new(remote, lookups) for remote in remotes]
        )

    def write_content(
        self,
        event: Event,
        content: Content,
        names: frozenset[str],
        lookups: Lookups,
        remote: RemoteEvent | None = None,
        *,
        agreed: Content | None = None,
    ) -> None:
        """Write the named fields of ``content`` to an event.

        :param remote: the source of replies and of an organizer outside Odoo
        :param agreed: Outlook's content at the last agreement, if known
        """
        event = self._for_sync(event)
        may_make = is_open(content, remote.content if remote else None)
        vals = event._ms365_vals_from(
            content,
            names & SIMPLE_FIELDS,
            lookups,
            may_make=may_make,
            web_link=remote.web_link if remote else None,
        )
        if vals:
            event.write(vals)
        if "attendees" in names:
            organizer_id = event.user_id.partner_id.id
            if not organizer_id and remote:
                organizer_id = self._organizer_partner_id(
                    remote, lookups, among=event.partner_ids.ids, may_make=may_make
                )
            replies = remote.replies if remote else {}
            event.write(
                event._ms365_people_vals(
                    content,
                    [organizer_id, self.own_id],
                    replies,
                    lookups,
                    agreed=agreed or event._ms365_agreed_theirs(),
                    may_make=may_make,
                )
            )

    def write_replies(
        self,
        event: Event,
        remote: RemoteEvent,
        seen: Mapping[str, str | None],
        *,
        own_only: bool = False,
        waiting: OutboxEntries | None = None,
        lost: Collection[str] | None = None,
    ) -> dict[str, str | None]:
        """Write replies to the attendees if they have changed in Outlook.

        :param seen: address -> reply, as last read from Outlook. So an old reply does
            not undo a newer one that was given in Odoo
        :param own_only: ignore replies of other people in this copy
        :param waiting: entries of replies in Odoo that Outlook does not have yet; by
            default, they are searched
        :param lost: from :meth:`lost_replies`; by default, they are searched
        :return: the replies seen now. A reply from Odoo that is under way has
            precedence: Outlook's older reply does not count as seen
        """
        replies = self.own_replies(remote) if own_only else self.replies(remote)
        if lost is None:
            lost = self.lost_replies(event, remote, seen, own_only=own_only)
        news, seen_now = new_replies(replies, seen, lost=lost)
        if news:
            if waiting is None:
                waiting = self.env["praetorx.ms365.outbox"]._waiting_replies(event)
            on_their_way = waiting.account_id._addresses()
            news, seen_now = new_replies(replies, seen, on_their_way, lost)
            self._for_sync(event)._ms365_write_replies(
                news, _names_of(remote), self.own_partner
            )
        return seen_now

    def lost_replies(
        self,
        event: Event,
        remote: RemoteEvent,
        seen: Mapping[str, str | None],
        *,
        own_only: bool = False,
    ) -> frozenset[str]:
        """Return the addresses with a reply that was seen before, but is not in Odoo.

        :param seen: address -> reply, as last read from Outlook
        :param own_only: ignore replies of other people in this copy
        """
        replies = self.own_replies(remote) if own_only else self.replies(remote)
        known = lost_replies(replies, seen, replies)
        if not known:
            return known
        return known & self._for_sync(event)._ms365_without_reply(
            known, _names_of(remote), self.own_partner
        )

    def record_teams_link(self, event: Event, remote: RemoteEvent) -> None:
        """Store the join link, and post it in the chatter once."""
        self._for_sync(event)._ms365_write_join_link(
            remote.join_url, is_own=remote.full_content.online_meeting
        )._ms365_tell_join_link()

    def add_owner(self, events: Events) -> None:
        """Add the mailbox's owner as an attendee, as the owner's calendar has a copy.

        Other attendees are not read from this copy: its list may be old.
        """
        self._for_sync(events)._ms365_add_guest(self.own_partner)

    def archive(self, events: Events) -> None:
        """Archive events; they can be brought back."""
        self._for_sync(events).write({"active": False})

    def revive(self, event: Event) -> None:
        """Bring an archived event back."""
        self._for_sync(event).write({"active": True})

    def _for_sync(self, events: Events) -> Events:
        return self.Event.browse(events.ids)

    def _vals_of_new(
        self,
        remote: RemoteEvent,
        lookups: Lookups,
        *,
        agreed: Content | None = None,
        like: Event | None = None,
    ) -> Vals:
        """Return values of a new event.

        :param agreed: the content of its series in Outlook at the last agreement
        :param like: another occurrence of its series, with the same attendees
        """
        organizer = self._organizer_user(remote, lookups)
        organizer_id = organizer.partner_id.id
        event = self.Event.browse()
        may_make = is_open(remote.content)
        if not organizer_id:
            organizer_id = self._organizer_partner_id(
                remote,
                lookups,
                among=like.partner_ids.ids if like else (),
                may_make=may_make,
            )
        return {
            **event._ms365_vals_from(
                remote.content,
                SIMPLE_FIELDS,
                lookups,
                may_make=may_make,
                web_link=remote.web_link,
            ),
            **event._ms365_people_vals(
                remote.content,
                [organizer_id, self.own_id],
                self.replies(remote),
                lookups,
                agreed=agreed,
                may_make=may_make,
                like=like,
            ),
            "user_id": organizer.id,
            "ms365_calendar_id": self.calendar.id,
            **event._ms365_join_vals(
                remote.join_url, is_own=remote.full_content.online_meeting
            ),
            "sync_origin": "outlook",
            "synced_field_hash": remote.full_content.hash,
            "ms_change_key": remote.change_key,
            "ms365_sync_state": "synced",
            "microsoft_id": remote.remote_id,
            "ms_universal_event_id": remote.ical_uid,
            "need_sync_m": False,
        }

    def replies(self, remote: RemoteEvent) -> dict[str, str]:
        """Return address -> reply; an attendee's copy is right about its owner."""
        return {**remote.replies, **self.own_replies(remote)}

    def own_replies(self, remote: RemoteEvent) -> dict[str, str]:
        """Return address -> reply for each address of the mailbox's owner.

        It is empty if the owner is the organizer.
        """
        if remote.is_organizer or remote.on_behalf:
            return {}
        addresses = self.own_partner._ms365_addresses()
        if self.own_partner == self.user.partner_id:
            addresses = self.account._addresses()
        return dict.fromkeys(addresses, remote.own_reply)

    def _organizer_user(self, remote: RemoteEvent, lookups: Lookups) -> User:
        if remote.is_organizer:
            return self.user
        return lookups.user(remote.organizer)

    def _organizer_partner_id(
        self,
        remote: RemoteEvent,
        lookups: Lookups,
        *,
        among: Collection[int],
        may_make: bool,
    ) -> int | None:
        """Return the contact of an organizer that is no user of this Odoo."""
        if not remote.organizer:
            return None
        return lookups.partner(remote.organizer, among=among, may_make=may_make)


def _names_of(remote: RemoteEvent) -> dict[str, str]:
    """Return address -> display name, as the list of a remote event has them."""
    attendees = remote.content.attendees if remote.content else ()
    return {one.email: one.name for one in attendees}
