"""Start the simulator: ``python -m graph_simulator --port 8300 --demo``."""

from __future__ import annotations

import argparse
import asyncio
import json

from .options import Options
from .server import serve
from .service import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET


def main() -> None:
    """Read the command line and run the server."""
    parser = argparse.ArgumentParser(prog="graph_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8300, help="0: a free one")
    parser.add_argument(
        "--public-url", default="", help="root of links in answers; else from Host"
    )
    parser.add_argument(
        "--options", default="{}", help="options as JSON, by name; see options.py"
    )
    parser.add_argument(
        "--demo", action="store_true", help="tenant contoso, an app, three mailboxes"
    )
    parser.add_argument("--client-id", default=DEMO_CLIENT_ID)
    parser.add_argument("--client-secret", default=DEMO_CLIENT_SECRET)
    parser.add_argument(
        "--redirect-uri", action="append", default=[], help="of the demo app; repeat"
    )
    arguments = parser.parse_args()
    options = Options()
    try:
        options.update(json.loads(arguments.options))
    except ValueError as error:
        parser.error(f"--options: {error}")
    demo = None
    if arguments.demo:
        demo = {
            "redirect_uris": arguments.redirect_uri,
            "client_id": arguments.client_id,
            "client_secret": arguments.client_secret,
        }
    asyncio.run(
        serve(arguments.host, arguments.port, options, arguments.public_url, demo)
    )


if __name__ == "__main__":
    main()
