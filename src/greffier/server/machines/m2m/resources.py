"""M2M tokens on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.machines.tables import M2mTokenRow


class M2mToken(msgspec.Struct, kw_only=True):
    """Contract: the answer of `verifyM2MToken`. `expiration` is in milliseconds since the epoch."""

    object: Literal["machine_to_machine_token"] = "machine_to_machine_token"
    id: str
    subject: str
    claims: Any
    scopes: list[str]
    revoked: bool
    revocation_reason: str | None
    expired: bool
    expiration: int | None
    last_used_at: int | None
    created_at: int
    updated_at: int


class CreatedM2mToken(M2mToken, kw_only=True):
    """Contract: the answer of `createM2MToken`."""

    token: str


class M2mTokenList(msgspec.Struct, kw_only=True):
    """Contract: the answer of `getM2MTokens`."""

    m2m_tokens: list[M2mToken]
    total_count: int


def m2m_token(row: M2mTokenRow, scopes: list[str], now_ms: int) -> M2mToken:
    """Args: scopes: the machines that the token still reaches."""
    return M2mToken(
        id=row.id,
        subject=row.machine_id,
        claims=row.claims,
        scopes=scopes,
        revoked=row.revoked,
        revocation_reason=row.revocation_reason,
        expired=row.expire_at <= now_ms,
        expiration=row.expire_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def created_m2m_token(shown: M2mToken, token: str) -> CreatedM2mToken:
    """The one answer that has the token itself."""
    return CreatedM2mToken(**msgspec.structs.asdict(shown), token=token)
