"""Handle attachments and open extensions that a new event brings along.

They are stored on the event itself. An occurrence has the ones of its series, and a
copy has none.
Source: Graph v1.0, resources ``openTypeExtension`` and ``fileAttachment``.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from . import ids
from .errors import property_validation_failure
from .items import Item
from .zones import graph_instant


def attachments(values: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Check the attachments of a new event.

    :raise GraphError: 400 for an attachment without a name, or with invalid content
    """
    found = []
    for value in values or []:
        try:
            content = base64.b64decode(value.get("contentBytes") or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise property_validation_failure() from None
        if not isinstance(value.get("name"), str):
            raise property_validation_failure()
        kind = "application/octet-stream"
        found.append({"contentType": kind, **value, "size": len(content)})
    return found


def extensions(values: list[dict[str, Any]] | None) -> dict[str, dict[str, Any]]:
    """Check the open extensions of a new event, and return them by name.

    :raise GraphError: 400 for an extension without a name
    """
    found = {}
    for value in values or []:
        name = value.get("extensionName")
        if not isinstance(name, str) or not name:
            raise property_validation_failure()
        found[name] = value
    return found


def shown_attachments(item: Item) -> list[dict[str, Any]]:
    """Return the attachments of an event for a response."""
    event = item.event
    return [
        {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "isInline": False,
            "lastModifiedDateTime": graph_instant(event.created),
            **attachment,
            "id": ids.stable_uuid("attachment", event.immutable_id, str(number)),
        }
        for number, attachment in enumerate(event.attachments)
    ]


def shown_extensions(item: Item, names: list[str]) -> list[dict[str, Any]]:
    """Return the open extensions of an event for a response.

    :param names: names of the requested extensions; empty for all
    """
    prefix = "Microsoft.OutlookServices.OpenTypeExtension."
    return [
        {**extension, "@odata.type": "#microsoft.graph.openTypeExtension", "id": name}
        for name, extension in item.event.extensions.items()
        if not names or name in names or prefix + name in names
    ]
