"""The handler: what it answers to the actions of the published package, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from greffier import ConfigurationError
from greffier.subscriptions import (
    CustomerMissing,
    StripeRefused,
    StripeUnavailable,
    Subscriptions,
    subscription_handler,
    subscription_handler_async,
)
from tests.support.stripe import resources
from tests.support.stripe import subscriptions as stand_in_subscriptions
from tests.support.stripe.service import Catalogue, StripeDouble
from tests.support.stripe.subscriptions import set_status

STATE = {"action": "useSubscription"}
CHECKOUT = {"action": "redirectToCheckout"}
PORTAL = {"action": "redirectToCustomerPortal"}
PAGES = {"successUrl": "https://app.example.com/paid", "cancelUrl": "https://app.example.com/pricing"}


def test_state_has_products_in_the_order_of_the_portal_with_their_prices(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    reply = subscriptions.handle(stripe_double.customer(), STATE)
    assert reply.status == 200
    assert [
        (one["product"]["id"], [price["id"] for price in one["prices"]]) for one in reply["products"]
    ] == [
        (catalogue.pro, [catalogue.pro_yearly, catalogue.pro_monthly]),
        (catalogue.starter, [catalogue.starter_monthly]),
    ]
    pro = reply["products"][0]
    assert pro["product"]["metadata"] == {"features": "export,api,sso"}
    assert pro["prices"][0]["unit_amount"] == 29000
    assert pro["prices"][0]["product"] == catalogue.pro
    assert reply["subscription"] is None
    json.dumps(reply)


def test_subscription_has_what_gates_of_the_package_read(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    reply = subscriptions.handle(customer, STATE)
    (item,) = reply["subscription"]["items"]["data"]
    (product,) = (
        one["product"] for one in reply["products"] if one["product"]["id"] == item["price"]["product"]
    )
    assert product["metadata"]["features"].split(",") == ["export", "api", "sso"]
    assert "stale" not in reply


async def test_asynchronous_code_gets_the_same(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    asynchronous = await subscriptions.handle_async(customer, STATE)
    assert asynchronous == await asyncio.to_thread(subscriptions.handle, customer, STATE)
    assert (await subscriptions.handle_async(customer, PORTAL, {})).status == 200
    assert (await subscriptions.state_async(customer)).subscription == asynchronous["subscription"]
    assert (await subscriptions.entitlements_async(customer)).features == {"export", "api", "sso"}


async def test_account_of_the_environment_is_the_default(
    stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch
):
    from greffier.subscriptions import handler

    monkeypatch.setenv("STRIPE_SECRET_KEY", stripe_double.secret_key)
    handler._of_environment.cache_clear()
    unknown = {"action": "unheardOf"}
    assert subscription_handler(customer_id="cus_1", query=unknown, body=None) == {
        "error": "Action not found"
    }
    assert await subscription_handler_async("cus_1", unknown) == {"error": "Action not found"}
    handler._of_environment.cache_clear()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "pk_test_publishable")
    with pytest.raises(ConfigurationError, match="STRIPE_SECRET_KEY") as mistake:
        subscription_handler("cus_1", STATE)
    assert "pk_test_publishable" not in str(mistake.value)


@pytest.mark.parametrize(
    "query", [{}, {"action": "unheardOf"}, {"action": ["useSubscription"]}, {"action": ""}]
)
def test_unknown_actions_have_the_published_error(subscriptions: Subscriptions, query: dict[str, Any]):
    reply = subscriptions.handle("cus_1", query, {})
    assert (reply.status, reply) == (404, {"error": "Action not found"})


def test_checkout_is_for_the_own_customer_and_one_offered_price(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer, other = stripe_double.customer(), stripe_double.customer("bob@example.com")
    body = {"price": catalogue.pro_monthly, "customer": other, "mode": "payment", **PAGES}
    reply = subscriptions.handle(customer, CHECKOUT, body)
    assert reply.status == 200
    assert set(reply) == {"id", "object", "url"}
    session = stripe_double.account.find("cs", reply["id"])
    assert reply["url"] == f"{stripe_double.url}/c/pay/{reply['id']}"
    assert (session["customer"], session["mode"]) == (customer, "subscription")
    assert session["_line_items"] == [{"price": catalogue.pro_monthly, "quantity": "1"}]
    assert (session["success_url"], session["cancel_url"]) == (PAGES["successUrl"], PAGES["cancelUrl"])


def test_checkout_of_a_price_that_the_portal_does_not_offer_is_refused(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    customer, subscriptions = stripe_double.customer(), account()
    for price in (catalogue.enterprise_monthly, "price_unheard_of", catalogue.pro):
        reply = subscriptions.handle(customer, CHECKOUT, {"price": price, **PAGES})
        assert (reply.status, reply) == (403, {"error": "Error"})
    subscriptions.handle(customer, STATE)
    stripe_double.set_portal([{"product": catalogue.starter, "prices": [catalogue.starter_monthly]}])
    # The cache still has it.
    taken_away = subscriptions.handle(customer, CHECKOUT, {"price": catalogue.pro_monthly, **PAGES})
    assert taken_away.status == 403
    assert stripe_double.account.all("cs") == []


def test_without_a_portal_or_switching_in_it_there_is_nothing_to_buy(
    stripe_double: StripeDouble, subscriptions: Subscriptions
):
    customer = stripe_double.customer()
    assert subscriptions.handle(customer, STATE) == {"products": [], "subscription": None}
    catalogue = stripe_double.fill()
    configuration = stripe_double.account.default_configuration()
    assert configuration is not None
    configuration["features"]["subscription_update"]["enabled"] = False
    assert subscriptions.handle(customer, STATE)["products"] == []
    body = {"price": catalogue.pro_monthly, **PAGES}
    assert subscriptions.handle(customer, CHECKOUT, body).status == 403


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "unpaid", "paused"])
def test_customer_with_a_subscription_cannot_pay_for_another(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions, status: str
):
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.starter_monthly, status=status)
    reply = subscriptions.handle(customer, CHECKOUT, {"price": catalogue.pro_monthly, **PAGES})
    assert (reply.status, reply) == (403, {"error": "Error"})
    assert stripe_double.account.all("cs") == []


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [
        ("active", True),
        ("trialing", True),
        ("past_due", True),
        ("unpaid", False),
        ("paused", False),
        ("incomplete", False),
        ("incomplete_expired", False),
        ("canceled", False),
    ],
)
def test_only_subscriptions_that_give_access_are_shown(
    stripe_double: StripeDouble,
    catalogue: Catalogue,
    subscriptions: Subscriptions,
    status: str,
    is_shown: bool,
):
    customer = stripe_double.customer()
    set_status(stripe_double.account, stripe_double.subscribe(customer, catalogue.pro_monthly), status)
    assert (subscriptions.handle(customer, STATE)["subscription"] is not None) is is_shown
    assert bool(subscriptions.entitlements(customer).products) is is_shown


def test_portal_is_opened_for_the_own_customer_only(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer, other = stripe_double.customer(), stripe_double.customer("bob@example.com")
    body = {"customer": other, "configuration": "bpc_1", "returnUrl": "https://app.example.com/"}
    reply = subscriptions.handle(customer, PORTAL, body)
    session = stripe_double.account.find("bps", reply["id"])
    assert (session["customer"], session["return_url"]) == (customer, "https://app.example.com/")
    assert session["configuration"] == catalogue.configuration
    assert set(reply) == {"id", "object", "url"}


def test_pages_of_former_releases_open_the_portal_without_a_body(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer = stripe_double.customer()
    reply = subscriptions.handle(customer, {"action": "redirectToBillingPortal"})
    assert stripe_double.account.find("bps", reply["id"])["customer"] == customer
    body = {"redirectUrl": "https://app.example.com/back"}
    reply = subscriptions.handle(customer, PORTAL, body)
    assert stripe_double.account.find("bps", reply["id"])["return_url"] == "https://app.example.com/back"


@pytest.mark.parametrize("body", [[], "text", 7, True])
def test_bodies_that_are_no_objects_are_refused(subscriptions: Subscriptions, body: object):
    for query in (CHECKOUT, PORTAL):
        reply = subscriptions.handle("cus_1", query, body)
        assert (reply.status, reply) == (400, {"error": "Error"})


@pytest.mark.parametrize(
    "change",
    [
        {"price": None},
        {"price": ["price_1"]},
        {"price": {"id": "price_1"}},
        {"successUrl": None},
        {"successUrl": "javascript:alert(1)"},
        {"successUrl": "/paid"},
        {"successUrl": "https://"},
        {"successUrl": "https://[broken"},
        {"successUrl": 7},
        {"cancelUrl": "data:text/html,x"},
        {"cancelUrl": ["https://app.example.com/"]},
        {"successUrl": "https://app.example.com/" + "x" * 5000},
    ],
    ids=str,
)
def test_checkouts_that_name_no_price_or_page_are_refused_without_asking_stripe(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions, change: dict[str, Any]
):
    reply = subscriptions.handle("cus_1", CHECKOUT, {"price": catalogue.pro_monthly, **PAGES, **change})
    assert (reply.status, reply) == (400, {"error": "Error"})
    assert stripe_double.traffic.calls == []


def test_one_customer_never_sees_another(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    subscriptions = account()
    ada, bob = stripe_double.customer(), stripe_double.customer("bob@example.com")
    of_bob = stripe_double.subscribe(bob, catalogue.pro_monthly)
    assert subscriptions.handle(bob, STATE)["subscription"]["id"] == of_bob["id"]
    for query in (STATE, {**STATE, "customer": bob}, {**STATE, "customerId": bob}):
        assert subscriptions.handle(ada, query, {"customer": bob, "customerId": bob})["subscription"] is None


def test_a_subscription_that_names_another_customer_is_nothing_even_if_stripe_listed_it(
    stripe_double: StripeDouble,
    catalogue: Catalogue,
    subscriptions: Subscriptions,
    monkeypatch: pytest.MonkeyPatch,
):
    ada, bob = stripe_double.customer(), stripe_double.customer("bob@example.com")
    of_bob = stripe_double.subscribe(bob, catalogue.pro_monthly)
    monkeypatch.setattr(stand_in_subscriptions, "listed", lambda account, params: [of_bob])
    assert subscriptions.handle(ada, STATE)["subscription"] is None
    assert subscriptions.entitlements(ada).products == frozenset()


def test_no_customer_is_not_all_customers(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    stripe_double.subscribe(stripe_double.customer(), catalogue.pro_monthly)
    with pytest.raises(ValueError, match="empty"):
        subscriptions.handle("", STATE)
    assert stripe_double.traffic.calls == []


def test_customer_of_another_account_is_reported(subscriptions: Subscriptions, catalogue: Catalogue):
    with pytest.raises(CustomerMissing):
        subscriptions.handle("cus_of_another_account", STATE)


def test_wrong_key_is_reported_without_it(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    subscriptions = account(secret_key="sk_test_that_was_rolled_0123456789")
    with pytest.raises(StripeRefused) as refusal:
        subscriptions.handle(stripe_double.customer(), STATE)
    assert refusal.value.status == 401
    assert "rolled" not in f"{refusal.value!r} {refusal.value.__cause__!r} {subscriptions.options!r}"


def test_entitlements_are_those_of_products_that_are_not_sold_any_more(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.enterprise_monthly)
    found = subscriptions.entitlements(customer)
    assert (found.products, found.features) == ({catalogue.enterprise}, {"export", "api", "sso", "audit"})


def test_names_of_features_are_whole_names(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    product = stripe_double.account.find("prod", catalogue.pro)
    resources.update(stripe_double.account, product, {"metadata": {"features": " api , sso,,"}})
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    assert subscriptions.entitlements(customer).features == {"api", "sso"}


def test_further_parameters_of_checkouts_cannot_change_whose_it_is(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    customer = stripe_double.customer()
    subscriptions = account(checkout={"client_reference_id": "user_1", "customer": "cus_other"})
    reply = subscriptions.handle(customer, CHECKOUT, {"price": catalogue.pro_monthly, **PAGES})
    session = stripe_double.account.find("cs", reply["id"])
    assert (session["client_reference_id"], session["customer"]) == ("user_1", customer)


def test_writes_are_tried_once_and_reads_twice(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    customer = stripe_double.customer()
    stripe_double.traffic.failing = 503
    with pytest.raises(StripeUnavailable):
        account().handle(customer, PORTAL, {})
    assert [call.method for call in stripe_double.traffic.calls] == ["POST"]
    with pytest.raises(StripeUnavailable):
        account().handle(customer, STATE)
    assert [call.method for call in stripe_double.traffic.calls] == ["POST", "GET", "GET"]


def test_settings_that_cannot_work_are_refused(account: Callable[..., Subscriptions]):
    for wrong in (
        {"cache": "memories"},
        {"timeout": 0},
        {"reads_per_second": -1},
        {"secret_key": "pk_test_1"},
    ):
        with pytest.raises(ConfigurationError):
            account(**wrong)


def test_the_library_waits_for_the_first_call():
    import subprocess
    import sys

    code = (
        "import sys\nfrom greffier.subscriptions import Subscriptions\n"
        "Subscriptions(secret_key='sk_test_1').handle('cus_1', {'action': 'unheardOf'})\n"
        "print('stripe' in sys.modules, 'redis' in sys.modules, 'httpx' in sys.modules)"
    )
    output = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.split() == ["False", "False", "False"]
