"""The site that visitors use: the example application and its server."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from greffier.testing import TestServer
from scripts.run_example import environment_of, example_app, greffier_server
from tests.browser.visitor import Site
from tests.support.services.ports import free_port
from tests.support.services.processes import apply_settings


@contextmanager
def example_site(data: Path, settings: str | None = None, framework: str = "fastapi") -> Iterator[Site]:
    """The example of a framework with a server of its own that keeps its data in a folder.

    Args:
        settings: those of the instance, as TOML.
    """
    with greffier_server(data, 0) as (_, facts):
        if settings is not None:
            apply_settings(data, facts["frontend_api_url"], settings)
        environment = environment_of(facts) | {"EXAMPLE_DATABASE": str(data / "app.sqlite3")}
        with example_app(free_port(), environment, framework) as (_, url):
            yield Site(url, facts["frontend_api_url"], facts["secret_key"])


@contextmanager
def example_of(server: TestServer, data: Path, settings: str) -> Iterator[Site]:
    """The example of FastAPI, which keeps its data in a folder, with a test server.

    Args:
        settings: those of the instance, as TOML.
    """
    server.configure(tomllib.loads(settings))
    environment = server.environment() | {"EXAMPLE_DATABASE": str(data / "app.sqlite3")}
    with example_app(free_port(), environment) as (_, url):
        yield Site(url, server.url, server.secret_key)
