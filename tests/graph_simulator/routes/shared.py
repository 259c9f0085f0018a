"""HTTP handlers for shared calendars, in the mailbox of the recipient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import odata, render
from ..errors import access_denied
from ..items import Item
from ..sharing import PRIVATE, Share
from . import events
from .wire import Answer, GraphRequest

_READ = ("Calendars.Read.Shared", "Calendars.ReadWrite.Shared")
_WRITE = ("Calendars.ReadWrite.Shared",)


def read_calendar(request: GraphRequest, share: Share) -> Answer:
    """Return the calendar itself."""
    query = odata.parse(request.query(), "calendar")
    return Answer(200, odata.selected(listed(share), query))


def listed(share: Share) -> dict[str, Any]:
    """Return the calendar as in the recipient's list."""
    return share.listed(render.calendar(share.calendar, share.owner))


def view(request: GraphRequest, share: Share) -> Answer:
    """Return the items of a window."""
    return _seen(
        share, events.calendar_view(_for_owner(request, share), share.calendar)
    )


def delta(request: GraphRequest, share: Share) -> Answer:
    """Return a page of a delta round."""
    owner_request = _for_owner(request, share)
    return _seen(share, events.calendar_view_delta(owner_request, share.calendar))


def list_events(request: GraphRequest, share: Share) -> Answer:
    """Return single events and masters."""
    return _seen(share, events.list_events(_for_owner(request, share), share.calendar))


def create(request: GraphRequest, share: Share) -> Answer:
    """Create an event on behalf of the owner; the owner is its organizer."""
    if not share.can_edit:
        raise access_denied()
    owner_request = _for_owner(request, share, *_WRITE)
    return _seen(share, events.create(owner_request, share.calendar))


def on_event(
    request: GraphRequest,
    share: Share,
    item_id: str,
    handler: Callable[[GraphRequest, Item], Answer],
) -> Answer:
    """Run the handler of one event.

    :raise GraphError: 404 if the event is not in this calendar, 403 if the recipient
        may not write it
    """
    item = share.find(item_id) or events.find(request, item_id)
    if request.method == "GET":
        return _seen(share, handler(_for_owner(request, share), item))
    is_hidden = item.data.get("sensitivity") in PRIVATE and not share.can_view_private
    if not share.can_edit or is_hidden:
        raise access_denied()
    return _seen(share, handler(_for_owner(request, share, *_WRITE), item))


def _for_owner(request: GraphRequest, share: Share, *scopes: str) -> GraphRequest:
    """Return the request as a request of the owner, if it is allowed.

    :raise GraphError: 403 without the permission for shared calendars
    """
    if request.service.options.shared_needs_scope:
        request.require(*(scopes or _READ))
    return replace(request, mailbox=share.owner)


def _seen(share: Share, answer: Answer) -> Answer:
    return replace(answer, body=share.shown(answer.body))
