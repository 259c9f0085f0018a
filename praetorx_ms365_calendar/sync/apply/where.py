"""In which calendar an event is, and how the mailbox's owner sees it there."""

from dataclasses import replace

from odoo.fields import Domain

from ...const import UNDER_WAY
from ...engine.calendars import in_shared_calendar
from ...engine.meetings import as_owner_sees
from ...engine.merge import value_for_odoo
from ...engine.snapshot import Base
from ..meeting.lookups import Lookups


def as_seen(remote, calendar):
    """Return an event of a calendar as the owner of the mailbox sees it."""
    if calendar._is_shared():
        return in_shared_calendar(remote)
    return as_owner_sees(remote, calendar.account_id._own_list())


def series_as_seen(remote, calendar):
    """Return a ``RemoteSeries`` of a calendar as the owner of the mailbox sees it."""
    return replace(
        remote,
        master=as_seen(remote.master, calendar),
        exceptions=as_listed(remote.exceptions, calendar),
    )


def as_listed(remotes, calendar):
    """Return events by id or day, as the owner of the mailbox sees them."""
    return {key: as_seen(remote, calendar) for key, remote in remotes.items()}


def record_calendar(applier, links):
    """A page of a calendar lists these events and series: that is where they are.

    One that was in another calendar was moved in Outlook: its id has stayed the same,
    and so do its link and its Odoo event, whichever calendar is read first.
    """
    for link in links:
        if link.left_calendar:
            link.left_calendar = False
        if applier.calendar and link.calendar_id != applier.calendar:
            link._find_calendar(applier.calendar)
            applier.log_move(link)
        elif link.state == "calendar_off":  # it was in one that is not synced
            link._return_to_calendar()


def moved_by_us(applier, entry, remote):
    """Return the link of an event whose copy was made before a process died.

    :param entry: whose request made the copy
    """
    return entry.event_id.ms365_link_ids.filtered(
        lambda link: (
            link.account_id == applier.account
            and link.remote_id
            and link.remote_id != remote.remote_id
        )
    )


def merge_late_edit(applier, link, remote):
    """Somebody has edited what a move is about to leave behind: the copy gets it.

    What was edited in Odoo to another value at the same time stands, and is told.

    :param link: of what is left behind
    """
    successor, base = link.moved_to_id, link._base
    event = successor.event_id
    link.write(link._remote_vals(remote))
    names = remote.content.changed_fields(base.theirs) if base else ()
    if not names or not event or not successor._base:
        return
    link.base_snapshot = Base(base.ours, remote.content).to_json()
    theirs = successor._base.theirs.with_fields(names, remote.content)
    ours = event._ms365_read_contents()[event]
    merge = successor._merge(ours, theirs)
    content = value_for_odoo(successor._base, ours, merge)
    lookups = Lookups(applier.env, [content], account=applier.account)
    applier.writer.write_content(event, content, merge.to_odoo, lookups, remote)
    applier.Outbox._enqueue_upserts(event, names=names)
    applier.log_late_edit(successor, merge)


def give_way(link, calendar):
    """Let the own copy of a meeting take the place of the one in a shared calendar.

    :param link: of the one in the shared calendar
    :param calendar: in which the own copy is
    """
    link._all_events()._ms365_write_bookkeeping({"ms365_calendar_id": calendar.id})
    link.write(
        {
            "event_id": False,
            "recurrence_id": False,
            "is_primary": False,
            "state": "other_view",
        }
    )
    link.flush_recordset()  # the unique index knows each meeting but once


def owner_may_bring(account):
    """Tell whether the mailbox of a shared calendar's owner has still to be read.

    If not, and nothing of it is on its way, the owner does not sync this calendar.
    """
    on_its_way = account.env["praetorx.ms365.outbox"].search_count(
        Domain("account_id", "=", account.id) & Domain("state", "in", UNDER_WAY),
        limit=1,
    )
    return bool(
        on_its_way
        or not account.first_pass_done_at
        or account.pull_requested_at
        or any(account.calendar_ids.mapped("round_kind"))
    )
