"""Count which operations of the published contract are built and conform, and print the table of deviations.

    .venv/bin/python -m scripts.conformance [RECORD]

Runs the whole test suite, because every answer in it is checked. With RECORD, a file that an earlier run
wrote where GREFFIER_CONFORMANCE_FILE said, it only prints.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.support.contract import DATE, Operation, operations, unused_deviations
from tests.support.contract_record import Record
from tests.support.deviations import DEVIATIONS, Face

ROOT = Path(__file__).parents[1]

NOT_BUILT = 501

State = Literal["conforms", "differs", "only errors", "not built"]
"""`only errors`: it is built as far as the tests saw, but none of them saw it succeed."""


def state_of(operation: Operation, record: Record) -> State:
    """What the answers of a run say about one operation."""
    key = (operation.face, operation.operation_id)
    if any(found[:2] == key for found in record.problems):
        return "differs"
    statuses = {found[2] for found in record.answers if found[:2] == key}
    if any(status < 400 for status in statuses):
        return "conforms"
    return "only errors" if statuses - {NOT_BUILT} else "not built"


def report(record: Record) -> Iterator[str]:
    """The lines to print."""
    yield from _face("fapi", "Frontend API", record)
    yield from _face("bapi", "Backend API", record)
    unused = {row.name for row in unused_deviations(record)}
    yield f"Deviations from the contract of {DATE} ({len(DEVIATIONS)}; those no answer needed are marked -)"
    for row in DEVIATIONS:
        yield f"  {'-' if row.name in unused else '+'} {row.face} {row.name}: {row.summary}"
        yield f"      {row.reason}"


def _face(face: Face, title: str, record: Record) -> Iterator[str]:
    by_tag: dict[str, Counter[State]] = {}
    differing: list[str] = []
    for operation in operations(face):
        state = state_of(operation, record)
        by_tag.setdefault(operation.tag, Counter())[state] += 1
        if state == "differs":
            differing.append(operation.operation_id)
    total = sum(by_tag.values(), Counter[State]())
    yield f"{title}: {total['conforms']} of {total.total()} operations are built and conform"
    for tag, counts in sorted(by_tag.items()):
        others = ", ".join(
            f"{counts[state]} {state}" for state in ("differs", "only errors", "not built") if counts[state]
        )
        yield f"  {tag:<36} {counts['conforms']:>3} of {counts.total():<3} {others}".rstrip()
    if differing:
        yield f"  differs: {', '.join(differing)}"
    yield ""


def _run_tests() -> tuple[Record, int]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record.json"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "logical", "--maxprocesses", "4"],
            cwd=ROOT,
            env={**os.environ, "GREFFIER_CONFORMANCE_FILE": str(file)},
        )
        return _read(file), done.returncode


def _read(file: Path) -> Record:
    record = Record()
    record.add(json.loads(file.read_text()))
    return record


def main(arguments: list[str]) -> int:
    """Print the report; the exit status is that of the tests."""
    record, status = (_read(Path(arguments[0])), 0) if arguments else _run_tests()
    print("\n".join(["", *report(record)]))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
