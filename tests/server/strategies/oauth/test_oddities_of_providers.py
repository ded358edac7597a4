"""Peculiarities of single providers that the recorded answers do not show."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from greffier.server.strategies.oauth_providers import openid, providers
from greffier.server.strategies.oauth_providers.provider import Answers, Credentials, Profile
from tests.server.strategies.oauth.recorded_answers import ADDRESS, PLAIN
from tests.server.strategies.oauth.recorded_id_tokens import OPENID

NOW = 1796000000


def read(key: str, answers: dict[str, Any]) -> Profile:
    return providers()[key].read(Answers(**answers))


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def apple(**changed: str | None) -> Credentials:
    fields: dict[str, Any] = {"client_id": "com.example.web", "team_id": "TEAM", "key_id": "KEY", **changed}
    return Credentials(**fields)


def make_secret(credentials: Credentials) -> str:
    make = providers()["apple"].secret
    assert make is not None
    return make(credentials, NOW)


def test_apple_gets_a_secret_signed_with_the_key_of_the_team() -> None:
    key = ec.generate_private_key(ec.SECP256R1())

    token = jwt.decode(
        make_secret(apple(client_secret=pem(key))), ECKey.import_key(pem(key)), algorithms=["ES256"]
    )

    assert token.header == {"typ": "JWT", "alg": "ES256", "kid": "KEY"}
    assert token.claims == {
        "iss": "TEAM",
        "iat": NOW,
        "exp": NOW + 300,
        "aud": "https://appleid.apple.com",
        "sub": "com.example.web",
    }


@pytest.mark.parametrize("missing", ["team_id", "key_id", "client_secret"])
def test_apple_gets_no_secret_without_all_credentials(missing: str) -> None:
    key = pem(ec.generate_private_key(ec.SECP256R1()))

    with pytest.raises(ValueError, match="Apple needs"):
        make_secret(apple(**{"client_secret": key, missing: None}))


@pytest.mark.parametrize(
    "key",
    [pem(rsa.generate_private_key(65537, 2048)), pem(ec.generate_private_key(ec.SECP384R1())), "no key"],
    ids=["rsa", "p384", "text"],
)
def test_keys_that_apple_would_refuse_are_told_without_showing_them(key: str) -> None:
    with pytest.raises(ValueError, match="P-256") as failure:
        make_secret(apple(client_secret=key))

    assert key not in str(failure.value)


@pytest.mark.parametrize(
    "user", ["", "null", "[]", "{", '{"name": null}', '{"name": {"firstName": 7}}', "[" * 100_000]
)
def test_a_malformed_first_consent_of_apple_has_no_name(user: str) -> None:
    profile = read("apple", {**OPENID["apple"].answers, "form": {"user": user}})

    assert (profile.first_name, profile.last_name) == (None, None)
    assert (profile.email_address, profile.email_verified) == (ADDRESS, True)


def test_the_address_in_the_form_of_apple_is_never_believed() -> None:
    claims = {name: value for name, value in OPENID["apple"].answers["claims"].items() if "email" not in name}

    profile = read("apple", {**OPENID["apple"].answers, "claims": claims})

    assert (profile.email_address, profile.email_verified) == (None, False)


@pytest.mark.parametrize("proof", [True, 1, "1", "true"])
def test_microsoft_writes_its_proof_in_several_ways(proof: object) -> None:
    claims = {**OPENID["microsoft"].answers["claims"], "xms_edov": proof}

    assert read("microsoft", {"claims": claims}).email_verified


def test_the_proof_of_microsoft_is_not_about_the_address_of_userinfo() -> None:
    recorded = OPENID["microsoft"].answers
    claims = {name: value for name, value in recorded["claims"].items() if name != "email"}

    profile = read("microsoft", {**recorded, "claims": claims})

    assert (profile.email_address, profile.email_verified) == ("mail@example.com", False)


@pytest.mark.parametrize(
    ("issuer", "accepted"),
    [
        ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", True),
        ("https://login.microsoftonline.com/common/v2.0", False),
        ("https://login.microsoftonline.com.evil.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", False),
        ("https://login-microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", False),
        ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0/", False),
    ],
)
def test_tenants_of_microsoft_are_issuers(issuer: str, accepted: bool) -> None:
    pattern = providers()["microsoft"].issuer_pattern or ""

    assert (re.fullmatch(pattern, issuer) is not None) == accepted


def test_an_address_of_userinfo_does_not_borrow_the_proof_of_the_id_token() -> None:
    claims = {"sub": "1", "email": "own@example.com", "email_verified": True}

    profile = openid.read_claims(Answers(claims=claims, profile={"sub": "1", "email": "ceo@example.com"}))

    assert (profile.email_address, profile.email_verified) == ("ceo@example.com", False)


def test_an_address_of_the_id_token_does_not_borrow_the_proof_of_userinfo() -> None:
    claims = {"sub": "1", "email": "ceo@example.com"}

    assert not openid.read_claims(
        Answers(claims=claims, profile={"sub": "1", "email_verified": True})
    ).email_verified


def test_the_same_address_in_both_is_verified_by_either() -> None:
    claims = {"sub": "1", "email": ADDRESS, "email_verified": True}

    assert openid.read_claims(Answers(claims=claims, profile={"sub": "1", "email": ADDRESS})).email_verified


@pytest.mark.parametrize("profile", [{"sub": "2"}, {"email": ADDRESS}])
def test_userinfo_of_another_user_is_refused(profile: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sub"):
        openid.read_claims(Answers(claims={"sub": "1"}, profile=profile))


def test_a_grant_of_notion_that_belongs_to_the_workspace_has_no_user() -> None:
    token = {**PLAIN["notion"].answers["token"], "owner": {"type": "workspace", "workspace": True}}

    with pytest.raises(ValueError, match="id"):
        read("notion", {"token": token})


def test_older_answers_of_spotify_have_the_name_of_the_account_alone() -> None:
    user = {k: v for k, v in PLAIN["spotify"].answers["profile"].items() if k != "account_id"}

    assert read("spotify", {"profile": user}).id == "wizzler"


def test_twitch_is_asked_for_the_claims_it_is_read_by() -> None:
    claims = json.loads(providers()["twitch"].authorization_parameters["claims"])

    assert (
        claims["id_token"].keys()
        == claims["userinfo"].keys()
        == {"email", "email_verified", "picture", "preferred_username"}
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, (None, None)),
        ("  ", (None, None)),
        ("Ada", ("Ada", None)),
        ("Ada  Lovelace ", ("Ada", "Lovelace")),
        ("Augusta Ada King", ("Augusta Ada", "King")),
    ],
)
def test_the_last_word_of_a_whole_name_is_the_last_name(
    name: str | None, expected: tuple[str | None, str | None]
) -> None:
    assert openid.split_name(name) == expected
