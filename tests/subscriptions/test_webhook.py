"""Stripe's webhook: genuine events make the cache read anew; others change nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from greffier.sdk.steps import Steps, run
from greffier.subscriptions import Entitlements, StripeUnavailable, Subscriptions
from greffier.subscriptions.endpoints.starlette import subscription_routes
from greffier.subscriptions.webhook import receive
from tests.subscriptions.endpoint_apps import PATH, Served
from tests.support.services.ports import free_port
from tests.support.stripe import resources
from tests.support.stripe.service import Catalogue, StripeDouble
from tests.support.stripe.subscriptions import end, switch
from tests.support.stripe.webhooks import signature
from tests.support.waiting import wait_until

STATE = {"action": "useSubscription"}
SECRET = "whsec_of_the_test"
LONG = {"subscription_seconds": 600, "products_seconds": 600}


@pytest.fixture
def subscriptions(account: Callable[..., Subscriptions]) -> Subscriptions:
    """Subscriptions that are kept until a webhook tells of a change."""
    return account(**LONG)


@pytest.fixture
def delivered(stripe_double: StripeDouble, subscriptions: Subscriptions) -> Iterator[Callable[[], None]]:
    """The webhook on a real port, registered at the stand-in; a call waits until all events are there."""
    port = free_port()
    made = stripe_double.client().v1.webhook_endpoints.create(
        {"url": f"http://127.0.0.1:{port}{PATH}/webhook", "enabled_events": ["*"]}
    )
    routes = subscription_routes(
        lambda request: None, subscriptions=subscriptions, webhook_secret=made.secret
    )
    config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the application listens")

    def settle() -> None:
        assert stripe_double.webhooks is not None
        stripe_double.webhooks.settle()
        assert {one.status for one in stripe_double.webhooks.made} <= {200}

    yield settle
    server.should_exit = True
    thread.join()


def test_changes_of_a_subscription_are_seen_at_once(
    stripe_double: StripeDouble,
    catalogue: Catalogue,
    subscriptions: Subscriptions,
    delivered: Callable[[], None],
):
    ada = stripe_double.customer()
    assert subscriptions.handle(ada, STATE)["subscription"] is None
    subscription = stripe_double.subscribe(ada, catalogue.starter_monthly)
    delivered()
    assert subscriptions.entitlements(ada).features == {"export"}
    switch(stripe_double.account, subscription, stripe_double.account.objects[catalogue.pro_monthly])
    delivered()
    assert subscriptions.entitlements(ada).features == {"export", "api", "sso"}
    end(stripe_double.account, subscription)
    delivered()
    assert subscriptions.handle(ada, STATE)["subscription"] is None


def test_subscription_that_has_ended_is_no_last_good_answer(
    stripe_double: StripeDouble,
    catalogue: Catalogue,
    subscriptions: Subscriptions,
    delivered: Callable[[], None],
):
    ada = stripe_double.customer()
    subscription = stripe_double.subscribe(ada, catalogue.pro_monthly)
    assert subscriptions.handle(ada, STATE)["subscription"] is not None
    end(stripe_double.account, subscription)
    delivered()
    stripe_double.traffic.failing = 500
    with pytest.raises(StripeUnavailable):
        subscriptions.handle(ada, STATE)


def test_changes_of_products_and_of_the_portal_are_seen_at_once(
    stripe_double: StripeDouble,
    catalogue: Catalogue,
    subscriptions: Subscriptions,
    delivered: Callable[[], None],
):
    ada = stripe_double.customer()
    stripe_double.subscribe(ada, catalogue.pro_monthly)
    assert subscriptions.entitlements(ada).features == {"export", "api", "sso"}
    product = stripe_double.account.objects[catalogue.pro]
    resources.update(stripe_double.account, product, {"metadata": {"features": "export"}})
    delivered()
    assert subscriptions.entitlements(ada).features == {"export"}
    stripe_double.set_portal([{"product": catalogue.starter, "prices": [catalogue.starter_monthly]}])
    delivered()
    products = subscriptions.handle(ada, STATE)["products"]
    assert [one["product"]["id"] for one in products] == [catalogue.starter]


async def test_events_that_are_not_signed_change_nothing(
    stripe_double: StripeDouble, catalogue: Catalogue, subscriptions: Subscriptions
):
    ada = stripe_double.customer()
    await subscriptions.state_async(ada)
    reads = stripe_double.traffic.reads()
    routes = subscription_routes(lambda request: None, subscriptions=subscriptions, webhook_secret=SECRET)
    app = Served(True, Starlette(routes=routes))
    event = {"type": "customer.deleted", "data": {"object": {"id": ada}}}
    body = json.dumps(event)
    refused = [
        (body, None),
        (body, ""),
        (body, "nonsense"),
        (body, "t=x,v1=y"),
        (body, signature(body, "whsec_of_another")),
        (body, signature(body, SECRET, timestamp=1)),
        (body + " ", signature(body, SECRET)),
        ("nonsense", signature("nonsense", SECRET)),
        ('{"type": "customer.deleted"}', signature('{"type": "customer.deleted"}', SECRET)),
    ]
    for sent, signed in refused:
        answer = await app.ask(
            "POST", path=f"{PATH}/webhook", content=sent.encode(), headers={"stripe-signature": signed}
        )
        assert answer.status_code == 400, signed
    await subscriptions.state_async(ada)
    assert stripe_double.traffic.reads() == reads
    headers = {"stripe-signature": signature(body, SECRET)}
    answer = await app.ask("POST", path=f"{PATH}/webhook", content=body.encode(), headers=headers)
    assert answer.status_code == 200
    await subscriptions.state_async(ada)
    assert stripe_double.traffic.reads() == reads + 1


def test_what_listens_to_reads_is_told_by_the_webhook(
    stripe_double: StripeDouble, catalogue: Catalogue, account: Callable[..., Subscriptions]
):
    told: list[tuple[str, Entitlements]] = []

    def on_read(customer_id: str, given: Entitlements) -> Steps[None]:
        told.append((customer_id, given))
        return
        yield

    subscriptions = account(**LONG, on_read=on_read)
    ada = stripe_double.customer()
    stripe_double.subscribe(ada, catalogue.starter_monthly)
    event: dict[str, Any] = {"type": "customer.subscription.created", "data": {"object": {"customer": ada}}}
    body = json.dumps(event)
    for _ in range(2):  # events may come twice
        assert run(receive(subscriptions.states, body.encode(), signature(body, SECRET), SECRET))
    assert [(customer, given.products, given.features) for customer, given in told] == [
        (ada, {catalogue.starter}, {"export"})
    ] * 2
    subscriptions.handle(ada, STATE)
    assert len(told) == 2  # fresh answers of the cache are no reads
