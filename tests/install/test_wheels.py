"""Test that both addons can be built as wheels and installed by Odoo."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path
from zipfile import Path as ZipPath
from zipfile import ZipFile

import pytest

from env.paths import ADDONS, ROOT, exports
from env.repo_checks import tracked_files

from .harness import Office

REQUIREMENTS = {
    "praetorx_base": {"odoo==19.0.*", "cryptography"},
    "praetorx_ms365_calendar": {
        "odoo==19.0.*",
        "odoo-addon-praetorx_base==19.0.*",
        "cryptography",
        "requests",
    },
}
STOCK_ADDONS = Path(exports()["ODOO_ADDONS_PATH"].split(",")[0])
#: Run by the Python of the new environment: the file of each addon as Python finds it.
FIND_ADDONS = """
import importlib.util, json, sys
names = sys.argv[1:]
print(json.dumps([importlib.util.find_spec(f"odoo.addons.{n}").origin for n in names]))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build a wheel of each addon, from a copy: so whool needs no commit."""
    folder = tmp_path_factory.mktemp("wheels")
    built = {}
    for addon in ADDONS:
        for path in addon_files(addon):
            target = folder / "source" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index"]
        command += ["--no-build-isolation", "--no-deps", "-w", folder / addon]
        run(*command, folder / "source" / addon)
        [built[addon]] = (folder / addon).glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Path:
    """Make an environment with Odoo, its packages and the wheels."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", *wheels.values())
    packages = [STOCK_ADDONS.parents[1], sysconfig.get_path("purelib")]
    [site] = folder.glob("lib/python*/site-packages")
    (site / "odoo.pth").write_text("\n".join(map(str, packages)))
    (folder / "bin" / "odoo").write_text("from odoo.cli import main\nmain()\n")
    return python


@pytest.fixture
def office(tmp_path: Path, python: Path) -> Iterator[Office]:
    """Return an office with an Odoo that does not use this checkout."""
    settings = Path(exports()["ODOO_CONF"]).read_text()
    conf = tmp_path / "odoo.conf"
    conf.write_text(settings.replace(exports()["ODOO_ADDONS_PATH"], str(STOCK_ADDONS)))
    odoo = (str(python), str(python.with_name("odoo")))
    office = Office("install_wheels", command=odoo, conf=str(conf))
    yield office
    office.close()


def test_a_wheel_holds_every_file_of_its_addon(wheels):
    for addon, wheel in wheels.items():
        names = {
            name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name
        }
        expected = {f"odoo/addons/{path}" for path in addon_files(addon)}
        assert names == expected - {f"odoo/addons/{addon}/pyproject.toml"}


def test_a_wheel_says_what_it_needs(wheels):
    for addon, wheel in wheels.items():
        infos = (path for path in ZipPath(wheel).iterdir() if path.name != "odoo")
        distribution = PathDistribution(next(infos))
        manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
        metadata = distribution.metadata
        assert metadata["Name"] == f"odoo-addon-{addon}"
        assert metadata["Version"] == manifest["version"]
        assert metadata["Home-page"] == manifest["website"]
        assert set(distribution.requires) == REQUIREMENTS[addon]


def test_odoo_installs_the_addons_from_wheels(office, python):
    found = json.loads(run(python, "-c", FIND_ADDONS, *ADDONS))
    assert all(Path(file).is_relative_to(python.parents[1]) for file in found)
    office.install("praetorx_ms365_calendar")
    states = office.rows(
        "SELECT name, state, application FROM ir_module_module"
        " WHERE name = ANY(%s) ORDER BY name",
        list(ADDONS),
    )
    assert states == [
        ("praetorx_base", "installed", False),
        ("praetorx_ms365_calendar", "installed", True),
    ]


def addon_files(addon: str) -> list[Path]:
    """Return an addon's files that git does not ignore, relative to the checkout."""
    return [
        path
        for path in tracked_files()
        if path.parts[0] == addon and (ROOT / path).exists()
    ]


def run(*command: str | Path) -> str:
    """Run a command and return its output; a failure shows its messages."""
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
