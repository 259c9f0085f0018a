"""Handle a Graph request: token, limits, faults, routing, and the log."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..errors import (
    GraphError,
    access_denied,
    bad_request,
    irresolvable_conflict,
    property_validation_failure,
)
from ..faults import Rule
from ..items import Item
from ..request_log import Entry, is_write
from ..sharing import Share
from ..throttle import too_many_requests
from ..zones import graph_instant
from . import calendars, events, shared, subscriptions
from .wire import Answer, ConnectionBroken, GraphRequest, read_preferences

_ZONES = re.compile(r"supportedTimeZones(?:\((.*)\))?$", re.IGNORECASE)
_ZONE_STANDARD = re.compile(
    r"TimeZoneStandard\s*=\s*(?:microsoft\.graph\.timeZoneStandard)?'(\w+)'",
    re.IGNORECASE,
)
_KEPT_BYTES = 64 * 1024
#: Faults that change the shown data, but do not stop the request.
_VIEW_FAULTS = frozenset(
    (
        "delta_behind",
        "delta_removed_changed",
        "delta_without_master",
        "instances_without_exceptions",
        "exceptions_not_expanded",
        "stale_read",
        "not_found_yet",
        "gone",
        "sync_state_not_found",
        "delta_doubled",
        "delta_unknown_removed",
        "delta_endless",
        "delta_empty_page",
    )
)


async def perform(request: GraphRequest) -> Answer:
    """Run one request, from the token check to the log.

    :raise ConnectionBroken: a fault closes the connection
    """
    service = request.service
    began = asyncio.get_running_loop().time()
    status = 0
    try:
        answer = await _guarded(request)
        status = answer.status
        return answer
    finally:
        mailbox = request.mailbox or (request.token and request.token.mailbox)
        body = request.parsed_body
        service.log.add(
            Entry(
                n=service.log.next_number,
                time=graph_instant(service.clock.now()),
                mailbox=mailbox.upn if mailbox else None,
                method=request.method,
                path="/v1.0/" + "/".join(request.segments()),
                query=request.query_text,
                status=status,
                request_id=request.request_id,
                client_request_id=request.client_request_id,
                body_keys=sorted(body) if isinstance(body, dict) else [],
                duration=asyncio.get_running_loop().time() - began,
                is_write=is_write(request.method, request.path),
                batch_id=request.batch_id,
                part_id=request.part_id,
                fault=",".join(request.fault_names) or None,
                body=body if _is_kept(request) else None,
            )
        )


def _is_kept(request: GraphRequest) -> bool:
    """Return True if the log keeps the body. Batches: only their parts are logged."""
    return not request.path.endswith("$batch") and len(request.body) <= _KEPT_BYTES


async def _guarded(request: GraphRequest) -> Answer:
    try:
        answer = await _with_faults(request)
    except GraphError as error:
        answer = _refusal(request, error)
    except OverflowError:
        # A time beyond the year 9999, or before the first.
        answer = _refusal(request, property_validation_failure())
    answer.headers = {
        **answer.headers,
        **request.applied_headers(),
        "request-id": request.request_id,
        "client-request-id": request.client_request_id,
    }
    return answer


def _refusal(request: GraphRequest, error: GraphError) -> Answer:
    body = error.body(
        request.service.clock.now(), request.request_id, request.client_request_id
    )
    return Answer(error.status, body, dict(error.headers))


async def _with_faults(request: GraphRequest) -> Answer:
    service = request.service
    request.token = service.identity.access_token(request.headers.get("authorization"))
    segments = request.segments()
    rest = _resolve_owner(request, segments)
    mailbox = request.mailbox or request.token.mailbox
    path = "/v1.0/" + "/".join(segments)
    rules = service.faults.for_request(
        request.method, path, mailbox.upn if mailbox else None
    )
    request.fault_names = [rule.fault for rule in rules]
    counted = None if segments[0] == "$batch" else mailbox
    app = request.token.app.client_id
    if counted:
        service.throttle.enter(app, counted.id)
    try:
        if service.options.service_seconds:
            await asyncio.sleep(service.options.service_seconds)
        for rule in rules:
            await _before(request, rule)
        read_preferences(request)
        answer = await _route(request, rest)
    finally:
        if counted:
            service.throttle.leave(app, counted.id)
    return _after(request, answer)


def _after(request: GraphRequest, answer: Answer) -> Answer:
    """Apply faults to the response of a processed request."""
    if "answer_lost" in request.fault_names:
        raise ConnectionBroken(hard=False)
    if "invalid_json" in request.fault_names:
        answer = Answer(200, raw=b'{"@odata.context": "', headers=answer.headers)
    if "no_list" in request.fault_names and isinstance(answer.body, dict):
        answer.body.pop("value", None)
    return answer


async def _before(request: GraphRequest, rule: Rule) -> None:
    """Apply a fault before the request is processed."""
    fault = rule.fault
    if fault == "latency":
        await asyncio.sleep(1.0 if rule.seconds is None else rule.seconds)
    elif fault == "timeout":
        await asyncio.sleep(60.0 if rule.seconds is None else rule.seconds)
        raise ConnectionBroken(hard=False)
    elif fault == "reset":
        raise ConnectionBroken(hard=True)
    elif fault in _VIEW_FAULTS:
        request.view_faults[fault] = rule
    elif refusal := _refusal_of(request, rule):
        raise refusal


def _refusal_of(request: GraphRequest, rule: Rule) -> GraphError | None:
    """Return the error response of a fault, None if it has none."""
    fault = rule.fault
    if fault in ("unauthorized", "unauthorized_once", "token_revoked"):
        return _token_refusal(request, is_revoked=fault == "token_revoked")
    if fault == "stale_etag":
        is_conditional = request.method in ("PATCH", "DELETE")
        return irresolvable_conflict() if is_conditional else None
    refusal = _REFUSALS.get(fault)
    return refusal(rule) if refusal else None


def _token_refusal(request: GraphRequest, *, is_revoked: bool) -> GraphError:
    assert request.token is not None
    if is_revoked:
        request.token.is_revoked = True
    return GraphError(
        401,
        "InvalidAuthenticationToken",
        "Access token has expired or is not yet valid.",
        {"WWW-Authenticate": 'Bearer realm=""'},
    )


def _unavailable(rule: Rule) -> GraphError:
    headers = {"Retry-After": f"{rule.retry_after:g}"} if rule.retry_after else {}
    return GraphError(503, "ServiceUnavailable", "The service is unavailable.", headers)


_REFUSALS: dict[str, Callable[[Rule], GraphError]] = {
    "throttle": lambda rule: too_many_requests(rule.retry_after or 2.128),
    "unavailable": _unavailable,
    "gateway_timeout": lambda _rule: GraphError(504, "UnknownError", ""),
    "server_error": lambda _rule: GraphError(
        500, "ErrorInternalServerError", "An internal server error occurred."
    ),
    "forbidden": lambda _rule: access_denied(),
    "mailbox_not_enabled": lambda _rule: GraphError(
        *subscriptions.REFUSALS["mailbox_not_supported"]
    ),
    "conflict": lambda _rule: GraphError(
        409, "ErrorIrresolvableConflict", irresolvable_conflict().message
    ),
}


def _resolve_owner(request: GraphRequest, segments: list[str]) -> list[str]:
    """Set the mailbox of the URL, and return the rest of the path."""
    token = request.token
    assert token is not None
    first = segments[0].lower()
    if first == "me":
        if token.mailbox is None:
            raise bad_request(
                "/me request is only valid with delegated authentication flow."
            )
        request.mailbox = token.mailbox
        return ["", *segments[1:]]
    if first == "users" and len(segments) > 1:
        mailbox = request.service.store.mailbox(segments[1])
        if token.mailbox is not None and mailbox is not token.mailbox:
            raise access_denied()
        if mailbox is None or mailbox.tenant is not token.grant.tenant:
            raise GraphError(
                404,
                "Request_ResourceNotFound",
                f"Resource '{segments[1]}' does not exist or one of its queried "
                "reference-property objects are not present.",
            )
        request.mailbox = mailbox
        return ["", *segments[2:]]
    return segments


async def _route(request: GraphRequest, segments: list[str]) -> Answer:
    first = segments[0].lower()
    has_length = "content-length" in request.headers or request.part_id is not None
    if request.method == "POST" and not has_length and not request.body:
        raise GraphError(411, "LengthRequired", "A Content-Length is required.")
    if first == "$batch" and request.method == "POST":
        from .batch import run_batch

        return await run_batch(request)
    if first == "subscriptions":
        return await _subscriptions(request, segments[1:])
    if first == "":
        return _of_user(request, segments[1:])
    raise _no_such_resource(segments[0])


def _no_such_resource(segment: str) -> GraphError:
    return bad_request(f"Resource not found for the segment '{segment}'.")


def _not_allowed() -> GraphError:
    message = "Specified HTTP method is not allowed for the request."
    return GraphError(405, "Request_BadRequest", message)


async def _subscriptions(request: GraphRequest, rest: list[str]) -> Answer:
    method = request.method
    if not rest:
        if method == "POST":
            return await subscriptions.create(request)
        if method == "GET":
            return subscriptions.list_all(request)
        raise _not_allowed()
    subscription = subscriptions.find(request, rest[0])
    if len(rest) == 2 and rest[1].lower() == "reauthorize" and method == "POST":
        return subscriptions.reauthorize(request, subscription)
    if len(rest) > 1:
        raise _no_such_resource(rest[1])
    if method == "GET":
        return subscriptions.read(request, subscription)
    if method == "PATCH":
        return await subscriptions.update(request, subscription)
    if method == "DELETE":
        return subscriptions.delete(request, subscription)
    raise _not_allowed()


def _of_user(request: GraphRequest, rest: list[str]) -> Answer:
    if not rest:
        if request.method != "GET":
            raise _not_allowed()
        return calendars.me(request)
    name = rest[0].lower()
    default = request.owner.default_calendar
    if name == "calendar":
        return _of_calendar(request, default, rest[1:], nested=True)
    if name == "calendars":
        return _of_calendars(request, rest[1:])
    if name in ("events", "calendarview"):
        return _of_calendar(request, default, rest)
    if name == "mailboxsettings":
        return _mailbox_settings(request, rest[1:])
    return _function_of_user(request, rest)


def _function_of_user(request: GraphRequest, rest: list[str]) -> Answer:
    method = request.method
    name = rest[0].lower()
    if name == "outlook" and len(rest) == 2 and method == "GET":
        if match := _ZONES.match(rest[1]):
            standard = _ZONE_STANDARD.search(match.group(1) or "")
            return calendars.supported_time_zones(
                request, standard.group(1) if standard else "windows"
            )
    elif _plain(name) == "translateexchangeids" and method == "POST":
        return calendars.translate_ids(request)
    elif name == "revokesigninsessions" and method == "POST":
        request.service.identity.revoke(request.owner, access=False, refresh=True)
        context = f"{request.context}Edm.Boolean"
        return Answer(200, {"@odata.context": context, "value": True})
    raise _no_such_resource(rest[0])


def _of_calendars(request: GraphRequest, rest: list[str]) -> Answer:
    if not rest:
        if request.method == "GET":
            return calendars.list_calendars(request)
        if request.method == "POST":
            return calendars.create_calendar(request)
        raise _not_allowed()
    if share := request.owner.shares.get(rest[0]):
        return _of_shared_calendar(request, share, rest[1:])
    calendar = calendars.find_calendar(request.owner, rest[0])
    return _of_calendar(request, calendar, rest[1:])


def _mailbox_settings(request: GraphRequest, rest: list[str]) -> Answer:
    if request.method == "PATCH" and not rest:
        return calendars.change_mailbox_settings(request)
    if request.method != "GET":
        raise _not_allowed()
    if len(rest) > 1:
        raise _no_such_resource(rest[1])
    return calendars.mailbox_settings(request, *rest)


def _of_calendar(
    request: GraphRequest, calendar: Any, rest: list[str], *, nested: bool = False
) -> Answer:
    method = request.method
    if not rest:
        return _on_calendar(request, calendar)
    name = rest[0].lower()
    if name == "getschedule" and method == "POST":
        return calendars.get_schedule(request)
    if name == "permanentdelete" and method == "POST":
        return calendars.delete_calendar(request, calendar)
    if name == "calendarview":
        if method != "GET":
            raise _not_allowed()
        if len(rest) == 1:
            return events.calendar_view(request, calendar)
        if _plain(rest[1]) == "delta":
            return events.calendar_view_delta(request, calendar)
    if name == "events":
        return _of_events(request, calendar, rest[1:], nested=nested)
    raise _no_such_resource(rest[0])


def _on_calendar(request: GraphRequest, calendar: Any) -> Answer:
    handlers = {
        "GET": calendars.read_calendar,
        "PATCH": calendars.update_calendar,
        "DELETE": calendars.delete_calendar,
    }
    if request.method not in handlers:
        raise _not_allowed()
    return handlers[request.method](request, calendar)


def _of_shared_calendar(request: GraphRequest, share: Share, rest: list[str]) -> Answer:
    method = request.method
    if not rest:
        if method != "GET":
            raise _not_allowed()
        return shared.read_calendar(request, share)
    name = rest[0].lower()
    if name == "calendarview" and method == "GET":
        if len(rest) == 1:
            return shared.view(request, share)
        if _plain(rest[1]) == "delta":
            return shared.delta(request, share)
    if name == "events":
        return _of_shared_events(request, share, rest[1:])
    raise _no_such_resource(rest[0])


def _of_shared_events(request: GraphRequest, share: Share, rest: list[str]) -> Answer:
    method = request.method
    if not rest:
        if method == "GET":
            return shared.list_events(request, share)
        if method == "POST":
            return shared.create(request, share)
        raise _not_allowed()
    handlers = {"GET": events.read, "PATCH": events.update, "DELETE": events.delete}
    if len(rest) == 2 and _plain(rest[1]) == "instances":
        handlers = {"GET": events.instances}
    elif len(rest) > 1:
        raise _no_such_resource(rest[1])
    if method not in handlers:
        raise _not_allowed()
    return shared.on_event(request, share, rest[0], handlers[method])


def _plain(segment: str) -> str:
    """Return the name of a function or action, without namespace and brackets."""
    return segment.lower().removeprefix("microsoft.graph.").removesuffix("()")


def _of_events(
    request: GraphRequest, calendar: Any, rest: list[str], *, nested: bool
) -> Answer:
    method = request.method
    if not rest:
        if method == "GET":
            return events.list_events(request, calendar)
        if method == "POST":
            return events.create(request, calendar)
        raise _not_allowed()
    if _plain(rest[0]) == "delta":
        raise bad_request(
            "Change tracking of events without a time window is not supported."
        )
    if nested and method in ("PATCH", "DELETE"):
        raise bad_request(
            "Recursive navigation is not allowed after property 'events' according to "
            "the entity schema."
        )
    item = request.owner.find(rest[0])
    if item is None and method == "DELETE" and len(rest) == 1:
        events.find_deleted(request, rest[0])
    return _on_event(request, item or events.find(request, rest[0]), rest[1:])


def _on_event(request: GraphRequest, item: Item, rest: list[str]) -> Answer:
    method = request.method
    if not rest:
        handlers = {"GET": events.read, "PATCH": events.update, "DELETE": events.delete}
        if method not in handlers:
            raise _not_allowed()
        return handlers[method](request, item)
    action = _plain(rest[0])
    if action == "instances" and method == "GET":
        return events.instances(request, item)
    if action in ("attachments", "extensions") and method == "GET":
        return events.brought_along(request, item, rest)
    if events.is_action(action):
        if method != "POST":
            raise _not_allowed()
        return events.act(request, item, action)
    raise _no_such_resource(rest[0])


def new_request_id() -> str:
    """Return an id for ``request-id``."""
    return str(uuid.uuid4())


def part_of(request: GraphRequest, **changes: Any) -> GraphRequest:
    """Return a copy of the request for a part of a batch."""
    return replace(
        request,
        token=None,
        mailbox=None,
        fault_names=[],
        view_faults={},
        applied=[],
        parsed_body=None,
        request_id=new_request_id(),
        **changes,
    )
