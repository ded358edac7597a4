"""Verifying a session token: what is refused, and with which published reason."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

from greffier.sdk.errors import ConfigurationError, TokenVerificationError
from greffier.sdk.options import AuthOptions
from greffier.sdk.steps import run
from greffier.sdk.tokens.jwt import (
    CATEGORY_IGNORE,
    CATEGORY_M2M,
    CATEGORY_SESSION,
    CATEGORY_TEMPLATE,
    PemKey,
    TokenRules,
    TokenVerifier,
    decode_jwt,
)
from greffier.sdk.tokens.lifetimes import warn_of_long_lifetime
from greffier.sdk.tokens.verification import verify_token, verify_token_async
from tests.sdk.instances import NOW, Instance, base64url, encoded, production, signing_key

INSTANCE = production()


def verify(token: str, **rules: Any) -> dict[str, Any]:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), TokenRules(**rules), clock=lambda: NOW)
    return run(verifier.verify(decode_jwt(token)))


def refusal(token: str, **rules: Any) -> str:
    with pytest.raises(TokenVerificationError) as caught:
        verify(token, **rules)
    return caught.value.reason


def test_a_valid_token_gives_its_claims() -> None:
    assert verify(INSTANCE.token())["sub"] == "user_1"


def with_header(header: object, *, signature: str = "c2ln") -> str:
    return f"{base64url(encoded(header))}.{base64url(encoded(INSTANCE.claims()))}.{signature}"


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é", "!!!.e30.c2ln"])
def test_what_is_no_token_is_invalid(token: str) -> None:
    assert refusal(token) == "token-invalid"


@pytest.mark.parametrize("header", [[], "x", 5, None, b"{", b'{"alg": NaN}', b"\xff", b"[" * 5000])
def test_a_header_that_is_no_json_object_is_invalid(header: object) -> None:
    assert refusal(with_header(header)) == "token-invalid"


@pytest.mark.parametrize(
    "payload", [[], "x", 5, None, b"{", b'{"exp": NaN}', b'{"exp": Infinity}', b"[" * 5000]
)
def test_a_payload_that_is_no_json_object_is_invalid(payload: object) -> None:
    assert refusal(INSTANCE.sign(payload)) == "token-invalid"


def test_padding_and_foreign_alphabets_are_invalid() -> None:
    header, payload, signature = INSTANCE.token().split(".")
    assert refusal(f"{header}.{payload}.{signature}==") == "token-invalid"
    assert refusal(f"{header}.{payload}.+/{signature[2:]}") == "token-invalid"
    assert refusal(f"{header}.{payload}.{signature}\n") == "token-invalid"


def test_an_endless_token_is_refused_unread() -> None:
    assert refusal(INSTANCE.token(note="x" * 20_000)) == "token-invalid"


def test_alg_none_is_refused() -> None:
    assert refusal(with_header({"alg": "none", "typ": "JWT"}, signature="")) == "token-invalid-algorithm"


def test_hs256_with_the_public_key_as_secret_is_refused() -> None:
    signed = with_header({"alg": "HS256", "typ": "JWT", "kid": "ins_1"}).rpartition(".")[0]
    mac = hmac.new(INSTANCE.pem.encode(), signed.encode(), hashlib.sha256).digest()
    assert refusal(f"{signed}.{base64url(mac)}") == "token-invalid-algorithm"


@pytest.mark.parametrize("alg", [None, "", "rs256", "RS512", "ES256", ["RS256"], {"RS256": 1}, 1, True])
def test_only_rs256_is_accepted_by_default(alg: object) -> None:
    assert refusal(INSTANCE.token({"alg": alg})) == "token-invalid-algorithm"


@pytest.mark.parametrize("typ", ["at+jwt", "jwt", "", ["JWT"], 5, {"JWT": 1}])
def test_another_type_is_refused(typ: object) -> None:
    assert refusal(INSTANCE.token({"typ": typ})) == "token-invalid"


def test_a_token_without_type_is_accepted() -> None:
    assert verify(INSTANCE.token({"typ": None}))


@pytest.mark.parametrize("cat", [CATEGORY_TEMPLATE, CATEGORY_M2M, "other", "", ["x"], 1])
def test_tokens_of_other_categories_are_no_sessions(cat: object) -> None:
    assert refusal(INSTANCE.token({"cat": cat})) == "token-type-mismatch"


@pytest.mark.parametrize("cat", [CATEGORY_SESSION, CATEGORY_IGNORE, None])
def test_the_session_category_is_accepted(cat: str | None) -> None:
    assert verify(INSTANCE.token({"cat": cat}))


def test_the_token_of_a_machine_is_no_session() -> None:
    assert refusal(INSTANCE.token(sub="mch_1")) == "token-type-mismatch"


def test_keys_that_the_header_offers_are_ignored() -> None:
    stranger = Instance("clerk.example.com", live=True, key=signing_key(1))
    for member in (
        {"jwk": stranger.jwk},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example"},
    ):
        assert refusal(stranger.token(member)) == "token-invalid-signature"
        assert verify(INSTANCE.token(member))


def test_a_critical_extension_is_refused() -> None:
    assert refusal(INSTANCE.token({"crit": ["b64"], "b64": False})) == "token-invalid"


def test_a_changed_payload_breaks_the_signature() -> None:
    header, _, signature = INSTANCE.token().split(".")
    forged = base64url(json.dumps(INSTANCE.claims(sub="user_2")).encode())
    assert refusal(f"{header}.{forged}.{signature}") == "token-invalid-signature"


def test_a_signature_of_another_key_is_refused() -> None:
    stranger = Instance("clerk.example.com", live=True, key=signing_key(1))
    assert refusal(stranger.token()) == "token-invalid-signature"


def test_an_empty_signature_is_refused() -> None:
    assert refusal(INSTANCE.token().rpartition(".")[0] + ".") == "token-invalid-signature"


def test_a_signature_must_name_its_hash_and_be_padded_as_the_algorithm_says() -> None:
    """RFC 8017 8.2: EMSA-PKCS1-v1_5 encodes the digest with the name of its hash."""
    signed = INSTANCE.token().rpartition(".")[0]
    digest = hashlib.sha256(signed.encode()).digest()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    key = signing_key(0)
    forgeries = {
        "another hash": key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA512()),
        "no name of a hash": key.sign(digest, padding.PKCS1v15(), NoDigestInfo()),
        "another padding": key.sign(signed.encode(), pss, hashes.SHA256()),
        "the digest of the digest": key.sign(digest, padding.PKCS1v15(), hashes.SHA256()),
    }
    for forgery, signature in forgeries.items():
        assert refusal(f"{signed}.{base64url(signature)}") == "token-invalid-signature", forgery


@pytest.mark.parametrize("sub", [None, 5, ["user_1"], {"a": 1}, True])
def test_the_subject_must_be_text(sub: object) -> None:
    assert refusal(INSTANCE.token(sub=sub)) == "token-verification-failed"


@pytest.mark.parametrize("aud", ["other", ["other"], {"api": 1}, 5, [5], [["api"]]])
def test_another_audience_is_refused(aud: object) -> None:
    assert refusal(INSTANCE.token(aud=aud), audience=frozenset({"api"})) == "token-verification-failed"


@pytest.mark.parametrize("aud", ["api", ["x", "api"], None, [], ""])
def test_an_audience_is_compared_only_where_both_sides_have_one(aud: object) -> None:
    assert verify(INSTANCE.token(aud=aud), audience=frozenset({"api"}))
    assert verify(INSTANCE.token(aud=aud))


@pytest.mark.parametrize("azp", [None, "https://evil.example", "", ["https://example.com"], 5, {}])
def test_another_authorized_party_is_refused(azp: object) -> None:
    parties = frozenset({"https://example.com"})
    assert refusal(INSTANCE.token(azp=azp), authorized_parties=parties) == "token-invalid-authorized-parties"


@pytest.mark.parametrize(
    "iss", [None, "https://clerk.example.com/", "http://clerk.example.com", 5, ["x"], {}]
)
def test_another_issuer_is_refused(iss: object) -> None:
    issuers = frozenset({"https://clerk.example.com"})
    assert refusal(INSTANCE.token(iss=iss), issuers=issuers) == "token-invalid-issuer"
    assert verify(INSTANCE.token(), issuers=issuers)


@pytest.mark.parametrize("exp", [None, "1", [], True, 1e300, 10**400])
def test_the_expiry_must_be_a_number_of_seconds(exp: object) -> None:
    assert refusal(INSTANCE.token(exp=exp), max_lifetime=None) == "token-verification-failed"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_other_times_must_be_numbers_where_present(claim: str) -> None:
    assert refusal(INSTANCE.token(**{claim: "soon"})) == "token-verification-failed"
    assert verify(INSTANCE.token(**{claim: None}))


def test_clocks_may_differ_by_less_than_five_seconds() -> None:
    assert verify(INSTANCE.token(exp=NOW - 4))
    assert refusal(INSTANCE.token(exp=NOW - 5)) == "token-expired"
    assert verify(INSTANCE.token(nbf=NOW + 5))
    assert refusal(INSTANCE.token(nbf=NOW + 6)) == "token-not-active-yet"
    assert verify(INSTANCE.token(iat=NOW + 5))
    assert refusal(INSTANCE.token(iat=NOW + 6)) == "token-iat-in-the-future"


def test_a_token_that_lives_longer_than_five_minutes_is_refused() -> None:
    assert verify(INSTANCE.token(iat=NOW, exp=NOW + 300))
    assert refusal(INSTANCE.token(iat=NOW, exp=NOW + 301)) == "token-verification-failed"
    assert verify(INSTANCE.token(iat=NOW, exp=NOW + 3600), max_lifetime=3600)
    assert verify(INSTANCE.token(iat=NOW, exp=NOW + 86_400), max_lifetime=None)


def test_leaving_out_the_issue_time_does_not_lengthen_a_life() -> None:
    assert refusal(INSTANCE.token(iat=None, exp=NOW + 301)) == "token-verification-failed"
    assert verify(INSTANCE.token(iat=None, exp=NOW + 299))


@pytest.mark.parametrize("longest", [301, None])
@pytest.mark.parametrize("where", ["app", "function"])
def test_accepting_longer_lifetimes_is_logged_once(
    where: str, longest: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_long_lifetime.cache_clear()
    token = INSTANCE.token(now=time.time(), exp=time.time() + 200)
    settings: dict[str, Any] = {"jwt_key": INSTANCE.pem, "max_lifetime": longest}

    for _ in range(2):
        if where == "app":
            AuthOptions(publishable_key=INSTANCE.publishable_key, **settings)
        else:
            assert verify_token(token, **settings)

    (warning,) = caplog.messages
    assert "XSS" in warning
    assert "max_lifetime" in warning


def test_a_lifetime_of_five_minutes_is_accepted_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_long_lifetime.cache_clear()

    AuthOptions(publishable_key=INSTANCE.publishable_key, jwt_key=INSTANCE.pem)

    assert caplog.messages == []


def test_the_checks_come_in_the_published_order() -> None:
    rules = {"authorized_parties": frozenset({"https://x"}), "audience": frozenset({"api"})}
    broken: dict[str, Any] = {"sub": 1, "aud": "b", "azp": "c", "exp": 1, "nbf": NOW * 2, "iat": NOW * 2}
    repairs = [
        ("token-verification-failed", {"sub": "user_1"}),
        ("token-verification-failed", {"aud": "api"}),
        ("token-invalid-authorized-parties", {"azp": "https://x"}),
        ("token-expired", {"exp": NOW + 60}),
        ("token-not-active-yet", {"nbf": NOW}),
        ("token-iat-in-the-future", {"iat": NOW}),
    ]
    for reason, repair in repairs:
        assert refusal(INSTANCE.token(**broken), **rules) == reason
        broken |= repair
    assert verify(INSTANCE.token(**broken), **rules)


def test_verification_is_stateless_and_opens_no_connection(no_network: None) -> None:
    assert verify_token(INSTANCE.token(now=time.time()), jwt_key=INSTANCE.pem)["sid"] == "sess_1"


async def test_verify_token_checks_what_it_is_told_to() -> None:
    token = INSTANCE.token(now=time.time())
    settings = {"jwt_key": INSTANCE.pem, "authorized_parties": ["https://example.com"]}
    assert (await verify_token_async(token, **settings))["sub"] == "user_1"
    with pytest.raises(TokenVerificationError) as caught:
        await verify_token_async(token, jwt_key=INSTANCE.pem, issuers="https://other.example")
    assert caught.value.reason == "token-invalid-issuer"


def test_verify_token_needs_a_source_of_keys() -> None:
    with pytest.raises(ConfigurationError, match="jwt_key"):
        verify_token(INSTANCE.token())


@pytest.mark.parametrize("spelling", ["as is", "escaped line breaks", "one line", "body only"])
def test_a_pem_key_survives_environment_variables(spelling: str) -> None:
    body = "".join(INSTANCE.pem.splitlines()[1:-1])
    texts = {
        "as is": INSTANCE.pem,
        "escaped line breaks": INSTANCE.pem.replace("\n", "\\n"),
        "one line": INSTANCE.pem.replace("\n", " "),
        "body only": body,
    }
    verifier = TokenVerifier(PemKey(texts[spelling]), clock=lambda: NOW)
    assert run(verifier.verify(decode_jwt(INSTANCE.token())))


def private_pem() -> str:
    from cryptography.hazmat.primitives import serialization as s

    return signing_key(0).private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("not base64 !", "base64"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "BEGIN PUBLIC KEY"),
        (base64.b64encode(b"hello").decode(), "cannot be used"),
        (Instance("clerk.example.com", live=True).pem.replace("IDAQAB", "IDAQAC"), "numbers"),
        (Instance("clerk.example.com", live=True, key=signing_key(2, 1024)).pem, "1024 bits"),
    ],
)
def test_an_unusable_pem_key_is_a_mistake_that_shows_before_the_first_request(pem: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        PemKey(pem)


def test_a_private_key_in_place_of_the_public_one_is_named_and_never_shown() -> None:
    with pytest.raises(ConfigurationError, match="private key") as caught:
        PemKey(private_pem())
    assert private_pem().splitlines()[1] not in str(caught.value)


def test_other_rsa_algorithms_can_be_allowed() -> None:
    signed = with_header({"alg": "RS512", "kid": "ins_1"}).rpartition(".")[0]
    signature = signing_key(0).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA512())
    token = f"{signed}.{base64url(signature)}"
    assert verify(token, algorithms=frozenset({"RS256", "RS512"}))
    assert refusal(token) == "token-invalid-algorithm"


def test_rules_can_be_changed_for_one_token() -> None:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    old = decode_jwt(INSTANCE.token(now=NOW - 3600))
    assert run(verifier.verify(old, replace(verifier.rules, clock_skew=86_400.0)))
    with pytest.raises(TokenVerificationError):
        run(verifier.verify(old))
