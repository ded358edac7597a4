"""The stand-in for Stripe, asked by the official client: what it promises to the tests that use it."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import stripe

from tests.support.stripe.service import StripeDouble
from tests.support.stripe.webhooks import signature


def test_customer_is_created_once_for_an_idempotency_key(stripe_double: StripeDouble):
    customers = stripe_double.client().v1.customers
    options: stripe.RequestOptions = {"idempotency_key": "user_1"}
    first = customers.create({"metadata": {"user_id": "user_1"}}, options)
    again = customers.create({"metadata": {"user_id": "user_1"}}, options)
    assert again.id == first.id
    assert len(customers.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        customers.create({"metadata": {"user_id": "user_2"}}, options)


def test_requests_at_once_with_one_key_make_one_customer(stripe_double: StripeDouble):
    refusals: set[str | None] = set()

    def create(number: int) -> str | None:
        try:
            return stripe_double.client().v1.customers.create({}, {"idempotency_key": "same"}).id
        except stripe.StripeError as error:
            refusals.add(error.code)
            return None

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(create, range(8))) - {None}
    assert len(made) == 1
    assert refusals <= {"idempotency_key_in_use"}
    assert [one["id"] for one in stripe_double.account.all("cus")] == list(made)


def test_customers_are_found_by_address_and_by_metadata(stripe_double: StripeDouble):
    customers = stripe_double.client().v1.customers
    ada = customers.create({"email": "ada@example.com", "metadata": {"user_id": "user_1"}})
    customers.create({"email": "bob@example.com", "metadata": {"user_id": "user_2"}})
    assert [one.id for one in customers.list({"email": "ada@example.com"}).data] == [ada.id]
    found = customers.search({"query": "metadata['user_id']:'user_1'"})
    assert [one.id for one in found.data] == [ada.id]


def test_lists_come_in_pages(stripe_double: StripeDouble):
    client = stripe_double.client()
    ids = [client.v1.customers.create({"name": str(number)}).id for number in range(25)]
    page = client.v1.customers.list({"limit": 10})
    assert ([one.id for one in page.data], page.has_more) == (ids[:14:-1], True)
    assert [one.id for one in page.auto_paging_iter()] == ids[::-1]
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 100"):
        client.v1.customers.list({"limit": 101})


def test_default_configuration_has_its_products_only_when_asked(stripe_double: StripeDouble):
    catalogue = stripe_double.fill()
    configurations = stripe_double.client().v1.billing_portal.configurations
    (bare,) = configurations.list({"is_default": True}).data
    assert "products" not in bare.features.subscription_update.to_dict()
    path = "data.features.subscription_update.products"
    (asked,) = configurations.list({"is_default": True, "expand": [path]}).data
    products = asked.features.subscription_update.products or []
    assert [one.product for one in products] == [catalogue.pro, catalogue.starter]
    assert products[0].prices == [catalogue.pro_yearly, catalogue.pro_monthly]


def test_ids_are_expanded_and_others_refused(stripe_double: StripeDouble):
    catalogue = stripe_double.fill()
    prices = stripe_double.client().v1.prices
    price = prices.retrieve(catalogue.pro_yearly, {"expand": ["product"]})
    assert isinstance(price.product, stripe.Product)
    assert price.product.metadata["features"] == "export,api,sso"
    listed = prices.list({"expand": ["data.product"], "limit": 100})
    assert all(isinstance(one.product, stripe.Product) for one in listed.data)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        prices.retrieve(catalogue.pro_yearly, {"expand": ["unheard_of"]})


def test_errors_are_those_of_the_official_client(stripe_double: StripeDouble):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        stripe_double.client().v1.customers.retrieve("cus_nothing")
    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)
    with pytest.raises(stripe.AuthenticationError):
        stripe_double.client("sk_test_of_another_account").v1.customers.list()
    customer = stripe_double.customer()
    with pytest.raises(stripe.InvalidRequestError, match="No configuration provided"):
        stripe_double.client().v1.billing_portal.sessions.create({"customer": customer})


def test_failures_and_limits_are_those_of_the_official_client(stripe_double: StripeDouble):
    client = stripe_double.client()
    stripe_double.traffic.failing = 500
    with pytest.raises(stripe.APIError):
        client.v1.customers.list()
    stripe_double.traffic.failing = 0
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.list()
    stripe_double.traffic.failing = None
    stripe_double.traffic.reads_per_second = 0
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.list()
    client.v1.customers.create({})  # reads alone are counted
    assert stripe_double.traffic.reads("/v1/customers") == 3


def test_paid_checkout_begins_a_subscription_and_the_portal_changes_and_ends_it(stripe_double: StripeDouble):
    catalogue, client = stripe_double.fill(), stripe_double.client()
    customer = stripe_double.customer()
    checkout = client.v1.checkout.sessions.create(
        {
            "customer": customer,
            "mode": "subscription",
            "line_items": [{"price": catalogue.pro_monthly, "quantity": 1}],
            "success_url": "http://app.localhost/?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://app.localhost/pricing",
        }
    )
    page = httpx.get(checkout.url or "").text
    assert "Pro: 29.00 USD a month" in page
    assert 'href="http://app.localhost/pricing"' in page
    for _ in range(2):  # pressing twice pays once
        paid = httpx.post(checkout.url or "", data={"do": "pay"})
    assert paid.headers["location"] == f"http://app.localhost/?session={checkout.id}"
    (subscription,) = client.v1.subscriptions.list({"customer": customer}).data
    assert (subscription.status, subscription["items"].data[0].price.id) == ("active", catalogue.pro_monthly)

    portal = client.v1.billing_portal.sessions.create(
        {"customer": customer, "return_url": "http://app.localhost/"}
    )
    assert "Switch to Starter: 9.00 USD a month" in httpx.get(portal.url).text
    form = {"subscription": subscription.id, "do": "switch", "price": catalogue.starter_monthly}
    httpx.post(portal.url, data=form)
    items = client.v1.subscriptions.retrieve(subscription.id)["items"]
    assert items.data[0].price.id == catalogue.starter_monthly
    httpx.post(portal.url, data={"subscription": subscription.id, "do": "cancel"})
    assert client.v1.subscriptions.list({"customer": customer}).data == []
    ended = client.v1.subscriptions.list({"customer": customer, "status": "all"}).data
    assert [one.status for one in ended] == ["canceled"]


def test_portal_of_one_customer_does_nothing_to_another(stripe_double: StripeDouble):
    catalogue = stripe_double.fill()
    ada, bob = stripe_double.customer(), stripe_double.customer("bob@example.com")
    of_bob = stripe_double.subscribe(bob, catalogue.pro_monthly)
    portal = stripe_double.client().v1.billing_portal.sessions.create({"customer": ada})
    httpx.post(portal.url, data={"subscription": of_bob["id"], "do": "cancel"})
    assert of_bob["status"] == "active"


def test_customer_who_is_deleted_has_no_subscriptions(stripe_double: StripeDouble):
    catalogue, client = stripe_double.fill(), stripe_double.client()
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    assert client.v1.customers.delete(customer).deleted
    assert client.v1.customers.retrieve(customer).deleted
    assert client.v1.subscriptions.list({"customer": customer}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.billing_portal.sessions.create({"customer": customer})


def test_events_are_delivered_signed_as_the_official_client_checks(stripe_double: StripeDouble):
    received: list[tuple[bytes, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((body, self.headers["stripe-signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The test reads what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    endpoint = stripe_double.client().v1.webhook_endpoints.create(
        {"url": f"http://127.0.0.1:{server.server_port}", "enabled_events": ["customer.created"]}
    )
    customer = stripe_double.customer()
    assert stripe_double.webhooks is not None
    stripe_double.webhooks.settle()
    server.shutdown()
    server.server_close()
    ((body, header),) = received
    event = stripe.Webhook.construct_event(body, header, endpoint.secret)
    assert (event.type, event.data.object["id"]) == ("customer.created", customer)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, header, "whsec_of_another")
    old = signature(json.dumps({"object": "event"}), endpoint.secret or "", timestamp=1)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(json.dumps({"object": "event"}), old, endpoint.secret)


def test_script_of_the_stand_in_leads_to_its_own_page(stripe_double: StripeDouble):
    script = httpx.get(f"{stripe_double.url}/js/v3")
    assert script.headers["content-type"].startswith("text/javascript")
    assert f'"{stripe_double.url}" + "/c/pay/"' in script.text
