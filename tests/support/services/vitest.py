"""Runs Vitest in the `js` workspace, and reports each of its tests as one of pytest's."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from tests.support.services.chromium import find_chromium

WORKSPACE = Path(__file__).parents[3] / "js"
LONGEST_RUN = 600

_OUTCOMES: dict[str, Literal["passed", "failed", "skipped"]] = {"passed": "passed", "skipped": "skipped"}


@dataclass
class VitestRun:
    """A run as `js/vitest.reporter.ts` writes it: its tests, and errors outside of tests."""

    tests: list[dict[str, Any]]
    errors: list[str]
    exit_status: int
    output: str

    def problem(self) -> str | None:
        """The errors outside of tests, if there are any."""
        if self.errors:
            return "\n\n".join(self.errors)
        failed = any(test["state"] == "failed" for test in self.tests)
        return self.output if not self.tests or (self.exit_status and not failed) else None


def run_vitest(folder: Path, *arguments: str, workspace: Path = WORKSPACE) -> VitestRun:
    """Run the workspace's tests, with results written below `folder`."""
    results = folder / "vitest.json"
    program = WORKSPACE / "node_modules" / "vitest" / "vitest.mjs"
    if not program.is_file():
        pytest.fail("the packages of js/ are not installed: run `scripts/setup_npm.sh js`")
    finished = subprocess.run(
        ["node", str(program), "run", "--reporter=./vitest.reporter.ts", *arguments],
        cwd=workspace,
        env={**os.environ, "RESULTS": str(results), "CHROMIUM": str(find_chromium()), "CI": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_RUN,
    )
    written = json.loads(results.read_text("utf-8")) if results.is_file() else {"tests": [], "errors": []}
    return VitestRun(**written, exit_status=finished.returncode, output=finished.stdout)


def report_of(test: dict[str, Any], item: pytest.Item) -> pytest.TestReport:
    """One of Vitest's tests as a report of `item`: pytest-xdist takes reports of running items alone."""
    name = f"{test['file']} [{test['project']}] {test['name']}"
    outcome = _OUTCOMES.get(test["state"], "failed")
    longrepr: Any = None
    if outcome == "failed":
        longrepr = "\n".join([name, *test["errors"]])
    elif outcome == "skipped":
        longrepr = (test["file"], 0, f"Skipped: {name}")
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=(test["file"], None, name),
        keywords={},
        outcome=outcome,
        longrepr=longrepr,
        when="call",
        duration=test["duration"] / 1000,
    )


@pytest.fixture
def report_tests(request: pytest.FixtureRequest) -> Callable[[VitestRun], None]:
    """Adds every test of a run to pytest's summary."""
    item = cast("pytest.Item", request.node)

    def report(run: VitestRun) -> None:
        for test in run.tests:
            item.ihook.pytest_runtest_logreport(report=report_of(test, item))

    return report
