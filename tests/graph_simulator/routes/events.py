"""HTTP handlers for events: lists, views, single events and their actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from .. import delta, extras, odata, render
from ..errors import (
    bad_request,
    invalid_request,
    irresolvable_conflict,
    item_not_found,
    malformed_id,
)
from ..faults import Rule
from ..ids import looks_like_item_id
from ..items import Item
from ..odata import Query
from ..store import Calendar
from ..validation import check_body, check_parameters
from ..zones import parse_instant, parse_moment
from .wire import Answer, GraphRequest, next_link

_READ = ("Calendars.Read", "Calendars.ReadWrite", "Calendars.ReadBasic")
_WRITE = ("Calendars.ReadWrite",)
MAX_VIEW_DAYS = 1825
_CHEAP_NAMES = frozenset(("_extended", "iCalUId", "subject"))
_ANSWERS = {
    "accept": "accepted",
    "tentativelyaccept": "tentativelyAccepted",
    "decline": "declined",
}
_ACTIONS = {
    "accept": "accept",
    "tentativelyaccept": "tentativelyAccept",
    "decline": "decline",
    "cancel": "cancel",
    "forward": "forward",
    "snoozereminder": "snoozeReminder",
    "dismissreminder": "dismissReminder",
    "permanentdelete": "permanentDelete",
}


# -- lists and views ----------------------------------------------------------------


def list_events(request: GraphRequest, calendar: Calendar) -> Answer:
    """Return single events and masters of a calendar, newest first."""
    request.require(*_READ)
    query = odata.parse(request.query())
    items = [event.item() for event in reversed(request.owner.living(calendar))]
    return _collection(request, items, query, in_view=False)


def calendar_view(request: GraphRequest, calendar: Calendar) -> Answer:
    """Return the items of a window: singles, occurrences and exceptions, in full."""
    request.require(*_READ)
    query = odata.parse(request.query())
    start, end = _window(request, check_span=True)
    items = [
        item
        for event in request.owner.living(calendar)
        for item in event.instances(start, end)
    ]
    items.sort(key=lambda item: item.start_utc)
    return _collection(request, items, query, in_view=True)


def instances(request: GraphRequest, item: Item) -> Answer:
    """Return the occurrences and exceptions of one series in a window."""
    request.require(*_READ)
    query = odata.parse(request.query())
    start, end = _window(request, check_span=True)
    item = as_read(request, item)
    found = list(item.event.instances(start, end)) if item.event.is_series else []
    if "instances_without_exceptions" in request.view_faults:
        found = [one for one in found if one.type != "exception"]
    return _collection(request, found, query, in_view=False)


def _window(request: GraphRequest, *, check_span: bool) -> tuple[datetime, datetime]:
    bounds = {name.lower(): text for name, text in request.query().items()}
    texts = (bounds.get("startdatetime"), bounds.get("enddatetime"))
    if not texts[0] or not texts[1]:
        raise bad_request(
            "This request requires a time window specified by the query string "
            "parameters StartDateTime and EndDateTime.",
            "ErrorInvalidParameter",
        )
    start = parse_instant(texts[0], "startDateTime")
    end = parse_instant(texts[1], "endDateTime")
    if end < start:
        raise bad_request(
            "The end of the time window is before its start.", "ErrorInvalidParameter"
        )
    if check_span and end - start > timedelta(days=MAX_VIEW_DAYS):
        raise invalid_request(
            "The range between the start and end dates is greater than the allowed "
            f"range. Maximum number of days: {MAX_VIEW_DAYS}"
        )
    return start, end


def _collection(
    request: GraphRequest, items: list[Item], query: Query, *, in_view: bool
) -> Answer:
    options = request.service.options
    top = query.top or options.page_size
    if query.filter is not None:
        items = _matching(request, items, query.filter)
    total = len(items)
    if not query.order_by:
        items = items[query.skip : query.skip + top]
    answers = [_event_answer(request, item, query) for item in items]
    if query.order_by:
        answers = odata.ordered(answers, query.order_by)
        answers = answers[query.skip : query.skip + top]
    path = request.path.strip("/")
    owner = quote(request.owner.id)
    kind = "calendarView" if in_view else path.rsplit("/", 1)[-1]
    selected = f"({','.join(query.select)})" if query.select else ""
    body: dict[str, Any] = {
        "@odata.context": f"{request.context}users('{owner}')/{kind}{selected}"
    }
    if query.count:
        body["@odata.count"] = total
    body["value"] = [
        odata.selected(answer, query, in_view=in_view) for answer in answers
    ]
    if query.skip + top < total:
        body["@odata.nextLink"] = next_link(request, top, query.skip + top)
    return Answer(200, body)


def _matching(
    request: GraphRequest, items: list[Item], wanted: odata.Filter
) -> list[Item]:
    """Return the items that match a filter; the usual searches are fast."""
    found = []
    for item in items:
        event = item.event
        if event.raw is None and wanted.names <= _CHEAP_NAMES:
            uid = render.ical_uid(item, request.service.options)
            answer = {"iCalUId": uid, "subject": item.data["subject"]}
        else:
            answer = _event_answer(request, item)
        answer["_extended"] = _extended(item)
        if wanted(answer):
            found.append(item)
    return found


def _extended(item: Item) -> list[dict[str, str]]:
    # An occurrence has the stamps of its master.
    values = dict(item.event.extended)
    if item.exception is not None:
        values.update(item.exception.extended)
    return [{"id": name, "value": value} for name, value in values.items()]


def _event_answer(
    request: GraphRequest, item: Item, query: Query | None = None
) -> dict[str, Any]:
    service = request.service
    service.exchange.teams_delay_over(item.event)
    answer = render.full_event(item, request.prefer, service.options)
    if query is None:
        return answer
    select = query.select or []
    if item.day is not None and "originalStart" in select:
        answer["originalStart"] = render.original_start(item)
    if query.expand_extended:
        found = [
            entry for entry in _extended(item) if entry["id"] in query.expand_extended
        ]
        if found:
            answer["singleValueExtendedProperties"] = found
    if query.expand_extensions is not None:
        answer["extensions"] = extras.shown_extensions(item, query.expand_extensions)
    if query.expand_attachments:
        answer["attachments"] = extras.shown_attachments(item)
    if item.type == "seriesMaster":
        if "cancelledOccurrences" in select:
            answer["cancelledOccurrences"] = render.cancelled_occurrences(
                item, request.prefer
            )
        if query.expand_exceptions:
            days = sorted(item.event.exceptions)
            if "exceptions_not_expanded" in request.view_faults:
                days = []
            answer["exceptionOccurrences"] = [
                _expanded(request, item.event.item(day), select) for day in days
            ]
    return answer


def _expanded(request: GraphRequest, item: Item, select: list[str]) -> dict[str, Any]:
    """Return an exception in the response of its master, with the outer ``$select``."""
    answer = _event_answer(request, item, Query(select=select))
    if not select:
        return answer
    return {name: answer[name] for name in ("id", *select) if name in answer}


# -- delta --------------------------------------------------------------------------


def calendar_view_delta(request: GraphRequest, calendar: Calendar) -> Answer:
    """Return one page of a delta round."""
    request.require(*_READ)
    mailbox = request.owner
    parameters = {name.lower(): text for name, text in request.query().items()}
    for option in ("$select", "$expand", "$filter", "$orderby", "$search"):
        if option in parameters:
            raise bad_request(
                f"The query parameter '{option}' is not supported with delta.",
                "ErrorInvalidUrlQuery",
            )
    delta_token = parameters.get("$deltatoken")
    skip_token = parameters.get("$skiptoken")
    if "gone" in request.view_faults:
        raise delta.sync_state_lost(request.own_url)
    if "sync_state_not_found" in request.view_faults:
        raise delta.sync_state_not_found()
    if delta_token or skip_token:
        token = delta.Token.decode(delta_token or skip_token or "")
        calendar = delta.check_token(token, mailbox, request.own_url)
        if delta_token:
            token = delta.next_round(token, mailbox)
    else:
        start, end = _window(request, check_span=True)
        token = delta.first_token(mailbox, calendar, start, end)
    if not skip_token and (behind := request.view_faults.get("delta_behind")):
        token = delta.behind(token, mailbox, _moment_before(request, behind))
    options = request.service.options
    size = request.prefer.page_size or options.delta_page_size
    page = delta.page(mailbox, calendar, token, size, request.prefer, options)
    page = _with_delta_faults(request, page, token)
    link, name = (
        ("@odata.deltaLink", "$deltatoken")
        if page.is_last
        else ("@odata.nextLink", "$skiptoken")
    )
    return Answer(
        200,
        {
            "@odata.context": f"{request.context}Collection(event)",
            "value": page.value,
            link: f"{request.own_url}?{name}={page.token.encode()}",
        },
    )


def _moment_before(request: GraphRequest, rule: Rule) -> datetime | None:
    """Return the time ``seconds`` of a rule ago; None if the rule has no seconds."""
    if rule.seconds is None:
        return None
    return request.service.clock.now() - timedelta(seconds=rule.seconds)


def _with_delta_faults(
    request: GraphRequest, page: delta.Page, token: delta.Token
) -> delta.Page:
    faults = request.view_faults
    again = delta.Token(**{**token.__dict__, "nonce": token.nonce + 1})
    if "delta_empty_page" in faults:
        return delta.Page([], again, is_last=False)
    if "delta_endless" in faults:
        return delta.Page(page.value, again, is_last=False)
    if "delta_without_master" in faults:
        page.value = [one for one in page.value if one.get("type") != "seriesMaster"]
    if "delta_removed_changed" in faults:
        for one in page.value:
            if "@removed" in one:
                one["@removed"] = {"reason": "changed"}
    if "delta_doubled" in faults:
        page.value = page.value + page.value
    if "delta_unknown_removed" in faults:
        unknown = f"AAMkADunknown{request.request_id}AAA="
        page.value = [
            *page.value,
            {
                "@odata.type": "#microsoft.graph.event",
                "id": unknown,
                "@removed": {"reason": "deleted"},
            },
        ]
    return page


# -- single events ------------------------------------------------------------------


def find(request: GraphRequest, item_id: str) -> Item:
    """Return the item with an id in the mailbox of the request.

    :raise GraphError: 404, or 400 for a text that is not an id
    """
    item = request.owner.find(item_id)
    if item is not None:
        return item
    if not looks_like_item_id(item_id):
        raise malformed_id()
    raise item_not_found()


def as_read(request: GraphRequest, item: Item) -> Item:
    """Return an event as it is read: with a fault, it may be the former version.

    :raise GraphError: 404 for a new event that cannot be found yet
    """
    faults, event = request.view_faults, item.event
    if "not_found_yet" in faults and _is_fresh(request, "not_found_yet", event.created):
        raise item_not_found()
    former = event.former
    if former is None or "stale_read" not in faults:
        return item
    if not _is_fresh(request, "stale_read", event.modified):
        return item
    if item.day is not None and not former.has_occurrence(item.day):
        return item
    return former.item(item.day)


def _is_fresh(request: GraphRequest, fault: str, written: datetime) -> bool:
    since = _moment_before(request, request.view_faults[fault])
    return since is None or written > since


def read(request: GraphRequest, item: Item) -> Answer:
    """Return one event."""
    request.require(*_READ)
    query = odata.parse(request.query())
    item = as_read(request, item)
    answer = odata.selected(_single(request, item, query), query)
    return Answer(200, answer, {"ETag": item.etag})


def brought_along(request: GraphRequest, item: Item, path: list[str]) -> Answer:
    """Return the attachments or open extensions of an event, or one extension.

    :param path: the path after the event, such as ``["extensions", "com.contoso.a"]``
    :raise GraphError: 404 for an extension that does not exist
    """
    request.require(*_READ)
    name = path[0].lower()
    if name == "attachments" and len(path) == 1:
        found = extras.shown_attachments(item)
    else:
        found = extras.shown_extensions(item, path[1:])
    if path[1:]:
        if not found:
            raise item_not_found()
        return Answer(200, found[0])
    return Answer(200, {"@odata.context": request.context + name, "value": found})


def create(request: GraphRequest, calendar: Calendar) -> Answer:
    """Create an event; 201 also for a repeated ``transactionId``."""
    request.require(*_WRITE)
    options = request.service.options
    values = check_body(
        "event",
        request.json_body(),
        create=True,
        ignore_read_only=not options.refuse_read_only,
        strict_recurrence=options.strict_recurrence_order,
    )
    event = request.service.exchange.create(
        request.owner, calendar, values, request.cause
    )
    item = event.item()
    answer = _single(request, item)
    if event.extensions:
        answer["extensions"] = extras.shown_extensions(item, [])
    owner, key = request.owner.id, quote(item.id(), safe="")
    location = f"{request.base_url}/users('{owner}')/events('{key}')"
    return Answer(201, answer, {"ETag": item.etag, "Location": location})


def update(request: GraphRequest, item: Item) -> Answer:
    """Change an event."""
    request.require(*_WRITE)
    check_match(request, item)
    options = request.service.options
    values = check_body(
        "event",
        request.json_body(),
        create=False,
        ignore_read_only=not options.refuse_read_only,
        strict_recurrence=options.strict_recurrence_order,
    )
    changed = request.service.exchange.update(item, values, request.cause)
    return Answer(200, _single(request, changed), {"ETag": changed.etag})


def delete(request: GraphRequest, item: Item) -> Answer:
    """Delete an event, a series or one date of it."""
    request.require(*_WRITE)
    check_match(request, item)
    request.service.exchange.delete(item, request.cause)
    return Answer(204)


def check_match(request: GraphRequest, item: Item) -> None:
    """Compare ``If-Match`` with the etag.

    :raise GraphError: 412
    """
    wanted = request.headers.get("if-match", "").strip()
    if not wanted or wanted == "*":
        return
    etags = [part.strip() for part in wanted.split(",")]
    own = (item.etag, f'"{item.change_key}"', item.change_key)
    if not any(etag in own for etag in etags):
        raise irresolvable_conflict()


def act(request: GraphRequest, item: Item, name: str) -> Answer:
    """Run an action on an event."""
    request.require(*_WRITE)
    action = _ACTIONS[name.lower()]
    values = check_parameters("event", action, request.optional_body())
    exchange = request.service.exchange
    comment = values.get("Comment") or ""
    if name.lower() in _ANSWERS:
        if values.get("ProposedNewTime"):
            slot = values["ProposedNewTime"]
            for bound in ("start", "end"):
                parse_moment(slot.get(bound))
        send = values.get("SendResponse")
        exchange.respond(
            item,
            _ANSWERS[name.lower()],
            request.cause,
            comment=comment,
            send=True if send is None else send,
            proposed=values.get("ProposedNewTime"),
        )
        return Answer(202)
    if action == "cancel":
        exchange.cancel(item, comment, request.cause)
        return Answer(202)
    if action == "forward":
        recipients = values.get("ToRecipients") or []
        addresses = [
            (one.get("emailAddress") or {}).get("address") for one in recipients
        ]
        if not addresses or not all(addresses):
            raise bad_request(
                "At least one recipient is not valid.", "ErrorInvalidRecipients"
            )
        exchange.forward(item, recipients, comment, request.cause)
        return Answer(202)
    if action == "permanentDelete":
        exchange.delete(item, request.cause)
        return Answer(204)
    if action == "snoozeReminder":
        parse_moment(values.get("NewReminderTime"))
    exchange.touch(item)
    return Answer(200)


def is_action(name: str) -> bool:
    """Return True if a path segment is the name of an action on events."""
    return name.lower() in _ACTIONS


def find_deleted(request: GraphRequest, item_id: str) -> None:
    """Refuse a second DELETE of an event of a personal account; others get a 404.

    :raise GraphError: 400, because the item is in Deleted Items
    """
    owner = request.owner
    if owner.is_personal and item_id in owner.deleted_ids:
        raise invalid_request("The item has already been deleted.")


def _single(
    request: GraphRequest, item: Item, query: Query | None = None
) -> dict[str, Any]:
    owner = request.owner
    key = owner.id if not owner.is_personal else quote(owner.upn)
    select = f"({','.join(query.select)})" if query and query.select else ""
    context = f"{request.context}users('{key}')/events{select}/$entity"
    answer = {"@odata.context": context, **_event_answer(request, item, query)}
    if owner.is_personal and not (query and query.select):
        answer.update(render.calendar_links(item, request.base_url))
    return answer
