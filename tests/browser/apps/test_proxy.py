"""The unmodified browser SDK and its components on one origin, behind the proxy of the application."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greffier.proxy import FrontendApiProxy
from greffier.testing import serving
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.services.processes import Serving

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[3] / "examples" / "litestar_app" / "app.py"


def example() -> Any:
    """The application of the Litestar example, connected as the environment says."""
    spec = importlib.util.spec_from_file_location("proxied_example", EXAMPLE)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create_app()


@pytest.fixture
def site(dev_server: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The server has another origin, of which pages are not told."""
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", dev_server.publishable_key)
    monkeypatch.setenv("GREFFIER_SECRET_KEY", dev_server.secret_key)
    monkeypatch.setenv("GREFFIER_API_URL", dev_server.url)
    monkeypatch.setenv("GREFFIER_PROXY_URL", "/__clerk")
    with serving(FrontendApiProxy(example(), target=dev_server.url)) as url:
        yield Site(url, dev_server.url)


def test_person_signs_up_out_and_in_on_the_applications_own_origin(visitor: Visitor) -> None:
    visitor.tolerated = (f"401 (Unauthorized) at {visitor.site.url}/api/me",)
    address = new_address()
    visitor.sign_up(address)
    user_id = visitor.page.evaluate("Clerk.user.id")
    assert visitor.ask_api()["user_id"] == user_id

    visitor.page.reload()
    visitor.expect_dashboard()
    visitor.sign_out()
    assert visitor.ask_api()["errors"][0]["code"] == "authentication_required"
    visitor.sign_in(address)
    assert visitor.ask_api()["user_id"] == user_id

    asked = {response.url.split("/", 3)[2] for response in visitor.responses if "://" in response.url}
    assert asked == {visitor.site.url.removeprefix("http://")}
