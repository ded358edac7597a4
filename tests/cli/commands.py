"""Commands run in this process, on an installation of their own."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from greffier.cli import main
from greffier.server.provisioning import WantedInstance
from tests.support.server import ENCRYPTION_KEY, PRODUCTION


class Installation:
    """A data folder and the commands about it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        if not (data / "encryption.key").exists():
            (data / "encryption.key").write_text(ENCRYPTION_KEY)

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.data / 'greffier.db'}"

    def run(self, *arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, [*arguments, "--data", str(self.data)], input=stdin)

    def done(self, *arguments: str, stdin: str = "") -> str:
        """Returns the output of a command that must succeed."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.done(*arguments, "--json", stdin=stdin))

    def execute(self, sql: str) -> None:
        """Change rows behind the commands' back."""
        with closing(sqlite3.connect(self.data / "greffier.db")) as file:
            file.execute(sql)
            file.commit()

    def refused(self, *arguments: str, stdin: str = "") -> str:
        """The message of a command that must fail, and not with a crash."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        return result.stderr


def add_role(installation: Installation, permissions: int) -> None:
    """The role `org:big` with as many permissions, each on a feature of its own, in every instance."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {permissions})"
    installation.execute(
        "INSERT INTO organization_roles SELECT 'role_1', id, 'org:big', 'Big', NULL, 1, 1 FROM instances"
    )
    installation.execute(
        f"INSERT INTO organization_permissions {numbers} SELECT 'perm_' || i, id,"
        " 'org:feature_' || i || ':read', 'Read', NULL, 'user', 1, 1 FROM instances, n"
    )
    installation.execute(
        f"INSERT INTO organization_role_permissions {numbers} SELECT 'pair_' || i, id, 'role_1',"
        " 'perm_' || i, 1 FROM instances, n"
    )


@pytest.fixture
def installation(sqlite_template: Callable[[WantedInstance], Path], tmp_path: Path) -> Installation:
    """One production instance at clerk.example.com."""
    shutil.copyfile(sqlite_template(PRODUCTION), tmp_path / "greffier.db")
    return Installation(tmp_path)


@pytest.fixture
def empty_installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)
