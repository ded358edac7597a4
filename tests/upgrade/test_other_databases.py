"""Databases that this version cannot upgrade are left alone, and the commands say what to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from greffier.server.store.migrate import UnknownSchema, current_revision, upgrade_if_needed
from tests.support.services.databases import free_port


def database_at(folder: Path, revision: str) -> str:
    with closing(sqlite3.connect(folder / "greffier.db")) as file:
        file.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        file.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        file.commit()
    return f"sqlite:///{folder / 'greffier.db'}"


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("2026_11_23_za_machines", "commit 4d79dee first"), ("9999", "install the newer version")],
)
async def test_database_of_any_other_revision_is_refused_in_one_line_and_left_alone(
    tmp_path: Path, revision: str, advice: str
) -> None:
    url = database_at(tmp_path, revision)

    with pytest.raises(UnknownSchema, match=advice) as refused:
        await upgrade_if_needed(url)

    assert "\n" not in str(refused.value)
    assert await current_revision(url) == revision


@pytest.mark.parametrize("command", ["migrate", "serve", "dev"])
def test_command_tells_in_one_line_that_a_database_cannot_be_upgraded(tmp_path: Path, command: str) -> None:
    url = database_at(tmp_path, "9999")
    port = ["--port", str(free_port())]
    options = {"migrate": [], "serve": port, "dev": [*port, "--data", str(tmp_path)]}

    ended = subprocess.run(
        [sys.executable, "-m", "greffier.cli", command, *options[command]],
        env={"GREFFIER_DATABASE_URL": url},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode in (1, 2)
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("Warning: ")]
    assert line.startswith("Error: ")
    assert "the database is at 9999" in line
