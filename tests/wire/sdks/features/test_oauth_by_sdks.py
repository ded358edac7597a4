"""OAuth applications and their access tokens by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import TokenVerificationError, VerifyTokenOptions

from tests.support.oauth.authorizations import allow
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, SignedIn
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk

REDIRECT_URI = "https://shop.example/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def tokens_of(person: SignedIn, scope: str = "email profile") -> dict[str, Any]:
    """Returns the tokens that an application gets from a user who consents."""
    server = person.server
    fields = {
        "name": "Shop",
        "redirect_uris": [REDIRECT_URI],
        "public": True,
        "scopes": "openid email profile",
    }
    made = server.backend().post("/v1/oauth_applications", json=fields).raise_for_status().json()
    request = {
        "response_type": "code",
        "client_id": made["client_id"],
        "scope": scope,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    answer = allow(person, f"{made['authorize_url']}?{urlencode(request)}")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(answer).query)["code"][0],
        "client_id": made["client_id"],
        "code_verifier": VERIFIER,
    }
    return httpx.post(made["token_fetch_url"], data=form).raise_for_status().json() | {"application": made}


def authenticate(node_sdk: NodeSdk, server: Serving, token: str, accepts: Any = "oauth_token") -> Any:
    return node_sdk.result(
        "authenticate",
        client=client_of(server),
        request={"url": "http://orders.example/", "headers": {"authorization": f"Bearer {token}"}},
        options={"acceptsToken": accepts},
    )


# --- Node.js ------------------------------------------------------------------------------------------------


def test_node_sdk_manages_applications(node_sdk: NodeSdk, dev_server: Serving) -> None:
    def call(method: str, *args: Any) -> Any:
        client = client_of(dev_server)
        return node_sdk.result("call", client=client, method=f"oauthApplications.{method}", args=list(args))

    made = call("create", {"name": "node shop", "redirectUris": [REDIRECT_URI], "scopes": "email"})
    listed = call("list", {"limit": 500, "orderBy": "-created_at", "nameQuery": "node shop"})
    shown = call("get", made["id"])
    renamed = call("update", {"oauthApplicationId": made["id"], "name": "node market"})
    rotated = call("rotateSecret", made["id"])
    deleted = call("delete", made["id"])

    assert made["clientSecret"]
    assert (made["redirectUris"], made["scopes"], made["isPublic"]) == ([REDIRECT_URI], "email", False)
    assert made["id"] in [one["id"] for one in listed["data"]]
    assert (shown["clientId"], shown["name"]) == (made["clientId"], "node shop")
    assert renamed["name"] == "node market"
    assert rotated["clientSecret"] not in (None, "", made["clientSecret"])
    assert (deleted["id"], deleted["deleted"]) == (made["id"], True)


@pytest.mark.parametrize("accepts", ["oauth_token", ["session_token", "oauth_token"], "any"])
def test_node_application_accepts_the_access_tokens_of_others(
    node_sdk: NodeSdk, provider: Serving, ada: SignedIn, accepts: Any
) -> None:
    tokens = tokens_of(ada)

    state = authenticate(node_sdk, provider, tokens["access_token"], accepts)

    assert (state["status"], state["user_id"]) == ("signed-in", ada.user_id)


def test_node_application_takes_none_of_these_tokens_for_a_session(
    node_sdk: NodeSdk, provider: Serving, ada: SignedIn
) -> None:
    tokens = tokens_of(ada, "openid email")

    for name in ("access_token", "id_token", "refresh_token"):
        assert authenticate(node_sdk, provider, tokens[name], "session_token")["status"] == "signed-out"
    assert authenticate(node_sdk, provider, tokens["id_token"])["status"] == "signed-out"
    assert authenticate(node_sdk, provider, ada.token(), "oauth_token")["status"] == "signed-out"


def test_node_sdk_verifies_a_token_until_it_is_revoked(
    node_sdk: NodeSdk, provider: Serving, ada: SignedIn
) -> None:
    tokens = tokens_of(ada)
    question = {"client": client_of(provider), "method": "idPOAuthAccessToken.verify"}

    verified = node_sdk.result("call", **question, args=[tokens["access_token"]])
    path = f"/v1/oauth_applications/{tokens['application']['id']}/revoke_token"
    revoked = provider.backend().post(path, json={"token": tokens["refresh_token"]})

    assert (verified["subject"], verified["scopes"]) == (ada.user_id, ["email", "profile"])
    assert verified["clientId"] == tokens["application"]["client_id"]
    assert (verified["revoked"], verified["expired"]) == (False, False)
    assert revoked.status_code == 204
    if tokens["access_token"].startswith("oat_"):
        assert node_sdk.ask("call", **question, args=[tokens["access_token"]])["status"] == 404
        assert authenticate(node_sdk, provider, tokens["access_token"])["status"] == "signed-out"


# --- Python -------------------------------------------------------------------------------------------------


def test_python_sdk_manages_applications(sdk: Clerk) -> None:
    made = sdk.oauth_applications.create(
        request={"name": "python shop", "redirect_uris": [REDIRECT_URI], "scopes": "email"}
    )
    assert made is not None
    listed = sdk.oauth_applications.list(limit=500, order_by="-name", name_query="PYTHON")
    shown = sdk.oauth_applications.get(oauth_application_id=made.id)
    renamed = sdk.oauth_applications.update(oauth_application_id=made.id, name="python market", public=True)
    rotated = sdk.oauth_applications.rotate_secret(oauth_application_id=made.id)
    deleted = sdk.oauth_applications.delete(oauth_application_id=made.id)

    assert made.client_secret
    assert made.id in [one.id for one in listed.data]
    assert (shown.client_id, shown.name) == (made.client_id, "python shop")
    assert (renamed.name, renamed.public) == ("python market", True)
    assert rotated.client_secret == ""
    assert deleted.id == made.id
    with pytest.raises(models.ClerkErrors) as refused:
        sdk.oauth_applications.get(oauth_application_id=made.id)
    assert refused.value.data.errors[0].code == "resource_not_found"


def test_python_sdk_verifies_access_tokens(provider: Serving, sdk: Clerk, ada: SignedIn) -> None:
    tokens = tokens_of(ada)

    verified = sdk.oauth_access_tokens.verify(access_token=tokens["access_token"])

    assert verified.subject == ada.user_id
    with pytest.raises(Exception, match=r"not found|OAuth"):
        sdk.oauth_access_tokens.verify(access_token="oat_unknown")


def test_python_application_accepts_access_tokens_and_no_id_token(provider: Serving, ada: SignedIn) -> None:
    tokens = tokens_of(ada, "openid email")
    options = VerifyTokenOptions(secret_key=provider.secret_key, api_url=provider.url)

    payload = verify_token(tokens["access_token"], options)

    assert payload.get("subject", payload.get("sub")) == ada.user_id
    for wrong in ("oat_unknown", tokens["id_token"]):
        with pytest.raises(TokenVerificationError):
            verify_token(wrong, options)
