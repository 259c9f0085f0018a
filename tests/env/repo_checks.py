"""Checks of the repository itself that no linter knows.

What may not be in it: the host of a package registry, a path of this machine, a secret,
a leftover, a reference to a law that docs/laws.md does not have. Pages of docs/ name
files that exist, the addons' manifests agree with each other, and the code keeps the
limits of ``code_checks``.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

if __package__:
    from .code_checks import code_findings
    from .docs_checks import docs_findings
    from .laws import laws, reference_findings
    from .layer_checks import layer_findings
    from .paths import ADDONS, ROOT
    from .word_checks import word_findings
else:
    from code_checks import code_findings
    from docs_checks import docs_findings
    from laws import laws, reference_findings
    from layer_checks import layer_findings
    from paths import ADDONS, ROOT
    from word_checks import word_findings

SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an Azure client secret": re.compile(r"[\w.~-]{3}[78]Q~[\w.~-]{31,34}"),
    "a cloud access key": re.compile(r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b"),
}
# Written in two parts, so that this file is not its own finding.
LEFTOVERS = re.compile(
    r"\b(TO"
    r"DO|FIX"
    r"ME|XX"
    r"X)\b"
    r"|raise Not"
    r"ImplementedError|pytest\.mark\.sk"
    r"ip\b"
)
PIN = re.compile(r"([\w-]+)==([\w.]+)")
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
#: Values that both manifests have.
SAME_VALUES = {
    "author": "Praetorx",
    "license": "LGPL-3",
    "maintainers": ["praetorx"],
    "development_status": "Beta",
}
#: Whether Odoo lists the addon among its apps.
APPLICATION = {"praetorx_base": False, "praetorx_ms365_calendar": True}
STORE_PAGE = "https://apps.odoo.com/apps/modules/19.0/{addon}"


def main() -> int:
    """Print every finding; non-zero when there is one."""
    findings = [
        *text_findings(),
        *manifest_findings(),
        *package_findings(),
        *code_findings(tracked_files()),
        *version_findings(),
        *docs_findings(),
        *layer_findings(),
        *word_findings(tracked_files()),
    ]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def text_findings() -> Iterator[str]:
    """Look through every text file that git tracks or would track."""
    hosts = registry_hosts()
    # From the root on: a checkout in /tmp is no reason against /var/tmp.
    machine = re.compile(rf"(?<![\w./-]){re.escape(str(ROOT.parent))}/")
    numbers = set(laws())
    for path in tracked_files():
        try:
            lines = (ROOT / path).read_text().splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or removed and not committed yet
        for number, line in enumerate(lines, 1):
            place = f"{path}:{number}:"
            yield from (f"{place} names the registry {h}" for h in hosts if h in line)
            if ROOT.parent != Path("/") and machine.search(line):
                yield f"{place} names a path of this machine"
            for what, pattern in SECRETS.items():
                if pattern.search(line):
                    yield f"{place} looks like {what}"
            yield from reference_findings(place, line, numbers)
            if path.suffix in {".py", ".js", ".xml"} and LEFTOVERS.search(line):
                yield f"{place} is a leftover: {line.strip()[:60]}"


def registry_hosts() -> set[str]:
    """Ask the package managers of this machine which hosts they talk to."""
    from pip._internal.models.index import PyPI

    hosts = {PyPI.netloc, PyPI.file_storage_domain}
    for command in (
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"],
        [sys.executable, "-m", "pip", "config", "list"],
        ["npm", "config", "get", "registry"],
    ):
        try:
            answer = subprocess.run(
                command, capture_output=True, text=True, check=False
            ).stdout
        except FileNotFoundError:
            continue
        for url in re.findall(r"https?://[^\s'\"]+", answer):
            hosts.add(urlsplit(url).hostname or "")
    return {host for host in hosts if host and host not in {"localhost", "127.0.0.1"}}


def tracked_files() -> list[Path]:
    """List the files of the repository, new ones included, ignored ones not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [Path(name) for name in sorted(set(names.split("\0"))) if name]


def manifest_findings() -> Iterator[str]:
    """Check the manifests against the values above, and that the versions agree."""
    versions = set()
    for addon in ADDONS:
        path = ROOT / addon / "__manifest__.py"
        if not path.exists():
            yield f"{addon}: no manifest"
            continue
        manifest = ast.literal_eval(path.read_text())
        versions.add(manifest.get("version"))
        expected = {
            **SAME_VALUES,
            "application": APPLICATION[addon],
            "website": STORE_PAGE.format(addon=addon),
        }
        manifest.setdefault("application", False)  # the default is not written down
        for key, value in expected.items():
            if manifest.get(key) != value:
                yield f"{addon}: {key} is {manifest.get(key)!r}, not {value!r}"
    if len(versions) > 1:
        yield f"the addons' versions differ: {sorted(map(str, versions))}"
    yield from (
        f"{version} is not a version of the form 19.0.x.y.z"
        for version in versions
        if not VERSION.fullmatch(str(version))
    )


def package_findings() -> Iterator[str]:
    """Check that each addon can be built as a wheel and brings its licence."""
    for addon in ADDONS:
        for name, source in (("LICENSE", ROOT / "LICENSE"), ("pyproject.toml", None)):
            path = ROOT / addon / name
            if not path.exists():
                yield f"{addon}: no {name}"
            elif source and path.read_bytes() != source.read_bytes():
                yield f"{addon}/{name} differs from {name}"


def version_findings() -> Iterator[str]:
    """Check that the hooks of pre-commit have the versions of ``make lint``."""
    pinned = set()
    for path in (ROOT / "tests" / "env").glob("requirements-*.txt"):
        pinned |= set(PIN.findall(path.read_text()))
    config = (ROOT / ".pre-commit-config.yaml").read_text()
    for name, version in sorted(set(PIN.findall(config)) - pinned):
        yield f".pre-commit-config.yaml: {name}=={version} is not the pinned version"


if __name__ == "__main__":
    sys.exit(main())
