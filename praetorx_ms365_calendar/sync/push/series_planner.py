"""What the outbox entries of one series come down to: at most one request at a time.

Each write is followed by a reading, which tells what became of it, exceptions and
deleted dates included; only then the next one is planned.
"""

from ...const import DELETED_FOR_GOOD
from ...engine.authority import addresses_in
from ...engine.errors import GiveUpOnEvent
from ...engine.mapping.graph_recurrence import write_rule
from ...engine.mapping.graph_times import write_series_times
from ...engine.mapping.graph_writer import create_payload, patch_payload
from ...engine.mapping.title_prefix import with_prefix
from ...engine.series_people import without_people
from ...engine.series_plan import with_people_agreed
from ...engine.series_units import ALL, RECURRENCE, TIMES
from ...engine.snapshot import CONTENT_FIELDS
from ...graph import calls
from .sending import Sending, delete_linked, find_for_deletion


def plan_series(account, entries, last):
    """Return what the pending entries of one series come down to.

    :param last: the latest of them
    :raise GiveUpOnEvent: Outlook has no such series
    """
    recurrence = last.recurrence_id
    link = _link_of(account, entries, recurrence)
    deletes = last.operation == "delete"
    is_deleted = deletes or not recurrence
    if is_deleted and link.state == "synced" and link.recurrence_id._ms365_rows():
        # Outlook's version won over the deletion: the series is there again.
        recurrence, deletes = link.recurrence_id, False
    event = recurrence.base_event_id
    if link.state == "calendar_off":
        return Sending("nothing", entries, event, link)
    if link.state == "conflict":
        return Sending("nothing", entries, event, link, reason="conflict")
    is_held = link._is_held() and link.hold_id.direction == "to_odoo"
    if link.state == "gone" or is_held:  # its deletion in Odoo asks about this edit
        return Sending("nothing", entries, event, link, reason="held")
    if link.remote_id and (link.needs_read or link.sent_snapshot):
        return _read(entries, event, link)
    if deletes:
        return _delete(account, entries, event, link)
    if not recurrence._ms365_rows():
        if not link.remote_id:
            return Sending("nothing", entries, event, link)
        raise GiveUpOnEvent(_nothing_left(account.env))
    reason = recurrence._ms365_why_twins() or recurrence._ms365_why_inexpressible()
    if reason:
        raise GiveUpOnEvent(reason)
    if link.remote_id and link.state != "deleted_there":
        return _write(account, entries, event, link)
    if link.remote_id and not link.is_organizer:
        # Cancelled by somebody else, kept in Odoo: not ours to invite people to.
        return Sending("nothing", entries, event, link)
    return _create(account, entries, event, link)


def _nothing_left(env):
    return env._(
        "Odoo has no event of this series any more, and nobody has deleted it: in "
        "Outlook it stays. Delete it there, or read it from there again."
    )


def _link_of(account, entries, recurrence):
    link = recurrence.ms365_link_ids.filtered(lambda one: one.account_id == account)
    own = entries.link_id.filtered(lambda one: one.account_id == account)
    return link[:1] or own[:1]


def _read(entries, event, link):
    return Sending("read_series", entries, event, link)


def _delete(account, entries, event, link):
    if link.remote_id and link.state not in DELETED_FOR_GOOD:
        return delete_linked(account, entries, event, link)
    return find_for_deletion(entries, event, link)


def _write(account, entries, event, link):
    base = link._series_base
    recurrence = link.recurrence_id
    days = {row.ms365_day for row in recurrence._ms365_rows()}
    days = _days_between(link._window_to_read(), days)
    if base is None or days - _days_between(base.theirs.window, days):
        return _read(entries, event, link)
    write = link._next_series_write(
        entries._recorded_names(), entries._recorded_changes()
    )
    if not write:
        link_vals = {}
        if not recurrence._ms365_may_invite():
            ours = recurrence._ms365_read_series(base.theirs.window)
            link_vals = link._base_vals(with_people_agreed(base, ours))
        return Sending("nothing", entries, event, link, link_vals=link_vals)
    if write.day != ALL and write.day not in (link.occurrence_ids or {}):
        return _read(entries, event, link)
    return Sending(
        "series",
        entries,
        event,
        link,
        _request(account, link, base, write),
        link_vals={"sent_snapshot": write.after.to_json()},
        series_write=write,
        guests=addresses_in(write.content if "attendees" in write.fields else None),
    )


def _days_between(window, days):
    return {day for day in days if window[0] <= day <= window[1]}


def _request(account, link, base, write):
    """Return the request of one write of a series."""
    calendar_path = link._event_path()
    content = with_prefix(write.content, link.title_prefix)
    _refuse_too_many(link.recurrence_id, write.fields, write.content)
    if write.day == ALL:
        payload = patch_payload(
            write.fields & set(CONTENT_FIELDS) - {TIMES},
            content,
            base_theirs=base.theirs.master,
            teams_block=link.teams_block or "",
        )
        if write.fields & {TIMES, RECURRENCE}:
            zone = write.rule.zone or account.user_id.tz
            payload |= write_series_times(write.content.times, zone)
            payload["recurrence"] = write_rule(write.rule, zone)
        return calls.patch_event(link.remote_id, payload, link._etag, calendar_path)
    remote_id, change_key = link.occurrence_ids[write.day]
    etag = f'W/"{change_key}"'
    if write.is_delete:
        return calls.delete_event(remote_id, etag, calendar_path)
    payload = patch_payload(
        write.fields,
        content,
        base_theirs=base.theirs.occurrence(write.day),
        teams_block=link.teams_block or "",
    )
    return calls.patch_event(remote_id, payload, etag, calendar_path)


def _refuse_too_many(recurrence, names, content):
    """Give up on more attendees than Outlook takes.

    :raise GiveUpOnEvent: there are too many
    """
    reason = recurrence.base_event_id._ms365_why_too_many(content)
    if reason and "attendees" in names:
        raise GiveUpOnEvent(reason)


def _create(account, entries, event, link):
    recurrence = entries[-1].recurrence_id
    ours = recurrence._ms365_series_to_send(account)
    if not recurrence._ms365_may_invite():
        ours = without_people(ours)
    _refuse_too_many(recurrence, CONTENT_FIELDS, ours.master)
    link_vals = link._next_generation_vals() if link.remote_id else {}
    generation = link_vals.get("generation", link.generation)
    key = recurrence._ms365_transaction_id(account, generation)
    first_sent = entries._first_sent(key)
    calendar = recurrence._ms365_calendar()
    entry_vals = {
        "idempotency_key": key,
        "calendar_id": calendar.id,
        "was_sought": False,
    }
    if first_sent:
        title_prefix = entries._first_attempt(key).title_prefix
    else:
        title_prefix = account.user_id.ms365_title_prefix
        entry_vals["sent_content"] = ours.to_json()
        entry_vals["title_prefix"] = title_prefix
    zone = ours.rule.zone or account.user_id.tz or "UTC"
    payload = create_payload(
        with_prefix(ours.master, title_prefix),
        stamp=recurrence._ms365_stamp(),
        transaction_id=key,
        default_zone=zone,
    )
    payload |= write_series_times(ours.master.times, zone)
    payload["recurrence"] = write_rule(ours.rule, zone)
    calendar_path = calendar._path()
    sending = Sending(
        "create_series",
        entries,
        event,
        link,
        calls.create_event(payload, calendar_path),
        first_sent=first_sent,
        title_prefix=title_prefix,
        entry_vals=entry_vals,
        link_vals=link_vals,
        guests=addresses_in(ours.master),
    )
    return sending.with_search_first(calendar_path)
