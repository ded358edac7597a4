"""`greffier dev` behind a reverse proxy that serves it below a path, which it takes away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import PASSWORD
from tests.support.services.ports import free_port
from tests.support.services.processes import GREFFIER, answers, running_process
from tests.support.services.reverse_proxies import nginx
from tests.support.sign_in_form import enter_password
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser
ADA = "ada@example.com"

_PASS = "proxy_pass http://127.0.0.1:{port}/; proxy_set_header Host $http_host;"


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Starts a server behind two proxies: one passes `/__clerk/` on, as the public URL says; another passes
    `/other/` on."""
    folder = tmp_path_factory.mktemp("prefix")
    port, public, other = free_port(), free_port(), free_port()
    passed = _PASS.format(port=port)
    servers = f"""server {{
        listen 127.0.0.1:{public};
        location /__clerk/ {{ {passed} }}
        location = / {{ default_type text/html; return 200 "<h1>Application</h1>"; }}
    }}
    server {{
        listen 127.0.0.1:{other};
        location / {{ return 404; }}
        location /other/ {{ {passed} }}
    }}"""
    environ = {"GREFFIER_PUBLIC_URL": f"http://localhost:{public}/__clerk"}
    dev = [*GREFFIER, "dev", "--json", "--port", str(port), "--data", str(folder / "data")]
    with running_process(dev, environ=environ) as server, running_process(nginx(folder, servers)):
        assert server.stdout
        facts = json.loads(server.stdout.readline())
        wait_until(lambda: answers(f"{facts['frontend_api_url']}/v1/health"), "the proxy passes on")
        user = {"email_address": [ADA], "password": PASSWORD}
        key = {"authorization": f"Bearer {facts['secret_key']}"}
        httpx.post(f"{facts['backend_api_url']}/v1/users", json=user, headers=key).raise_for_status()
        yield facts | {"application": f"http://localhost:{public}", "other": f"http://localhost:{other}"}


def test_urls_that_the_server_says_lead_through_the_proxy_to_a_sign_in(
    chromium: Browser, facts: dict[str, Any]
) -> None:
    page, failed = chromium.new_page(), list[str]()
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)

    page.goto(f"{facts['sign_in_url']}?redirect_url={facts['application']}/")
    page.get_by_label("Email address").wait_for()
    assert page.url.startswith(facts["sign_in_url"])
    enter_password(page, ADA)
    expect(page.get_by_role("heading", name="Application")).to_be_visible()
    page.goto(facts["inbox_url"])
    expect(page.get_by_role("heading").first).to_be_visible()
    assert failed == []


@pytest.mark.parametrize("path", ["sign-in", "oauth-verification"])
def test_page_below_a_path_that_the_public_url_does_not_say_names_the_script_and_the_setting(
    chromium: Browser, facts: dict[str, Any], path: str
) -> None:
    page = chromium.new_page()

    page.goto(f"{facts['other']}/other/{path}")

    status = page.get_by_role("status")
    expect(status).to_contain_text(f"{facts['other']}/__clerk/npm/@clerk/clerk-js@")
    expect(status).to_contain_text("GREFFIER_PUBLIC_URL must end with the prefix that the proxy serves")
