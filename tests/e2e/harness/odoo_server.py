"""An Odoo server like in production: several processes, its own database."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import requests

from env import databases
from env.paths import LOGS, WORK, exports
from env.run_tests import free_port

from .database import Database
from .odoo_client import OdooClient
from .odoo_log import OdooLog
from .waiting import eventually

#: Password of the template's administrator; the servers listen on this machine only.
ADMIN = "admin"
_OWN_ADDONS = Path(__file__).parent / "addons"
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0


class OdooServer:
    """One server with its own database, copied from the template with both addons.

    It has ``workers`` HTTP processes, two for crons and one for the websocket. With 0
    workers it is one process with threads; browsers need no proxy then.

    :param name: name of the database; an existing one is replaced
    :param port: 0 selects a free port
    :param clock_file: contains the seconds by which the addons' clock is ahead
    :param template: the database that is copied, see ``env/databases.py``
    """

    def __init__(
        self,
        name: str,
        *,
        workers: int = 2,
        port: int = 0,
        clock_file: Path | None = None,
        template: str = "addons",
    ) -> None:
        self.name = name
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = Database(name)
        self.log = OdooLog(LOGS / f"{name}.log")
        self._workers = workers
        self._template = template
        self._gevent_port = free_port()
        self._clock_file = clock_file
        self._data_dir = WORK / "e2e" / name
        self._process: subprocess.Popen[bytes] | None = None

    # -- life -----------------------------------------------------------------------

    def create_database(self) -> None:
        """Copy the template; the data folder has only the filestore at first."""
        databases.create_from_template(self.name, self._template)
        shutil.rmtree(self._data_dir, ignore_errors=True)
        filestore = self._data_dir / "filestore"
        filestore.mkdir(parents=True)
        (filestore / self.name).symlink_to(WORK / "data" / "filestore" / self.name)
        self.log.path.parent.mkdir(parents=True, exist_ok=True)
        self.log.path.unlink(missing_ok=True)

    def start(self) -> None:
        """Start the processes, and wait until they respond.

        :raise AssertionError: they did not start; the message has the end of the log
        """
        assert self._process is None, "the server runs already"
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        try:
            eventually(
                self._answers,
                "Odoo answers",
                timeout_seconds=_START_SECONDS,
            )
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop all processes; kill a process that does not stop."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Send SIGKILL to all processes at once, like a power cut."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def kill_workers(self) -> None:
        """Send SIGKILL to all workers at once; none starts before :meth:`resume`.

        All work in progress is lost, as with :meth:`kill`. The main process is paused:
        it only keeps the loaded code, because loading takes long.
        """
        assert self._process, "the server does not run"
        main = psutil.Process(self._process.pid)
        main.suspend()
        workers = [one for one in main.children() if "gevent" not in one.cmdline()]
        assert workers, "nobody is to be killed"
        for worker in workers:
            worker.kill()
        eventually(
            lambda: all(one.status() == psutil.STATUS_ZOMBIE for one in workers),
            "all workers are dead",
            step_seconds=0.01,
        )

    def resume(self) -> None:
        """Start new workers after :meth:`kill_workers`, and wait until they respond."""
        assert self._process, "the server does not run"
        psutil.Process(self._process.pid).resume()
        eventually(self._answers, "Odoo answers", timeout_seconds=_START_SECONDS)

    def restart(self) -> None:
        """Start again after :meth:`kill` or :meth:`stop`, on the same port."""
        self.kill()
        self.start()

    @property
    def process_id(self) -> int:
        """Return the id of the main process; its children do the work."""
        assert self._process, "the server does not run"
        return self._process.pid

    def is_running(self) -> bool:
        """Return True if the main process runs."""
        return self._process is not None and self._process.poll() is None

    def remove(self) -> None:
        """Kill the server, and drop the database and its files; the log stays."""
        self.kill()
        self.database.close()
        databases.drop(self.name)
        shutil.rmtree(self._data_dir, ignore_errors=True)

    # -- use ------------------------------------------------------------------------

    def client(self, login: str, password: str | None = None) -> OdooClient:
        """Log in; by default the password is the same as the login."""
        return OdooClient(self.url, self.name, login, password or login)

    def assert_no_complaints(self, allowed: Iterable[str] = ()) -> None:
        """Fail on warnings, errors and tracebacks in the log since the last call.

        :param allowed: regular expressions, searched in ``logger: message``
        """
        complaints = self.log.new_complaints(allowed)
        assert not complaints, "Odoo complained:\n" + "\n".join(complaints)

    def configure(self, **settings: Any) -> None:
        """Save values in Odoo's settings, as an administrator.

        :param settings: fields of ``res.config.settings``
        """
        admin = self.client(ADMIN)
        settings_id = admin.create("res.config.settings", settings)
        admin.call("res.config.settings", "execute", [settings_id])

    # -- inside ---------------------------------------------------------------------

    def _command(self) -> list[str]:
        env = exports()
        command = [
            env["ODOO_BIN"],
            f"--config={env['ODOO_CONF']}",
            f"--database={self.name}",
            f"--data-dir={self._data_dir}",
            f"--logfile={self.log.path}",
            f"--http-port={self.port}",
            f"--gevent-port={self._gevent_port}",
            f"--workers={self._workers}",
            "--max-cron-threads=2",
            "--no-database-list",
            f"--addons-path={env['ODOO_ADDONS_PATH']},{_OWN_ADDONS}",
        ]
        own = [
            "e2e_crons",
            "e2e_passwords",
            *(["e2e_clock"] if self._clock_file else []),
        ]
        return [*command, f"--load=base,rpc,web,{','.join(own)}"]

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **exports()}
        if self._clock_file:
            environment["E2E_CLOCK_FILE"] = str(self._clock_file)
        return environment

    def _answers(self) -> bool:
        assert self._process
        code = self._process.poll()
        assert code is None, f"Odoo ended with {code}:\n{self.log.tail()}"
        try:
            # Not only the port: a page also needs the registry.
            response = requests.get(f"{self.url}/web/login", timeout=30)
        except requests.ConnectionError:
            return False
        return response.status_code == 200


def _end_with_parent() -> None:
    """Let Linux kill Odoo if the tests are killed: nothing else would do it.

    SIGKILL, because it may be paused. Its workers end when they notice that.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
