"""`greffier routes`: the gates of an app, from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from greffier.cli import main

APP = """
from fastapi import FastAPI
from greffier.fastapi import add_auth

def create(**settings):
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if settings:
        add_auth(app, **settings)
    app.add_api_route("/", lambda: None)
    app.add_api_route("/files/{name}", lambda name: None)
    return app

app = create(public_routes=["/"])
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "shop_of_routes.py").write_text(APP)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["routes", *arguments])

    yield invoke
    sys.modules.pop("shop_of_routes", None)


def test_routes_are_listed_with_their_gates(run: Run) -> None:
    result = run("shop_of_routes:app")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[1] == ["public", "GET", "/"]
    assert lines[2][:3] == ["protected", "GET", "/files/{name}"]


def test_undecided_routes_fail_the_command(run: Run) -> None:
    result = run("--factory", "shop_of_routes:create", "--json")
    assert result.exit_code == 1
    assert [(one["path"], one["gate"]) for one in json.loads(result.stdout)] == [
        ("/", "UNDECIDED"),
        ("/files/{name}", "UNDECIDED"),
    ]
    assert "2 undecided" in result.stderr


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("shop_of_routes", "like main:app"),
        ("nowhere:app", "no module 'nowhere'"),
        ("shop_of_routes:nothing", "has no 'nothing'"),
    ],
)
def test_an_app_that_is_not_there_is_told(run: Run, place: str, words: str) -> None:
    result = run(place)
    assert result.exit_code == 1
    assert words in result.stderr


def test_wrong_settings_of_the_app_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop_of_routes.py").write_text(APP.replace('["/"]', '["about"]'))
    result = run("shop_of_routes:app")
    assert result.exit_code == 1
    assert "must begin with a slash" in result.stderr
