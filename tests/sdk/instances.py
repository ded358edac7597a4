"""An instance that signs tokens, and requests as its browsers send them."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from greffier.sdk.keys import cookie_suffix, encode_publishable_key

#: The time at which everything in these tests happens, in seconds since the epoch.
NOW = 1_700_000_000


class Instance:
    """One instance: its keys, and tokens signed with its signing key."""

    def __init__(
        self, host: str, *, live: bool, kid: str = "ins_1", key: rsa.RSAPrivateKey | None = None
    ) -> None:
        self.host = host
        self.publishable_key = encode_publishable_key(host, live=live)
        self.secret_key = "sk_live_secret" if live else "sk_test_secret"
        self.suffix = cookie_suffix(self.publishable_key)
        self.kid = kid
        self._key = key or signing_key(0)

    @property
    def pem(self) -> str:
        """The public key as PEM text."""
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as an entry of a key set."""
        numbers = self._key.public_key().public_numbers()
        modulus = numbers.n.to_bytes(self._key.key_size // 8, "big")
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": base64url(modulus),
            "e": "AQAB",
        }

    def claims(self, *, now: float = NOW, **changes: Any) -> dict[str, Any]:
        """The claims of a session token issued five seconds before `now`; None removes a claim."""
        issued = int(now) - 5
        claims: dict[str, Any] = {
            "iss": f"https://{self.host}",
            "sub": "user_1",
            "sid": "sess_1",
            "azp": "https://example.com",
            "iat": issued,
            "nbf": issued - 10,
            "exp": issued + 60,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, *, now: float = NOW, **changes: Any) -> str:
        """A session token, with changed claims and header members."""
        return self.sign(self.claims(now=now, **changes), header)

    def sign(self, payload: object, header: Mapping[str, Any] | None = None) -> str:
        """Any payload as a signed token."""
        members = {"alg": "RS256", "kid": self.kid, "typ": "JWT", **(header or {})}
        members = {name: value for name, value in members.items() if value is not None}
        signed = f"{base64url(encoded(members))}.{base64url(encoded(payload))}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def encoded(value: object) -> bytes:
    """A value as JSON; bytes as they are."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def base64url(value: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@cache
def signing_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same key for the same number: making one takes long."""
    return rsa.generate_private_key(65537, bits)


def production() -> Instance:
    """A production instance at clerk.example.com."""
    return Instance("clerk.example.com", live=True)


def development() -> Instance:
    """A development instance."""
    return Instance("clerk.calm-otter-7.localhost", live=False)
