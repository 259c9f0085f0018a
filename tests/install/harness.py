"""A database with the data of an office, to install and uninstall our addons."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from e2e.harness.database import Database
from env import databases
from env.paths import ADDONS, LOGS, exports

HERE = Path(__file__).parent
COMPLAINT = re.compile(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*", re.MULTILINE)
TOKENS = """SELECT id, microsoft_calendar_rtoken, microsoft_calendar_token
              FROM res_users WHERE login LIKE '%%@example.com' ORDER BY id"""
SECRET = "microsoft_calendar_client_secret"
COUNTS = """SELECT (SELECT count(*) FROM calendar_event),
                   (SELECT count(*) FROM calendar_attendee),
                   (SELECT count(*) FROM calendar_recurrence),
                   (SELECT count(*) FROM res_users)"""
PARAMETER = "SELECT value FROM ir_config_parameter WHERE key = %s"
TRACES = (
    """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_name LIKE 'praetorx%%'
           OR column_name ~ 'ms365|praetorx|^sync_origin$|^is_teams_meeting$'""",
    "SELECT module, name FROM ir_model_data WHERE module LIKE 'praetorx%%'",
    """SELECT key, value FROM ir_config_parameter
        WHERE key LIKE 'praetorx%%' OR value LIKE 'px1:%%'""",
    "SELECT 'cron', cron_name FROM ir_cron WHERE cron_name LIKE 'Microsoft 365%%'",
)
#: Columns with the name of a model. After the uninstallation, none may name our models.
MODEL_COLUMNS = ["model", "res_model", "model_name", "relation", "binding_model"]
TEXT_COLUMNS = """
    SELECT c.table_name, column_name FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND column_name = ANY(%s) AND c.data_type IN ('character varying', 'text')"""


class Office:
    """A database with people, and the commands of an administrator.

    :param events: number of single events, in addition to the series
    :param template: the modules that are installed at first, see ``env.databases``
    :param command: command that starts Odoo; by default the Odoo of this checkout
    :param conf: configuration file of that Odoo
    """

    def __init__(
        self,
        name: str,
        events: int = 0,
        template: str = "stock",
        command: tuple[str, ...] = (),
        conf: str = "",
    ) -> None:
        self.name = name
        self.events = events
        self.command = command or (exports()["ODOO_BIN"],)
        self.conf = conf or exports()["ODOO_CONF"]
        self.database = Database(name)
        self.log = LOGS / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        databases.create_from_template(name, template)

    def install(self, *addons: str) -> None:
        self._timed("install", *addons, options=("-i", ",".join(addons)))

    def upgrade(self, *addons: str) -> None:
        self._timed("upgrade", *addons, options=("-u", ",".join(addons)))

    def uninstall(self, *addons: str) -> None:
        self._odoo("module", "uninstall", *self._where, *addons)

    def run(self, *scripts: str) -> str:
        """Run scripts of this folder in one Odoo shell.

        :return: the output of the scripts
        """
        text = "\n".join((HERE / script).read_text() for script in scripts)
        return self._odoo("shell", *self._where, "--no-http", stdin=text)

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.database.rows(query, *values)

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-c", self.conf, "-d", self.name)

    def close(self) -> None:
        """Remove the database."""
        self.database.close()
        databases.drop(self.name)

    def _timed(self, what: str, *addons: str, options: tuple[str, ...]) -> None:
        start = time.monotonic()
        self._odoo(*self._where, *options, "--stop-after-init", "--no-http")
        seconds = time.monotonic() - start
        line = f"{self.name}: {what} {' '.join(addons)}: {seconds:.1f} s"
        print(line, flush=True)
        with self.log.open("a") as log:
            log.write(f"{line}\n")

    def _odoo(self, *arguments: str, stdin: str = "") -> str:
        """Run Odoo; a warning or error in its log fails the test.

        :return: its output, without the log
        """
        self.database.close()
        done = subprocess.run(
            [*self.command, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **exports(), "OFFICE_EVENTS": str(self.events)},
        )
        with self.log.open("a") as log:
            log.write(f"$ odoo {' '.join(arguments)}\n{done.stderr}\n")
        assert COMPLAINT.findall(done.stderr) == []
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def assert_goes_without_a_trace(office: Office, tokens: list[tuple]) -> None:
    """Uninstall our addons: the stock addon has its secrets, and no trace is left."""
    before = counts(office)
    office.uninstall(*ADDONS)
    assert counts(office) == before
    assert refresh_tokens(office.rows(TOKENS)) == refresh_tokens(tokens)
    assert office.rows(PARAMETER, SECRET) == [("stock-secret",)]
    assert traces(office) == []


def refresh_tokens(rows: list[tuple]) -> list[tuple]:
    """Return the rows without access tokens: a user who stops keeps no access token."""
    return [row[:2] for row in rows]


def traces(office: Office) -> list[tuple]:
    """Return all names and data of our addons in the database."""
    found = [row for query in TRACES for row in office.rows(query)]
    for table, column in office.rows(TEXT_COLUMNS, MODEL_COLUMNS):
        found += office.rows(
            f"""SELECT DISTINCT '{table}.{column}', "{column}" FROM "{table}"
                 WHERE "{column}" LIKE 'praetorx%%'"""
        )
    return found


def assert_encrypted(office: Office, tokens: list[tuple]) -> None:
    """All tokens of the stock connector are envelopes now."""
    stored = office.rows(TOKENS)
    assert [row[0] for row in stored] == [row[0] for row in tokens]
    for (_id, *now), (_id, *clear) in zip(stored, tokens, strict=True):
        assert [bool(one) for one in now] == [bool(one) for one in clear]
        assert all(one.startswith("px1:") for one in now if one)
    [(secret,)] = office.rows(
        "SELECT value FROM ir_config_parameter WHERE key = %s", SECRET
    )
    assert secret.startswith("px1:")


def assert_as_new(office: Office, tokens: list[tuple]) -> None:
    """Secrets are encrypted, and the installation alone starts no sync."""
    assert_encrypted(office, tokens)
    assert office.rows("SELECT count(*) FROM praetorx_ms365_outbox") == [(0,)]
    assert office.rows("SELECT count(*) FROM praetorx_ms365_account") == [(0,)]
    assert office.rows(
        "SELECT DISTINCT ms365_sync_state, ms365_calendar_id FROM calendar_event"
    ) == [("none", None)]
    # Odoo itself has changed the endless series to 720 times; the row stays so.
    [(is_marked, end_type)] = office.rows(
        "SELECT ms365_may_be_endless, end_type FROM calendar_recurrence"
        " WHERE count = 720"
    )
    assert (is_marked, end_type) == (True, "count")


def counts(office: Office) -> list[tuple]:
    """Count events, attendees, series and users."""
    return office.rows(COUNTS)
