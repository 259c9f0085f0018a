"""Post change notifications like Graph."""

from __future__ import annotations

import requests

from .odoo_client import Json
from .person import Person
from .world import World

NOTIFICATION = "/praetorx_ms365/notification"
LIFECYCLE = "/praetorx_ms365/lifecycle"


def notify(
    world: World,
    subscription: Json,
    *,
    state: str = "",
    id_: str = "",
    session: requests.Session | None = None,
) -> requests.Response:
    """Post a change notification like Graph, and return the response.

    :param state: replaces the right ``clientState``
    :param id_: replaces the id of the subscription
    """
    entry = {
        "subscriptionId": id_ or subscription["id"],
        "clientState": state or subscription["clientState"],
        "changeType": "updated",
        "resource": "Users/u/Events/e",
        "resourceData": {"id": "e", "@odata.type": "#Microsoft.Graph.Event"},
    }
    post = (session or requests).post
    return post(world.odoo.url + NOTIFICATION, json={"value": [entry]}, timeout=60)


def subscription_of(world: World, person: Person) -> Json:
    """Return the only subscription of a mailbox in the simulator."""
    [subscription] = world.control.subscriptions(person.upn)
    return subscription
