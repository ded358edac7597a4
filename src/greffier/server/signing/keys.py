"""The signing keys of every instance: made once, read at start, rotated, published as JWKS (RFC 7517)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from greffier.server.signing.batches import SignatureBatch
from greffier.server.signing.jwts import SigningKey, base64url
from greffier.server.signing.queries import ALL_SIGNING_KEYS, INSERT_SIGNING_KEY, UPDATE_SIGNING_KEY
from greffier.server.signing.tables import SigningKeyRow, signing_keys
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction
from greffier.server.store.ids import new_id
from greffier.server.store.sealing import seal, unseal

log = logging.getLogger("greffier.signing")

PUBLISHED_FIRST_MS = 5 * 60 * 1000
"""Milliseconds that a new key is published before it signs: longer than verifiers keep a JWKS."""


def _integer(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


async def create_signing_key(
    db: Transaction, *, instance_id: str, now_ms: int, kid: str | None = None, sign_from: int | None = None
) -> SigningKeyRow:
    """Make a key: RSA-2048 with exponent 65537, the one kind that every SDK can read from a PEM.

    Args:
        kid: its id; that of the instance for its first key.
        sign_from: milliseconds since the epoch; at once when absent.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_numbers()
    kid = kid or instance_id
    key_id = new_id("sgk", now_ms=now_ms)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    row = SigningKeyRow(
        id=key_id,
        instance_id=instance_id,
        kid=kid,
        private_pem=seal(db, signing_keys.c.private_pem, pem, id=key_id),
        public_jwk={
            "use": "sig",
            "kty": "RSA",
            "kid": kid,
            "alg": "RS256",
            "n": _integer(public.n),
            "e": _integer(public.e),
        },
        sign_from=sign_from or now_ms,
        publish_until=None,
        created_at=now_ms,
    )
    await db.insert(INSERT_SIGNING_KEY, row)
    return row


async def signing_keys_of(db: Transaction, instance_id: str, now_ms: int) -> list[SigningKeyRow]:
    """The published keys of an instance, newest first."""
    rows = await db.all(ALL_SIGNING_KEYS)
    return [row for row in rows if row.instance_id == instance_id and _published(row, now_ms)]


def _published(row: SigningKeyRow, now_ms: int) -> bool:
    return row.publish_until is None or row.publish_until > now_ms


async def rotate_signing_key(
    db: Transaction, *, instance_id: str, overlap_ms: int, longest_token_ms: int, now_ms: int
) -> SigningKeyRow:
    """Publish a new key, which signs after `PUBLISHED_FIRST_MS`; the former ones leave the JWKS later.

    Args:
        overlap_ms: how long former keys stay published once the new one signs; not less than the lifetime of
            the last tokens that they signed.
        longest_token_ms: lifetime of a session token.
    """
    former = await signing_keys_of(db, instance_id, now_ms)
    sign_from = now_ms + PUBLISHED_FIRST_MS
    publish_until = sign_from + max(overlap_ms, longest_token_ms + PUBLISHED_FIRST_MS)
    for row in former:
        if row.publish_until is None:
            await db.save(UPDATE_SIGNING_KEY, msgspec.structs.replace(row, publish_until=publish_until))
    return await create_signing_key(
        db, instance_id=instance_id, now_ms=now_ms, kid=new_id("ins", now_ms=now_ms), sign_from=sign_from
    )


def _parsed(db: Transaction, row: SigningKeyRow) -> SigningKey:
    pem = unseal(db, signing_keys.c.private_pem, row.private_pem, id=row.id)
    return SigningKey(row.kid, pem, row.public_jwk)


class SigningKeys:
    """The parsed keys of all instances."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: list[SigningKeyRow] = []
        self._parsed: dict[str, SigningKey] = {}
        self._current: dict[str, SigningKey] = {}
        self._jwks: dict[str, list[dict[str, Any]]] = {}
        self._batch = SignatureBatch()
        self._clock_is_behind = False

    async def load(self, database: Database) -> None:
        """Read all keys. One that was parsed before is neither decrypted nor parsed again.

        Raises:
            Undecryptable: an encryption key is not there; what was known stays in use.
        """
        async with database.transaction() as db:
            rows = await db.all(ALL_SIGNING_KEYS)
            self._parsed = {row.id: self._parsed.get(row.id) or _parsed(db, row) for row in rows}
        self._rows = rows
        self.refresh()

    def refresh(self) -> None:
        """See which keys sign and are published now. Called every second or so.

        A clock that was set back must not leave an instance without a key: then the oldest one signs, which
        verifiers have known longest.
        """
        now = self._clock.now_ms()
        current: dict[str, SigningKey] = {}
        oldest: dict[str, SigningKeyRow] = {}
        jwks: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows:  # newest first
            if _published(row, now):
                jwks.setdefault(row.instance_id, []).append(row.public_jwk)
                oldest[row.instance_id] = row
                if row.sign_from <= now:
                    current.setdefault(row.instance_id, self._parsed[row.id])
        early = {instance_id: row for instance_id, row in oldest.items() if instance_id not in current}
        self._current = {instance_id: self._parsed[row.id] for instance_id, row in early.items()} | current
        self._jwks = jwks
        self._note_clock(early, now)

    def _note_clock(self, early: dict[str, SigningKeyRow], now: int) -> None:
        """Log once that the clock is behind the keys' times."""
        if early and not self._clock_is_behind:
            behind = max(row.sign_from - now for row in early.values()) / 1000
            log.error(
                "the clock of this machine is %.0f s behind the first use of a signing key: it was set back, "
                "or that of the machine that made the key was ahead",
                behind,
            )
        self._clock_is_behind = bool(early)

    def current(self, instance_id: str) -> SigningKey:
        """The key that signs now: the newest whose time has come, else the oldest."""
        return self._current[instance_id]

    def sign_soon(self, instance_id: str, claims: Any, *, category: str | None = None) -> asyncio.Future[str]:
        """A token by the key that signs now, together with those that others ask for at the same time."""
        return self._batch.sign_jwt(self.current(instance_id), claims, category)

    def jwks(self, instance_id: str) -> list[dict[str, Any]]:
        """The public keys, newest first."""
        return self._jwks[instance_id]
