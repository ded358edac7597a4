"""Testing tokens: requests that carry one skip bot protection."""

from __future__ import annotations

from greffier.server.admission.queries import FIND_TESTING_TOKEN, INSERT_TESTING_TOKEN
from greffier.server.admission.tables import TestingTokenRow
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context

LIFETIME = 3600 * 1000
"""Milliseconds."""
PARAMETER = "__clerk_testing_token"


async def create_testing_token(ctx: Context) -> tuple[str, int]:
    """A token and when it expires, in milliseconds since the epoch."""
    expire_at = ctx.now + LIFETIME
    token = f"{expire_at // 1000}-c_{new_secret()}"
    await ctx.db.insert(
        INSERT_TESTING_TOKEN,
        TestingTokenRow(new_id("tt", now_ms=ctx.now), ctx.instance.id, hash_secret(token), expire_at),
    )
    return token, expire_at


async def carries_testing_token(ctx: Context) -> bool:
    """Whether the request has a valid one. An unknown one is ignored, it is no error."""
    token = ctx.request.query_value(PARAMETER)
    if not token:
        return False
    row = await ctx.db.one(
        FIND_TESTING_TOKEN, instance_id=ctx.instance.id, token_hash=hash_secret(token), now=ctx.now
    )
    return row is not None
