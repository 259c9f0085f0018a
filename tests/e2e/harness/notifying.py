"""Change notifications as Graph posts them."""

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
    """Post a change notification as Graph does and return the answer.

    :param state: instead of the true ``clientState``
    :param id_: instead of the subscription's
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
    """Return the one subscription of a mailbox, as the simulator holds it."""
    [subscription] = world.control.subscriptions(person.upn)
    return subscription
