"""The unmodified `clerk-backend-api` (Python) against a running development server."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import authenticate_request, verify_token
from clerk_backend_api.security.types import (
    AuthenticateRequestOptions,
    AuthErrorReason,
    AuthStatus,
    TokenVerificationErrorReason,
    VerifyTokenOptions,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

import greffier
from greffier.server.signing.jwts import read_unverified_claims
from tests.support.server import APP_ORIGIN
from tests.support.services.processes import Serving, SignedIn

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


@pytest.fixture
def address() -> str:
    """Returns an address that is unique in this session of tests."""
    return f"python{next(_numbers)}+clerk_test@example.com"


@pytest.fixture
def signed_in(dev_server: Serving, address: str) -> SignedIn:
    return dev_server.sign_up(address)


def new_user(sdk: Clerk, address: str, **fields: Any) -> models.User:
    return sdk.users.create(email_address=[address], skip_password_requirement=True, **fields)


def test_greffier_gives_it_ready_configured(dev_server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREFFIER_SECRET_KEY", dev_server.secret_key)
    monkeypatch.setenv("GREFFIER_API_URL", dev_server.url)

    with greffier.backend() as sdk, greffier.backend(dev_server.secret_key, f"{dev_server.url}/v1/") as other:
        assert sdk.users.count(request={}).total_count == other.users.count(request={}).total_count


@pytest.mark.parametrize(
    "settings", [{}, {"secret_key": "sk_test_x"}, {"secret_key": "sk_test_x", "api_url": "/x"}]
)
def test_missing_setting_of_it_is_told(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GREFFIER_SECRET_KEY", "GREFFIER_API_URL", "GREFFIER_PROXY_URL"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(greffier.ConfigurationError, match="api_url"):
        greffier.backend(**settings)


# --- users --------------------------------------------------------------------------------------------------


def test_user_is_created_found_counted_changed_and_deleted(sdk: Clerk, address: str) -> None:
    created = new_user(sdk, address, first_name="Ada", public_metadata={"plan": "gold"})

    assert sdk.users.get(user_id=created.id) == created
    assert sdk.users.list(request={"email_address": [address]}) == [created]
    assert sdk.users.count(request={"email_address": [address]}).total_count == 1
    changed = sdk.users.update(user_id=created.id, last_name="Lovelace")
    assert (changed.first_name, changed.last_name) == ("Ada", "Lovelace")
    assert sdk.users.delete(user_id=created.id).deleted is True
    with pytest.raises(models.ClerkErrors) as gone:
        sdk.users.get(user_id=created.id)
    assert gone.value.data.errors[0].code == "resource_not_found"


def test_list_of_users_is_ordered_and_paged(sdk: Clerk) -> None:
    ids = [new_user(sdk, f"page{next(_numbers)}@example.com").id for _ in range(3)]

    first = sdk.users.list(request={"user_id": ids, "limit": 2, "order_by": "+created_at"})
    rest = sdk.users.list(request={"user_id": ids, "limit": 2, "offset": 2, "order_by": "+created_at"})

    assert len(first) == 2
    assert {user.id for user in [*first, *rest]} == set(ids)


def test_metadata_is_merged_and_replaced(sdk: Clerk, address: str) -> None:
    user = new_user(sdk, address, public_metadata={"a": {"b": 1, "c": 2}}, private_metadata={"kept": True})

    merged = sdk.users.update_metadata(user_id=user.id, public_metadata={"a": {"b": None}})
    replaced = sdk.users.replace_metadata(user_id=user.id, public_metadata={"d": 4})

    assert merged.public_metadata == {"a": {"c": 2}}
    assert replaced.public_metadata == {"d": 4}
    assert replaced.private_metadata == {"kept": True}


def test_refusal_names_the_parameter(sdk: Clerk, address: str) -> None:
    new_user(sdk, address)

    with pytest.raises(models.ClerkErrors) as refused:
        new_user(sdk, address)

    error = refused.value.data.errors[0]
    assert error.code == "form_identifier_exists"
    assert "taken" in error.long_message


def test_wrong_secret_key_is_told(dev_server: Serving) -> None:
    clerk = Clerk(bearer_auth="sk_test_wrong", server_url=f"{dev_server.url}/v1")

    with clerk, pytest.raises(models.ClerkErrors) as refused:
        clerk.users.list()

    assert refused.value.data.errors[0].code == "clerk_key_invalid"


def test_addresses_of_a_user_are_managed(sdk: Clerk, address: str) -> None:
    user = new_user(sdk, address)

    second = sdk.email_addresses.create(
        request={"user_id": user.id, "email_address": f"second-{address}", "verified": True}
    )
    sdk.email_addresses.update(email_address_id=second.id, primary=True)

    assert sdk.users.get(user_id=user.id).primary_email_address_id == second.id
    assert sdk.email_addresses.delete(email_address_id=second.id).deleted is True
    assert sdk.users.get(user_id=user.id).primary_email_address_id == user.primary_email_address_id


# --- sessions and clients -----------------------------------------------------------------------------------


def test_session_is_listed_and_gives_tokens_until_it_is_revoked(sdk: Clerk, signed_in: SignedIn) -> None:
    listed = sdk.sessions.list(user_id=signed_in.user_id, status=models.QueryParamStatus.ACTIVE)
    session = sdk.sessions.get(session_id=signed_in.session_id)

    assert listed == [session]
    assert sdk.sessions.create_token(session_id=session.id).jwt
    assert sdk.sessions.revoke(session_id=session.id).status.value == "revoked"
    with pytest.raises(models.ClerkErrors) as refused:
        sdk.sessions.create_token(session_id=session.id)
    assert refused.value.data.errors[0].code == "authentication_invalid"


def test_template_is_managed_and_makes_tokens(sdk: Clerk, signed_in: SignedIn) -> None:
    made = sdk.jwt_templates.create(request={"name": "python", "claims": {}, "lifetime": 90})
    given = sdk.sessions.create_token_from_template(
        session_id=signed_in.session_id, template_name="python", expires_in_seconds=45
    )
    changed = sdk.jwt_templates.update(template_id=made.id, name="python", claims={}, allowed_clock_skew=0)
    listed = sdk.jwt_templates.list()

    claims = read_unverified_claims(given.jwt or "")
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (signed_in.user_id, 45)
    assert (changed.lifetime, changed.allowed_clock_skew) == (90, 0)
    assert changed in listed
    assert sdk.jwt_templates.delete(template_id=made.id).deleted
    with pytest.raises(models.ClerkErrors) as refused:
        sdk.jwt_templates.get(template_id=made.id)
    assert refused.value.data.errors[0].code == "resource_not_found"


def test_session_is_made_for_a_test(sdk: Clerk, address: str) -> None:
    user = new_user(sdk, address)

    session = sdk.sessions.create(request={"user_id": user.id})

    assert session.user_id == user.id


def test_client_is_known_by_its_cookie(sdk: Clerk, signed_in: SignedIn) -> None:
    client = sdk.clients.verify(request={"token": signed_in.client_cookie})

    assert client.session_ids == [signed_in.session_id]
    assert sdk.clients.get(client_id=client.id) == client
    assert client.id in {one.id for one in sdk.clients.list(limit=500)}


def test_sign_in_and_testing_tokens_are_made(sdk: Clerk, address: str) -> None:
    user = new_user(sdk, address)

    token = sdk.sign_in_tokens.create(request={"user_id": user.id})

    assert (token.status.value, token.user_id) == ("pending", user.id)
    assert sdk.sign_in_tokens.revoke(sign_in_token_id=token.id).status.value == "revoked"
    assert sdk.testing_tokens.create().object.value == "testing_token"


def test_protect_settings_are_stored(sdk: Clerk) -> None:
    on = sdk.instance_settings.update_instance_protect(request={"rules_enabled": True})
    kept = sdk.instance_settings.get_instance_protect()
    off = sdk.instance_settings.update_instance_protect(request={"rules_enabled": False})

    assert (on.rules_enabled, kept.rules_enabled, off.rules_enabled) == (True, True, False)
    assert on.specter_enabled is False


# --- authentication of requests -----------------------------------------------------------------------------


def public_pem(server: Serving) -> str:
    key = RSAAlgorithm.from_jwk(server.signing_key().public_jwk)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()  # type: ignore[union-attr]


def test_request_with_a_session_token_is_signed_in_without_a_network(
    dev_server: Serving, signed_in: SignedIn
) -> None:
    options = AuthenticateRequestOptions(jwt_key=public_pem(dev_server), authorized_parties=[APP_ORIGIN])
    token = signed_in.token()

    for headers in ({"Authorization": f"Bearer {token}"}, {"cookie": f"__session={token}"}):
        state = authenticate_request(httpx.Request("GET", APP_ORIGIN, headers=headers), options)

        assert state.status is AuthStatus.SIGNED_IN
        assert state.payload is not None
        assert (state.payload["sub"], state.payload["sid"]) == (signed_in.user_id, signed_in.session_id)


def test_request_without_a_token_or_of_another_page_is_signed_out(
    dev_server: Serving, signed_in: SignedIn
) -> None:
    key = public_pem(dev_server)
    bearer = {"Authorization": f"Bearer {signed_in.token()}"}

    signed_out = authenticate_request(
        httpx.Request("GET", APP_ORIGIN), AuthenticateRequestOptions(jwt_key=key)
    )
    elsewhere = authenticate_request(
        httpx.Request("GET", APP_ORIGIN, headers=bearer),
        AuthenticateRequestOptions(jwt_key=key, authorized_parties=["https://other.example"]),
    )

    assert (signed_out.status, signed_out.reason) == (
        AuthStatus.SIGNED_OUT,
        AuthErrorReason.SESSION_TOKEN_MISSING,
    )
    assert elsewhere.status is AuthStatus.SIGNED_OUT
    assert elsewhere.reason is TokenVerificationErrorReason.TOKEN_INVALID_AUTHORIZED_PARTIES


def test_token_is_verified_by_the_published_keys(dev_server: Serving, signed_in: SignedIn) -> None:
    options = VerifyTokenOptions(secret_key=dev_server.secret_key, api_url=dev_server.url)

    claims = verify_token(signed_in.token(), options)

    assert (claims["sub"], claims["v"]) == (signed_in.user_id, 2)
