"""Active organizations, by the unmodified official SDKs at a running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions

from tests.support.server import APP_ORIGIN
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, SignedIn, apply_settings, greffier_dev
from tests.wire.sdks.test_node_sdk import client_of, cookie_header, cookies_set, header
from tests.wire.sdks.test_python_sdk import public_pem

pytestmark = pytest.mark.sdk
DOCUMENT = {"sec-fetch-dest": "document", "accept": "text/html"}
SYNC = {"organizationPatterns": ["/orgs/:slug", "/orgs/:slug/(.*)"], "personalAccountPatterns": ["/me"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("activation")) as serving:
        apply_settings(serving.data, serving.url, "[organizations]\nenabled = true\n")
        yield serving


@pytest.fixture
def python(server: Serving) -> Iterator[Clerk]:
    with Clerk(bearer_auth=server.secret_key, server_url=f"{server.url}/v1") as clerk:
        yield clerk


class Visitor:
    """A signed-in browser at an app made with `@clerk/backend`, which follows its redirects."""

    def __init__(self, sdk: NodeSdk, server: Serving, browser: SignedIn) -> None:
        self._sdk, self._server, self._browser = sdk, server, browser
        self._cookies: dict[str, str] = {}

    def open(self, path: str) -> tuple[dict[str, Any], list[str]]:
        """Returns what the app sees in the end, and the reasons of the handshakes on the way."""
        url, reasons = f"{APP_ORIGIN}{path}", list[str]()
        for _ in range(8):
            headers = DOCUMENT | ({"cookie": cookie_header(self._cookies)} if self._cookies else {})
            state = self._sdk.result(
                "authenticate",
                client=client_of(self._server),
                request={"url": url, "headers": headers},
                options={"organizationSyncOptions": SYNC},
            )
            set_now = cookies_set(state)
            self._cookies = {name: v for name, v in (self._cookies | set_now).items() if v}
            if state["status"] != "handshake":
                return state, reasons
            url = header(state, "location")
            if url.startswith(self._server.url):
                reasons.append(state["reason"])
                url = self._browser.get(url).headers["location"]
        raise AssertionError(f"redirected for ever: {reasons}")


def organization(python: Clerk, name: str, user_id: str) -> str:
    slug = name.lower()
    return python.organizations.create(request={"name": name, "slug": slug, "created_by": user_id}).id


def test_path_makes_the_organization_the_active_one(
    node_sdk: NodeSdk, server: Serving, python: Clerk
) -> None:
    browser = server.sign_up("node-active+clerk_test@example.com")
    first = organization(python, "First", browser.user_id)
    second = organization(python, "Second", browser.user_id)
    visitor = Visitor(node_sdk, server, browser)

    at_first, why = visitor.open("/orgs/first/invoices")
    at_second, why_again = visitor.open("/orgs/second")
    again, nothing = visitor.open("/orgs/second/invoices")
    personal, why_personal = visitor.open("/me")

    assert (at_first["org_id"], at_first["org_role"]) == (first, "org:admin")
    assert at_second["org_id"] == again["org_id"] == second
    assert personal["org_id"] is None
    assert why == ["dev-browser-missing"], "the first handshake says the organization already"
    assert why_again == why_personal == ["active-organization-mismatch"]
    assert nothing == []


def test_path_of_an_organization_of_others_redirects_once(
    node_sdk: NodeSdk, server: Serving, python: Clerk
) -> None:
    owner = server.sign_up("node-owner+clerk_test@example.com")
    organization(python, "Closed", owner.user_id)
    visitor = Visitor(node_sdk, server, server.sign_up("node-stranger+clerk_test@example.com"))

    state, _ = visitor.open("/orgs/closed")

    assert (state["status"], state["org_id"]) == ("signed-in", None)


def test_both_sdks_read_role_and_custom_permissions(
    node_sdk: NodeSdk, server: Serving, python: Clerk
) -> None:
    browser = server.sign_up("node-biller+clerk_test@example.com")
    organization(python, "Billed", browser.user_id)
    other = server.sign_up("node-admin+clerk_test@example.com")
    members = python.organization_memberships
    keys = ["org:invoices:create", "org:invoices:read", "org:teams:read"]
    permissions = [python.organization_permissions.create(name=key, key=key).id for key in keys]
    python.organization_roles.create(name="Biller", key="org:biller", permissions=permissions)
    billed = python.organizations.get(organization_id="billed").id
    members.create(organization_id=billed, user_id=other.user_id, role="org:admin")
    members.update(organization_id=billed, user_id=browser.user_id, role="org:biller")

    state, _ = Visitor(node_sdk, server, browser).open("/orgs/billed")
    request = httpx.Request("GET", APP_ORIGIN, headers={"authorization": f"Bearer {state['token']}"})
    options = AuthenticateRequestOptions(jwt_key=public_pem(server))
    claims = authenticate_request(request, options).payload or {}

    assert state["org_role"] == "org:biller"
    assert sorted(state["org_permissions"]) == keys
    assert (claims["org_id"], claims["org_slug"], claims["org_role"]) == (billed, "billed", "biller")
    assert sorted(claims["org_permissions"]) == keys
