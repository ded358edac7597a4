"""The signing keys of every instance: made once, read at start, published as JWKS (RFC 7517)."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from greffier.server.signing.jwts import SigningKey, base64url
from greffier.server.signing.queries import ALL_SIGNING_KEYS, INSERT_SIGNING_KEY
from greffier.server.signing.tables import SigningKeyRow
from greffier.server.store.database import Database, Transaction
from greffier.server.store.ids import new_id


def _integer(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


async def create_signing_key(db: Transaction, *, instance_id: str, now_ms: int) -> None:
    """Make a key: RSA-2048 with exponent 65537, the one kind that every SDK can read from a PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_numbers()
    kid = instance_id
    await db.insert(
        INSERT_SIGNING_KEY,
        SigningKeyRow(
            id=new_id("sgk", now_ms=now_ms),
            instance_id=instance_id,
            kid=kid,
            private_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            public_jwk={
                "use": "sig",
                "kty": "RSA",
                "kid": kid,
                "alg": "RS256",
                "n": _integer(public.n),
                "e": _integer(public.e),
            },
            active=True,
            created_at=now_ms,
        ),
    )


class SigningKeys:
    """The parsed keys of all instances."""

    def __init__(self) -> None:
        self._by_instance: dict[str, list[SigningKey]] = {}

    async def load(self, database: Database) -> None:
        async with database.transaction() as db:
            rows = await db.all(ALL_SIGNING_KEYS)
        found: dict[str, list[SigningKey]] = {}
        for row in rows:
            if row.active:
                found.setdefault(row.instance_id, []).append(
                    SigningKey(row.kid, row.private_pem, row.public_jwk)
                )
        self._by_instance = found

    def current(self, instance_id: str) -> SigningKey:
        """The key that signs now: the newest."""
        return self._by_instance[instance_id][0]

    def jwks(self, instance_id: str) -> list[dict[str, Any]]:
        """The public keys, newest first."""
        return [key.public_jwk for key in self._by_instance[instance_id]]
