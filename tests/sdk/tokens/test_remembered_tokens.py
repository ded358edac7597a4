"""Tokens seen before: their signature is not verified again, and nothing else is taken for granted."""

import pytest

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.steps import run
from greffier.sdk.tokens.jwt import PemKey, TokenRules, TokenVerifier, decode_jwt
from greffier.sdk.tokens.signatures import SigningKey
from tests.sdk.instances import NOW, Instance, production, signing_key

INSTANCE = production()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signatures that were really verified."""
    verified: list[bytes] = []
    original = SigningKey.verifies

    def verifies(self: SigningKey, algorithm: str, signature: bytes, signed: bytes) -> bool:
        verified.append(signature)
        return original(self, algorithm, signature, signed)

    monkeypatch.setattr(SigningKey, "verifies", verifies)
    return verified


def test_a_token_seen_before_is_not_verified_again_but_expires_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verified = counted(monkeypatch)
    now = float(NOW)
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: now)
    token = INSTANCE.token()
    for _ in range(5):
        assert run(verifier.verify(decode_jwt(token)))["sub"] == "user_1"
    assert len(verified) == 1
    now += 60
    with pytest.raises(TokenVerificationError) as caught:
        run(verifier.verify(decode_jwt(token)))
    assert caught.value.reason == "token-expired"


def test_an_app_that_changes_claims_changes_its_own_only() -> None:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    token = INSTANCE.token(o={"id": "org_1"}, roles=[["reader"]])
    for _ in range(4):
        claims = run(verifier.verify(verifier.decode(token)))
        assert (claims["sub"], claims["o"], claims["roles"]) == ("user_1", {"id": "org_1"}, [["reader"]])
        claims["sub"] = "user_2"
        claims["o"]["id"] = "org_2"
        claims["roles"][0].append("admin")


def test_a_token_seen_before_is_still_held_against_all_rules() -> None:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    token = decode_jwt(INSTANCE.token())
    assert run(verifier.verify(token))
    for rules in (
        TokenRules(issuers=frozenset({"https://other.example"})),
        TokenRules(authorized_parties=frozenset({"https://other.example"})),
        TokenRules(algorithms=frozenset({"RS512"})),
        TokenRules(max_lifetime=10),
    ):
        with pytest.raises(TokenVerificationError):
            run(verifier.verify(token, rules))


def test_a_token_seen_before_is_refused_once_its_key_is_gone() -> None:
    keys = OneKey(INSTANCE.pem)
    verifier = TokenVerifier(keys, clock=lambda: NOW)
    token = decode_jwt(INSTANCE.token())
    assert run(verifier.verify(token))
    keys.key = PemKey(Instance("clerk.example.com", live=True, key=signing_key(1)).pem).known(None)
    with pytest.raises(TokenVerificationError) as caught:
        run(verifier.verify(token))
    assert caught.value.reason == "token-invalid-signature"


class OneKey(PemKey):
    """A source whose key can be exchanged."""

    def __init__(self, pem: str) -> None:
        super().__init__(pem)
        self.key = super().known(None)

    def known(self, kid: object) -> SigningKey:
        return self.key


def test_a_forged_token_is_never_remembered() -> None:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    forged = decode_jwt(Instance("clerk.example.com", live=True, key=signing_key(1)).token())
    for _ in range(3):
        with pytest.raises(TokenVerificationError):
            run(verifier.verify(forged))


def test_claims_of_a_token_seen_before_cannot_be_changed_by_who_saw_it_first() -> None:
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    token = INSTANCE.token(o={"rol": "member"})
    run(verifier.verify(decode_jwt(token)))["o"]["rol"] = "admin"
    assert run(verifier.verify(decode_jwt(token)))["o"]["rol"] == "member"


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greffier.sdk.tokens.jwt.REMEMBERED_TOKENS", 3)
    verifier = TokenVerifier(PemKey(INSTANCE.pem), clock=lambda: NOW)
    for number in range(10):
        assert run(verifier.verify(decode_jwt(INSTANCE.token(sub=f"user_{number}"))))
    assert len(verifier._signed) <= 3
