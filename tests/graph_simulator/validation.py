"""Check a request body by the table of types, and normalise it.

Graph reads bodies strictly. An unknown name, a wrong type, an unknown enum value or a
read-only property is a 400. Enum values may be in upper or lower case, and are returned
in lower camel case.
"""

from __future__ import annotations

import math
import re
import uuid
from typing import Any

from . import schema
from .errors import GraphError, bad_request, invalid_request
from .zones import parse_date, parse_wall_clock

_DIGITS = re.compile(r"-?[0-9]{1,12}")
#: Text is accepted for Boolean and Int32: examples of Microsoft send it.
_READ_FROM_TEXT = {"true": True, "false": False}
_ENUM_WORDS = {
    name: {member.lower(): member for member in members}
    for name, members in schema.ENUMS.items()
}


def _unreadable(message: str) -> GraphError:
    return bad_request(message, "RequestBodyRead")


def _undeserializable() -> GraphError:
    message = "Were unable to deserialize "
    return bad_request(message, "UnableToDeserializePostBody")


def check_body(
    type_name: str,
    body: Any,
    *,
    create: bool,
    ignore_read_only: bool = False,
    strict_recurrence: bool = True,
) -> dict[str, Any]:
    """Check the body of a create or update call on an entity.

    :param type_name: the entity type, such as ``event``
    :param body: the parsed JSON
    :param create: True checks create rights, False checks update rights
    :param ignore_read_only: drop read-only properties, do not refuse them
    :param strict_recurrence: refuse a ``recurrence`` with its range before its pattern
    :return: a normalised copy
    :raise GraphError: 400
    """
    if not isinstance(body, dict):
        raise bad_request("Empty Payload. JSON content expected.")
    known = schema.PROPERTIES[type_name]
    checked = {}
    for name, value in body.items():
        if "@odata." in name:
            continue
        member = known.get(name)
        if member is None:
            raise _unknown(name, type_name)
        if not (member.on_create if create else member.on_update):
            if ignore_read_only:
                continue
            raise invalid_request(
                f"The property '{name}' is read-only and cannot be set."
            )
        checked[name] = _value(member, value, name)
    if strict_recurrence and isinstance(body.get("recurrence"), dict):
        order = [key for key in body["recurrence"] if key in ("pattern", "range")]
        if order == ["range", "pattern"]:
            raise _undeserializable()
    return checked


def check_parameters(owner: str, action: str, body: Any) -> dict[str, Any]:
    """Check the body of an action; names are returned in the spelling of the metadata.

    :raise GraphError: 400
    """
    known = schema.ACTIONS[owner, action].own
    by_lower = {name.lower(): member for name, member in known.items()}
    if not isinstance(body, dict):
        raise bad_request("Empty Payload. JSON content expected.")
    checked = {}
    for name, value in body.items():
        if "@odata." in name:
            continue
        member = by_lower.get(name.lower())
        if member is None:
            raise _unreadable(
                f"The parameter '{name}' in the request payload is not a valid "
                f"parameter for the operation '{action}'."
            )
        checked[member.name] = _value(member, value, name)
    return checked


def check_complex(type_name: str, body: Any) -> dict[str, Any]:
    """Check a value of a complex type.

    :raise GraphError: 400
    """
    if not isinstance(body, dict):
        raise _wrong_type(type_name, type_name)
    known = schema.PROPERTIES[type_name]
    checked = {}
    for name, value in body.items():
        if "@odata." in name:
            continue
        member = known.get(name)
        if member is None:
            raise _unknown(name, type_name)
        checked[name] = _value(member, value, name)
    return checked


def _unknown(name: str, type_name: str) -> GraphError:
    return _unreadable(
        f"The property '{name}' does not exist on type 'microsoft.graph.{type_name}'. "
        "Make sure to only use property names that are defined by the type."
    )


def _wrong_type(name: str, type_name: str) -> GraphError:
    kind = f"Edm.{type_name}" if type_name in schema.PRIMITIVES else type_name
    return _unreadable(
        f"Cannot convert the value of '{name}' to the expected type '{kind}'."
    )


def _value(member: schema.Property, value: Any, name: str) -> Any:
    if value is None:
        if not member.is_nullable:
            raise _wrong_type(name, member.type)
        return None
    if not member.is_collection:
        return _item(member.type, value, name)
    if not isinstance(value, list):
        raise _wrong_type(name, f"Collection({member.type})")
    if any(item is None for item in value):
        raise _wrong_type(name, member.type)
    return [_item(member.type, item, name) for item in value]


def _item(type_name: str, value: Any, name: str) -> Any:
    if type_name in schema.PRIMITIVES:
        return _primitive(type_name, value, name)
    if type_name in schema.ENUMS:
        word = value.lower() if isinstance(value, str) else None
        if word not in _ENUM_WORDS[type_name]:
            raise _unreadable(f"Requested value '{value}' was not found.")
        return _ENUM_WORDS[type_name][word]
    if type_name in schema.TYPES:
        return check_complex(type_name, value)
    if type_name in schema.TAKEN_AS_THEY_ARE:
        if isinstance(value, dict):
            return value
        raise _wrong_type(name, type_name)
    raise _unreadable(f"The navigation property '{name}' cannot be set here.")


def _whole_number(text: str) -> Any:
    return int(text) if _DIGITS.fullmatch(text) else text


def _primitive(type_name: str, value: Any, name: str) -> Any:
    if type_name in ("Boolean", "Int32") and isinstance(value, str):
        value = _READ_FROM_TEXT.get(value.lower(), _whole_number(value))
    if not _has_json_type(type_name, value):
        raise _wrong_type(name, type_name)
    if type_name in ("Date", "DateTimeOffset", "Guid"):
        _check_text(type_name, value, name)
    return value


def _has_json_type(type_name: str, value: Any) -> bool:
    """Return True if a JSON value can hold a value of a primitive type."""
    if type_name == "Boolean":
        return isinstance(value, bool)
    if type_name == "Int32":
        is_int = isinstance(value, int) and not isinstance(value, bool)
        return is_int and -(2**31) <= value < 2**31
    if type_name == "Double":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value)
    return isinstance(value, str)


def _check_text(type_name: str, value: str, name: str) -> None:
    """Check the format of a date, a time or an id."""
    if type_name == "Date":
        try:
            parse_date(value)
        except ValueError:
            raise _undeserializable() from None
        return
    try:
        if type_name == "Guid":
            uuid.UUID(value)
            fits = True
        else:
            _wall, offset = parse_wall_clock(value)
            fits = offset is not None
    except ValueError:
        fits = False
    if not fits:
        raise _wrong_type(name, type_name)
