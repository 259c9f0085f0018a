"""Run the HTTP server: one port for Entra ID, Graph, the control API and the page."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from .options import Options
from .routes import page
from .routes.control import ControlRoutes
from .routes.discovery import DiscoveryRoutes, public_root
from .routes.entra import EntraRoutes
from .routes.graph import new_request_id, perform
from .routes.wire import Answer, ConnectionBroken, GraphRequest
from .service import Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY_BYTES = 160 * 1024 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)


class Server:
    """A running simulator."""

    def __init__(self, options: Options | None = None, public_url: str = "") -> None:
        self.service = Service(options)
        self._public_url = public_url.rstrip("/")
        self._runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        """Return the web application."""
        application = web.Application(
            client_max_size=MAX_BODY_BYTES, middlewares=[_break_connection]
        )
        router = application.router
        router.add_route("*", "/v1.0/{tail:.*}", self._graph)
        ControlRoutes(self.service).add_to(router)
        page.add_to(router)
        DiscoveryRoutes(self.service, self._public_url).add_to(router)
        EntraRoutes(self.service, self._public_url).add_to(router)
        return application

    async def start(self, host: str, port: int) -> int:
        """Start to listen, and return the port; 0 selects a free port."""
        await self.service.notifier.start()
        self._runner = web.AppRunner(
            self.application(), access_log=None, handle_signals=False
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=512)
        await site.start()
        port_taken: int = self._runner.addresses[0][1]
        return port_taken

    async def stop(self) -> None:
        """Stop to listen and to send."""
        await self.service.notifier.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        raw_path, _mark, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        if len(request.headers.getall("Prefer", ())) > 1:
            headers["prefer"] = ", ".join(request.headers.getall("Prefer"))
        root = public_root(request, self._public_url)
        request_id = new_request_id()
        call = GraphRequest(
            service=self.service,
            method=request.method,
            path=raw_path[raw_path.index("/v1.0") + len("/v1.0") :] or "/",
            query_text=query,
            headers=headers,
            body=await request.read() if request.can_read_body else b"",
            base_url=f"{root}/v1.0",
            request_id=request_id,
            client_request_id=headers.get("client-request-id", request_id),
        )
        return _response(await perform(call))


def _response(answer: Answer) -> web.Response:
    if answer.raw is not None:
        body = answer.raw
    elif answer.body is not None:
        body = json.dumps(answer.body, ensure_ascii=False).encode("utf-8", "replace")
    else:
        return web.Response(status=answer.status, headers=answer.headers)
    headers = {**answer.headers, "OData-Version": "4.0"}
    headers["Content-Type"] = (
        "application/json; odata.metadata=minimal; odata.streaming=true; "
        "IEEE754Compatible=false; charset=utf-8"
    )
    return web.Response(status=answer.status, body=body, headers=headers)


@web.middleware
async def _break_connection(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ConnectionBroken as broken:
        transport = request.transport
        if transport is not None:
            if broken.hard:
                # Closing a socket without lingering sends a reset.
                connection = transport.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        return web.Response(status=503)


async def serve(
    host: str, port: int, options: Options, public_url: str, demo: dict[str, Any] | None
) -> None:
    """Run until a signal comes. The first line of the output has the address."""
    server = Server(options, public_url)
    if demo is not None:
        server.service.add_demo(**demo)
    bound = await server.start(host, port)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping.set)
    print(f"listening on http://{host}:{bound}", flush=True)
    await stopping.wait()
    await server.stop()
