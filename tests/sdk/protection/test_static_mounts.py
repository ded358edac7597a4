"""Folders of static files that each framework's adapter can see; nothing else is open by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import FastAPI
from litestar import Litestar, get
from litestar.static_files import create_static_files_router
from starlette.staticfiles import StaticFiles

from greffier.fastapi import add_auth
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from tests.sdk.apps import PRODUCTION
from tests.sdk.frameworks.test_every_framework import Served

KEYS: dict[str, Any] = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}


def of_fastapi(folder: Path) -> Served:
    app = FastAPI()

    @app.get("/api/{name}")
    def data(name: str) -> dict[str, str]:
        return {"secret": name}

    app.mount("/static", StaticFiles(directory=folder))
    add_auth(app, **KEYS)
    return Served(True, app)


def of_litestar(folder: Path) -> Served:
    @get("/api/{name:str}", sync_to_thread=False)
    def data(name: str) -> dict[str, str]:
        return {"secret": name}

    files = create_static_files_router("/static", [folder])
    return Served(True, Litestar([data, files], plugins=[AuthPlugin(**KEYS)]))


def of_flask(folder: Path) -> Served:
    app = flask.Flask("tested", static_folder=folder, static_url_path="/static")
    app.add_url_rule("/api/<name>", "data", lambda name: {"secret": name})
    Auth(app, **KEYS)
    return Served(False, app)


def of_a_blueprint(folder: Path) -> Served:
    app = flask.Flask("tested", static_folder=None)
    # Called as the real one is, but a view of the application.
    app.add_url_rule("/api/<name>", "static", lambda name: {"secret": name})
    app.register_blueprint(flask.Blueprint("shop", "tested", static_folder=folder, static_url_path="/static"))
    Auth(app, **KEYS)
    return Served(False, app)


APPS: list[Callable[[Path], Served]] = [of_fastapi, of_litestar, of_flask, of_a_blueprint]


@pytest.fixture(params=APPS)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Served:
    for name in ("app.css", "report.pdf"):
        (tmp_path / name).write_text("content")
    return request.param(tmp_path)


async def test_page_files_of_a_mounted_folder_are_open(served: Served) -> None:
    answer = await served.get("/static/app.css")

    assert (answer.status_code, answer.text) == (200, "content")
    assert answer.headers["x-clerk-auth-reason"] == "skip"


@pytest.mark.parametrize("path", ["/api/x.map", "/api/x.webmanifest", "/api/x.svg", "/static/report.pdf"])
async def test_no_route_is_open_because_its_path_looks_like_a_file(served: Served, path: str) -> None:
    answer = await served.get(path)

    assert answer.status_code == 401
    assert "secret" not in answer.text
    assert "content" not in answer.text
    assert (await served.get(path, signed_in=True)).status_code == 200
