"""The published behaviour tables, read from the shared folder and never copied into the repository."""

import json
from functools import cache
from typing import Any

import pytest

from tests.support.contract.published import shared_directory


@cache
def read_vectors(name: str) -> dict[str, Any] | None:
    """One table of `vectors/`, or None (with a printed reason) when the shared folder is not there."""
    path = shared_directory() / "vectors" / name
    if not path.is_file():
        print(
            f"\nNOT RUN: {path} is missing; set GREFFIER_SHARED_DIR to the folder that holds vectors/{name}"
        )
        return None
    return json.loads(path.read_text())


def rows(name: str, section: str, *, ids: str | None = None) -> list[Any]:
    """The rows of one section as pytest parameters; a single skipped one when the table is missing."""
    table = read_vectors(name)
    if table is None:
        reason = f"{shared_directory() / 'vectors' / name} is missing (GREFFIER_SHARED_DIR)"
        return [pytest.param(None, id="missing-vectors", marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(row, id=str(row[ids]) if ids else f"{section}-{number}")
        for number, row in enumerate(table[section])
    ]
