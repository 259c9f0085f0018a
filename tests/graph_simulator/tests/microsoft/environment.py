"""Make the virtual environment of Microsoft's clients once, in the user's cache.

These clients need newer packages than Odoo, and 470 MB. So they are not in the
environment of the other tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def clients_python() -> Path:
    """Return the interpreter with ``msal`` and ``msgraph-sdk``; install it if needed.

    :raise subprocess.CalledProcessError: the packages cannot be installed
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    wanted = f"{sys.version}{sys.base_prefix}".encode() + REQUIREMENTS.read_bytes()
    key = hashlib.sha256(wanted).hexdigest()[:16]
    folder = cache / "praetorx-ms365" / f"microsoft-clients-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _make(folder)
    return folder / "bin" / "python"


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    options = ["--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    subprocess.run(
        [*pip, "install", *options, "-r", str(REQUIREMENTS)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    (folder / "complete").touch()
