"""Errors of Graph and Entra ID, with the bodies of the real services."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any


class GraphError(Exception):
    """An error response of Graph.

    :param status: HTTP status
    :param code: the ``error.code``; a client may depend on it
    :param message: for people
    :param headers: further headers, such as ``Retry-After``
    :param extra: further members of the error object
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.extra = extra or {}

    def body(
        self, now: datetime, request_id: str, client_request_id: str
    ) -> dict[str, Any]:
        """Return Graph's error object for the response."""
        error = {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }
        return {"error": {**error, **self.extra}}


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    """Return a 400."""
    return GraphError(400, code, message)


def invalid_request(reason: str) -> GraphError:
    """Return the 400 of Exchange for an impossible request."""
    message = f"Your request can't be completed. {reason}"
    return GraphError(400, "ErrorInvalidRequest", message)


def item_not_found() -> GraphError:
    """Return the 404 for an event or calendar that does not exist."""
    message = "The specified object was not found in the store."
    return GraphError(404, "ErrorItemNotFound", message)


def malformed_id() -> GraphError:
    """Return the 400 for a text that is not an item id."""
    return GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def access_denied() -> GraphError:
    """Return the 403 of Exchange."""
    message = "Access is denied. Check credentials and try again."
    return GraphError(403, "ErrorAccessDenied", message)


def invalid_token(message: str) -> GraphError:
    """Return the 401 for a token that is missing, expired, revoked or not ours."""
    challenge = (
        'Bearer realm="", authorization_uri='
        '"https://login.microsoftonline.com/common/oauth2/authorize", '
        'client_id="00000003-0000-0000-c000-000000000000"'
    )
    return GraphError(
        401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge}
    )


def property_validation_failure() -> GraphError:
    """Return the 400 for values that contradict each other."""
    message = "At least one property failed validation."
    return GraphError(400, "ErrorPropertyValidationFailure", message)


def irresolvable_conflict() -> GraphError:
    """Return the 412 for an outdated change key."""
    message = (
        "The send or update operation could not be performed because the change key "
        "passed in the request does not match the current change key for the item."
    )
    return GraphError(412, "ErrorIrresolvableConflict", message)


class EntraError(Exception):
    """An error response of the token or device code endpoint.

    :param error: the OAuth error code; a client may depend on it
    :param number: the AADSTS number
    :param text: for people
    :param status: HTTP status
    """

    def __init__(
        self,
        error: str,
        number: int,
        text: str,
        status: int = 400,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{error} AADSTS{number}: {text}")
        self.error = error
        self.number = number
        self.text = text
        self.status = status
        self.extra = extra or {}
        self.retry_after: float | None = None

    def body(self, now: datetime) -> dict[str, Any]:
        """Return Entra's error object for the response."""
        trace_id, correlation_id = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{self.number}: {self.text}\r\nTrace ID: {trace_id}\r\n"
            f"Correlation ID: {correlation_id}\r\nTimestamp: {timestamp}"
        )
        return {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
            **self.extra,
        }
