"""Count which operations of the published contract are built and conform, and print the table of deviations.

    .venv/bin/python -m scripts.conformance [RECORD]

Runs the whole test suite, because every answer in it is checked. With RECORD, a file that an earlier run
wrote where GREFFIER_CONFORMANCE_FILE said, it runs nothing. The counts are kept in
docs/reference/conformance.md.
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

from tests.support.contract.contract_record import Record
from tests.support.contract.deviation_kinds import Face
from tests.support.contract.deviations import DEVIATIONS
from tests.support.contract.published import DATE, Operation, operations, unused_deviations

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "conformance.md"

NOT_BUILT = 501

State = Literal["conforms", "differs", "only errors", "not built"]
"""`only errors`: it is built as far as the tests saw, but none of them saw it succeed."""


def state_of(operation: Operation, record: Record) -> State:
    """Counts of one operation's answers in a run."""
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
    by_tag = _by_tag(face, record)
    total = sum(by_tag.values(), Counter[State]())
    yield f"{title}: {total['conforms']} of {total.total()} operations are built and conform"
    for tag, counts in by_tag.items():
        yield f"  {tag:<36} {counts['conforms']:>3} of {counts.total():<3} {_others(counts)}".rstrip()
    differing = [o.operation_id for o in operations(face) if state_of(o, record) == "differs"]
    if differing:
        yield f"  differs: {', '.join(differing)}"
    yield ""


def _by_tag(face: Face, record: Record) -> dict[str, Counter[State]]:
    found: dict[str, Counter[State]] = {}
    for operation in operations(face):
        found.setdefault(operation.tag, Counter())[state_of(operation, record)] += 1
    return dict(sorted(found.items()))


def _others(counts: Counter[State]) -> str:
    return ", ".join(
        f"{counts[state]} {state}" for state in ("differs", "only errors", "not built") if counts[state]
    )


def page(record: Record) -> Iterator[str]:
    """The lines of `docs/reference/conformance.md`."""
    yield "# Conformance"
    yield ""
    yield "Which operations of the published Frontend and Backend APIs are built, part by part. This page is"
    yield "written by `make conformance`. Every answer in the test suite, on SQLite and on PostgreSQL, is"
    yield f"validated against the published contracts of {DATE}. Operations that are not built answer `501`."
    for face, title in (("fapi", "Frontend API"), ("bapi", "Backend API")):
        yield from _section(face, title, record)
    yield from ("", "## Deviations", "", "Where answers differ from the contract on purpose:", "")
    for row in DEVIATIONS:
        yield f"- {row.face}: {row.summary}; {row.reason}"


def _section(face: Face, title: str, record: Record) -> Iterator[str]:
    by_tag = _by_tag(face, record)
    total = sum(by_tag.values(), Counter[State]())
    yield from ("", f"## {title}: {total['conforms']} of {total.total()} operations", "")
    yield from ("| Part | Built and conforming | Of | |", "|---|---:|---:|---|")
    for tag, counts in by_tag.items():
        yield f"| {tag} | {counts['conforms']} | {counts.total()} | {_others(counts)} |"


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
    """Print the report, and keep it as a page of the documentation; the exit status is that of the tests."""
    record, status = (_read(Path(arguments[0])), 0) if arguments else _run_tests()
    print("\n".join(["", *report(record)]))
    PAGE.write_text("\n".join([*page(record), ""]))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
