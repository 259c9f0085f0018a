"""Send change and lifecycle notifications: queue them, send, retry, and give up.

Delivery follows the published rules. A 2xx response within three seconds counts as
delivered. Else there are retries with exponential backoff, for four hours of the
simulator's clock. An endpoint that is often slow gets notifications late. A very slow
endpoint gets none for a while.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from .clock import Clock
from .errors import GraphError
from .faults import Faults
from .items import Event
from .options import Options
from .subscriptions import Subscription, Subscriptions
from .zones import graph_instant, graph_second

_VALIDATION_SECONDS = 10.0
_HEALTH_WINDOW = timedelta(minutes=10)
_HEALTH_SAMPLES = 10
_SLOW_SECONDS, _SLOW_SHARE = 3.0, 0.10
_DROP_SECONDS, _DROP_SHARE = 10.0, 0.15
_DELIVERIES_KEPT = 20_000


@dataclass(order=True)
class _Pending:
    due: datetime
    number: int
    url: str = field(compare=False)
    payload: dict[str, Any] = field(compare=False)
    first_try: datetime = field(compare=False)
    attempts: int = field(compare=False, default=0)
    is_held: bool = field(compare=False, default=False)


class EndpointHealth:
    """The recent response times of the host of an endpoint."""

    def __init__(self) -> None:
        self._answers: deque[tuple[datetime, float]] = deque()

    def note(self, now: datetime, seconds: float) -> None:
        self._answers.append((now, seconds))

    def state(self, now: datetime, patience_seconds: float = _SLOW_SECONDS) -> str:
        """Return ``good``, ``slow`` or ``drop``.

        :param patience_seconds: time in which a response is not slow
        """
        while self._answers and now - self._answers[0][0] > _HEALTH_WINDOW:
            self._answers.popleft()
        total = len(self._answers)
        if total < _HEALTH_SAMPLES:
            return "good"
        if self._share(max(_DROP_SECONDS, patience_seconds), total) > _DROP_SHARE:
            return "drop"
        return "slow" if self._share(patience_seconds, total) > _SLOW_SHARE else "good"

    def _share(self, limit: float, total: int) -> float:
        return sum(seconds > limit for _time, seconds in self._answers) / total


class _Endpoint:
    """The queue of one URL, and the task that sends it."""

    def __init__(self, sender: Notifier, url: str) -> None:
        self._sender = sender
        self.url = url
        self.queue: list[_Pending] = []
        self.in_flight = 0
        self._wake = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    def push(self, pending: _Pending) -> None:
        for held in self.queue:
            if held.is_held:
                held.is_held = False
                held.due = pending.due + timedelta(microseconds=1)
        heapq.heappush(self.queue, pending)
        heapq.heapify(self.queue)
        self._wake.set()

    def release(self) -> None:
        """Send held notifications: they wait for a next one that does not come."""
        for pending in self.queue:
            if pending.is_held:
                pending.is_held = False
                pending.due = self._sender.clock.now()
        heapq.heapify(self.queue)
        self._wake.set()

    def due_count(self, now: datetime) -> int:
        """Return the number of notifications that are due now or being sent."""
        return self.in_flight + sum(pending.due <= now for pending in self.queue)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._sender.clock.now()
            if self.queue and self.queue[0].due <= now:
                await self._send_due(now)
                continue
            waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._wake.wait())]
            if self.queue:
                sleep = self._sender.clock.sleep_until(self.queue[0].due)
                waits.append(asyncio.create_task(sleep))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _send_due(self, now: datetime) -> None:
        batch: list[_Pending] = []
        size = self._sender.options.notification_batch_size
        while self.queue and self.queue[0].due <= now and len(batch) < size:
            # Retries have another timeout, so they are sent together, without others.
            if batch and bool(batch[0].attempts) != bool(self.queue[0].attempts):
                break
            batch.append(heapq.heappop(self.queue))
        self.in_flight = len(batch)
        try:
            is_delivered = await self._sender.post(self.url, batch)
        finally:
            self.in_flight = 0
        if not is_delivered:
            for pending in batch:
                self._sender.retry(self, pending)


class Notifier:
    """Send changes to subscribers; the :class:`exchange.Listener` of the service."""

    def __init__(
        self,
        clock: Clock,
        options: Options,
        subscriptions: Subscriptions,
        faults: Faults,
    ) -> None:
        self.clock = clock
        self.options = options
        self._subscriptions = subscriptions
        self._faults = faults
        self._endpoints: dict[str, _Endpoint] = {}
        self._health: dict[str, EndpointHealth] = {}
        self._numbers = itertools.count(1)
        self._fresh: list[_Pending] = []
        self._session: aiohttp.ClientSession | None = None
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=_DELIVERIES_KEPT)
        self.lost = 0

    # -- life -----------------------------------------------------------------------

    async def start(self) -> None:
        """Open the HTTP session for sending."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=50),
            headers={"User-Agent": "Microsoft-Graph-Simulator"},
        )

    async def stop(self) -> None:
        """Stop sending."""
        self.clear()
        if self._session is not None:
            await self._session.close()

    def clear(self) -> None:
        """Delete unsent notifications, and the list of sent ones."""
        for endpoint in self._endpoints.values():
            endpoint.task.cancel()
        self._endpoints.clear()
        self._fresh = []
        self._health.clear()
        self.deliveries.clear()
        self.lost = 0

    async def flush(self, timeout_seconds: float = 30.0) -> dict[str, Any]:
        """Wait until no notification is due at the current simulated time.

        :return: ``is_idle``, and the number of notifications for later
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        for endpoint in self._endpoints.values():
            endpoint.release()
        while loop.time() < deadline:
            now = self.clock.now()
            busy = len(self._fresh) + sum(
                endpoint.due_count(now) for endpoint in self._endpoints.values()
            )
            if not busy:
                break
            await asyncio.sleep(0.005)
        waiting = sum(len(endpoint.queue) for endpoint in self._endpoints.values())
        return {"is_idle": loop.time() < deadline, "waiting": waiting}

    # -- what happened --------------------------------------------------------------

    def changed(self, event: Event, change: str) -> None:
        """Queue notifications of a change for all its subscriptions."""
        subscriptions = self._subscriptions.of_mailbox(event.mailbox)
        for subscription in subscriptions:
            changes = [change]
            if change == "created":
                changes += ["updated"] * self.options.notification_extra_updates
            for one in changes:
                if one in subscription.change_types and not subscription.is_paused:
                    self._queue_change(subscription, event, one)

    def lifecycle(self, subscription: Subscription, name: str) -> bool:
        """Queue a lifecycle notification; return False if there is no URL for it."""
        if subscription.lifecycle_url is None:
            return False
        payload = {**_envelope(subscription), "lifecycleEvent": name}
        self._push_soon(subscription.lifecycle_url, payload)
        return True

    def _queue_change(
        self, subscription: Subscription, event: Event, change: str
    ) -> None:
        mailbox = event.mailbox
        event_id = event.immutable_id if subscription.immutable else event.id
        resource = f"Users/{mailbox.id}/Events/{event_id}"
        payload = {
            **_envelope(subscription),
            "changeType": change,
            "resource": resource,
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Event",
                "@odata.id": resource,
                "@odata.etag": f'W/"{event.change_key}"',
                "id": event_id,
            },
        }
        url = subscription.notification_url
        delay, copies, is_held = timedelta(), 1, False
        for rule in self._faults.for_notification(change, resource, mailbox.upn):
            if rule.fault == "notification_lost":
                copies = 0
            elif rule.fault == "notification_doubled":
                copies += 1
            elif rule.fault == "notification_late":
                delay = timedelta(seconds=30 if rule.seconds is None else rule.seconds)
            elif rule.fault == "notification_reordered":
                delay, is_held = timedelta(seconds=30), True
            elif rule.fault == "notification_wrong_client_state":
                payload["clientState"] = f"not-{payload['clientState']}"
            elif rule.fault == "notification_unknown_subscription":
                payload["subscriptionId"] = str(uuid.uuid4())
        state = self._health_of(url).state(
            self.clock.now(), self.options.notification_timeout_seconds
        )
        if state == "drop":
            self.lost += copies
            return
        if state == "slow":
            delay += _HEALTH_WINDOW
        for _copy in range(copies):
            self._push_soon(url, dict(payload), delay, is_held)

    # -- sending --------------------------------------------------------------------

    def _push_soon(
        self,
        url: str,
        payload: dict[str, Any],
        delay: timedelta = timedelta(),
        is_held: bool = False,
    ) -> None:
        now = self.clock.now()
        number = next(self._numbers)
        pending = _Pending(now + delay, number, url, payload, now, is_held=is_held)
        if not self._fresh:
            # The short first wait is in real time, so it also ends with a frozen clock.
            # Notifications that are queued meanwhile are sent with it.
            wait = self.options.notification_delay_seconds
            asyncio.get_running_loop().call_later(wait, self._push_fresh)
        self._fresh.append(pending)

    def _push_fresh(self) -> None:
        fresh, self._fresh = self._fresh, []
        for pending in fresh:
            self._push(pending)

    def _push(self, pending: _Pending) -> None:
        endpoint = self._endpoints.get(pending.url)
        if endpoint is None:
            endpoint = self._endpoints[pending.url] = _Endpoint(self, pending.url)
        endpoint.push(pending)

    async def post(self, url: str, batch: list[_Pending]) -> bool:
        """Send one POST; return True if it counts as delivered."""
        assert self._session is not None
        is_retry = batch[0].attempts > 0
        seconds = (
            self.options.notification_retry_timeout_seconds
            if is_retry
            else self.options.notification_timeout_seconds
        )
        loop = asyncio.get_running_loop()
        began = loop.time()
        status: int | None = None
        problem = ""
        try:
            async with self._session.post(
                URL(url, encoded=True),
                data=json.dumps({"value": [one.payload for one in batch]}),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            problem = type(error).__name__
        taken = loop.time() - began
        self._health_of(url).note(self.clock.now(), taken)
        is_delivered = status is not None and 200 <= status < 300
        self.deliveries.append(
            {
                "time": graph_instant(self.clock.now()),
                "url": url,
                "status": status,
                "problem": problem,
                "attempt": batch[0].attempts + 1,
                "delivered": is_delivered,
                "duration": taken,
                "value": [one.payload for one in batch],
            }
        )
        return is_delivered

    def retry(self, endpoint: _Endpoint, pending: _Pending) -> None:
        """Queue a failed notification again, or give it up after four hours."""
        wait = self.options.notification_retry_seconds * 2**pending.attempts
        pending.attempts += 1
        pending.due = self.clock.now() + timedelta(seconds=wait)
        limit = timedelta(hours=self.options.notification_give_up_hours)
        if pending.due - pending.first_try > limit:
            self.lost += 1
            return
        endpoint.push(pending)

    async def validate(self, url: str) -> None:
        """Run the handshake of a notification URL.

        :raise GraphError: 400 ``ValidationError``
        """
        assert self._session is not None
        # Difficult on purpose: the receiver must decode it exactly once.
        token = (
            "Validation: Testing client application reachability for subscription "
            f"Request-Id: {uuid.uuid4()} 100% + ä"
        )
        separator = "&" if urlsplit(url).query else "?"
        full = f"{url}{separator}validationToken={quote(token, safe='')}"
        try:
            async with self._session.post(
                URL(full, encoded=True),
                data=b"",
                headers={"Content-Type": "text/plain; charset=utf-8"},
                timeout=aiohttp.ClientTimeout(total=_VALIDATION_SECONDS),
                allow_redirects=False,
            ) as answer:
                text = (await answer.content.read(10_000)).decode("utf-8", "replace")
                is_plain = answer.content_type == "text/plain"
                is_valid = answer.status == 200 and is_plain and text == token
                status = answer.status
        except asyncio.TimeoutError:
            raise _invalid_endpoint(
                "Subscription validation request timed out."
            ) from None
        except (aiohttp.ClientError, ValueError, OSError):
            raise _invalid_endpoint(
                "Subscription validation request failed. Notification endpoint must "
                "respond with 200 OK to validation request."
            ) from None
        if not is_valid:
            raise _invalid_endpoint(
                "Subscription validation request failed. Notification endpoint must "
                "respond with 200 OK to validation request. "
                f"(status {status}, the body has to be the decoded token as text/plain)"
            )

    def _health_of(self, url: str) -> EndpointHealth:
        return self._health.setdefault(urlsplit(url).netloc, EndpointHealth())


def _envelope(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": graph_second(subscription.expires)[:-1]
        + "+00:00",
        "clientState": subscription.client_state,
        "tenantId": subscription.tenant.id,
    }


def _invalid_endpoint(message: str) -> GraphError:
    return GraphError(400, "ValidationError", message)
