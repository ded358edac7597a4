"""The tests of the `js` workspace, each of which counts in pytest's summary."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.services.vitest import VitestRun, run_vitest

ROOT = Path(__file__).parents[2]

FAILING = """
from tests.support.services.vitest import VitestRun
pytest_plugins = ["tests.support.services.vitest"]

def test_of_javascript(report_tests):
    report_tests(VitestRun({tests!r}, [], 1, ""))
"""


@pytest.mark.browser
def test_packages_and_applications_of_the_workspace(
    tmp_path: Path, report_tests: Callable[[VitestRun], None]
) -> None:
    run = run_vitest(tmp_path)

    report_tests(run)
    assert run.problem() is None


@pytest.mark.parametrize("processes", [[], ["-n1"]], ids=["one process", "pytest-xdist"])
def test_a_test_that_fails_in_vitest_fails_in_pytest_by_its_name(
    tmp_path: Path, processes: list[str]
) -> None:
    common = {"file": "packages/a/test/b.test.ts", "project": "node", "duration": 3}
    tests = [
        {**common, "name": "holds", "state": "passed", "errors": []},
        {**common, "name": "does not hold", "state": "failed", "errors": ["expected 1 to be 2"]},
        {**common, "name": "waits", "state": "skipped", "errors": []},
    ]
    (tmp_path / "test_it.py").write_text(FAILING.format(tests=tests), "utf-8")

    options = ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), *processes]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_it.py")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 1
    assert "b.test.ts [node] does not hold" in ran.stdout
    assert "expected 1 to be 2" in ran.stdout
    assert "1 failed, 2 passed, 1 skipped" in ran.stdout.splitlines()[-1]


def test_a_run_without_tests_or_with_errors_outside_of_them_is_a_problem() -> None:
    passed = json.loads('[{"name": "a", "state": "passed"}]')

    assert VitestRun([], [], 0, "No test files found").problem() == "No test files found"
    assert VitestRun(passed, ["Unhandled rejection"], 1, "").problem() == "Unhandled rejection"
    assert VitestRun(passed, [], 1, "startup error").problem() == "startup error"
    assert VitestRun(passed, [], 0, "").problem() is None
