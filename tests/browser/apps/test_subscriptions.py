"""Applications that sell subscriptions, of the unmodified `use-stripe-subscription` and of `@greffier/react`:
from sign-up to the cancelled subscription, over the pages of the stand-in for Stripe."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from greffier.starlette import add_auth
from greffier.subscriptions import Subscriptions
from greffier.subscriptions.customers import Customers
from greffier.subscriptions.endpoints.starlette import require_subscription, subscription_routes
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address
from tests.support.answers import claims_of
from tests.support.services.ports import free_port
from tests.support.services.processes import Serving, greffier_dev
from tests.support.stripe.service import StripeDouble, serve_stripe
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.sdk]
JS = Path(__file__).parents[3] / "js"
VITE = str(JS / "node_modules" / ".bin" / "vite")
APPS = ("use-stripe-subscription", "subscriptions")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("shop")) as serving:
        yield serving


@pytest.fixture(scope="module")
def double() -> Iterator[StripeDouble]:
    with serve_stripe() as served:
        served.fill()
        yield served


def shop(server: Serving, double: StripeDouble, pages: Path) -> Starlette:
    """The application: pages, the endpoint, and a route for those who have bought the feature "api"."""
    subscriptions = Subscriptions(secret_key=double.secret_key, api_base=double.url)
    customers = Customers(subscriptions, secret_key=server.secret_key, api_url=server.url)

    @require_subscription(customers, feature="api")
    async def keys(request: Request) -> JSONResponse:
        return JSONResponse({"keys": []})

    @require_subscription(customers, feature="audit")
    async def audit(request: Request) -> JSONResponse:
        return JSONResponse({"log": []})

    routes = [
        *subscription_routes(customers, subscriptions=subscriptions),
        Route("/api/keys", keys),
        Route("/api/audit", audit),
        Mount("/", StaticFiles(directory=pages, html=True)),
    ]
    app = Starlette(routes=routes)
    add_auth(
        app,
        publishable_key=server.publishable_key,
        secret_key=server.secret_key,
        api_url=server.url,
        proxy_url=server.url,
    )
    return app


@pytest.fixture(scope="module", params=APPS)
def site(
    request: pytest.FixtureRequest,
    server: Serving,
    double: StripeDouble,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    pages = tmp_path_factory.mktemp("pages")
    build = [VITE, "build", "--outDir", str(pages), "--emptyOutDir", "--logLevel", "error"]
    subprocess.run(build, cwd=JS / "test-apps" / request.param, check=True)
    config = uvicorn.Config(shop(server, double, pages), port=free_port(), log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_until(lambda: running.started, "the application answers")
        yield Site(f"http://localhost:{config.port}", server.url, server.secret_key)
    finally:
        running.should_exit = True
        thread.join(timeout=30)


@pytest.fixture
def customer(new_visitor: NewVisitor, double: StripeDouble) -> Visitor:
    """A visitor who has just signed up, on the page that sells."""
    visitor = new_visitor()
    lead_to_the_stand_in(visitor.context, double)
    address, page = new_address(), visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Email address").fill(address)
    password = page.get_by_label("Password", exact=True)
    password.fill("a quite different horse")
    password.press("Enter")
    visitor.enter_code(address)
    expect(page.get_by_role("heading", name="Shop")).to_be_visible()
    return visitor


def lead_to_the_stand_in(context: BrowserContext, double: StripeDouble) -> None:
    """The script that `loadStripe` adds comes from the stand-in."""
    script = httpx.get(f"{double.url}/js/v3").raise_for_status().text
    context.route(
        re.compile(r"^https://js\.stripe\.com/"),
        lambda route: route.fulfill(content_type="text/javascript", body=script),
    )


def next_claims(visitor: Visitor) -> dict[str, Any]:
    """Of a new token of the visitor's session."""
    session_id = claims_of(visitor.token())["sid"]
    url = f"{visitor.site.greffier}/v1/sessions/{session_id}/tokens"
    headers = {"authorization": f"Bearer {visitor.site.secret_key}", "clerk-api-version": "2026-05-12"}
    answer = httpx.post(url, headers=headers, json={})
    return claims_of(answer.raise_for_status().json()["jwt"])


def status_of(page: Page, path: str) -> int:
    return page.evaluate("async path => (await fetch(path)).status", path)


def expect_shut(page: Page) -> None:
    expect(page.locator("#state")).to_have_text("No subscription")
    expect(page.get_by_text("Choose a plan")).to_be_visible()
    for text in ("Your API keys", "Thank you for Pro"):
        expect(page.get_by_text(text)).to_have_count(0)
    assert status_of(page, "/api/keys") == 403


def expect_open(page: Page) -> None:
    expect(page.locator("#state")).to_have_text("Subscription: active")
    for text in ("Your API keys", "Thank you for Pro", "Without the audit log"):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_text("Choose a plan")).to_have_count(0)
    assert status_of(page, "/api/keys") == 200
    assert status_of(page, "/api/audit") == 403


def test_subscription_is_bought_and_cancelled_and_gates_follow(
    customer: Visitor, double: StripeDouble, site: Site
):
    page = customer.page
    customer.tolerated = ("403",)  # of the route that is not open yet
    name = "published" if page.locator("[data-gf]").count() == 0 else "own"
    expect_shut(page)
    customer.see(f"shop-{name}-pricing")

    page.get_by_role("button", name="Subscribe Pro").click()
    page.wait_for_url(f"{double.url}/**")
    customer.see(f"shop-{name}-checkout")
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url(f"{site.url}/**")

    expect_open(page)
    customer.see(f"shop-{name}-open")
    if name == "own":  # the application's build keeps the colours
        badge = page.get_by_text("Your plan")
        expect(badge).to_have_css("background-color", "rgb(67, 56, 202)")
    assert next_claims(customer)["pla"] == "u:pro"

    page.get_by_role("button", name="Manage", exact=True).click()
    page.wait_for_url(f"{double.url}/**")
    customer.see(f"shop-{name}-portal")
    page.get_by_role("button", name="Cancel subscription").click()
    page.get_by_role("link", name="Return").click()
    page.wait_for_url(f"{site.url}/**")

    expect_shut(page)
    customer.see(f"shop-{name}-shut")
    assert "pla" not in next_claims(customer)
