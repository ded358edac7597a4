"""Passkeys of users by the unmodified official SDKs of backends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from clerk_backend_api import Clerk, models

from tests.support.factors.passkeys import Authenticator, options_in
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, apply_settings
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def with_passkeys(dev_server: Serving) -> Iterator[Serving]:
    apply_settings(dev_server.data, dev_server.url, "[attributes.passkey]\nenabled = true\n")
    yield dev_server
    apply_settings(dev_server.data, dev_server.url, "")


@pytest.fixture
def owner(with_passkeys: Serving) -> tuple[str, str]:
    """Ids of a user and their passkey, which they have used."""
    ada = with_passkeys.sign_up(f"passkey{next(_numbers)}+clerk_test@example.com")
    headers = {"origin": ada.origin, "cookie": f"__client={ada.client_cookie}"}
    with with_passkeys.http(headers=headers) as http:
        begun: dict[str, Any] = http.post("/v1/me/passkeys").raise_for_status().json()["response"]
        credential = Authenticator().create(options_in(begun["verification"]))
        proof = {"strategy": "passkey", "public_key_credential": credential}
        http.post(f"/v1/me/passkeys/{begun['id']}/attempt_verification", data=proof).raise_for_status()
    return ada.user_id, begun["id"]


def test_passkey_is_removed_in_javascript(
    node_sdk: NodeSdk, with_passkeys: Serving, owner: tuple[str, str]
) -> None:
    user_id, passkey_id = owner
    call = {"client": client_of(with_passkeys), "method": "users.deleteUserPasskey"}
    arguments = [{"userId": user_id, "passkeyIdentificationId": passkey_id}]

    removed = node_sdk.result("call", args=arguments, **call)
    again = node_sdk.ask("call", args=arguments, **call)

    assert (removed["id"], removed["object"], removed["deleted"]) == (passkey_id, "passkey", True)
    assert (again["status"], again["errors"][0]["code"]) == (404, "resource_not_found")


def test_passkey_is_read_and_removed_in_python(sdk: Clerk, owner: tuple[str, str]) -> None:
    user_id, passkey_id = owner

    user = sdk.users.get(user_id=user_id)
    removed = sdk.users.delete_passkey(user_id=user_id, passkey_identification_id=passkey_id)
    with pytest.raises(models.ClerkErrors) as again:
        sdk.users.delete_passkey(user_id=user_id, passkey_identification_id=passkey_id)

    (passkey,) = user.passkeys
    assert (passkey.id, passkey.name) == (passkey_id, "iCloud Keychain")
    assert passkey.last_used_at > 0
    assert passkey.verification is not None
    assert (removed.id, removed.deleted) == (passkey_id, True)
    assert again.value.data.errors[0].code == "resource_not_found"
    assert sdk.users.get(user_id=user_id).passkeys == []
