"""Access tokens of providers, read by the unmodified official SDKs of backends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from clerk_backend_api import Clerk, models

from tests.support.services.node import NodeSdk
from tests.support.services.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)
from tests.support.services.processes import Serving, apply_settings
from tests.support.waiting import wait_until
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


class Acme(NamedTuple):
    """A server whose users sign in with a provider."""

    provider: OpenIdProvider
    server: Serving

    def connect(self, *, lifetime: int = 3600) -> Owner:
        """A new user who has connected an account of the provider, with a token of so many seconds."""
        number = next(_numbers)
        self.provider.reset()
        self.provider.gives_refresh_tokens = True
        self.provider.lifetime = lifetime
        self.provider.user = self.provider.user | {"sub": f"acme-{number}", "email": None}
        ada = self.server.sign_up(f"acme{number}+clerk_test@example.com")
        headers = {"origin": ada.origin, "cookie": f"__client={ada.client_cookie}"}
        form = {"strategy": "oauth_custom_acme", "redirect_url": f"{ada.origin}/profile"}
        with self.server.http(headers=headers) as http:
            answer = http.post("/v1/me/external_accounts", data=form).raise_for_status()
            begun: dict[str, Any] = answer.json()["response"]
        back = urlsplit(self.provider.authorize(begun["verification"]["external_verification_redirect_url"]))
        landed = ada.get(f"{self.server.url}{back.path}?{back.query}")
        assert landed.headers["location"].endswith("__clerk_status=verified"), landed.headers
        return Owner(ada.user_id, begun["id"], f"acme-{number}")


class Owner(NamedTuple):
    user_id: str
    account_id: str
    provider_user_id: str


@pytest.fixture(scope="module")
def acme(dev_server: Serving) -> Iterator[Acme]:
    with openid_provider() as provider:
        settings = f"""
            [[social]]
            provider = "custom_acme"
            name = "Acme"
            enabled = true
            client_id = "{CLIENT_ID}"
            client_secret = "{CLIENT_SECRET}"
            discovery_url = "{provider.url}/.well-known/openid-configuration"
        """
        apply_settings(dev_server.data, dev_server.url, settings)
        yield Acme(provider, dev_server)
        apply_settings(dev_server.data, dev_server.url, "")


@pytest.mark.parametrize("name", ["custom_acme", "oauth_custom_acme"])
def test_token_is_read_in_javascript(node_sdk: NodeSdk, acme: Acme, name: str) -> None:
    owner = acme.connect()

    read = node_sdk.result(
        "call",
        client=client_of(acme.server),
        method="users.getUserOauthAccessToken",
        args=[owner.user_id, name],
    )

    assert read["totalCount"] == 1
    (token,) = read["data"]
    assert token["token"] == acme.provider.tokens[0]
    assert token["idToken"] == acme.provider.tokens[1]
    assert token["scopes"] == ["openid", "profile", "email"]
    assert (token["provider"], token["externalAccountId"]) == ("oauth_custom_acme", owner.account_id)
    assert token["expiresAt"] > 1_700_000_000_000


def test_token_is_read_and_refreshed_in_python(sdk: Clerk, acme: Acme) -> None:
    owner = acme.connect(lifetime=1)
    acme.provider.lifetime = 3600

    (token,) = sdk.users.get_o_auth_access_token(user_id=owner.user_id, provider="oauth_custom_acme")
    (again,) = sdk.users.get_o_auth_access_token(user_id=owner.user_id, provider="custom_acme")

    assert token == again
    assert token.token == acme.provider.tokens[3]
    assert (token.external_account_id, token.provider_user_id) == (owner.account_id, owner.provider_user_id)
    assert (token.label, token.public_metadata) == (None, {})


def test_refusals_are_told_in_both_languages(node_sdk: NodeSdk, sdk: Clerk, acme: Acme) -> None:
    owner = acme.connect()

    call = {"client": client_of(acme.server), "method": "users.getUserOauthAccessToken"}
    refused = node_sdk.ask("call", args=[owner.user_id, "google"], **call)
    with pytest.raises(models.ClerkErrors) as unknown:
        sdk.users.get_o_auth_access_token(user_id=owner.user_id, provider="oauth_google")

    assert (refused["status"], refused["errors"][0]["code"]) == (404, "oauth_token_provider_not_enabled")
    assert unknown.value.data.errors[0].code == "oauth_token_provider_not_enabled"


def test_account_is_removed_in_javascript_and_its_tokens_are_revoked(node_sdk: NodeSdk, acme: Acme) -> None:
    owner = acme.connect()
    arguments = [{"userId": owner.user_id, "externalAccountId": owner.account_id}]

    removed = node_sdk.result(
        "call", client=client_of(acme.server), method="users.deleteUserExternalAccount", args=arguments
    )

    assert (removed["id"], removed["deleted"]) == (owner.account_id, True)
    wait_until(lambda: acme.provider.revoked, "the tokens are revoked")
    assert acme.provider.revoked[0] == acme.provider.tokens[2]


def test_account_is_removed_in_python(sdk: Clerk, acme: Acme) -> None:
    owner = acme.connect()

    removed = sdk.users.delete_external_account(user_id=owner.user_id, external_account_id=owner.account_id)
    tokens = sdk.users.get_o_auth_access_token(user_id=owner.user_id, provider="oauth_custom_acme")

    assert (removed.id, removed.deleted) == (owner.account_id, True)
    assert tokens == []
    assert sdk.users.get(user_id=owner.user_id).external_accounts == []
