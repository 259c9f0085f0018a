"""Run JSON batches: up to twenty parts, four at a time, dependent ones in order."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

from ..errors import GraphError, bad_request
from ..throttle import over_limit
from .wire import Answer, ConnectionBroken, GraphRequest

MAX_PARTS = 20
AT_ONCE = 4
_VERSION = re.compile(r"^/v1\.0/", re.IGNORECASE)
_METHODS = frozenset(("GET", "POST", "PATCH", "PUT", "DELETE"))


async def run_batch(request: GraphRequest) -> Answer:
    """Run a batch; the outer response is 200 even if parts fail.

    :raise GraphError: 400 for a malformed batch
    """
    parts = _checked(request.json_body())
    running = asyncio.Semaphore(AT_ONCE)
    tasks: dict[str, asyncio.Task[dict[str, Any]]] = {}
    is_strict = request.service.options.batch_fifth_part_throttled
    free = [part["id"] for part in parts if not part.get("dependsOn")]
    for part in parts:
        throttled = is_strict and part["id"] in free[AT_ONCE:]
        parents = [tasks[parent.lower()] for parent in part.get("dependsOn") or []]
        work = _run(request, part, parents, running, throttled)
        tasks[part["id"].lower()] = asyncio.create_task(work)
    finished: list[dict[str, Any]] = []
    for task in tasks.values():
        finished.append(await task)
    # The order is not guaranteed. The last part comes first, so that clients notice.
    return Answer(200, {"responses": finished[::-1]})


def _checked(body: Any) -> list[dict[str, Any]]:
    parts = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not parts:
        raise bad_request("Invalid batch payload format.")
    if len(parts) > MAX_PARTS:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {MAX_PARTS}.",
            "MaximumValueExceeded",
        )
    seen: set[str] = set()
    for part in parts:
        if not isinstance(part, dict):
            raise bad_request("Invalid batch payload format.")
        part_id, url = part.get("id"), part.get("url")
        if not isinstance(part_id, str) or not part_id:
            raise bad_request("Write request id is missing or empty.")
        if part_id.lower() in seen:
            raise bad_request(f"Request ids have to be unique: '{part_id}'.")
        depends_on = part.get("dependsOn") or []
        if (
            not isinstance(depends_on, list)
            or not {str(parent).lower() for parent in depends_on} <= seen
        ):
            raise bad_request(
                f"The dependsOn of '{part_id}' names an unknown or later request."
            )
        seen.add(part_id.lower())
        if not isinstance(url, str) or not url:
            raise bad_request(f"The url of '{part_id}' is missing.")
        if str(part.get("method", "")).upper() not in _METHODS:
            raise bad_request(f"The method of '{part_id}' is invalid.")
    return parts


async def _run(
    request: GraphRequest,
    part: dict[str, Any],
    parents: list[asyncio.Task[dict[str, Any]]],
    running: asyncio.Semaphore,
    throttled: bool,
) -> dict[str, Any]:
    for parent in parents:
        if (await parent)["status"] >= 400:
            return _failed(part, GraphError(424, "FailedDependency", "..."), request)
    if throttled:
        return _failed(part, over_limit("MailboxConcurrency", 1), request)
    async with running:
        return await _perform(request, part)


def _failed(
    part: dict[str, Any], error: GraphError, request: GraphRequest
) -> dict[str, Any]:
    body = error.body(
        request.service.clock.now(), request.request_id, request.client_request_id
    )
    headers = {**error.headers, "Content-Type": "application/json"}
    return {"id": part["id"], "status": error.status, "headers": headers, "body": body}


async def _perform(request: GraphRequest, part: dict[str, Any]) -> dict[str, Any]:
    from .graph import part_of, perform

    url = urlsplit(part["url"])
    # Microsoft's page says: relative to the version. Other URLs are accepted too.
    path = _VERSION.sub("/", "/" + url.path.lstrip("/"))
    given = part.get("headers") or {}
    headers = {str(name).lower(): str(value) for name, value in given.items()}
    has_body = part.get("body") is not None
    if has_body and "content-type" not in headers:
        message = f"Write request id : {part['id']} has no Content-Type header."
        return _failed(part, bad_request(message), request)
    if path.lower().startswith("/$batch"):
        return _failed(part, bad_request("A batch cannot be nested."), request)
    headers["authorization"] = request.headers.get("authorization", "")
    content = part.get("body")
    body = json.dumps(content).encode() if has_body else b""
    inner = part_of(
        request,
        method=part["method"].upper(),
        path=path,
        query_text=url.query,
        headers=headers,
        body=body,
        batch_id=request.request_id,
        part_id=part["id"],
        client_request_id=headers.get("client-request-id", request.client_request_id),
    )
    try:
        answer = await perform(inner)
    except ConnectionBroken:
        # The connection belongs to the batch: a part can only get no response.
        error = GraphError(504, "UnknownError", "The part was not answered.")
        return _failed(part, error, inner)
    response = {"id": part["id"], "status": answer.status}
    response["headers"] = {**answer.headers}
    if answer.body is not None:
        response["headers"]["Content-Type"] = "application/json"
        response["body"] = answer.body
    elif answer.raw is not None:
        response["body"] = base64.b64encode(answer.raw).decode()
    return response
