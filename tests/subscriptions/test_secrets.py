"""No answer and no log line ever has the secret key, or anything of another customer."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greffier.sdk import rare_log
from tests.sdk.apps import ORIGIN
from tests.subscriptions.endpoint_apps import Served, customers, served
from tests.support.stripe.service import Catalogue, StripeDouble

ADA, BOB = "user_ada", "user_bob"
ACTIONS = (
    "useSubscription",
    "redirectToCheckout",
    "redirectToCustomerPortal",
    "redirectToBillingPortal",
    "other",
)


class Shop:
    """An application with two customers, of whom Ada asks and Bob is not to be seen."""

    def __init__(self, double: StripeDouble, catalogue: Catalogue, **more: Any) -> None:
        self.double, self.catalogue = double, catalogue
        self.ada = double.customer("ada@example.com")
        self.bob = double.customer("bob-is-not-to-be-seen@example.com")
        of_bob = double.subscribe(self.bob, catalogue.pro_monthly)
        item = of_bob["items"]["data"][0]["id"]
        self.hidden = (double.secret_key, self.bob, of_bob["id"], item, "bob-is-not-to-be-seen")
        url = {"secret_key": double.secret_key, "api_base": double.url, "timeout": 10.0}
        self.app: Served = served("starlette", {**url, **more})

    def texts(self) -> list[Any]:
        """Values that a page of an attacker might send."""
        catalogue, pages = self.catalogue, [f"{ORIGIN}/", f"{ORIGIN}/?x=1", "https://evil.example/"]
        prices = [catalogue.pro_monthly, catalogue.starter_monthly, catalogue.enterprise_monthly]
        return [*self.hidden[1:], *prices, *pages, None, 7, {"id": self.bob}, [self.bob], self.ada]


def without_secrets(shop: Shop, text: str) -> None:
    for hidden in shop.hidden:
        assert hidden not in text, hidden


@pytest.fixture
def shop(stripe_double: StripeDouble, catalogue: Catalogue) -> Any:
    made = Shop(stripe_double, catalogue)
    with customers(**{ADA: made.ada, BOB: made.bob}):
        asyncio.run(made.app.ask("GET", "useSubscription", user=BOB))  # so that the cache knows Bob
        yield made


NAMES = (
    "price",
    "successUrl",
    "cancelUrl",
    "returnUrl",
    "redirectUrl",
    "customer",
    "customerId",
    "configuration",
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_nothing_of_others_is_answered(shop: Shop, data: st.DataObject):
    method = data.draw(st.sampled_from(["GET", "POST", "DELETE"]))
    body = data.draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(shop.texts()), max_size=5))
    path = f"/api/subscription?customer={shop.bob}&action={data.draw(st.sampled_from(ACTIONS))}"
    shop.double.traffic.failing = data.draw(st.sampled_from([None, None, None, 429, 500]))
    options = {"json": body} if method == "POST" else {}
    answer = asyncio.run(shop.app.ask(method, path=path, user=ADA, **options))
    without_secrets(shop, f"{answer.text} {dict(answer.headers)}")
    assert answer.status_code in (200, 400, 403, 404, 405, 503)
    sessions = shop.double.account.all("cs") + shop.double.account.all("bps")
    assert {one["customer"] for one in sessions} <= {shop.ada}


@pytest.mark.parametrize("trouble", ["wrong key", "unknown customer", "500", "cut", "429", "no portal"])
def test_troubles_tell_nothing_in_answers_and_logs(
    stripe_double: StripeDouble, catalogue: Catalogue, caplog: pytest.LogCaptureFixture, trouble: str
):
    rare_log._last.clear()
    key = "sk_test_wrong_0123456789" if trouble == "wrong key" else stripe_double.secret_key
    shop = Shop(stripe_double, catalogue, secret_key=key)
    stripe_double.traffic.failing = {"500": 500, "cut": 0, "429": 429}.get(trouble)
    if trouble == "no portal":
        del stripe_double.account.objects[catalogue.configuration]
    known = "cus_unknown_of_ada" if trouble == "unknown customer" else shop.ada
    body = {"price": catalogue.pro_monthly, "successUrl": f"{ORIGIN}/"}
    with customers(**{ADA: known}), caplog.at_level(logging.DEBUG):
        for method, action in (("GET", "useSubscription"), ("POST", "redirectToCheckout")):
            options = {"json": body} if method == "POST" else {}
            answer = asyncio.run(shop.app.ask(method, action, user=ADA, **options))
            without_secrets(shop, answer.text)
            assert key not in answer.text
            assert "Invalid" not in answer.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("greffier")]
    assert ours
    assert not any(secret in line for line in ours for secret in (key, known, *shop.hidden))
