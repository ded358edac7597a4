"""Plan and features that customers have bought, in the next session tokens: by reads, and by webhook."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from greffier.sdk.auth_object import session_auth
from greffier.sdk.steps import run
from greffier.subscriptions import Subscriptions
from greffier.subscriptions.customers import Customers
from greffier.subscriptions.customers.claims import claims_of as written
from greffier.subscriptions.endpoints.starlette import subscription_routes
from greffier.subscriptions.options import Entitlements
from tests.subscriptions.test_customers import Account, Switched
from tests.support.answers import claims_of
from tests.support.services.processes import Serving, SignedIn
from tests.support.stripe.service import Catalogue, StripeDouble
from tests.support.stripe.webhooks import signature

SECRET = "whsec_of_these_tests"
_numbers = itertools.count(1)


class Shop:
    """An application that sells, and its one user."""

    def __init__(self, subscriptions: Subscriptions, server: Serving, double: StripeDouble) -> None:
        self.server, self.double, self.transport = server, double, Switched()
        place = {"secret_key": server.secret_key, "api_url": server.url}
        self.customers = Customers(subscriptions, transport=self.transport, **place)
        self.ada: SignedIn = server.sign_up(f"plan{next(_numbers)}+clerk_test@example.com")
        token = self.ada.token()
        customer = run(self.customers.of(session_auth(claims_of(token), token, None)))
        assert customer
        self.customer = customer.id
        routes = subscription_routes(self.customers, subscriptions=subscriptions, webhook_secret=SECRET)
        self.http = TestClient(Starlette(routes=routes))

    def claims(self) -> tuple[str | None, str | None]:
        """Plan and features of a new token."""
        claims = claims_of(self.ada.token())
        return claims.get("pla"), claims.get("fea")

    def read(self) -> None:
        """A page of the application asks for the subscription."""
        self.customers.subscriptions.state(self.customer)

    def tell(self, kind: str, customer: str | None = None) -> int:
        """Stripe sends an event; the status of the answer."""
        changed = {"id": "sub_1", "customer": customer or self.customer}
        body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": changed}})
        headers = {"stripe-signature": signature(body, SECRET)}
        return self.http.post("/api/subscription/webhook", content=body, headers=headers).status_code


@pytest.fixture
def shop(account: Account, catalogue: Catalogue, dev_server: Serving, stripe_double: StripeDouble) -> Shop:
    return Shop(account(cache=None), dev_server, stripe_double)


def test_next_token_after_a_read_names_plan_and_features(shop: Shop, catalogue: Catalogue):
    before = shop.claims()

    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    shop.read()

    assert before == (None, None)
    assert shop.claims() == ("u:pro", "u:api,u:export,u:sso")


def test_webhook_tells_what_was_bought_and_what_was_cancelled(shop: Shop, catalogue: Catalogue):
    bought = shop.double.subscribe(shop.customer, catalogue.starter_monthly)
    created = shop.tell("customer.subscription.created")
    with_starter = shop.claims()
    shop.double.client().v1.subscriptions.cancel(bought["id"])
    deleted = shop.tell("customer.subscription.deleted")

    assert (created, deleted) == (200, 200)
    assert with_starter == ("u:starter", "u:export")
    assert shop.claims() == (None, None)


def test_another_process_learns_the_payer_from_stripe(
    shop: Shop, account: Account, catalogue: Catalogue, dev_server: Serving
):
    other = Customers(account(cache=None), secret_key=dev_server.secret_key, api_url=dev_server.url)
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)

    other.subscriptions.state(shop.customer)

    assert shop.claims()[0] == "u:pro"


def test_what_is_known_is_not_written_again(shop: Shop, catalogue: Catalogue):
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    shop.read()
    shop.transport.is_down = True

    shop.read()

    assert shop.claims()[0] == "u:pro"


def test_reads_go_on_while_the_server_cannot_be_told_and_the_next_one_tells_it(
    shop: Shop, catalogue: Catalogue
):
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    shop.transport.is_down = True
    state = shop.customers.subscriptions.state(shop.customer)
    in_vain = shop.claims()
    shop.transport.is_down = False
    shop.read()

    assert state.subscription is not None
    assert in_vain == (None, None)
    assert shop.claims()[0] == "u:pro"


def test_webhook_is_not_taken_while_the_server_cannot_be_told(shop: Shop, catalogue: Catalogue):
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    shop.transport.is_down = True
    refused = shop.tell("customer.subscription.created")
    shop.transport.is_down = False

    assert refused == 503  # so that Stripe sends it again
    assert shop.tell("customer.subscription.created") == 200
    assert shop.claims()[0] == "u:pro"


def test_customer_that_is_deleted_at_stripe_has_nothing_any_more(shop: Shop, catalogue: Catalogue):
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    shop.read()

    shop.double.client().v1.customers.delete(shop.customer)

    assert shop.tell("customer.subscription.deleted") == 200
    assert shop.claims() == (None, None)


def test_customer_of_another_application_changes_nothing(shop: Shop, catalogue: Catalogue):
    stranger = shop.double.customer()
    shop.double.subscribe(stranger, catalogue.pro_monthly)

    assert shop.tell("customer.subscription.created", stranger) == 200
    assert shop.tell("customer.subscription.created", "cus_of_another_account") == 200
    assert shop.claims() == (None, None)


def test_customer_who_was_replaced_does_not_speak_for_the_user(shop: Shop, catalogue: Catalogue):
    former = shop.customer
    with shop.server.backend() as backend:
        noted = {"private_metadata": {"stripe_customer_id": shop.double.customer()}}
        backend.patch(f"/v1/users/{shop.ada.user_id}/metadata", json=noted).raise_for_status()
    shop.double.subscribe(former, catalogue.pro_monthly)

    shop.tell("customer.subscription.created", former)

    assert shop.claims() == (None, None)


def test_application_may_keep_it_out_of_tokens(
    account: Account, catalogue: Catalogue, dev_server: Serving, shop: Shop
):
    place: dict[str, Any] = {"secret_key": dev_server.secret_key, "api_url": dev_server.url}
    quiet = Customers(account(cache=None), claims=False, **place)
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)

    quiet.subscriptions.state(shop.customer)

    assert shop.claims() == (None, None)


def test_plan_is_a_key_of_the_products_metadata_or_a_slug_of_its_name(shop: Shop, catalogue: Catalogue):
    shop.double.subscribe(shop.customer, catalogue.pro_monthly)
    update = shop.double.client().v1.products.update
    update(catalogue.pro, {"name": " Pro & Plus! "})
    shop.read()
    by_name = shop.claims()[0]
    update(catalogue.pro, {"metadata": {"plan": "gold"}})
    shop.read()

    assert by_name == "u:pro-plus"
    assert shop.claims()[0] == "u:gold"


def test_what_no_token_can_name_is_left_out():
    odd = Entitlements(features=frozenset({"a b", "x,o:y", "fine", "n" * 65}), plan="a:b")
    many = Entitlements(features=frozenset(f"feature-{n:02}" for n in range(40)), plan="pro")

    assert written(odd) == {"features": ["fine"]}
    assert written(Entitlements()) == {}
    listed = written(many)["features"]
    assert 0 < len(listed) < 40
    assert len(",".join(f"u:{one}" for one in listed)) <= 400
