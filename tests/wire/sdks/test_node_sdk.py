"""The unmodified `@clerk/backend` (Node.js) against a running development server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from greffier.sdk.keys import cookie_suffix
from greffier.server.signing.jwts import CATEGORY_SESSION, read_unverified_claims
from tests.support.server import APP_ORIGIN, LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY, PASSWORD
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, SignedIn, greffier_serve

pytestmark = pytest.mark.sdk
DOCUMENT = {"sec-fetch-dest": "document", "accept": "text/html"}
PAGE = f"{APP_ORIGIN}/orders?page=2"


def client_of(server: Serving, **more: Any) -> dict[str, Any]:
    return {
        "publishableKey": server.publishable_key,
        "secretKey": server.secret_key,
        "apiUrl": server.url,
        "proxyUrl": server.url,
        "telemetry": {"disabled": True},
    } | more


def header(state: dict[str, Any], name: str) -> str:
    return dict(state["headers"])[name]


def cookies_set(state: dict[str, Any]) -> dict[str, str]:
    lines = [value for name, value in state["headers"] if name == "set-cookie"]
    return {line.partition("=")[0]: line.partition("=")[2].partition(";")[0] for line in lines}


def cookie_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def visit(sdk: NodeSdk, server: Serving, url: str, cookies: dict[str, str] | None = None) -> dict[str, Any]:
    headers = DOCUMENT | ({"cookie": cookie_header(cookies)} if cookies else {})
    return sdk.result("authenticate", client=client_of(server), request={"url": url, "headers": headers})


def through_the_handshake(sdk: NodeSdk, server: Serving, browser: SignedIn) -> dict[str, str]:
    """Follow the redirects of a first visit; the application's cookies after it."""
    first = visit(sdk, server, PAGE)
    assert (first["status"], first["reason"]) == ("handshake", "dev-browser-missing")
    back = browser.get(header(first, "location"))
    assert back.status_code == 307
    second = visit(sdk, server, back.headers["location"])
    assert header(second, "location") == PAGE  # without the nonce
    return cookies_set(second)


def test_first_visit_of_a_signed_in_browser_ends_signed_in(node_sdk: NodeSdk, dev_server: Serving) -> None:
    browser = dev_server.sign_up("node-first+clerk_test@example.com")

    cookies = through_the_handshake(node_sdk, dev_server, browser)
    state = visit(node_sdk, dev_server, PAGE, cookies)

    assert state["status"] == "signed-in"
    assert state["user_id"] == browser.user_id
    assert state["session_id"] == browser.session_id


def test_first_visit_of_a_signed_out_browser_ends_signed_out(node_sdk: NodeSdk, dev_server: Serving) -> None:
    stranger = SignedIn(dev_server, "user_unknown", "", "", APP_ORIGIN)

    cookies = through_the_handshake(node_sdk, dev_server, stranger)
    state = visit(node_sdk, dev_server, PAGE, cookies)

    assert (state["status"], state["reason"]) == ("signed-out", "session-token-and-uat-missing")


def test_expired_token_is_refreshed_without_a_redirect(node_sdk: NodeSdk, dev_server: Serving) -> None:
    browser = dev_server.sign_up("node-refresh+clerk_test@example.com")
    cookies = through_the_handshake(node_sdk, dev_server, browser)
    expired = expired_twin(dev_server, cookies["__session"])
    hour_ago = str(read_unverified_claims(expired)["iat"])
    suffix = cookie_suffix(dev_server.publishable_key)
    stale = {"__session": expired, "__client_uat": hour_ago}

    state = visit(
        node_sdk,
        dev_server,
        PAGE,
        cookies | stale | {f"{name}_{suffix}": value for name, value in stale.items()},
    )

    assert state["status"] == "signed-in", state
    assert state["session_id"] == browser.session_id


def test_bearer_token_is_accepted(node_sdk: NodeSdk, dev_server: Serving) -> None:
    browser = dev_server.sign_up("node-bearer+clerk_test@example.com")

    state = node_sdk.result(
        "authenticate",
        client=client_of(dev_server),
        request={"url": PAGE, "headers": {"authorization": f"Bearer {browser.token()}"}},
        options={"authorizedParties": [APP_ORIGIN]},
    )

    assert state["status"] == "signed-in"


def test_token_verifies_without_network(node_sdk: NodeSdk, dev_server: Serving) -> None:
    browser = dev_server.sign_up("node-pem+clerk_test@example.com")

    claims = node_sdk.result("verify", token=browser.token(), options={"jwtKey": public_pem(dev_server)})

    assert claims["sub"] == browser.user_id


def test_token_verifies_by_the_published_keys(node_sdk: NodeSdk, dev_server: Serving) -> None:
    browser = dev_server.sign_up("node-jwks+clerk_test@example.com")

    claims = node_sdk.result(
        "verify",
        token=browser.token(),
        options={"apiUrl": dev_server.url, "secretKey": dev_server.secret_key},
    )

    assert claims["sid"] == browser.session_id


def test_wrong_secret_key_is_told_apart(node_sdk: NodeSdk, dev_server: Serving) -> None:
    answer = node_sdk.ask(
        "call",
        client=client_of(dev_server, secretKey="sk_test_wrong"),
        method="users.getUserList",
        args=[],
    )

    assert answer["status"] == 401
    assert answer["errors"][0]["code"] == "clerk_key_invalid"


def test_users_and_sessions_are_managed(node_sdk: NodeSdk, dev_server: Serving) -> None:
    def call(method: str, *args: Any) -> Any:
        return node_sdk.result("call", client=client_of(dev_server), method=method, args=args)

    browser = dev_server.sign_up("node-users+clerk_test@example.com")

    updated = call("users.updateUser", browser.user_id, {"firstName": "Ada"})
    merged = call("users.updateUserMetadata", browser.user_id, {"privateMetadata": {"plan": "pro"}})
    listed = call("users.getUserList", {"userId": [browser.user_id]})
    sessions = call("sessions.getSessionList", {"userId": browser.user_id})
    revoked = call("sessions.revokeSession", browser.session_id)
    deleted = call("users.deleteUser", browser.user_id)

    assert updated["firstName"] == "Ada"
    assert merged["privateMetadata"] == {"plan": "pro"}
    assert (listed["totalCount"], listed["data"][0]["id"]) == (1, browser.user_id)
    assert [s["id"] for s in sessions["data"]] == [browser.session_id]
    assert revoked["status"] == "revoked"
    assert deleted["deleted"] is True


def test_templates_are_managed_and_make_tokens(node_sdk: NodeSdk, dev_server: Serving) -> None:
    def call(method: str, *args: Any) -> Any:
        return node_sdk.result("call", client=client_of(dev_server), method=method, args=args)

    browser = dev_server.sign_up("node-templates+clerk_test@example.com")

    made = call(
        "jwtTemplates.create", {"name": "node", "claims": {"fullName": "{{user.id}}"}, "lifetime": 90}
    )
    claims = read_unverified_claims(call("sessions.getToken", browser.session_id, "node")["jwt"])
    listed = call("jwtTemplates.list")
    changed = call(
        "jwtTemplates.update", {"templateId": made["id"], "name": "node", "claims": {}, "allowedClockSkew": 0}
    )
    deleted = call("jwtTemplates.delete", made["id"])

    assert (claims["sub"], claims["fullName"]) == (browser.user_id, browser.user_id)
    assert claims["exp"] - claims["iat"] == 90
    assert made["id"] in {template["id"] for template in listed["data"]}
    assert (changed["lifetime"], changed["allowedClockSkew"]) == (90, 0)
    assert deleted["deleted"] is True
    refused = node_sdk.ask("call", client=client_of(dev_server), method="jwtTemplates.get", args=[made["id"]])
    assert refused["status"] == 404


def expired_twin(server: Serving, token: str) -> str:
    """The same session's token as it was an hour ago, signed by the server's own key."""
    claims = read_unverified_claims(token)
    past = {name: claims[name] - 3600 for name in ("iat", "nbf", "exp")}
    return server.signing_key().sign_jwt(claims | past, category=CATEGORY_SESSION)


def public_pem(server: Serving) -> str:
    """The instance's key as an operator copies it into `CLERK_JWT_KEY`."""
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(server.http().get("/.well-known/jwks.json").json()["keys"][0])
    return key.raw_value.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()  # type: ignore[union-attr]


LIVE_HOST = {"host": "clerk.example.com"}
LIVE_PAGE = "https://app.example.com/orders?page=2"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    """A user signed in at a production server, behind a proxy on the application's domain."""
    database = f"sqlite:///{tmp_path_factory.mktemp('live') / 'greffier.db'}"
    keys = {
        "GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY,
        "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY,
        "GREFFIER_DOMAIN": "example.com",
    }
    with greffier_serve(database, **keys) as (_, url):
        server = Serving(LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY, url, Path())
        user = server.backend().post(
            "/v1/users", json={"email_address": ["ada@example.com"], "password": PASSWORD}
        )
        signed_in = server.http(headers={"origin": "https://app.example.com"} | LIVE_HOST).post(
            "/v1/client/sign_ins",
            data={"strategy": "password", "identifier": "ada@example.com", "password": PASSWORD},
        )
        cookie = re.match(r"__client=([^;]+)", signed_in.headers["set-cookie"])
        assert cookie
        session_id = signed_in.json()["response"]["created_session_id"]
        yield SignedIn(server, cookie[1], session_id, user.json()["id"], "https://app.example.com")


def test_production_ends_signed_in_by_cookies_alone(node_sdk: NodeSdk, live: SignedIn) -> None:
    # The application knows of a client, but has no token any more.
    first = visit(node_sdk, live.server, LIVE_PAGE, {"__client_uat": "1"})
    assert (first["status"], first["reason"]) == ("handshake", "client-uat-but-no-session-token")
    cookie = {"cookie": f"__client={live.client_cookie}"}
    back = httpx.get(header(first, "location"), headers=cookie | LIVE_HOST)
    assert back.headers["location"] == LIVE_PAGE
    nonce = back.headers["set-cookie"].partition(";")[0].partition("=")

    second = visit(node_sdk, live.server, LIVE_PAGE, {"__client_uat": "1", nonce[0]: nonce[2]})
    third = visit(node_sdk, live.server, LIVE_PAGE, cookies_set(second))

    assert (second["status"], second["user_id"]) == ("signed-in", live.user_id)
    assert cookies_set(second)["__clerk_handshake_nonce"] == ""
    assert (third["status"], third["session_id"]) == ("signed-in", live.session_id)


def test_production_visitor_without_cookies_is_signed_out_at_once(node_sdk: NodeSdk, live: SignedIn) -> None:
    state = visit(node_sdk, live.server, LIVE_PAGE)

    assert (state["status"], state["reason"]) == ("signed-out", "session-token-and-uat-missing")
