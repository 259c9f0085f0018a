"""Use a calendar with ``msgraph-sdk`` like the sync, and print the results.

Run in the environment of :mod:`environment`: ``use_graph.py URL TOKEN WEBHOOK``.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import sys
from typing import Any

import httpx
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.subscription import Subscription
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import (
    CalendarViewRequestBuilder,
)
from msgraph.generated.users.item.calendar_view.delta.delta_request_builder import (
    DeltaRequestBuilder,
)
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

START, END = "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"


class Token(AccessTokenProvider):
    """Provide the token that the test got by ``msal``."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: Any = None
    ) -> str:
        """Return the token for any URL."""
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        """Return a validator that allows this machine."""
        return AllowedHostsValidator(["127.0.0.1"])


async def use(url: str, token: str, webhook: str) -> dict[str, Any]:
    """Create, change and list events, follow delta, send a batch and subscribe."""
    adapter = GraphRequestAdapter(
        BaseBearerTokenAuthenticationProvider(Token(token)),
        # Its middleware changes the paths of the builders to paths of ``/me``.
        client=GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(timeout=30, trust_env=False), options=options
        ),
    )
    adapter.base_url = f"{url}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)
    found: dict[str, Any] = {"me": (await client.me.get()).user_principal_name}
    made = await client.me.events.post(_event("Lunch", 10))
    found["made"] = made.subject
    changed = await client.me.events.by_event_id(made.id).patch(Event(subject="Brunch"))
    found["changed"] = [changed.subject, changed.attendees[0].email_address.address]
    for hour in (11, 12, 13):
        await client.me.events.post(_event(f"Meeting {hour}", hour))
    found["view"] = await _view(client)
    found["delta"], link = await _delta(client, None)
    await client.me.events.by_event_id(made.id).delete()
    found["then"], _link = await _delta(client, link)
    found["batch"] = await _batch(client, adapter)
    found["subscription"] = await _subscribe(client, webhook)
    try:
        await client.me.events.by_event_id(made.id).get()
    except ODataError as error:
        found["gone"] = [error.response_status_code, error.error.code]
    return found


def _event(subject: str, hour: int) -> Event:
    guest = Attendee(email_address=EmailAddress(address="guest@example.com"))
    return Event(
        subject=subject,
        start=_moment(hour),
        end=_moment(hour + 1),
        attendees=[guest],
        is_reminder_on=True,
        reminder_minutes_before_start=5,
    )


def _moment(hour: int) -> DateTimeTimeZone:
    return DateTimeTimeZone(date_time=f"2026-03-02T{hour}:00:00", time_zone="UTC")


async def _view(client: GraphServiceClient) -> list[str]:
    parameters = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters
    query = parameters(start_date_time=START, end_date_time=END, top=2)
    configuration = RequestConfiguration(query_parameters=query)
    page = await client.me.calendar_view.get(request_configuration=configuration)
    subjects = [event.subject for event in page.value]
    while page.odata_next_link:
        page = await client.me.calendar_view.with_url(page.odata_next_link).get()
        subjects += [event.subject for event in page.value]
    return sorted(subjects)


async def _delta(client: GraphServiceClient, link: str | None) -> tuple[list[str], str]:
    builder = client.me.calendar_view.delta
    parameters = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters
    query = parameters(start_date_time=START, end_date_time=END)
    configuration = RequestConfiguration(query_parameters=query)
    configuration.headers.add("Prefer", "odata.maxpagesize=2")
    if link:
        page = await builder.with_url(link).get()
    else:
        page = await builder.get(request_configuration=configuration)
    entries = list(page.value)
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get()
        entries += page.value
    told = [
        "removed" if "@removed" in entry.additional_data else entry.subject
        for entry in entries
    ]
    return sorted(told), page.odata_delta_link


async def _batch(client: GraphServiceClient, adapter: GraphRequestAdapter) -> list[int]:
    content = BatchRequestContent()
    for information in (
        client.me.to_get_request_information(),
        client.me.calendars.to_get_request_information(),
        client.me.events.to_post_request_information(_event("By batch", 15)),
    ):
        information.path_parameters["baseurl"] = adapter.base_url
        content.add_request(None, BatchRequestItem(information))
    answer = await client.batch.post(content)
    return sorted(one.status for one in answer.responses.values())


async def _subscribe(client: GraphServiceClient, webhook: str) -> list[Any]:
    now = datetime.datetime.now(datetime.timezone.utc)
    made = await client.subscriptions.post(
        Subscription(
            change_type="created,updated,deleted",
            notification_url=webhook,
            resource="me/events",
            expiration_date_time=now + datetime.timedelta(hours=2),
            client_state="secret",
        )
    )
    one = client.subscriptions.by_subscription_id(made.id)
    later = now + datetime.timedelta(hours=3)
    renewed = await one.patch(Subscription(expiration_date_time=later))
    listed = await client.subscriptions.get()
    await one.delete()
    left = await client.subscriptions.get()
    is_later = renewed.expiration_date_time > made.expiration_date_time
    return [len(listed.value), is_later, len(left.value)]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(use(*sys.argv[1:]))))
