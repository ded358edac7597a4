"""The example application, run both ways, and visitors with a real browser each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from scripts.run_example import example_app
from tests.browser.sites import example_site
from tests.browser.visitor import Site, Visitor
from tests.support.services.chromium import launch_options, profile_without_cookies
from tests.support.services.ports import free_port

expect.set_options(timeout=20_000)  # milliseconds; other tests of a run keep every core busy at times


@pytest.fixture(scope="session", params=["separate", "embedded"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example with a server of its own, and with the server embedded; or that of another framework."""
    data = tmp_path_factory.mktemp(request.param)
    if request.param != "embedded":
        framework = "fastapi" if request.param == "separate" else request.param
        with example_site(data, framework=framework) as separate:
            yield separate
        return
    with example_app(free_port(), {"GREFFIER_DATA": str(data)}) as (_, url):
        secret_key = json.loads((data / "keys.json").read_text())["secret_key"]
        yield Site(url, f"{url}/__clerk", secret_key)


@pytest.fixture
def without_cookies(tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser whose user blocks all cookies."""
    with sync_playwright() as playwright:
        profile = profile_without_cookies(tmp_path)
        context = playwright.chromium.launch_persistent_context(profile, **launch_options())
        yield context
        context.close()


@pytest.fixture
def new_visitor(chromium: Browser, site: Site) -> Iterator[Any]:
    """`new_visitor()` is a visitor with their own browser. At the end no visitor may have seen an error in
    the console or have caused a preflight."""
    visitors: list[Visitor] = []

    def arrive(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium.new_context(**options), site))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.check()


@pytest.fixture
def visitor(new_visitor: Any) -> Visitor:
    return new_visitor()
