"""The stand-in on a real port, and a catalogue to fill it with."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.support.services.ports import free_port
from tests.support.stripe import pages, resources, sessions, subscriptions
from tests.support.stripe.account import Account, Object
from tests.support.stripe.faults import StripeFault
from tests.support.stripe.traffic import Traffic
from tests.support.stripe.webhooks import Deliveries
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    import stripe

SECRET_KEY = "sk_test_of_the_stand_in_0123456789"
PUBLISHABLE_KEY = "pk_test_of_the_stand_in_0123456789"


class Catalogue(NamedTuple):
    """Ids of products and prices. `enterprise_monthly` is in no portal configuration."""

    starter: str
    pro: str
    starter_monthly: str
    pro_monthly: str
    pro_yearly: str
    enterprise: str
    enterprise_monthly: str
    configuration: str


class StripeDouble:
    """`traffic` has what was asked, and the switches for failures; `webhooks` what was delivered.

    Args:
        url: at which it is served.
    """

    secret_key = SECRET_KEY
    publishable_key = PUBLISHABLE_KEY

    def __init__(self, url: str) -> None:
        self.url = url
        self.webhooks: Deliveries | None = None
        self.reset()

    def reset(self) -> None:
        """An empty account, and no failures."""
        if self.webhooks is not None:
            self.webhooks.close()
        self.account = Account()
        self.traffic = Traffic(self.account, SECRET_KEY)
        self.webhooks = Deliveries(self.account)

    def client(self, secret_key: str = SECRET_KEY) -> stripe.StripeClient:
        """The official client, asking here."""
        import stripe

        return stripe.StripeClient(secret_key, base_addresses={"api": self.url}, max_network_retries=0)

    def fill(self) -> Catalogue:
        """Products with features, their prices, and the default configuration of the customer portal."""
        made = self._product("Starter", "export"), self._product("Pro", "export,api,sso")
        starter, pro, enterprise = *made, self._product("Enterprise", "export,api,sso,audit")
        prices = (
            self._price(starter, 900, "month"),
            self._price(pro, 2900, "month"),
            self._price(pro, 29000, "year"),
        )
        # Another order than that of their creation.
        products = [
            {"product": pro, "prices": [prices[2], prices[1]]},
            {"product": starter, "prices": [prices[0]]},
        ]
        configuration = self.set_portal(products)
        return Catalogue(
            starter, pro, *prices, enterprise, self._price(enterprise, 99000, "month"), configuration
        )

    def set_portal(self, products: list[Object]) -> str:
        """Make the default configuration anew, as its page on the Dashboard does. Returns its id."""
        features = {"features": {"subscription_update": {"products": products}}}
        found = self.account.default_configuration()
        if found is None:
            return resources.create_configuration(self.account, features, is_default=True)["id"]
        return resources.update_configuration(self.account, found, features)["id"]

    def customer(self, email: str = "ada@example.com") -> str:
        """The id of a new customer."""
        return resources.create_customer(self.account, {"email": email})["id"]

    def subscribe(self, customer: str, price: str, **params: str) -> Object:
        """A subscription, as if it had been paid."""
        return subscriptions.create(
            self.account, {"customer": customer, "items": [{"price": price}], **params}
        )

    def _product(self, name: str, features: str) -> str:
        return resources.create_product(self.account, {"name": name, "metadata": {"features": features}})[
            "id"
        ]

    def _price(self, product: str, amount: int, interval: str) -> str:
        recurring = {"interval": interval}
        params = {"product": product, "unit_amount": amount, "recurring": recurring}
        return resources.create_price(self.account, params)["id"]


class _Cut(Response):
    """An answer that ends before its end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})


def _app(double: StripeDouble) -> Starlette:
    async def api(request: Request) -> Response:
        is_read = request.method in ("GET", "DELETE")
        text = request.url.query if is_read else (await request.body()).decode()
        answer = await double.traffic.answer(
            request.method, request.url.path, text, request.headers, double.url
        )
        if answer is None:
            return _Cut()
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def checkout(request: Request) -> Response:
        session = double.account.find("cs", request.path_params["id"])
        if request.method == "POST":
            return RedirectResponse(sessions.pay(double.account, session), 303)
        return HTMLResponse(pages.checkout(double.account, session))

    async def portal(request: Request) -> Response:
        session = double.account.find("bps", request.path_params["id"])
        if request.method == "POST":
            async with request.form() as form:
                fields = {name: str(value) for name, value in form.items()}
            pages.act_in_portal(double.account, session, fields)
            return RedirectResponse(str(request.url), 303)
        return HTMLResponse(pages.portal(double.account, session))

    async def script(request: Request) -> Response:
        return Response(pages.script(double.url), media_type="text/javascript")

    async def unknown(request: Request, fault: Exception) -> Response:
        return HTMLResponse("This page does not exist.", 404)

    return Starlette(
        routes=[
            Route("/v1/{rest:path}", api, methods=["GET", "POST", "DELETE"]),
            Route("/c/pay/{id}", checkout, methods=["GET", "POST"]),
            Route("/p/session/{id}", portal, methods=["GET", "POST"]),
            Route("/js/v3", script),
            Route("/v3/", script),
            Route("/clover/stripe.js", script),
        ],
        exception_handlers={StripeFault: unknown},
    )


@contextmanager
def serve_stripe() -> Generator[StripeDouble]:
    """The stand-in on a free port of 127.0.0.1, in a thread of this process."""
    port = free_port()
    double = StripeDouble(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(_app(double), host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, "the stand-in for Stripe listens")
        yield double
    finally:
        server.should_exit = True
        thread.join()
        if double.webhooks is not None:
            double.webhooks.close()


@pytest.fixture(scope="session")
def _served_stripe() -> Iterator[StripeDouble]:
    with serve_stripe() as double:
        yield double


@pytest.fixture
def stripe_double(_served_stripe: StripeDouble) -> StripeDouble:
    """An empty stand-in for Stripe."""
    _served_stripe.reset()
    return _served_stripe
