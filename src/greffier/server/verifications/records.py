"""The record of a verification: begun, verified at once, found again."""

from __future__ import annotations

from typing import Any

from greffier.server.crypto.secrets import hash_code
from greffier.server.store.ids import new_id
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.queries import GET, INSERT
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

VERIFICATION_LIFETIME = 10 * 60 * 1000
"""Milliseconds; ASVS 6.5.5 allows ten minutes."""


async def find_verification(ctx: Context, verification_id: str | None) -> VerificationRow | None:
    """The verification that another row refers to, if it does."""
    if verification_id is None:
        return None
    return await ctx.db.one(GET, instance_id=ctx.instance.id, id=verification_id)


async def begin_verification(
    ctx: Context,
    strategy: str,
    *,
    verification_id: str | None = None,
    sent_to: Identifier | None = None,
    code: str | None = None,
    subject_id: str | None = None,
    lifetime: int = VERIFICATION_LIFETIME,
    details: dict[str, Any] | None = None,
) -> VerificationRow:
    """A pending verification, whose strategy sends its code or link in the same transaction.

    Args:
        verification_id: its id, where the details name it.
        sent_to: the only identifier that it will verify.
        code: the code, where one is attempted (`codes.py`).
        subject_id: the verified object, unless it points at the verification itself.
        lifetime: milliseconds.
        details: what the strategy keeps, such as a nonce; `resources.py` says what browsers are shown of it.
    """
    verification_id = verification_id or new_id("ver", now_ms=ctx.now)
    code_hash = hash_code(code, key=ctx.instance.code_key, bound_to=verification_id) if code else None
    row = VerificationRow(
        id=verification_id,
        instance_id=ctx.instance.id,
        strategy=strategy,
        status="unverified",
        attempts=0 if code else None,
        code_hash=code_hash,
        expire_at=ctx.now + lifetime,
        verified_at_client=None,
        subject_id=subject_id,
        created_at=ctx.now,
        updated_at=ctx.now,
        sent_to=sent_to.canonical if sent_to else None,
        kind=sent_to.kind if sent_to else None,
        details=details,
    )
    await ctx.db.insert(INSERT, row)
    return row


async def record_verified(
    ctx: Context, strategy: str, *, sent_to: Identifier | None = None
) -> VerificationRow:
    """A verification that needed no code: an administrator's word, a ticket, a password that was right.

    Args:
        sent_to: the identifier that the ticket went to.
    """
    row = VerificationRow(
        id=new_id("ver", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        strategy=strategy,
        status="verified",
        attempts=None if strategy in ("admin", "ticket") else 1,
        code_hash=None,
        expire_at=None,
        verified_at_client=ctx.client.id if ctx.client else None,
        subject_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
        sent_to=sent_to.canonical if sent_to else None,
        kind=sent_to.kind if sent_to else None,
    )
    await ctx.db.insert(INSERT, row)
    return row
