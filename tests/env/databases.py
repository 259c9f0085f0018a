"""Odoo databases made by copying a template: 0.5 s instead of 30 s.

Three templates exist, each built when first asked for and again when what it was made
from has changed: ``stock`` holds ``microsoft_calendar``, ``addons`` our addons as well,
and ``business`` also the apps of Odoo whose records have meetings.
A copy takes the filestore along: without it the compiled assets point to missing files
and browsers hang.

From the command line: ``databases.py create|drop NAME``.
"""

from __future__ import annotations

import argparse
import configparser
import fcntl
import hashlib
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

if __package__:
    from .paths import ADDONS, LOGS, ROOT, WORK, exports
else:
    from paths import ADDONS, LOGS, ROOT, WORK, exports

#: Template -> the template that it is copied from, and the modules that it adds.
TEMPLATES: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "stock": (None, ("microsoft_calendar",)),
    "addons": ("stock", tuple(ADDONS)),
    "business": ("addons", ("crm", "project")),
}
# What an installed database does not depend on.
NOT_INSTALLED = {"tests", "readme", "__pycache__", ".ruff_cache"}
OWN_ADDONS = Path(__file__).with_name("addons")
# Compiled while nobody waits: the first page of every copy comes in a second.
WARM_ASSETS = "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()\n"
# A copy is a database of its own: these values tell one from another.
RENEW_IDENTITY = """
    UPDATE ir_config_parameter SET value = %s WHERE key = %s
"""


class TemplateFailed(RuntimeError):
    """Odoo could not install a template's modules; the message names the log."""


def create_from_template(name: str, template: str = "addons") -> None:
    """Make the database ``name`` as a copy of a template, replacing an older one.

    :param template: one of :data:`TEMPLATES`
    :raise TemplateFailed: the template had to be built and could not
    """
    with _lock():
        source = _ensure_template(template)
        _copy(source, name)


def drop(name: str) -> None:
    """Remove a database and its filestore, whether it exists or not."""
    with _connection("postgres") as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
    shutil.rmtree(_filestore(name), ignore_errors=True)


def ensure_template(template: str = "addons") -> str:
    """Build a template unless it is up to date, and return its database's name.

    :raise TemplateFailed: Odoo could not install its modules
    """
    with _lock():
        return _ensure_template(template)


def few_assets(env: Mapping[str, str]) -> list[str]:
    """Return the options by which Odoo compiles no assets that no test loads.

    :param env: what ``make env`` exports
    """
    return [
        f"--addons-path={env['ODOO_ADDONS_PATH']},{OWN_ADDONS}",
        "--load=base,rpc,web,env_assets",
    ]


def _ensure_template(template: str) -> str:
    name = f"template_{template}_{_key(template)}"
    if _exists(name) and _filestore(name).is_dir():
        return name
    print(f"building the template database {name}", file=sys.stderr, flush=True)
    part = f"part_of_{name}"
    for unfinished in _names(f"part_of_template_{template}_%"):
        drop(unfinished)
    base, modules = TEMPLATES[template]
    if base:
        _copy(_ensure_template(base), part)
    log = LOGS / f"template-{template}.log"
    log.unlink(missing_ok=True)
    _odoo("-d", part, "-i", ",".join(modules), "--stop-after-init", log=log)
    if base:  # what is installed on top changes the compiled assets
        _odoo("shell", "-d", part, "--no-http", log=log, stdin=WARM_ASSETS)
    for old in _names(f"template_{template}_%"):
        drop(old)
    _rename(part, name)
    return name


def _key(template: str) -> str:
    """Name the state of everything that a template is made from."""
    digest = hashlib.sha256(str(ROOT).encode())
    digest.update((WORK / "stamps" / "odoo").read_bytes())
    digest.update((ROOT / "tests/env/requirements-odoo.txt").read_bytes())
    if template != "stock":
        for path in _addon_files():
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _addon_files() -> list[Path]:
    return sorted(
        path
        for addon in ADDONS
        for path in (ROOT / addon).rglob("*")
        if path.is_file() and not NOT_INSTALLED.intersection(path.parts)
    )


def _odoo(*arguments: str, log: Path, stdin: str = "") -> None:
    env = exports()
    command = [env["ODOO_BIN"], *arguments, *few_assets(env)]
    at = 2 if arguments[0] == "shell" else 1
    command[at:at] = ["-c", env["ODOO_CONF"], "--logfile", str(log)]
    log.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False
    )
    # A module that cannot be installed is an error in the log and still a success.
    text = log.read_text() if log.exists() else ""
    if done.returncode or " ERROR " in text or " CRITICAL " in text:
        raise TemplateFailed(f"{done.stderr[-2000:]}\nsee {log}")


def _copy(source: str, target: str) -> None:
    drop(target)
    with _connection("postgres") as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )
    if _filestore(source).is_dir():
        shutil.copytree(_filestore(source), _filestore(target))
    with _connection(target) as cursor:
        for key in ("database.uuid", "database.secret"):
            cursor.execute(RENEW_IDENTITY, (str(uuid.uuid4()), key))


def _rename(old: str, new: str) -> None:
    drop(new)
    with _connection("postgres") as cursor:
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(old), sql.Identifier(new)
            )
        )
    _filestore(old).rename(_filestore(new))


def _exists(name: str) -> bool:
    return bool(_names(name))


def _names(pattern: str) -> list[str]:
    with _connection("postgres") as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (pattern,)
        )
        return [name for (name,) in cursor.fetchall()]


def _settings() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(WORK / "odoo.conf")
    return parser["options"]


def _filestore(name: str) -> Path:
    return Path(_settings()["data_dir"]) / "filestore" / name


@contextmanager
def _connection(database: str) -> Iterator[psycopg2.extensions.cursor]:
    settings = _settings()
    connection = psycopg2.connect(
        dbname=database,
        host=settings["db_host"],
        port=settings["db_port"],
        user=settings["db_user"],
        password=settings.get("db_password"),
    )
    with closing(connection):
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


@contextmanager
def _lock() -> Iterator[None]:
    """Let one process at a time build or copy: PostgreSQL wants templates idle."""
    with (WORK / "templates.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Run ``create`` or ``drop`` from the command line."""
    parser = argparse.ArgumentParser(description="Odoo databases from templates")
    parser.add_argument("action", choices=("create", "drop"))
    parser.add_argument("name")
    parser.add_argument("--template", choices=("addons", "stock"), default="addons")
    parser.add_argument("--if-missing", action="store_true")
    options = parser.parse_args()
    if options.action == "drop":
        drop(options.name)
    elif not (options.if_missing and _exists(options.name)):
        create_from_template(options.name, options.template)


if __name__ == "__main__":
    try:
        main()
    except TemplateFailed as failure:
        sys.exit(str(failure))
