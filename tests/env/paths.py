"""Where things lie in a checkout that ``make env`` has set up."""

from __future__ import annotations

import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".odoo"
LOGS = WORK / "log"
ADDONS = ("praetorx_base", "praetorx_ms365_calendar")


class NotSetUp(RuntimeError):
    """``make env`` has not run in this checkout."""


def exports() -> dict[str, str]:
    """Read what ``make env`` printed last, by name.

    :raise NotSetUp: it never ran
    """
    try:
        lines = (WORK / "env.sh").read_text().splitlines()
    except FileNotFoundError as error:
        raise NotSetUp("run `make env` first") from error
    return dict(shlex.split(line)[1].split("=", 1) for line in lines)
