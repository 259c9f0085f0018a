"""Test that the test runner fails if tests fail, did not run, or were skipped."""

import json
import subprocess
import sys
import threading

import pytest

from env import coverage_check, run_tests
from env.paths import ROOT

LINE = "2026-03-01 08:00:00,000 4711 {} test_odoo {}"
RESULT = LINE.format(
    "INFO", "odoo.tests.result: {} failed, {} error(s) of {} tests when loading"
)


def odoo_log(*lines):
    return "\n".join(lines)


def junit(tmp_path, body):
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite>{body}</testsuite></testsuites>")
    return run_tests.read_pytest_report(report)


def test_odoo_tests_are_counted():
    outcome = run_tests.read_odoo_log(RESULT.format(1, 2, 10))
    assert (outcome.passed, outcome.failed, outcome.problems) == (7, 3, [])


def test_an_odoo_run_without_result_is_a_problem():
    assert run_tests.read_odoo_log("Odoo died").problems


def test_a_test_that_odoo_skipped_is_a_problem():
    logger = "odoo.addons.web.tests.test_js.WebSuite"
    skip = LINE.format("INFO", f"{logger}: skipped WebSuite.test_hoot : no Chrome")
    outcome = run_tests.read_odoo_log(odoo_log(skip, RESULT.format(0, 0, 2)))
    assert (outcome.passed, outcome.skipped) == (1, 1)
    assert outcome.problems == ["skipped: WebSuite.test_hoot : no Chrome"]


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_a_complaint_in_the_log_is_a_problem(level):
    complaint = LINE.format(level, "odoo.sql_db: bad query")
    outcome = run_tests.read_odoo_log(odoo_log(complaint, RESULT.format(0, 0, 1)))
    assert outcome.problems == ["in the log: odoo.sql_db: bad query"]


def test_expected_log_lines_are_no_problem(tmp_path):
    expected = tmp_path / "expected.txt"
    expected.write_text("# why\n\n^odoo\\.sql_db: bad \n^skipped: TestX\\.test_y :\n")
    complaint = LINE.format("WARNING", "odoo.sql_db: bad query")
    skip = LINE.format("INFO", "odoo.addons.x.tests: skipped TestX.test_y : no x")
    log = odoo_log(complaint, skip, RESULT.format(0, 0, 2))
    outcome = run_tests.read_odoo_log(log, expected)
    assert (outcome.passed, outcome.skipped, outcome.problems) == (1, 1, [])


def test_a_failed_odoo_test_is_counted_once():
    report = LINE.format("ERROR", "odoo.addons.x.tests.test_x: FAIL: TestX.test_y")
    outcome = run_tests.read_odoo_log(odoo_log(report, RESULT.format(1, 0, 1)))
    assert (outcome.failed, outcome.problems) == (1, [])


def test_pytest_tests_are_counted(tmp_path):
    outcome = junit(
        tmp_path,
        "<testcase name='a'/><testcase name='b'><failure/></testcase>"
        "<testcase name='c'><error/></testcase>",
    )
    assert (outcome.passed, outcome.failed, outcome.problems) == (1, 2, [])


def test_a_skipped_pytest_test_is_a_problem(tmp_path):
    outcome = junit(
        tmp_path, "<testcase name='a'><skipped message='no browser'/></testcase>"
    )
    assert (outcome.skipped, len(outcome.problems)) == (1, 1)


@pytest.mark.parametrize("present", [True, False])
def test_the_comparison_with_graph_is_skipped_only_without_it(
    tmp_path, monkeypatch, present
):
    if present:
        monkeypatch.setenv(run_tests.REFERENCE_VARIABLE, str(tmp_path))
    else:
        monkeypatch.delenv(run_tests.REFERENCE_VARIABLE, raising=False)
    message = f"{run_tests.REFERENCE_VARIABLE} is not set"
    outcome = junit(
        tmp_path, f"<testcase name='a'><skipped message='{message}'/></testcase>"
    )
    assert bool(outcome.problems) is present


def test_free_worker_takes_the_next_suite():
    """The first suite ends only when the last one runs, which follows all others."""
    last_runs = threading.Event()

    def wait_for_last(_suite, _arguments):
        return run_tests.Outcome(passed=int(last_runs.wait(60)))

    def end(suite, _arguments):
        if suite.name == "last":
            last_runs.set()
        return run_tests.Outcome(passed=1)

    suites = [
        run_tests.Suite("first", 1, wait_for_last),
        *[run_tests.Suite("other", 1, end)] * run_tests.SIDE_BY_SIDE,
        run_tests.Suite("last", 1, end),
    ]
    total = run_tests.run_side_by_side(suites, [])
    assert total.passed == len(suites)


def test_problems_count_as_failures():
    total = run_tests.Outcome()
    total.add(run_tests.Outcome(passed=2, problems=["no test ran"]))
    assert str(total) == "2 passed, 1 failed"


def test_a_measured_suite_leaves_a_record_of_its_unit():
    program = str(coverage_check.PROGRAM)
    command = coverage_check.with_coverage([sys.executable, "-m", "pytest"], "unit")
    assert command[:3] == [sys.executable, program, "branches"]
    assert command[3:] == [str(coverage_check.record_of("unit")), "-m", "pytest"]
    command = coverage_check.with_coverage(["odoo", "-i", "base"], "odoo")
    assert command[2] == "lines"
    assert command[4:] == ["odoo", "-i", "base"]


def test_a_suite_that_measured_nothing_breaks_the_limits(tmp_path):
    found = dict(coverage_check.findings(tmp_path))
    assert "the pure packages: not measured by unit" in found
    assert not any(found.values())


def test_the_share_of_a_folder_is_measured(tmp_path):
    def lines(run, missing):
        return {"executed_lines": run, "missing_lines": missing}

    files = {
        "praetorx_base/hooks.py": lines([1, 2], [3]),
        "praetorx_base/models/key.py": lines([7], []),
        "praetorx_ms365_calendar/const.py": lines([], [1, 2, 3]),
    }
    record = tmp_path / "record.json"
    record.write_text(json.dumps({"files": files}))
    limit = coverage_check.Limit("base", "odoo", ("praetorx_base",), "lines", 90)
    assert coverage_check.measured_percent(limit, record) == 75


def test_a_measured_program_leaves_its_record(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys\nsys.exit(len(sys.argv))")
    record = tmp_path / "record.json"
    run = [sys.executable, str(coverage_check.PROGRAM), "lines", str(record)]
    done = subprocess.run([*run, str(program), "one"], cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "praetorx_base/hooks.py" in json.loads(record.read_text())["files"]


def test_a_measured_module_leaves_its_branches(tmp_path):
    record = tmp_path / "record.json"
    run = [sys.executable, str(coverage_check.PROGRAM), "branches", str(record)]
    subprocess.run([*run, "-m", "this"], cwd=ROOT, check=True, capture_output=True)
    files = json.loads(record.read_text())["files"]
    assert files["praetorx_base/crypto/keyring.py"]["missing_branches"]
