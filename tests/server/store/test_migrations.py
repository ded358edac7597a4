"""The files of the migrations: numbered, in one line, and known without Alembic."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from greffier.server.store.migrate import newest_revision

FOLDER = Path(import_module("greffier.server.store").__file__ or "").parent / "migrations"
VERSION_NUM = 32
"""Characters that Alembic's table keeps of a revision."""


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config)


def test_migrations_have_one_head_which_is_known_without_alembic() -> None:
    assert scripts().get_heads() == [newest_revision()]


def test_each_file_begins_with_its_revision_and_follows_the_number_before() -> None:
    revisions = list(scripts().walk_revisions())[::-1]

    assert [one.revision for one in revisions] == [f"{n + 1:04}" for n in range(len(revisions))]
    assert [one.down_revision for one in revisions] == [None, *(one.revision for one in revisions[:-1])]
    for one in revisions:
        assert Path(one.path).name.startswith(f"{one.revision}_")


def test_revisions_fit_in_the_table_of_alembic() -> None:
    assert max(len(one.revision) for one in scripts().walk_revisions()) <= VERSION_NUM


def test_every_file_is_a_migration_of_the_line() -> None:
    paths = {Path(one.path) for one in scripts().walk_revisions()}

    assert paths == set((FOLDER / "versions").glob("*.py"))
