"""A pytest plugin: gathers what the answers of a run said about the contract, over all processes of the run.

With GREFFIER_CONFORMANCE_FILE set, the record is written there as JSON (`make conformance` reads it).
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract.contract_record import RECORD, Record
from tests.support.contract.published import unused_deviations

_KEY = "contract_record"


@pytest.fixture
def separate_record(monkeypatch: pytest.MonkeyPatch) -> Record:
    """An empty record for one test, so that made-up answers do not count in the report of the run."""
    for name, empty in {name: getattr(Record(), name) for name in Record.__slots__}.items():
        monkeypatch.setattr(RECORD, name, empty)
    return RECORD


def pytest_sessionfinish(session: pytest.Session) -> None:
    worker_output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if worker_output is not None:
        worker_output[_KEY] = RECORD.as_json()
    elif file := os.environ.get("GREFFIER_CONFORMANCE_FILE"):
        Path(file).write_text(json.dumps(RECORD.as_json(), indent=1))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist has ended; one that crashed has nothing to tell."""
    told = getattr(node, "workeroutput", {}).get(_KEY)
    if told:
        RECORD.add(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line about the table of deviations, and which of its rows nothing needed."""
    if not RECORD.answers and not RECORD.problems:
        return
    checked = sum(RECORD.answers.values()) + sum(RECORD.problems.values())
    wrong = sum(RECORD.problems.values())
    operations = len({(face, name) for face, name, _ in RECORD.answers})
    terminalreporter.write_line(
        f"contract: {checked} answers of {operations} operations checked, {wrong} do not conform; "
        f"{len(RECORD.deviations)} deviations used"
    )
    unused = ", ".join(row.name for row in unused_deviations())
    if unused and terminalreporter.verbosity > 0:
        terminalreporter.write_line(f"deviations that nothing needed: {unused}")
