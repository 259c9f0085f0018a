"""Run every style check, all of them even when one fails, and say which did.

``lint.py --only CHECK ...`` runs some of them. ``lint.py --fix [FILE ...]`` rewrites
files as the checks want them instead.

Nothing here needs Odoo: the hooks of pre-commit run these checks in a bare clone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __package__:
    from .paths import ADDONS, ROOT, WORK
    from .repo_checks import tracked_files
else:
    from paths import ADDONS, ROOT, WORK
    from repo_checks import tracked_files

Command = list[str | Path]

BIN = Path(sys.executable).parent
NODE_BIN = ROOT / "node_modules" / ".bin"
HERE = Path(__file__).parent
# pylint's settings file cannot take single messages out of a group that it enables.
NOT_OURS = (
    "consider-merging-classes-inherited",  # one reason to change per file
    "missing-return",  # what `super` returns may be nothing
)
RUFF_ANSWER = ("--quiet", "--output-format=concise")
STYLED = (".js", ".mjs", ".xml", ".css", ".scss")


def checks() -> dict[str, Command]:
    """Return the command of each check by its name, without those with no file."""
    shell = files(".sh", ".ci/run")
    pylint = [sys.executable, "-m", "pylint", f"--disable={','.join(NOT_OURS)}"]
    compose = WORK / "docker-compose" / "docker-compose"
    commands: dict[str, Command] = {
        "ruff check": [BIN / "ruff", "check", *RUFF_ANSWER, "."],
        "ruff format": [BIN / "ruff", "format", "--check", *RUFF_ANSWER, "."],
        "mypy": [sys.executable, "-m", "mypy", "--no-error-summary"],
        "pylint-odoo": [*pylint, *ADDONS],
        "repository": [sys.executable, HERE / "repo_checks.py"],
        "README.rst": [sys.executable, HERE / "addon_readme.py", "--check"],
        "bash": ["bash", "-c", 'for f; do bash -n "$f" || exit; done', "-", *shell],
        "docker compose": [compose, "--profile=simulator", "config", "--quiet"],
    }
    if yaml := files(".yml", ".yaml"):
        commands["yamllint"] = [sys.executable, "-m", "yamllint", "--strict", *yaml]
    if scripts := files(".js", ".mjs"):
        commands["eslint"] = [NODE_BIN / "eslint", "--max-warnings=0", *scripts]
    if styled := files(*STYLED):
        prettier = [NODE_BIN / "prettier", "--check", "--log-level=warn"]
        commands["prettier"] = [*prettier, *styled]
    return commands


def fixes(paths: list[Path]) -> dict[str, Command]:
    """Return the commands that rewrite ``paths``, or everything when none is given."""
    python = [path for path in paths if path.suffix == ".py"]
    styled = [path for path in paths or files(*STYLED) if str(path).endswith(STYLED)]
    commands: dict[str, Command] = {}
    if python or not paths:
        targets = python or [Path()]
        commands["ruff check"] = [BIN / "ruff", "check", "--fix", "--quiet", *targets]
        commands["ruff format"] = [BIN / "ruff", "format", "--quiet", *targets]
    if styled:
        prettier = [NODE_BIN / "prettier", "--write", "--log-level=warn"]
        commands["prettier"] = [*prettier, *styled]
    return commands


def files(*suffixes: str) -> list[Path]:
    """List the repository's files whose names end in one of ``suffixes``."""
    return [
        path
        for path in tracked_files()
        if str(path).endswith(suffixes) and (ROOT / path).exists()
    ]


def install_node_modules(commands: dict[str, Command]) -> None:
    """Install the tools of ``package.json`` if a command needs them."""
    needed = any(str(NODE_BIN) in str(command[0]) for command in commands.values())
    if needed and not NODE_BIN.exists():
        command = ["npm", "ci", "--ignore-scripts", "--silent"]
        subprocess.run(command, cwd=ROOT, env=with_own_bin(), check=True)


def with_own_bin() -> dict[str, str]:
    """Return the environment in which the tools beside this Python come first."""
    return {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}


def run(commands: dict[str, Command], side_by_side: int = 1) -> int:
    """Run commands, print a line for each and the output of those that fail.

    :param side_by_side: commands that run at a time; one, if they rewrite files
    """
    install_node_modules(commands)
    failed = 0
    with ThreadPoolExecutor(side_by_side) as pool:
        ends = pool.map(start, commands.values())
        for name, done in zip(commands, ends, strict=True):
            print(f"{name:<16} {'failed' if done.returncode else 'ok'}", flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout)
    return 1 if failed else 0


def start(command: Command) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and return what it printed."""
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=with_own_bin(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def main() -> int:
    """Check everything, or rewrite with ``--fix``."""
    parser = argparse.ArgumentParser(description="Style checks")
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--only", action="append", metavar="CHECK")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    if options.fix:
        return run(fixes(options.files))
    commands = checks()
    if unknown := set(options.only or ()) - commands.keys():
        parser.error(f"no check {', '.join(unknown)}; there are {', '.join(commands)}")
    wanted = {name: commands[name] for name in options.only or commands}
    return run(wanted, side_by_side=2)


if __name__ == "__main__":
    sys.exit(main())
