"""Test that docker-compose.yml fits the configuration, the manifests and the Makefile.

No container engine is available here. So we only compare the common values.
"""

import ast
import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / ".odoo" / "docker-compose" / "docker-compose"
ADDONS = ("praetorx_base", "praetorx_ms365_calendar")
SIMULATOR_PORT = "8300"


@pytest.fixture(scope="module")
def services():
    """Return the services as compose reads them, including the simulator's profile."""
    command = [COMPOSE, "--profile=simulator", "config", "--format=json"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


@pytest.fixture(scope="module")
def odoo_conf():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "odoo.conf.example")
    return parser["options"]


def published_ports(service):
    return {port["published"]: str(port["target"]) for port in service["ports"]}


def mounts(service):
    return {
        volume["target"]: Path(volume["source"])
        for volume in service["volumes"]
        if volume["type"] == "bind"
    }


def manifest(addon):
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())


def makefile_value(name):
    pattern = rf"^{name} \?= (\S+)$"
    return re.search(pattern, (ROOT / "Makefile").read_text(), re.MULTILINE)[1]


@pytest.mark.parametrize("addon", ADDONS)
def test_image_is_of_the_series_that_the_addons_are_for(services, addon):
    tag = services["odoo"]["image"].removeprefix("odoo:")
    assert manifest(addon)["version"].startswith(f"{tag}.")


@pytest.mark.parametrize("addon", ADDONS)
def test_addons_are_mounted_read_only_where_odoo_looks(services, odoo_conf, addon):
    target = f"{odoo_conf['addons_path']}/{addon}"
    assert mounts(services["odoo"])[target] == ROOT / addon
    volumes = {volume["target"]: volume for volume in services["odoo"]["volumes"]}
    assert volumes[target]["read_only"]


def test_example_configuration_is_the_one_that_runs(services):
    mounted = mounts(services["odoo"])["/etc/odoo/odoo.conf"]
    assert mounted == ROOT / "odoo.conf.example"


def test_data_folder_is_kept_in_a_volume(services, odoo_conf):
    kept = [v["target"] for v in services["odoo"]["volumes"] if v["type"] == "volume"]
    assert kept == [odoo_conf["data_dir"]]


def test_odoo_port_is_the_same_everywhere(services, odoo_conf):
    port = odoo_conf["http_port"]
    assert published_ports(services["odoo"])[port] == port
    assert makefile_value("PORT") == port
    assert f":{port}/" in services["odoo"]["healthcheck"]["test"][-1]


def test_simulator_port_is_the_same_everywhere(services):
    simulator = services["simulator"]
    assert published_ports(services["odoo"])[SIMULATOR_PORT] == SIMULATOR_PORT
    assert simulator["network_mode"] == "service:odoo"
    assert f"--port={SIMULATOR_PORT}" in simulator["command"]
    assert f":{SIMULATOR_PORT}/" in simulator["healthcheck"]["test"][-1]
    program = (ROOT / "tests" / "graph_simulator" / "__main__.py").read_text()
    assert re.search(rf'"--port",[^)]*default={SIMULATOR_PORT}\b', program)


def test_simulator_knows_the_options_that_it_is_started_with(services):
    usage = subprocess.run(
        [sys.executable, "-m", "graph_simulator", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    command = services["simulator"]["command"]
    options = [part.split("=")[0] for part in command if part.startswith("--")]
    assert options
    assert [option for option in options if option not in usage] == []


def test_simulator_image_is_built_from_its_own_folder(services):
    build = services["simulator"]["build"]
    dockerfile = Path(build["context"]) / build["dockerfile"]
    assert dockerfile == ROOT / "tests" / "graph_simulator" / "Dockerfile"
    text = dockerfile.read_text()
    assert SIMULATOR_PORT in text
    assert "graph_simulator/requirements.txt" in text


def test_simulator_image_has_the_versions_that_are_tested():
    image = (ROOT / "tests/graph_simulator/requirements.txt").read_text()
    tested = "".join(
        (ROOT / f"tests/env/requirements-{name}.txt").read_text()
        for name in ("odoo", "test")
    )
    pins = re.findall(r"^[\w.-]+==[\w.]+", image, re.MULTILINE)
    assert pins
    assert [pin for pin in pins if f"\n{pin} " not in tested] == []


def test_every_service_has_a_health_check(services):
    assert all("healthcheck" in service for service in services.values())


def test_secrets_come_from_files(services):
    for service in services.values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("PASSWORD|KEY|SECRET", name):
                assert value.startswith("/run/secrets/"), name
    environment = services["odoo"]["environment"]
    assert (
        environment["PASSWORD_FILE"]
        == services["db"]["environment"]["POSTGRES_PASSWORD_FILE"]
    )
    assert environment["PRAETORX_ENCRYPTION_KEY_FILE"]


def test_odoo_knows_every_option_of_the_example(tmp_path):
    """An unknown key causes a warning in the log. Commented keys are checked too."""
    text = (ROOT / "odoo.conf.example").read_text()
    conf = tmp_path / "odoo.conf"
    conf.write_text(re.sub(r"^; (?=\w+ =)", "", text, flags=re.MULTILINE))
    program = "from odoo.tools import config; config.parse_config()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "ODOO_RC": str(conf)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "unknown option" not in done.stderr
