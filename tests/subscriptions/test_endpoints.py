"""The endpoint in every framework: the same answers, for signed-in users, from pages of the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from greffier import ConfigurationError
from greffier.subscriptions.endpoints.starlette import subscription_routes
from tests.sdk.apps import ORIGIN, signed_in_cookies
from tests.subscriptions.endpoint_apps import (
    CUSTOMERS,
    FRAMEWORKS,
    PATH,
    Served,
    customers,
    find,
    served,
)
from tests.support.stripe.service import Catalogue, StripeDouble
from tests.support.stripe.webhooks import signature

ADA, BOB = "user_ada", "user_bob"


class Shop:
    """An application that sells, and two of its users, of whom Bob has a subscription."""

    def __init__(self, double: StripeDouble, catalogue: Catalogue, framework: str, **more: Any) -> None:
        self.double, self.catalogue = double, catalogue
        self.ada, self.bob = double.customer(), double.customer("bob@example.com")
        self.of_bob = double.subscribe(self.bob, catalogue.pro_monthly)
        self.settings = {"secret_key": double.secret_key, "api_base": double.url, "timeout": 10.0}
        public = more.pop("public", None)
        self.app: Served = served(
            framework, {**self.settings, **more}, **({"public": public} if public else {})
        )
        self.checkout = {
            "price": catalogue.pro_monthly,
            "successUrl": f"{ORIGIN}/paid",
            "cancelUrl": f"{ORIGIN}/",
        }


@pytest.fixture
def open_shop(stripe_double: StripeDouble, catalogue: Catalogue) -> Iterator[Callable[..., Shop]]:
    with customers():

        def opened(framework: str = "starlette", **more: Any) -> Shop:
            shop = Shop(stripe_double, catalogue, framework, **more)
            CUSTOMERS.update({ADA: shop.ada, BOB: shop.bob})
            return shop

        yield opened


@pytest.fixture(params=FRAMEWORKS)
def shop(request: pytest.FixtureRequest, open_shop: Callable[..., Shop]) -> Shop:
    """The shop in each framework."""
    return open_shop(request.param)


async def test_signed_in_user_sees_the_own_subscription_and_goes_to_stripes_pages(shop: Shop):
    of_bob = await shop.app.ask("GET", "useSubscription", user=BOB)
    assert (of_bob.status_code, of_bob.headers["cache-control"]) == (200, "no-store")
    assert of_bob.headers["content-type"] == "application/json"
    assert of_bob.json()["subscription"]["id"] == shop.of_bob["id"]
    of_ada = await shop.app.ask("GET", "useSubscription", user=ADA)
    assert of_ada.json()["subscription"] is None
    assert [one["product"]["name"] for one in of_ada.json()["products"]] == ["Pro", "Starter"]

    checkout = await shop.app.ask("POST", "redirectToCheckout", user=ADA, json=shop.checkout)
    assert checkout.status_code == 200
    session = shop.double.account.find("cs", checkout.json()["id"])
    assert (session["customer"], session["url"]) == (shop.ada, checkout.json()["url"])
    portal = await shop.app.ask(
        "POST", "redirectToCustomerPortal", user=BOB, json={"returnUrl": f"{ORIGIN}/me"}
    )
    session = shop.double.account.find("bps", portal.json()["id"])
    assert (session["customer"], session["return_url"]) == (shop.bob, f"{ORIGIN}/me")


async def test_signed_out_visitor_has_no_subscription_and_causes_no_call(shop: Shop):
    for method, action in (("GET", "useSubscription"), ("POST", "redirectToCustomerPortal")):
        answer = await shop.app.ask(method, action)
        assert answer.status_code == 401
        assert answer.json() == {"error": "Unauthenticated", "products": [], "subscription": None}
    assert shop.double.traffic.calls == []


async def test_unknown_actions_other_methods_and_bodies_have_the_published_errors(shop: Shop):
    unknown = await shop.app.ask("GET", "unheardOf", user=ADA)
    assert (unknown.status_code, unknown.json()) == (404, {"error": "Action not found"})
    assert (await shop.app.ask("POST", None, user=ADA)).json() == {"error": "Action not found"}
    for method, action, allowed in (
        ("GET", "redirectToCheckout", "POST"),
        ("GET", "redirectToCustomerPortal", "POST"),
        ("POST", "useSubscription", "GET"),
        ("DELETE", "useSubscription", "GET"),
        ("PUT", "redirectToCheckout", "POST"),
    ):
        answer = await shop.app.ask(method, action, user=ADA)
        assert (answer.status_code, answer.json()) == (405, {"error": "Action not found"})
        assert answer.headers["allow"] == allowed
    json_type = {"content-type": "application/json"}
    for content, status in (
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b" " * 70_000, 413),
    ):
        answer = await shop.app.ask(
            "POST", "redirectToCheckout", user=ADA, content=content, headers=json_type
        )
        assert (answer.status_code, answer.json()) == (status, {"error": "Error"})
    assert shop.double.traffic.calls == []


async def test_pages_of_other_sites_do_not_lead_to_stripe(shop: Shop):
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://app.example.com.evil.example"},
        {"origin": "http://app.example.com"},
        {"origin": None},  # the cookies of a browser, and nothing that tells of its page
        {"origin": None, "sec-fetch-site": "cross-site"},
        {"origin": None, "sec-fetch-site": "same-site"},
    ):
        answer = await shop.app.ask("POST", "redirectToCustomerPortal", user=BOB, headers=headers)
        assert (answer.status_code, answer.json()) == (403, {"error": "Error"}), headers
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "", "application/json-p"):
        headers = {"content-type": content_type}
        answer = await shop.app.ask(
            "POST", "redirectToCustomerPortal", user=BOB, content=b"{}", headers=headers
        )
        assert (answer.status_code, answer.json()) == (415, {"error": "Error"}), content_type
    assert shop.double.traffic.calls == []


async def test_behind_the_gate_the_middleware_refuses_signed_out_visitors_first(
    open_shop: Callable[..., Shop],
):
    for framework in FRAMEWORKS:
        shop = open_shop(framework, public=["/"])
        assert (await shop.app.ask("GET", "useSubscription", user=BOB)).json()["subscription"] is not None
        answer = await shop.app.ask("GET", "useSubscription")
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == "authentication_required"


async def test_webhook_is_there_if_it_has_a_secret(shop: Shop, open_shop: Callable[..., Shop]):
    missing = await shop.app.ask("POST", path=f"{PATH}/webhook", headers={"stripe-signature": "t=1,v1=x"})
    assert missing.status_code == 404
    body = '{"type": "customer.deleted", "data": {"object": {"id": "cus_1"}}}'
    for framework in FRAMEWORKS:
        app = open_shop(framework, webhook_secret="whsec_of_the_test").app
        options: dict[str, Any] = {"path": f"{PATH}/webhook", "content": body.encode()}
        signed = {
            "stripe-signature": signature(body, "whsec_of_the_test"),
            "content-type": "application/json",
        }
        assert (await app.ask("POST", **options, headers=signed)).status_code == 200, framework
        wrong = {**signed, "stripe-signature": signature(body, "whsec_of_another")}
        assert (await app.ask("POST", **options, headers=wrong)).status_code == 400, framework
        assert (await app.ask("GET", path=f"{PATH}/webhook")).status_code == 405, framework
        too_large = {**options, "content": b" " * 1_100_000}
        assert (await app.ask("POST", **too_large, headers=signed)).status_code == 413, framework


async def test_bare_apps_get_all_other_requests(open_shop: Callable[..., Shop]):
    for framework in ("asgi", "wsgi"):
        shop = open_shop(framework)
        for path in ("/", "/api/subscription/other", "/api"):
            answer = await shop.app.ask("GET", path=path, user=ADA)
            assert (answer.status_code, "Action" in answer.text) == (404, False)


async def test_front_ends_on_listed_origins_are_own_pages(open_shop: Callable[..., Shop]):
    front = "https://front.example"
    shop = open_shop(allowed_origins=[front])
    back = {"returnUrl": f"{front}/me"}
    answer = await shop.app.ask(
        "POST", "redirectToCustomerPortal", user=BOB, json=back, headers={"origin": front}
    )
    assert shop.double.account.find("bps", answer.json()["id"])["return_url"] == f"{front}/me"


async def test_programs_without_cookies_need_no_origin(open_shop: Callable[..., Shop]):
    shop = open_shop()
    token = signed_in_cookies(sub=BOB)["__session"]
    headers = {"origin": None, "authorization": f"Bearer {token}"}
    answer = await shop.app.ask("POST", "redirectToCustomerPortal", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://app.example.com.evil.example/",
        "https://app.example.com@evil.example/",
        "https://app.example.com\\@evil.example/",
        "//app.example.com/",
        "http://app.example.com/",
        "javascript:alert(1)",
        "/paid",
        "https://app.example.com:8443/",
    ],
)
async def test_customers_come_back_to_the_application_only(open_shop: Callable[..., Shop], url: str):
    shop = open_shop()
    for name in ("successUrl", "cancelUrl"):
        body = {**shop.checkout, name: url}
        answer = await shop.app.ask("POST", "redirectToCheckout", user=ADA, json=body)
        assert (answer.status_code, answer.json()) == (400, {"error": "Error"})
    answer = await shop.app.ask("POST", "redirectToCustomerPortal", user=ADA, json={"returnUrl": url})
    assert answer.status_code == 400
    assert shop.double.traffic.calls == []


async def test_without_urls_customers_come_back_to_the_page_that_asked(open_shop: Callable[..., Shop]):
    shop = open_shop()
    for referrer, expected in (
        (f"{ORIGIN}/pricing?x=1", f"{ORIGIN}/pricing?x=1"),
        ("https://evil.example/", f"{ORIGIN}/"),
        (None, f"{ORIGIN}/"),
    ):
        headers = {"referer": referrer}
        body = {"price": shop.catalogue.pro_monthly}
        answer = await shop.app.ask("POST", "redirectToCheckout", user=ADA, json=body, headers=headers)
        session = shop.double.account.find("cs", answer.json()["id"])
        assert (session["success_url"], session["cancel_url"]) == (expected, expected)


async def test_page_of_a_former_release_opens_the_portal(open_shop: Callable[..., Shop]):
    shop = open_shop()
    headers = {"content-type": "application/json", "referer": f"{ORIGIN}/account"}
    answer = await shop.app.ask("POST", "redirectToBillingPortal", user=BOB, content=b"", headers=headers)
    assert shop.double.account.find("bps", answer.json()["id"])["return_url"] == f"{ORIGIN}/account"


async def test_while_stripe_is_down_no_answer_is_json(open_shop: Callable[..., Shop]):
    """The published package takes any JSON for a state, and its gates throw on one without a subscription."""
    shop = open_shop(cache=None)
    shop.double.traffic.failing = 500
    for method, action, options in (
        ("GET", "useSubscription", {}),
        ("POST", "redirectToCustomerPortal", {}),
        ("POST", "redirectToCheckout", {"json": shop.checkout}),
    ):
        answer = await shop.app.ask(method, action, user=BOB, **options)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.headers["content-type"].startswith("text/plain")
        assert shop.double.secret_key not in answer.text


async def test_customer_that_the_account_does_not_know_is_no_success(open_shop: Callable[..., Shop]):
    shop = open_shop()
    with customers(**{ADA: "cus_of_another_account"}):
        answer = await shop.app.ask("GET", "useSubscription", user=ADA)
    assert (answer.status_code, answer.text) == (502, "Stripe refused the request.\n")


async def test_query_cannot_name_two_actions(open_shop: Callable[..., Shop]):
    shop = open_shop()
    path = f"{PATH}?action=useSubscription&action=redirectToCustomerPortal"
    assert (await shop.app.ask("POST", user=BOB, path=path)).status_code == 405
    assert (await shop.app.ask("GET", user=BOB, path=path)).status_code == 200


def test_settings_of_endpoints_that_cannot_work_are_refused(stripe_double: StripeDouble):
    key = {"secret_key": stripe_double.secret_key}
    for wrong in (
        {"allowed_origins": "https://front.example"},
        {"allowed_origins": ["https://front.example/"]},
        {"webhook_secret": "sk_test_1"},
    ):
        with pytest.raises(ConfigurationError):
            subscription_routes(find, **key, **wrong)  # type: ignore[arg-type]  # wrong on purpose
