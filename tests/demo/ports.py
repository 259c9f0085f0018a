"""Find a port to listen on."""

from __future__ import annotations

import socket

from env.run_tests import free_port


def free_or(wanted: int) -> int:
    """Return ``wanted`` if this port is free, else another free port."""
    with socket.socket() as probe:
        # Like servers: a connection that has just ended does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted
