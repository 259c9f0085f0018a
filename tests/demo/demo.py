"""``make demo``: a simulated Microsoft 365 and a real Odoo 19, synced and checked.

``ONCE=1`` ends after the checks. The exit code is 0 if all checks pass.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo import checks, seed
from demo.ports import free_or
from demo.progress import say, step
from demo.table import Figures
from e2e.harness.odoo_client import OdooError
from e2e.harness.world import World
from env.databases import TemplateFailed
from env.paths import exports
from graph_simulator.client import ControlFailed

ODOO_PORT = 8069
SIMULATOR_PORT = 8300


def main() -> int:
    """Run the demo and return the exit code."""
    once = os.environ.get("ONCE", "") not in ("", "0")
    os.environ.update(exports())
    # Stop the servers at every exit. Background jobs of a shell ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    odoo_port = free_or(int(os.environ.get("PORT") or ODOO_PORT))
    world = World(
        f"demo_{odoo_port}",  # so that a second demo has its own database
        workers=0,  # so that one port serves pages and websockets
        odoo_port=odoo_port,
        simulator_port=free_or(SIMULATOR_PORT),
        moves_clock=False,
    )
    failed = 0
    try:
        start(world)
        failed = play(world)
        if not once:
            serve(world)
    except KeyboardInterrupt:
        say("")
        failed = failed or once  # with ONCE, the demo should end by itself
    except (AssertionError, OdooError, ControlFailed, TemplateFailed) as error:
        say(f"The demo failed: {error}\nOdoo's log: {world.odoo.log.path}")
        failed = 1
    finally:
        # A second Ctrl-C must not leave running servers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with step("Stopping the servers, dropping the database"):
            world.stop()
    return 1 if failed else 0


def start(world: World) -> None:
    """Start both servers and connect them, like an administrator."""
    building = redirect_stderr(StringIO())  # it would print into our line
    with step("Database with both addons (the first time: minutes)"), building:
        world.odoo.create_database()
    with step("Starting the simulated Microsoft 365"):
        world.start_simulator()
    with step("Starting Odoo"):
        world.odoo.start()
    with step("Odoo's settings: Azure app, endpoints, webhook address"):
        world.connect()
        client_id = world.app["client_id"]
        world.control.update_app(client_id, allows_public_flows=True)


def play(world: World) -> int:
    """Play the first day of two people, and return the number of failed checks."""
    with step("Two users with mailboxes: Anna and Ben"):
        anna, ben = seed.people(world)
    with step("Events in Outlook and in Odoo, before anybody syncs"):
        seed.before_the_switch(anna, ben)
    figures = Figures(world, [anna, ben])
    with step("Both sign in with Microsoft; the first sync"):
        for person in (anna, ben):
            person.connect()
        figures.first_sync_is_over()
    report = checks.Report()
    with step("A look at what the first sync did"):
        checks.first_sync(report, figures, anna)
    with step("New events after the switch"):
        seed.after_the_switch(anna, ben)
        world.quiesce()
        checks.created_in_odoo(report, figures, anna)
    with step("An edit in Outlook, an edit in Odoo, and waiting for echoes"):
        checks.edit_in_outlook(report, figures, anna)
        checks.edit_in_odoo(report, figures, anna)
        checks.no_echo(report, figures)
    with step("Comparing both sides, event by event"):
        for person in (anna, ben):
            checks.same_on_both_sides(report, person, figures.people)
        checks.one_event_per_meeting(report, figures.people)
        checks.log_is_clean(report, world)
    say(f"\n{figures.table()}\n\n{report}")
    return report.failed


def serve(world: World) -> None:
    """Print the addresses of everything, and wait for Ctrl-C.

    :raise AssertionError: Odoo has ended by itself
    """
    say(
        f"""
Odoo           {world.odoo.url}/odoo/calendar
               login / password: anna/anna, ben/ben, admin/admin
Outlook        {world.control.url}/#{seed.upn("anna")}
               the mailboxes of all, to look at and to edit; mails and requests, too
Odoo's log     {world.odoo.log.path}

Edit an event on one side, and watch it change on the other. One meeting of Anna from
before the switch waits for her word: My Connection. Ctrl-C stops all."""
    )
    while world.odoo.is_running():
        time.sleep(1)
    raise AssertionError(f"Odoo has ended by itself:\n{world.odoo.log.tail()}")


if __name__ == "__main__":
    sys.exit(main())
