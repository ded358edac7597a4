"""Routes for those who have bought something, in every framework: decided before the handler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import flask
import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from fastapi import Depends, FastAPI
from litestar import Litestar, get
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from greffier.fastapi import add_auth as add_to_fastapi
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from greffier.starlette import add_auth as add_to_starlette
from greffier.subscriptions import Subscriptions
from greffier.subscriptions.customers import Customers
from greffier.subscriptions.endpoints import django, fastapi, litestar, starlette
from greffier.subscriptions.endpoints import flask as for_flask
from tests.sdk.apps import ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.django.project import GREFFIER, urlpatterns
from tests.sdk.recorded_backend import RecordedBackend
from tests.support.stripe.service import Catalogue, StripeDouble

AUTH = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem}
REPORTS = "the reports"
Ask = Callable[..., Any]
Build = Callable[[Customers, dict[str, str]], tuple[Any, dict[str, Any]]]
handled: list[str] = []


def reports() -> str:
    handled.append("reports")
    return REPORTS


def _starlette(customers: Customers, asked: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    @starlette.require_subscription(customers, **asked)
    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(reports())

    app = Starlette(routes=[Route("/reports", view)])
    add_to_starlette(app, **AUTH)
    return app, {}


def _fastapi(customers: Customers, asked: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    app = FastAPI()
    require = fastapi.require_subscription(customers, **asked)
    app.get("/reports", dependencies=[Depends(require)])(reports)
    add_to_fastapi(app, **AUTH)
    return app, {}


def _litestar(customers: Customers, asked: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    @get("/reports", guards=[litestar.require_subscription(customers, **asked)], sync_to_thread=False)
    def view() -> str:
        return reports()

    return Litestar([view], plugins=[AuthPlugin(**AUTH)]), {}


def _flask(customers: Customers, asked: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    app = flask.Flask("reports")
    app.get("/reports")(for_flask.require_subscription(customers, **asked)(reports))
    Auth(app, **AUTH)
    return app.wsgi_app, {}


def _django(customers: Customers, asked: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    @django.require_subscription(customers, **asked)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(reports())

    changed = {"ROOT_URLCONF": (*urlpatterns, path("reports", view)), "GREFFIER": {**GREFFIER, **AUTH}}
    with override_settings(**changed):
        return get_wsgi_application(), changed


BUILD: dict[str, Build] = {
    "starlette": _starlette,
    "fastapi": _fastapi,
    "litestar": _litestar,
    "flask": _flask,
    "django": _django,
}


class Office:
    """An application with a route for customers, of whom Ada is one."""

    def __init__(self, build: Build, subscriptions: Subscriptions, double: StripeDouble) -> None:
        self._build = build
        self.ada = double.customer()
        users = {
            "user_ada": {"private_metadata": {"stripe_customer_id": self.ada}},
            "user_new": {"private_metadata": {}},
        }
        answers = {f"GET /v1/users/{id}": {"status": 200, "body": user} for id, user in users.items()}
        self.backend = RecordedBackend(answers)
        place = {"secret_key": "sk_live_x", "api_url": "https://clerk.example.com"}
        self.customers = Customers(subscriptions, claims=False, transport=self.backend, **place)
        handled.clear()

    async def ask(self, user: str | None = "user_ada", page: bool = False, **asked: str) -> httpx.Response:
        """A request of a page, or of a browser that opens one."""
        app, changed = self._build(self.customers, asked or {"feature": "sso"})
        headers = {"sec-fetch-dest": "document", "accept": "text/html"} if page else {}
        client: dict[str, Any] = {
            "base_url": ORIGIN,
            "cookies": signed_in_cookies(sub=user) if user else {},
            "headers": headers,
        }
        if isinstance(app, Starlette | Litestar):
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), **client) as http:
                return await http.get("/reports")
        with override_settings(**changed), httpx.Client(transport=httpx.WSGITransport(app), **client) as http:
            return await asyncio.to_thread(http.get, "/reports")


@pytest.fixture(params=BUILD)
def office(
    request: pytest.FixtureRequest,
    account: Callable[..., Subscriptions],
    catalogue: Catalogue,
    stripe_double: StripeDouble,
) -> Office:
    settings = {"subscription_seconds": 0.0, "products_seconds": 0.0, "last_good_seconds": 3600.0}
    return Office(BUILD[request.param], account(**settings), stripe_double)


async def test_only_those_who_have_bought_the_feature_pass(
    office: Office, catalogue: Catalogue, stripe_double: StripeDouble
):
    before = await office.ask()
    stripe_double.subscribe(office.ada, catalogue.starter_monthly)
    with_starter = await office.ask(feature="sso")
    passed = await office.ask(feature="export")

    assert (before.status_code, with_starter.status_code) == (403, 403)
    assert before.json()["errors"][0]["code"] == "authorization_invalid"
    assert (passed.status_code, REPORTS in passed.text) == (200, True)
    assert handled == ["reports"]


async def test_product_is_asked_for_by_its_id(
    office: Office, catalogue: Catalogue, stripe_double: StripeDouble
):
    bought = stripe_double.subscribe(office.ada, catalogue.pro_yearly)

    assert (await office.ask(product=catalogue.pro)).status_code == 200
    assert (await office.ask(product=catalogue.starter)).status_code == 403
    stripe_double.client().v1.subscriptions.cancel(bought["id"])
    assert (await office.ask(product=catalogue.pro)).status_code == 403


async def test_who_is_signed_out_is_answered_as_elsewhere(office: Office):
    api, page = await office.ask(user=None), await office.ask(user=None, page=True)

    assert (api.status_code, page.status_code) == (401, 307)
    assert handled == []


async def test_user_without_a_customer_is_refused_and_gets_none(office: Office, stripe_double: StripeDouble):
    assert (await office.ask(user="user_new")).status_code == 403
    assert len(stripe_double.account.all("cus")) == 1


async def test_while_stripe_is_down_the_last_good_answer_counts_and_without_one_all_are_refused(
    office: Office, catalogue: Catalogue, stripe_double: StripeDouble
):
    stripe_double.subscribe(office.ada, catalogue.pro_monthly)
    assert (await office.ask()).status_code == 200
    stripe_double.traffic.failing = 500

    assert (await office.ask()).status_code == 200
    other = Office(BUILD["starlette"], office.customers.subscriptions, stripe_double)
    unknown = await other.ask()

    assert unknown.status_code == 503
    assert unknown.json()["errors"][0]["code"] == "service_unavailable"
    assert int(unknown.headers["retry-after"]) > 0


async def test_callers_whose_customer_cannot_be_looked_up_are_refused(office: Office):
    office.backend.is_down = True

    assert (await office.ask()).status_code == 503
    assert handled == []


@pytest.mark.parametrize("asked", [{}, {"product": "prod_1", "feature": "sso"}, {"feature": ""}])
def test_exactly_one_thing_is_asked_for(office: Office, asked: dict[str, str]):
    with pytest.raises(ValueError, match="exactly one"):
        starlette.require_subscription(office.customers, **asked)
