"""Customers of users and organizations: found, made once, replaced, and told to the server for its tokens."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from greffier import AuthObject, BackendApiError, ConfigurationError
from greffier.sdk.auth_object import MachineIdentity, machine_auth, session_auth
from greffier.sdk.errors import BackendApiUnreachable
from greffier.sdk.http.transport import HttpRequest, HttpResponse, UrllibTransport
from greffier.sdk.steps import run
from greffier.subscriptions import Subscriptions
from greffier.subscriptions.customers import Customer, Customers
from greffier.subscriptions.endpoints.starlette import subscription_routes
from tests.support.answers import claims_of
from tests.support.services.processes import Serving, SignedIn, apply_settings
from tests.support.stripe.service import Catalogue, StripeDouble

_numbers = itertools.count(1)
Account = Callable[..., Subscriptions]
Shop = Callable[..., Customers]


@pytest.fixture
def shop(account: Account, dev_server: Serving) -> Shop:
    """Customers of a process of its own."""

    def made(**settings: Any) -> Customers:
        place = {"secret_key": dev_server.secret_key, "api_url": dev_server.url}
        return Customers(account(cache=None), **(place | settings))

    return made


class Switched(UrllibTransport):
    """A transport that can be cut."""

    is_down = False

    def send(self, request: HttpRequest) -> HttpResponse:
        if self.is_down:
            raise BackendApiUnreachable("down")
        return super().send(request)


@pytest.fixture
def ada(dev_server: Serving) -> SignedIn:
    return dev_server.sign_up(f"buyer{next(_numbers)}+clerk_test@example.com")


def auth_of(person: SignedIn) -> AuthObject:
    token = person.token()
    return session_auth(claims_of(token), token, None)


def found(customers: Customers, auth: AuthObject) -> Customer:
    customer = run(customers.of(auth))
    assert customer is not None
    return customer


def private_metadata(server: Serving, user_id: str) -> dict[str, Any]:
    with server.backend() as backend:
        return backend.get(f"/v1/users/{user_id}").raise_for_status().json()["private_metadata"]


def made_customers(double: StripeDouble) -> list[dict[str, Any]]:
    return double.account.all("cus")


def test_first_request_makes_a_customer_and_later_ones_find_it(
    shop: Shop, ada: SignedIn, dev_server: Serving, stripe_double: StripeDouble
):
    auth = auth_of(ada)

    first, again, elsewhere = found(customers := shop(), auth), found(customers, auth), found(shop(), auth)

    assert first == again == elsewhere == Customer(first.id, may_pay=True)
    (made,) = made_customers(stripe_double)
    assert made["id"] == first.id
    assert made["metadata"] == {"greffier_payer": ada.user_id}
    assert made["email"].startswith("buyer")
    assert private_metadata(dev_server, ada.user_id)["stripe_customer_id"] == first.id


def test_customer_of_one_user_is_not_that_of_another(shop: Shop, dev_server: Serving, ada: SignedIn):
    bob = dev_server.sign_up(f"buyer{next(_numbers)}+clerk_test@example.com")
    customers = shop()

    assert found(customers, auth_of(ada)).id != found(customers, auth_of(bob)).id


_PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from greffier import AuthObject
from greffier.sdk.steps import run
from greffier.subscriptions import Subscriptions
from greffier.subscriptions.customers import Customers

user, url = sys.argv[1:]
auth = AuthObject(is_authenticated=True, user_id=user)
made = [Customers(Subscriptions(api_base=url)) for _ in range(5)]
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(5) as pool:
    print(*pool.map(lambda one: run(one.of(auth)).id, made))
"""


def test_twenty_first_requests_at_once_in_several_processes_make_one_customer(
    shop: Shop, ada: SignedIn, dev_server: Serving, stripe_double: StripeDouble
):
    environment = os.environ | {
        "STRIPE_SECRET_KEY": stripe_double.secret_key,
        "GREFFIER_SECRET_KEY": dev_server.secret_key,
        "GREFFIER_API_URL": dev_server.url,
    }
    command = [sys.executable, "-c", _PROCESS, ada.user_id, stripe_double.url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, env=environment, **pipes) for _ in range(2)]
    here, auth = [shop() for _ in range(10)], auth_of(ada)
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

    with ThreadPoolExecutor(12) as pool:
        there = [pool.submit(process.communicate, "go\n") for process in processes]
        ids = [one.id for one in pool.map(lambda one: found(one, auth), here)]
        ids += [id for one in there for id in one.result()[0].split()]

    assert len(ids) == 20
    assert len(set(ids)) == 1
    assert [one["id"] for one in made_customers(stripe_double)] == [ids[0]]
    assert private_metadata(dev_server, ada.user_id)["stripe_customer_id"] == ids[0]


def test_customer_that_was_deleted_at_stripe_is_replaced(
    shop: Shop, ada: SignedIn, dev_server: Serving, stripe_double: StripeDouble
):
    now = [1000.0]
    customers, auth = shop(clock=lambda: now[0]), auth_of(ada)
    former = found(customers, auth).id
    stripe_double.client().v1.customers.delete(former)

    at_once, elsewhere = found(customers, auth).id, found(shop(), auth).id
    now[0] += 61

    assert at_once == former  # it is not asked at each request
    assert elsewhere != former
    assert found(customers, auth).id == elsewhere
    assert private_metadata(dev_server, ada.user_id)["stripe_customer_id"] == elsewhere


def test_customer_of_another_account_or_mode_is_replaced(shop: Shop, ada: SignedIn, dev_server: Serving):
    with dev_server.backend() as backend:
        noted = {"private_metadata": {"stripe_customer_id": "cus_of_test_mode", "kept": 1}}
        backend.patch(f"/v1/users/{ada.user_id}/metadata", json=noted).raise_for_status()

    customer = found(shop(), auth_of(ada))

    assert customer.id != "cus_of_test_mode"
    assert private_metadata(dev_server, ada.user_id)["kept"] == 1


def test_customer_that_the_application_keeps_under_another_key_is_used(
    shop: Shop, ada: SignedIn, dev_server: Serving, stripe_double: StripeDouble
):
    own = stripe_double.customer()
    with dev_server.backend() as backend:
        noted = {"private_metadata": {"stripeCustomerId": own}}
        backend.patch(f"/v1/users/{ada.user_id}/metadata", json=noted).raise_for_status()

    assert found(shop(metadata_key="stripeCustomerId"), auth_of(ada)).id == own
    assert len(made_customers(stripe_double)) == 1


@pytest.mark.parametrize(
    "auth", [AuthObject(), machine_auth("m2m_token", MachineIdentity("mt_1", "mch_1"), "t")]
)
def test_signed_out_and_machines_have_no_customer(shop: Shop, auth: AuthObject, stripe_double: StripeDouble):
    assert run(shop().of(auth)) is None
    assert made_customers(stripe_double) == []


def member(user_id: str, organization_id: str, role: str, *permissions: str) -> AuthObject:
    claims: dict[str, Any] = {"sub": user_id, "sid": "sess_1", "org_id": organization_id, "org_role": role}
    return session_auth(claims | {"org_permissions": list(permissions)}, "a.b.c", None)


def machine_of(subject: str) -> AuthObject:
    return machine_auth("api_key", MachineIdentity("ak_1", subject), "t")


@pytest.fixture
def acme(dev_server: Serving, ada: SignedIn) -> str:
    """The id of an organization."""
    config = {"name": f"Acme {next(_numbers)}", "created_by": ada.user_id}
    with dev_server.backend() as backend:
        made = backend.post("/v1/organizations", json=config)
        return made.raise_for_status().json()["id"]


@pytest.fixture(scope="module", autouse=True)
def organizations(dev_server: Serving) -> None:
    apply_settings(dev_server.data, dev_server.url, "[organizations]\nenabled = true\n")


def test_active_organization_pays_and_its_administrators_may(
    shop: Shop, acme: str, ada: SignedIn, stripe_double: StripeDouble
):
    customers = shop()
    alone = found(customers, auth_of(ada))

    admin = found(customers, member(ada.user_id, acme, "org:admin"))
    other = found(customers, member("user_other", acme, "org:member"))

    assert admin.id == other.id != alone.id
    assert (admin.may_pay, other.may_pay) == (True, False)
    of_acme = next(one for one in made_customers(stripe_double) if one["id"] == admin.id)
    assert of_acme["metadata"] == {"greffier_payer": acme}
    assert of_acme["name"].startswith("Acme")


def test_who_may_pay_is_a_setting(shop: Shop, acme: str):
    by_permission, by_role = shop(permission="org:billing:manage"), shop(role="org:treasurer")

    manages = member("user_1", acme, "org:member", "org:billing:manage")
    assert found(by_permission, manages).may_pay
    assert not found(by_permission, member("user_1", acme, "org:admin")).may_pay
    assert found(by_role, member("user_1", acme, "org:treasurer")).may_pay
    assert not found(by_role, member("user_1", acme, "org:admin")).may_pay


def test_machine_sees_and_never_pays(shop: Shop, acme: str, ada: SignedIn):
    customers = shop()

    assert found(customers, machine_of(acme)) == Customer(
        found(customers, member(ada.user_id, acme, "org:admin")).id, may_pay=False
    )
    assert not found(customers, machine_of(ada.user_id)).may_pay


def test_payer_is_a_setting(shop: Shop, acme: str, ada: SignedIn):
    there = member(ada.user_id, acme, "org:admin")
    users, organizations = shop(payers="user"), shop(payers="organization")

    assert found(users, there) == found(users, auth_of(ada))
    assert found(organizations, there).id != found(users, there).id
    assert run(organizations.of(auth_of(ada))) is None


def test_known_customer_is_found_while_the_backend_api_is_down(shop: Shop, ada: SignedIn):
    now = [1000.0]
    customers, auth = shop(clock=lambda: now[0], transport=(transport := Switched())), auth_of(ada)
    known = found(customers, auth)
    transport.is_down, now[0] = True, 2000.0

    assert found(customers, auth) == known
    with pytest.raises(BackendApiError):
        run(shop(transport=transport).of(auth))


def test_known_customer_is_found_while_stripe_is_down(shop: Shop, ada: SignedIn, stripe_double: StripeDouble):
    auth = auth_of(ada)
    known = found(shop(), auth)
    stripe_double.traffic.failing = 500

    assert found(shop(), auth) == known


def test_settings_that_cannot_work_are_told(account: Account, monkeypatch: pytest.MonkeyPatch, shop: Shop):
    for name in ("GREFFIER_SECRET_KEY", "GREFFIER_API_URL", "GREFFIER_PROXY_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="secret_key"):
        Customers(account())
    with pytest.raises(ConfigurationError, match="payers"):
        shop(payers="team")


@pytest.mark.parametrize("action", ["redirectToCheckout", "redirectToCustomerPortal"])
def test_member_who_may_not_pay_sees_the_subscription_and_is_led_nowhere(
    account: Account, catalogue: Catalogue, stripe_double: StripeDouble, action: str
):
    customer = Customer(stripe_double.customer(), may_pay=False)
    routes = subscription_routes(lambda _request: customer, subscriptions=account())
    page = TestClient(Starlette(routes=routes), headers={"origin": "http://testserver"})
    body = {"price": catalogue.pro_monthly, "successUrl": "http://testserver/"}

    refused = page.post("/api/subscription", params={"action": action}, json=body)

    assert (refused.status_code, refused.json()) == (403, {"error": "Error"})
    assert page.get("/api/subscription?action=useSubscription").status_code == 200
    assert stripe_double.account.all("cs") == stripe_double.account.all("bps") == []
