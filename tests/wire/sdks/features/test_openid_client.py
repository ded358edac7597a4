"""A standard OpenID client, Authlib, which knows nothing of the provider but its discovery document."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken, UserInfo
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.oauth.authorizations import allow
from tests.support.services.processes import Serving, SignedIn

pytestmark = pytest.mark.sdk

REDIRECT_URI = "https://shop.example/callback"
SCOPE = "openid profile email offline_access"
BOTH = pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])


class Relying:
    """An application that signs people in by what the discovery document says."""

    def __init__(self, server: Serving, *, public: bool) -> None:
        self.server = server
        fields = {"name": "Shop", "redirect_uris": [REDIRECT_URI], "scopes": SCOPE, "public": public}
        made = server.backend().post("/v1/oauth_applications", json=fields).raise_for_status().json()
        self.client_id: str = made["client_id"]
        self.metadata: dict[str, Any] = httpx.get(made["discovery_url"]).raise_for_status().json()
        self.client = OAuth2Client(
            self.client_id,
            made["client_secret"] or None,
            scope=SCOPE,
            redirect_uri=REDIRECT_URI,
            code_challenge_method="S256",
            token_endpoint_auth_method="none" if public else "client_secret_basic",
            token_endpoint=self.metadata["token_endpoint"],
        )

    def sign_in(self, person: SignedIn, **request: str) -> dict[str, Any]:
        """Returns the tokens of a user who consents."""
        verifier, self.nonce = generate_token(48), generate_token()
        url, state = self.client.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=self.nonce, **request
        )
        answered_at = allow(person, url)
        self.answer = parse_qs(urlsplit(answered_at).query)
        return self.client.fetch_token(
            authorization_response=answered_at, code_verifier=verifier, state=state
        )

    def id_token(self, tokens: dict[str, Any]) -> CodeIDToken:
        """Verified by the published keys and validated as OpenID Connect Core section 3.1.3.7 says."""
        keys = KeySet.import_key_set(httpx.get(self.metadata["jwks_uri"]).json())
        decoded = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
        options = {
            "iss": {"essential": True, "value": self.metadata["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        params = {
            "client_id": self.client_id,
            "nonce": self.nonce,
            "access_token": tokens["access_token"],
        }
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate()
        return claims

    def user_info(self) -> UserInfo:
        return UserInfo(self.client.get(self.metadata["userinfo_endpoint"]).raise_for_status().json())


@BOTH
def test_openid_client_signs_a_person_in(provider: Serving, ada: SignedIn, public: bool) -> None:
    relying = Relying(provider, public=public)

    tokens = relying.sign_in(ada)
    claims, info = relying.id_token(tokens), relying.user_info()

    assert claims["sub"] == info["sub"] == ada.user_id
    assert claims["email"] == info["email"]
    assert info["email_verified"] is True
    assert relying.answer["iss"] == [relying.metadata["issuer"]]
    assert tokens["scope"] == SCOPE


@BOTH
def test_openid_client_refreshes_its_tokens(provider: Serving, ada: SignedIn, public: bool) -> None:
    relying = Relying(provider, public=public)
    first = relying.sign_in(ada)

    second = relying.client.refresh_token(relying.metadata["token_endpoint"])

    assert second["access_token"] != first["access_token"]
    assert (second["refresh_token"] == first["refresh_token"]) is not public
    assert relying.user_info()["sub"] == ada.user_id
    # An answer that did not arrive is asked for once more.
    again = relying.client.refresh_token(
        relying.metadata["token_endpoint"], refresh_token=first["refresh_token"]
    )
    assert again["access_token"] not in (first["access_token"], second["access_token"])
    assert relying.user_info()["sub"] == ada.user_id


@BOTH
def test_openid_client_revokes_what_it_was_given(provider: Serving, ada: SignedIn, public: bool) -> None:
    relying = Relying(provider, public=public)
    tokens = relying.sign_in(ada)

    revoked = relying.client.revoke_token(
        relying.metadata["revocation_endpoint"],
        token=tokens["refresh_token"],
        token_type_hint="refresh_token",
    )

    assert revoked.status_code == 200
    with pytest.raises(OAuthError) as refused:
        relying.client.refresh_token(
            relying.metadata["token_endpoint"], refresh_token=tokens["refresh_token"]
        )
    assert refused.value.error == "invalid_grant"
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(relying.metadata["userinfo_endpoint"], headers=bearer).status_code == 401


def test_openid_client_asks_what_a_token_is(provider: Serving, ada: SignedIn) -> None:
    relying = Relying(provider, public=False)
    tokens = relying.sign_in(ada)

    known = relying.client.introspect_token(
        relying.metadata["introspection_endpoint"], token=tokens["access_token"]
    )
    unknown = relying.client.introspect_token(relying.metadata["introspection_endpoint"], token="oat_unknown")

    assert (known.json()["active"], known.json()["sub"]) == (True, ada.user_id)
    assert unknown.json() == {"active": False}


def test_openid_client_is_told_when_it_asks_for_too_much(provider: Serving, ada: SignedIn) -> None:
    relying = Relying(provider, public=False)

    with pytest.raises(OAuthError):
        relying.sign_in(ada, scope="openid private_metadata")

    assert relying.answer["error"] == ["invalid_scope"]


def test_openid_client_refuses_the_code_of_another_client(provider: Serving, ada: SignedIn) -> None:
    mine, theirs = Relying(provider, public=True), Relying(provider, public=True)
    url, _ = theirs.client.create_authorization_url(
        theirs.metadata["authorization_endpoint"], code_verifier="v" * 43
    )
    code = parse_qs(urlsplit(allow(ada, url)).query)["code"][0]

    with pytest.raises(OAuthError) as refused:
        mine.client.fetch_token(code=code, code_verifier="v" * 43, grant_type="authorization_code")

    assert refused.value.error == "invalid_grant"
