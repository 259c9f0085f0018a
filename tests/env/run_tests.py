"""Run every suite, two side by side, and say how many tests passed.

A suite fails when a test fails, when none ran, and when one was skipped: Odoo skips its
browser tests without a word where Chromium is missing. A run of every suite also
measures coverage; a share below a limit of ``coverage_check`` is a failure. The last
line on stdout is ``N passed, N failed``, with ``, N skipped`` where that is allowed.

``run_tests.py [--args "PYTEST ARGUMENTS"] [SUITE ...]``
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

if __package__:
    from . import coverage_check, databases
    from .paths import ADDONS, LOGS, ROOT, exports
else:
    import coverage_check
    import databases
    from paths import ADDONS, LOGS, ROOT, exports

# The comparison with Graph's own schema runs where that material is present (CI).
REFERENCE_VARIABLE = "GRAPH_REFERENCE_DIR"
# For two processors. Three suites made tests miss their time limits.
SIDE_BY_SIDE = 2
NO_TESTS = 5  # pytest's exit code, for which there is a better message
ODOO_DATABASE = "test_odoo"
EXPECTED_LOG = Path(__file__).with_name("expected_log.txt")

ODOO_RESULT = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests"
)
ODOO_SKIP = re.compile(r" INFO \S+ \S+: skipped (.*)")
ODOO_COMPLAINT = re.compile(
    r"^\d{4}-\d\d-\d\d \S+ \d+ (?:WARNING|ERROR|CRITICAL) \S+ (\S+: .*)"
)
# The test that failed is counted already; its report in the log is not a second one.
ODOO_TEST_REPORT = re.compile(
    r"(FAIL|ERROR): |odoo\.tests\.result: |Module \S+: \d+ fail"
)


@dataclass
class Outcome:
    """What a suite came to; ``problems`` are failures that are not a test's."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count ``other`` into this one, each of its problems as a failure."""
        self.passed += other.passed
        self.failed += other.failed + len(other.problems)
        self.skipped += other.skipped

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


@dataclass(frozen=True)
class Suite:
    """A step of the run: a name, a time limit and how to run it.

    :param processes: that share the tests of a suite of pytest: who has none left
        takes some of another's
    :param is_measured: whether to measure which lines and branches the suite runs
    """

    name: str
    limit_minutes: int
    run: Callable[[Suite, list[str]], Outcome]
    folder: str = ""
    needs_browser: bool = False
    processes: int = 1
    is_measured: bool = False

    @property
    def log(self) -> Path:
        """Where everything that the suite printed stands."""
        return LOGS / f"test-{self.name}.log"


def main() -> int:
    """Run the suites named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Run the test suites")
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--args", default="", help="more arguments for pytest")
    options = parser.parse_args()
    if unknown := set(options.suites) - set(SUITES):
        parser.error(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    os.environ.update(exports())
    if REFERENCE_VARIABLE not in os.environ:
        print(f"note: {REFERENCE_VARIABLE} is not set: no comparison with its schema")
    wanted = [SUITES[name] for name in options.suites or SUITES]
    is_complete = not (options.suites or options.args or os.environ.get("TAGS"))
    if is_complete:
        coverage_check.forget()
        wanted = [
            replace(suite, is_measured=suite.name in coverage_check.MEASURED)
            for suite in wanted
        ]
    total = run_side_by_side(wanted, shlex.split(options.args))
    if is_complete:
        for text, is_kept in coverage_check.findings():
            print(f"coverage   {text}{'' if is_kept else ': BELOW'}")
            total.failed += not is_kept
    print(total)
    return 1 if total.failed else 0


def run_side_by_side(suites: list[Suite], arguments: list[str]) -> Outcome:
    """Run suites in their order, some at a time, and return what they came to."""
    total = Outcome()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for outcome in pool.map(lambda suite: run_suite(suite, arguments), suites):
            total.add(outcome)
    return total


def run_suite(suite: Suite, arguments: list[str]) -> Outcome:
    """Run one suite, print its line, and show why it failed if it did."""
    print(f"{suite.name:<10} ...", flush=True)
    start = time.monotonic()
    suite.log.parent.mkdir(parents=True, exist_ok=True)
    outcome = suite.run(suite, arguments)
    if suite.needs_browser and not browser_is_usable():
        outcome.problems.append("without Chromium and websocket-client, Odoo skips")
    if not outcome.passed + outcome.failed:
        outcome.problems.append("no test ran")
    lines = [f"{suite.name:<10} {outcome}  {time.monotonic() - start:.0f} s"]
    if outcome.failed or outcome.problems:
        lines += [f"    {line}" for line in tail(suite.log, 40)]
        lines += [f"    {suite.name}: {problem}" for problem in outcome.problems]
        lines += [f"    whole log: {suite.log}"]
    print("\n".join(lines), flush=True)
    return outcome


def run_pytest(suite: Suite, arguments: list[str]) -> Outcome:
    """Run a folder of tests with pytest and count by its report."""
    report = suite.log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    # Files that the arguments name stand for the folder, which they are a part of.
    named = [one for one in arguments if one.startswith(f"{suite.folder}/")]
    where = [] if named else [suite.folder]
    command = [sys.executable, "-m", "pytest", *where, "--durations=10"]
    command += [f"--junitxml={report}", "-o", "junit_logging=no", *arguments]
    if suite.processes > 1:
        command += [f"--numprocesses={suite.processes}", "--dist=worksteal"]
    code = run_logged(command, suite)
    if not report.exists():
        return Outcome(problems=[f"pytest ended with {code} and without a report"])
    outcome = read_pytest_report(report)
    if code not in (0, NO_TESTS) and not outcome.failed:
        outcome.problems.append(f"pytest ended with {code}")
    return outcome


def read_pytest_report(report: Path) -> Outcome:
    """Count a JUnit report; a skip is a problem unless it is the allowed one."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif (skip := case.find("skipped")) is not None:
            outcome.skipped += 1
            reason = skip.get("message", "")
            if REFERENCE_VARIABLE not in reason or REFERENCE_VARIABLE in os.environ:
                outcome.problems.append(f"{case.get('name')} was skipped: {reason}")
        else:
            outcome.passed += 1
    return outcome


def run_odoo(suite: Suite, _arguments: list[str]) -> Outcome:
    """Install the addons over stock and run their tests, the stock suite again too."""
    try:
        databases.create_from_template(ODOO_DATABASE, template="stock")
    except databases.TemplateFailed as error:
        return Outcome(problems=[str(error)])
    tags = os.environ.get("TAGS") or ",".join(f"/{addon}" for addon in ADDONS)
    command = [os.environ["ODOO_BIN"], "-c", os.environ["ODOO_CONF"]]
    command += ["-d", ODOO_DATABASE, "-i", ",".join(ADDONS), "--stop-after-init"]
    command += ["--test-tags", tags, f"--http-port={free_port()}"]
    command += databases.few_assets(os.environ)
    code = run_logged(command, suite)
    outcome = read_odoo_log(suite.log.read_text())
    if code and not outcome.failed:
        outcome.problems.append(f"odoo ended with {code}")
    if not outcome.failed and not outcome.problems:
        databases.drop(ODOO_DATABASE)
    return outcome


def read_odoo_log(text: str, expected_log: Path = EXPECTED_LOG) -> Outcome:
    """Count the tests that Odoo's log reports; complaints in it are problems."""
    outcome = Outcome()
    if not (results := ODOO_RESULT.findall(text)):
        outcome.problems.append("Odoo did not report a result")
    for failures, errors, tests in results:
        failed = int(failures) + int(errors)
        outcome.failed += failed
        outcome.passed += int(tests) - failed
    expected = expected_lines(expected_log)
    for line in text.splitlines():
        if skip := ODOO_SKIP.search(line):
            outcome.skipped += 1
            outcome.passed -= 1
            message = f"skipped: {skip[1]}"
            if not any(pattern.search(message) for pattern in expected):
                outcome.problems.append(message)
        elif complaint := ODOO_COMPLAINT.match(line):
            message = complaint[1]
            if not ODOO_TEST_REPORT.search(message) and not any(
                pattern.search(message) for pattern in expected
            ):
                outcome.problems.append(f"in the log: {message[:300]}")
    return outcome


def expected_lines(path: Path = EXPECTED_LOG) -> list[re.Pattern[str]]:
    """Read which warnings and skipped tests are known, as patterns."""
    lines = path.read_text().splitlines()
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def run_logged(command: list[str], suite: Suite) -> int:
    """Run a command into the suite's log, with a sign of life every minute.

    :return: its exit code; that of SIGKILL (-9) when it took too long
    """
    if suite.is_measured:
        command = coverage_check.with_coverage(command, suite.name)
    paths = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    with suite.log.open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        deadline = time.monotonic() + suite.limit_minutes * 60
        try:
            while time.monotonic() < deadline:
                try:
                    return process.wait(timeout=60)
                except subprocess.TimeoutExpired:
                    print(f"{suite.name:<10} still running", flush=True)
            log.write(f"\nstopped after {suite.limit_minutes} minutes\n")
        finally:
            if process.poll() is None:
                # Its own session: the browsers and servers it started go with it.
                os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def browser_is_usable() -> bool:
    """Tell whether Odoo's browser tests can run at all."""
    return bool(
        os.environ.get("CHROMIUM_BIN") and importlib.util.find_spec("websocket")
    )


def free_port() -> int:
    """Find a TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path: Path, count: int) -> list[str]:
    """Return the last lines of a text file."""
    text = path.read_text(errors="replace") if path.exists() else ""
    return text.splitlines()[-count:]


#: In the order in which they begin. The longest comes first, and makes the template
#: databases. The last one is short, so that no processor waits for it.
SUITES = {
    suite.name: suite
    for suite in (
        Suite("e2e", 60, run_pytest, "tests/e2e", processes=2),
        Suite("browser", 60, run_pytest, "tests/browser", needs_browser=True),
        Suite("unit", 30, run_pytest, "tests/unit"),
        Suite("odoo", 45, run_odoo, needs_browser=True),
        Suite("install", 20, run_pytest, "tests/install"),
        Suite("simulator", 15, run_pytest, "tests/graph_simulator/tests"),
    )
}


if __name__ == "__main__":
    sys.exit(main())
