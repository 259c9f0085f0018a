"""End an HTTP exchange when its total time is over.

The timeout of a socket starts again with each byte. A server that sends a byte now and
then could keep a thread busy for ever. So another thread shuts the connection down.
"""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

_this = threading.local()


class Guard:
    """Shut down the connection that this thread uses, after a number of seconds."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Guard:
        _this.guard = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _this.guard = None
        self._timer.cancel()
        with self._lock:
            self._sock = None  # the next exchange may use the same connection

    def use(self, sock: socket.socket | None) -> None:
        """Store the connection that is in use now."""
        with self._lock:
            self._sock = sock
            if self.is_over:
                _shut(sock)

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            _shut(self._sock)


def _shut(sock: socket.socket | None) -> None:
    """Shut down both directions; a thread that reads or writes there gets an error."""
    if sock is None:
        return
    try:
        # Not the method of the TLS socket: only its own thread may call that.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed already


class _Guarded(HTTPConnection):
    """A connection that registers with the guard of its thread when it is used."""

    def connect(self) -> None:
        super().connect()
        self._register()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._register()
        super().request(*args, **kwargs)

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        self._register()
        return super().getresponse(*args, **kwargs)

    def _register(self) -> None:
        if guard := getattr(_this, "guard", None):
            guard.use(self.sock)


class _GuardedHTTP(_Guarded):
    pass


class _GuardedHTTPS(_Guarded, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


def _guarded(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager


class GuardedAdapter(HTTPAdapter):
    """An adapter with connections that a :class:`Guard` can end."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _guarded(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _guarded(super().proxy_manager_for(*args, **kwargs))
