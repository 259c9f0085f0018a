"""The control API: prepare data, act as people in Outlook, read internal state.

These requests are not in the Graph request log, and no fault hits them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from .. import render
from ..errors import GraphError
from ..faults import FAULTS
from ..items import Item
from ..mail import Cause
from ..properties import default_data
from ..service import DEMO_CLIENT_ID, Service
from ..sharing import ROLES, Share
from ..store import App, Mailbox, Tenant
from ..subscriptions import Subscription
from ..validation import check_body
from ..zones import Moment, graph_instant, parse_instant, parse_moment, zone_info
from . import shared
from .subscriptions import REFUSALS

_log = logging.getLogger(__name__)
_OUTLOOK = Cause(source="outlook")
Handler = Callable[[web.Request], Awaitable[Any]]
Route = tuple[str, str, Handler]


class ControlError(Exception):
    """A mistake of the caller: 400, or 404 for a missing object."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ControlRoutes:
    """The handlers of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the handlers."""
        routes = [*self._routes_of_service(), *self._routes_of_mailboxes()]
        for method, path, handler in [*routes, *self._routes_of_outlook()]:
            router.add_route(method, path, self._json(handler))

    def _routes_of_service(self) -> list[Route]:
        return [
            ("GET", "/_sim/health", self.health),
            ("POST", "/_sim/reset", self.reset),
            ("GET", "/_sim/dump", self.dump),
            ("POST", "/_sim/demo", self.demo),
            ("GET", "/_sim/options", self.get_options),
            ("POST", "/_sim/options", self.set_options),
            ("GET", "/_sim/clock", self.get_clock),
            ("POST", "/_sim/clock", self.set_clock),
            ("GET", "/_sim/requests", self.requests),
            ("DELETE", "/_sim/requests", self.reset_requests),
            ("GET", "/_sim/counters", self.counters),
            ("GET", "/_sim/mails", self.mails),
            ("DELETE", "/_sim/mails", self.reset_mails),
            ("GET", "/_sim/faults", self.list_faults),
            ("POST", "/_sim/faults", self.add_fault),
            ("DELETE", "/_sim/faults", self.clear_faults),
            ("DELETE", "/_sim/faults/{id}", self.remove_fault),
            ("GET", "/_sim/notifications", self.deliveries),
            ("POST", "/_sim/notifications/flush", self.flush),
            ("GET", "/_sim/subscriptions", self.list_subscriptions),
            ("POST", "/_sim/subscriptions/{id}/expire", self.expire_subscription),
            ("POST", "/_sim/subscriptions/{id}/drop", self.drop_subscription),
            ("POST", "/_sim/subscriptions/{id}/lifecycle", self.lifecycle),
        ]

    def _routes_of_mailboxes(self) -> list[Route]:
        return [
            ("POST", "/_sim/tenants", self.add_tenant),
            ("POST", "/_sim/apps", self.add_app),
            ("PATCH", "/_sim/apps/{id}", self.update_app),
            ("POST", "/_sim/device_codes/{user_code}", self.answer_device_code),
            ("POST", "/_sim/groups", self.add_group),
            ("GET", "/_sim/mailboxes", self.list_mailboxes),
            ("POST", "/_sim/mailboxes", self.add_mailbox),
            ("GET", "/_sim/mailboxes/{upn}", self.get_mailbox),
            ("PATCH", "/_sim/mailboxes/{upn}", self.update_mailbox),
            ("POST", "/_sim/mailboxes/{upn}/token", self.mailbox_token),
            ("POST", "/_sim/mailboxes/{upn}/revoke", self.revoke),
            ("POST", "/_sim/mailboxes/{upn}/lose_sync_state", self.lose_sync_state),
            ("POST", "/_sim/mailboxes/{upn}/calendars", self.add_calendar),
            ("DELETE", "/_sim/mailboxes/{upn}/calendars/{id}", self.delete_calendar),
            ("POST", "/_sim/mailboxes/{upn}/shares", self.share_calendar),
            ("DELETE", "/_sim/mailboxes/{upn}/shares/{id}", self.unshare_calendar),
            ("POST", "/_sim/mailboxes/{upn}/raw_event", self.raw_event),
            ("POST", "/_sim/mailboxes/{upn}/seed", self.seed),
            ("GET", "/_sim/mailboxes/{upn}/events", self.list_events),
        ]

    def _routes_of_outlook(self) -> list[Route]:
        event = "/_sim/mailboxes/{upn}/outlook/events/{id:.+}"
        return [
            ("POST", "/_sim/mailboxes/{upn}/outlook/events", self.outlook_create),
            ("GET", "/_sim/mailboxes/{upn}/outlook/view", self.outlook_view),
            ("POST", "/_sim/mailboxes/{upn}/outlook/respond", self.outlook_respond),
            ("POST", "/_sim/mailboxes/{upn}/outlook/cancel", self.outlook_cancel),
            ("POST", "/_sim/mailboxes/{upn}/outlook/move", self.outlook_move),
            (
                "POST",
                "/_sim/mailboxes/{upn}/outlook/external_response",
                self.external_response,
            ),
            ("GET", event, self.outlook_read),
            ("PATCH", event, self.outlook_update),
            ("DELETE", event, self.outlook_delete),
        ]

    @staticmethod
    def _json(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                result = await handler(request)
            except ControlError as error:
                return web.json_response({"error": str(error)}, status=error.status)
            except GraphError as error:
                body = {"error": error.message, "code": error.code}
                return web.json_response(body, status=error.status)
            except (KeyError, TypeError, ValueError) as error:
                _log.debug("control call refused", exc_info=True)
                text = f"{type(error).__name__}: {error}"
                return web.json_response({"error": text}, status=400)
            return web.json_response({"ok": True} if result is None else result)

        return answer

    # -- the whole simulator --------------------------------------------------------

    async def health(self, request: web.Request) -> Any:
        """Report that the server runs."""
        return {"ok": True, "now": graph_instant(self._service.clock.now())}

    async def reset(self, request: web.Request) -> Any:
        """Delete all data; ``{"demo": {...}}`` creates the demo data again."""
        body = await _body(request)
        self._service.reset(keep_options=bool(body.get("keep_options")))
        if body.get("demo") is not None:
            values = body["demo"] if isinstance(body["demo"], dict) else {}
            return self._service.add_demo(**values)
        return None

    async def dump(self, request: web.Request) -> Any:
        """Return the whole state, without secrets."""
        store = self._service.store
        return {
            "now": graph_instant(self._service.clock.now()),
            "options": self._service.options.as_dict(),
            "tenants": [asdict(tenant) for tenant in store.tenants.values()],
            "apps": [_app(app) for app in store.apps.values()],
            "mailboxes": [
                {**_mailbox(mailbox), "events": self._events(mailbox)}
                for mailbox in store.mailboxes.values()
            ],
            "subscriptions": [
                _subscription(one) for one in self._service.subscriptions.all()
            ],
            "mails": self._service.mails.entries,
            "faults": [rule.as_dict() for rule in self._service.faults.rules.values()],
        }

    async def demo(self, request: web.Request) -> Any:
        """Create the tenant contoso; body: ``redirect_uris``, ``client_id``, ..."""
        return self._service.add_demo(**await _body(request))

    async def get_options(self, request: web.Request) -> Any:
        """Return the options."""
        return self._service.options.as_dict()

    async def set_options(self, request: web.Request) -> Any:
        """Change some options."""
        self._service.options.update(await _body(request))
        return self._service.options.as_dict()

    async def get_clock(self, request: web.Request) -> Any:
        """Return the simulated time."""
        clock = self._service.clock
        return {"now": graph_instant(clock.now()), "is_frozen": clock.is_frozen}

    async def set_clock(self, request: web.Request) -> Any:
        """Move the clock: ``advance_seconds``, ``set``, ``freeze``, ``reset``."""
        body = await _body(request)
        clock = self._service.clock
        if body.get("reset"):
            clock.reset()
        if "set" in body:
            moment = parse_instant(body["set"], "set").replace(tzinfo=timezone.utc)
            clock.set(moment)
        if "freeze" in body:
            clock.freeze() if body["freeze"] else clock.unfreeze()
        if "advance_seconds" in body:
            clock.advance(float(body["advance_seconds"]))
        return await self.get_clock(request)

    # -- logs -----------------------------------------------------------------------

    async def requests(self, request: web.Request) -> Any:
        """Return the request log; filters as in :meth:`RequestLog.find`."""
        query = request.query
        status = query.get("status")
        write = query.get("is_write")
        limit = query.get("limit")
        return {
            "value": self._service.log.find(
                mailbox=query.get("mailbox"),
                method=query.get("method"),
                path=query.get("path"),
                status=int(status) if status else None,
                is_write=None if write is None else write.lower() in ("1", "true"),
                after=int(query.get("after", "0")),
                limit=int(limit) if limit else None,
            )
        }

    async def reset_requests(self, request: web.Request) -> Any:
        """Delete the request log and set the counters to zero."""
        self._service.log.clear()

    async def counters(self, request: web.Request) -> Any:
        """Return the counters of the request log, and of mails."""
        counters = self._service.log.counters()
        kinds: dict[str, int] = {}
        for entry in self._service.mails.entries:
            kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
        return {**counters, "mails": len(self._service.mails.entries), "by_mail": kinds}

    async def mails(self, request: web.Request) -> Any:
        """Return recorded mails; filters ``kind``, ``to``, ``from``, ``after``."""
        query = request.query
        after = int(query.get("after", "0"))
        return {
            "value": [
                entry
                for entry in self._service.mails.entries
                if entry["n"] > after
                and all(
                    entry[name].lower() == query[name].lower()
                    for name in ("kind", "to", "from")
                    if name in query
                )
            ]
        }

    async def reset_mails(self, request: web.Request) -> Any:
        """Delete the recorded mails."""
        self._service.mails.clear()

    # -- faults ---------------------------------------------------------------------

    async def list_faults(self, request: web.Request) -> Any:
        """Return the active rules, and the names of all faults."""
        rules = [rule.as_dict() for rule in self._service.faults.rules.values()]
        return {"value": rules, "known": FAULTS}

    async def add_fault(self, request: web.Request) -> Any:
        """Add a rule."""
        return self._service.faults.add(await _body(request)).as_dict()

    async def remove_fault(self, request: web.Request) -> Any:
        """Remove a rule."""
        if not self._service.faults.remove(request.match_info["id"]):
            raise ControlError("no such rule", 404)

    async def clear_faults(self, request: web.Request) -> Any:
        """Remove all rules."""
        self._service.faults.clear()

    # -- notifications and subscriptions --------------------------------------------

    async def deliveries(self, request: web.Request) -> Any:
        """Return the POSTs to receivers, and the number of lost notifications."""
        notifier = self._service.notifier
        return {"value": list(notifier.deliveries), "lost": notifier.lost}

    async def flush(self, request: web.Request) -> Any:
        """Wait until no notification is due."""
        body = await _body(request)
        return await self._service.notifier.flush(float(body.get("timeout", 30.0)))

    async def list_subscriptions(self, request: web.Request) -> Any:
        """Return the active subscriptions of all apps and users."""
        wanted = request.query.get("mailbox")
        return {
            "value": [
                _subscription(one)
                for one in self._service.subscriptions.all()
                if wanted is None or one.mailbox.upn.lower() == wanted.lower()
            ]
        }

    def _subscription(self, request: web.Request) -> Subscription:
        found = self._service.subscriptions.get(request.match_info["id"])
        if found is None:
            raise ControlError("no such subscription", 404)
        return found

    async def expire_subscription(self, request: web.Request) -> Any:
        """Let a subscription expire now, without a lifecycle notification."""
        self._service.subscriptions.remove(self._subscription(request))

    async def drop_subscription(self, request: web.Request) -> Any:
        """Remove a subscription and send ``subscriptionRemoved``."""
        subscription = self._subscription(request)
        self._service.subscriptions.remove(subscription)
        is_told = self._service.notifier.lifecycle(subscription, "subscriptionRemoved")
        return {"sent": is_told}

    async def lifecycle(self, request: web.Request) -> Any:
        """Send a lifecycle notification; body: ``{"event": ...}``."""
        body = await _body(request)
        subscription = self._subscription(request)
        name = body["event"]
        if name not in ("reauthorizationRequired", "missed", "subscriptionRemoved"):
            raise ControlError(f"unknown lifecycle event {name!r}")
        if name == "reauthorizationRequired":
            subscription.is_paused = True
        if name == "subscriptionRemoved":
            self._service.subscriptions.remove(subscription)
        return {"sent": self._service.notifier.lifecycle(subscription, name)}

    # -- directories ----------------------------------------------------------------

    def _tenant(self, name: str) -> Tenant:
        tenant = self._service.store.tenant(name)
        if tenant is None:
            raise ControlError(f"no tenant {name!r}", 404)
        return tenant

    async def add_tenant(self, request: web.Request) -> Any:
        """Add a tenant: ``name``, optional ``id`` and ``domains``."""
        body = await _body(request)
        tenant = self._service.store.add_tenant(
            body["name"], body.get("id"), body.get("domains")
        )
        return asdict(tenant)

    async def add_app(self, request: web.Request) -> Any:
        """Add an app: ``tenant``, ``client_id``, ``secrets``, ``redirect_uris``, ..."""
        body = await _body(request)
        tenant = self._tenant(body.pop("tenant"))
        secrets = _secrets(body.pop("secrets", {}))
        name = body.pop("name", "App")
        app = App(body.pop("client_id"), tenant.id, name, secrets, **body)
        return _app(self._service.store.add_app(app))

    async def update_app(self, request: web.Request) -> Any:
        """Change an app; ``secrets`` and ``redirect_uris`` replace the old values."""
        app = self._service.store.apps.get(request.match_info["id"])
        if app is None:
            raise ControlError("no such app", 404)
        body = await _body(request)
        if "secrets" in body:
            body["secrets"] = _secrets(body["secrets"])
        allowed = {
            "secrets",
            "redirect_uris",
            "is_multi_tenant",
            "is_public",
            "allows_public_flows",
            "app_only",
            "name",
        }
        _set(app, body, allowed)
        return _app(app)

    async def answer_device_code(self, request: web.Request) -> Any:
        """Approve a device sign-in as ``{"mailbox": upn}``, or decline it."""
        body = await _body(request)
        mailbox = self._named(body["mailbox"]) if body.get("mailbox") else None
        code = request.match_info["user_code"]
        if not self._service.identity.answer_device_code(code, mailbox):
            raise ControlError("no such code", 404)

    # -- mailboxes ------------------------------------------------------------------

    def _named(self, upn: str) -> Mailbox:
        mailbox = self._service.store.mailbox(upn)
        if mailbox is None:
            raise ControlError(f"no mailbox {upn!r}", 404)
        return mailbox

    def _mailbox(self, request: web.Request) -> Mailbox:
        return self._named(request.match_info["upn"])

    async def list_mailboxes(self, request: web.Request) -> Any:
        """Return all mailboxes."""
        mailboxes = self._service.store.mailboxes.values()
        return {"value": [_mailbox(mailbox) for mailbox in mailboxes]}

    async def add_mailbox(self, request: web.Request) -> Any:
        """Add a mailbox: ``upn``, ``tenant``, and parameters of :class:`Mailbox`."""
        body = await _body(request)
        tenant_name = body.pop("tenant", None)
        tenant = self._tenant(tenant_name) if tenant_name else None
        if "time_zone" in body:
            zone_info(body["time_zone"])
        return _mailbox(self._service.add_mailbox(tenant, body))

    async def add_group(self, request: web.Request) -> Any:
        """Add a distribution list: ``address`` and ``members``."""
        body = await _body(request)
        members = [str(one) for one in body["members"]]
        self._service.store.groups[str(body["address"]).lower()] = members
        return body

    async def get_mailbox(self, request: web.Request) -> Any:
        """Return one mailbox."""
        return _mailbox(self._mailbox(request))

    async def update_mailbox(self, request: web.Request) -> Any:
        """Change ``teams``, ``time_zone``, ``refuse_subscriptions``, ..."""
        mailbox = self._mailbox(request)
        body = await _body(request)
        refusal = body.get("refuse_subscriptions")
        if refusal is not None and refusal not in REFUSALS:
            raise ControlError(f"unknown refusal {refusal!r}; known: {list(REFUSALS)}")
        if body.get("sign_in_error") is not None:
            error, number, text = body["sign_in_error"]
            body["sign_in_error"] = (str(error), int(number), str(text))
        if "time_zone" in body:
            zone_info(body["time_zone"])
        allowed = {
            "teams",
            "time_zone",
            "refuse_subscriptions",
            "sign_in_error",
            "display_name",
        }
        _set(mailbox, body, allowed)
        return _mailbox(mailbox)

    async def mailbox_token(self, request: web.Request) -> Any:
        """Return tokens without a sign-in, for tests of Graph alone."""
        from ..identity import Grant, parse_scopes

        body = await _body(request)
        mailbox = self._mailbox(request)
        app = self._service.store.apps.get(body.get("client_id", DEMO_CLIENT_ID))
        if app is None:
            raise ControlError("no such app", 404)
        scope = body.get(
            "scope",
            "openid offline_access User.Read Calendars.ReadWrite MailboxSettings.Read",
        )
        scopes, openid = parse_scopes(scope)
        grant = Grant(app, mailbox.tenant, mailbox, scopes, openid)
        return self._service.identity.tokens(grant)

    async def revoke(self, request: web.Request) -> Any:
        """Revoke tokens of a user: ``access`` and ``refresh`` (both by default)."""
        body = await _body(request)
        count = self._service.identity.revoke(
            self._mailbox(request),
            access=body.get("access", True),
            refresh=body.get("refresh", True),
        )
        return {"revoked": count}

    async def lose_sync_state(self, request: web.Request) -> Any:
        """Make the response to every delta token of the mailbox a 410."""
        self._mailbox(request).lose_sync_state()

    async def add_calendar(self, request: web.Request) -> Any:
        """Add a calendar: ``name``."""
        mailbox = self._mailbox(request)
        calendar = mailbox.add_calendar((await _body(request))["name"])
        return render.calendar(calendar, mailbox)

    async def delete_calendar(self, request: web.Request) -> Any:
        """Delete a calendar with its events."""
        mailbox = self._mailbox(request)
        calendar = mailbox.calendars[request.match_info["id"]]
        if calendar.is_default:
            raise ControlError("the default calendar stays")
        for event in mailbox.living(calendar):
            self._service.exchange.delete(event.item(), _OUTLOOK)
        del mailbox.calendars[calendar.id]

    async def share_calendar(self, request: web.Request) -> Any:
        """Share a calendar: ``calendar_id`` (else the default one), ``with``, ``role``.

        :return: the calendar as the other person lists it
        """
        owner = self._mailbox(request)
        body = await _body(request)
        recipient = self._named(body["with"])
        role = body.get("role", "read")
        if role not in ROLES:
            raise ControlError(f"unknown role {role!r}; known: {list(ROLES)}")
        calendar = owner.default_calendar
        if body.get("calendar_id"):
            calendar = owner.calendars[body["calendar_id"]]
        for known in recipient.shares.values():
            if known.calendar is calendar:
                known.role = role
                return shared.listed(known)
        number = next(recipient.share_numbers)
        share = Share(owner, calendar, recipient, number, role)
        recipient.shares[share.id] = share
        return shared.listed(share)

    async def unshare_calendar(self, request: web.Request) -> Any:
        """Stop sharing a calendar: remove it from the other person's list."""
        if not self._mailbox(request).shares.pop(request.match_info["id"], None):
            raise ControlError("no such calendar", 404)

    # -- events as people see them --------------------------------------------------

    def _shown(self, item: Item) -> dict[str, Any]:
        event = item.event
        self._service.exchange.teams_delay_over(event)
        answer = render.full_event(item, render.Preferences(), self._service.options)
        answer["_sim"] = {
            "immutableId": item.id(immutable=True),
            "calendarId": event.calendar.id,
            "calendarName": event.calendar.name,
            "extendedProperties": dict(event.extended),
            "cancelledDates": sorted(day.isoformat() for day in event.cancelled),
            "exceptions": [
                render.full_event(
                    event.item(day), render.Preferences(), self._service.options
                )
                for day in sorted(event.exceptions)
                if item.day is None
            ],
        }
        return answer

    def _events(self, mailbox: Mailbox) -> list[dict[str, Any]]:
        return [self._shown(event.item()) for event in mailbox.living()]

    def _item(self, mailbox: Mailbox, item_id: str) -> Item:
        item = mailbox.find(item_id)
        if item is None:
            raise ControlError("no such event", 404)
        return item

    async def list_events(self, request: web.Request) -> Any:
        """Return all events in full; filters ``subject``, ``ical_uid``."""
        query = request.query
        return {
            "value": [
                event
                for event in self._events(self._mailbox(request))
                if ("subject" not in query or event.get("subject") == query["subject"])
                and (
                    "ical_uid" not in query or event.get("iCalUId") == query["ical_uid"]
                )
            ]
        }

    async def outlook_view(self, request: web.Request) -> Any:
        """Return the events of a window: ``start`` and ``end``."""
        start = parse_instant(request.query["start"], "start")
        end = parse_instant(request.query["end"], "end")
        found = [
            item
            for event in self._mailbox(request).living()
            for item in event.instances(start, end)
        ]
        return {"value": [self._shown(item) for item in found]}

    async def outlook_create(self, request: web.Request) -> Any:
        """Create an event like a person in Outlook; ``calendar_id`` in the query."""
        mailbox = self._mailbox(request)
        calendar = mailbox.default_calendar
        if "calendar_id" in request.query:
            calendar = mailbox.calendars[request.query["calendar_id"]]
        values = check_body("event", await _body(request), create=True)
        event = self._service.exchange.create(mailbox, calendar, values, _OUTLOOK)
        return self._shown(event.item())

    async def outlook_read(self, request: web.Request) -> Any:
        """Return one event in full."""
        return self._shown(self._item(self._mailbox(request), request.match_info["id"]))

    async def outlook_update(self, request: web.Request) -> Any:
        """Change an event like a person in Outlook."""
        item = self._item(self._mailbox(request), request.match_info["id"])
        values = check_body("event", await _body(request), create=False)
        return self._shown(self._service.exchange.update(item, values, _OUTLOOK))

    async def outlook_delete(self, request: web.Request) -> Any:
        """Delete an event like a person in Outlook."""
        item = self._item(self._mailbox(request), request.match_info["id"])
        self._service.exchange.delete(item, _OUTLOOK)

    async def outlook_respond(self, request: web.Request) -> Any:
        """Reply to an invitation: ``id``, ``response``, ``comment``, ``send``."""
        body = await _body(request)
        item = self._item(self._mailbox(request), body["id"])
        answers = ("accepted", "tentativelyAccepted", "declined")
        if body["response"] not in answers:
            raise ControlError(f"response has to be one of {answers}")
        proposed = body.get("proposed_new_time")
        if proposed:
            for bound in ("start", "end"):
                parse_moment(proposed[bound])
        self._service.exchange.respond(
            item,
            body["response"],
            _OUTLOOK,
            comment=body.get("comment", ""),
            send=body.get("send", True),
            proposed=proposed,
        )

    async def outlook_cancel(self, request: web.Request) -> Any:
        """Cancel a meeting: ``id``, ``comment``."""
        body = await _body(request)
        item = self._item(self._mailbox(request), body["id"])
        self._service.exchange.cancel(item, body.get("comment", ""), _OUTLOOK)

    async def outlook_move(self, request: web.Request) -> Any:
        """Move an event to another calendar: ``id``, ``calendar_id``."""
        body = await _body(request)
        mailbox = self._mailbox(request)
        item = self._item(mailbox, body["id"])
        calendar = mailbox.calendars[body["calendar_id"]]
        self._service.exchange.move(item.event, calendar)
        return self._shown(item.event.item())

    async def external_response(self, request: web.Request) -> Any:
        """Let an attendee without a mailbox here reply: ``id``, ``address``, ..."""
        body = await _body(request)
        item = self._item(self._mailbox(request), body["id"])
        is_found = self._service.exchange.meetings.tally(
            item.event, item.day, [body["address"]], body["response"]
        )
        if not is_found:
            raise ControlError("not an attendee", 404)

    async def raw_event(self, request: web.Request) -> Any:
        """Store an event that Graph then returns unchanged.

        ``omit`` in the body lists names that the response must not have.
        """
        mailbox = self._mailbox(request)
        body = await _body(request)
        now = self._service.clock.now().replace(tzinfo=None)
        moment = Moment(now, "UTC")
        event = self._service.store.new_event(
            mailbox.default_calendar,
            mailbox,
            data=default_data(mailbox.display_name, mailbox.address),
            start=moment,
            end=moment,
            raw=body,
        )
        mailbox.record(event)
        self._service.notifier.changed(event, "created")
        return {"id": event.id, "immutable_id": event.immutable_id}

    async def seed(self, request: web.Request) -> Any:
        """Create ``count`` events quickly: ``start``, ``every_minutes``, ``prefix``."""
        mailbox = self._mailbox(request)
        body = await _body(request)
        count = int(body["count"])
        prefix = body.get("prefix", "Event")
        every = timedelta(minutes=float(body.get("every_minutes", 60)))
        first = self._service.clock.now().replace(tzinfo=None, microsecond=0)
        if "start" in body:
            first = parse_instant(body["start"], "start")
        ids = []
        for number in range(count):
            start = first + number * every
            end = start + timedelta(minutes=30)
            values = {
                "subject": f"{prefix} {number + 1}",
                "start": _utc(start),
                "end": _utc(end),
            }
            event = self._service.exchange.create(
                mailbox, mailbox.default_calendar, values, _OUTLOOK
            )
            ids.append(event.id)
        return {"ids": ids}


def _utc(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": "UTC"}


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    body = json.loads(text) if text.strip() else {}
    if not isinstance(body, dict):
        raise ControlError("a JSON object is expected")
    return body


def _set(target: Any, values: dict[str, Any], allowed: set[str]) -> None:
    strange = set(values) - allowed
    if strange:
        raise ControlError(f"cannot set {', '.join(sorted(strange))}")
    for name, value in values.items():
        setattr(target, name, value)


def _secrets(values: dict[str, str | None]) -> dict[str, datetime | None]:
    return {
        secret: parse_instant(expires, "secrets").replace(tzinfo=timezone.utc)
        if expires
        else None
        for secret, expires in values.items()
    }


def _app(app: App) -> dict[str, Any]:
    shown = asdict(app)
    shown["secrets"] = {
        secret: expires.isoformat() if expires else None
        for secret, expires in app.secrets.items()
    }
    return shown


def _mailbox(mailbox: Mailbox) -> dict[str, Any]:
    return {
        "id": mailbox.id,
        "upn": mailbox.upn,
        "mail": mailbox.mail,
        "aliases": mailbox.aliases,
        "display_name": mailbox.display_name,
        "tenant_id": mailbox.tenant.id,
        "kind": mailbox.kind,
        "time_zone": mailbox.time_zone,
        "teams": mailbox.teams,
        "refuse_subscriptions": mailbox.refuse_subscriptions,
        "sign_in_error": mailbox.sign_in_error,
        "calendars": [
            {"id": one.id, "name": one.name, "is_default": one.is_default}
            for one in mailbox.calendars.values()
        ],
        "event_count": len(mailbox.living()),
    }


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        **subscription.to_graph(),
        "mailbox": subscription.mailbox.upn,
        "is_paused": subscription.is_paused,
        "immutable_ids": subscription.immutable,
    }
