"""Statements find their rows by an index that is about them, not by walking through an instance."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from greffier.server.app import declare_operations
from greffier.server.store.migrate import create_sqlite_file
from greffier.server.store.statements import Statement
from greffier.server.verifications.attempts.queries import AttemptStatements

WALKS = {
    "clients.LIST": "a page of all clients, newest first",
    "external_accounts.NEWEST_OF_PROVIDER": "the newest few, for the page of the development provider",
    "clients.COUNT": "all clients of the instance",
    "instances.ALL_HOSTS": "at start, and after changes",
    "signing.TEMPLATES": "an instance has a hundred at most",
    "roles.PERMISSIONS_OF_ROLES": "for the doctor; an instance has a hundred roles at most",
    "instances.ALL_INSTANCES": "at start, and after changes",
    "instances.STATE": "a row per instance, once a second",
    "instances.LIVE_SECRET_KEYS": "at start",
    "signing.ALL_SIGNING_KEYS": "at start",
}
"""Statements that do walk, and why they may."""


def statements() -> Iterator[tuple[str, Statement[object]]]:
    declare_operations()
    for name, module in sorted(sys.modules.items()):
        if name.startswith("greffier.server.") and name.endswith("queries"):
            for constant, value in vars(module).items():
                several = value._asdict().items() if isinstance(value, AttemptStatements) else ()
                for field, statement in several or ((constant, value),):
                    if isinstance(statement, Statement):
                        yield f"{name.split('.')[-2]}.{field}", statement


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "empty.db"
    create_sqlite_file(path)
    return path


@pytest.mark.parametrize(("name", "statement"), [pytest.param(n, s, id=n) for n, s in statements()])
def test_statement_does_not_walk_through_an_instance(
    empty_file: Path, name: str, statement: Statement[object]
) -> None:
    sql = statement.compiled("sqlite").sql
    with closing(sqlite3.connect(empty_file)) as file:
        steps = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))]

    walks = [step for step in steps if step.startswith("SCAN") or step.endswith("(instance_id=?)")]

    assert bool(walks) == (name in WALKS), steps
