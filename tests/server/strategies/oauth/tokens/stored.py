"""Reads providers' tokens from the database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.all_tables import metadata
from greffier.server.store.statements import Statement
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens, in_clear
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow, provider_tokens
from tests.support.server import TestServer


async def rows(server: TestServer) -> list[ProviderTokensRow]:
    async with server.app.database.transaction() as db:
        return await db.all(Statement(sa.select(provider_tokens), ProviderTokensRow))


async def kept(server: TestServer) -> Tokens:
    """The only tokens that an account has."""
    (row,) = [row for row in await rows(server) if row.account_id]
    return in_clear(server.app.database, row)


async def content(server: TestServer) -> str:
    """Every value of every table."""
    found: list[str] = []
    async with server.app.database.transaction() as db:
        for table in metadata.sorted_tables:
            statement: Statement[Any] = Statement(sa.select(table), lambda *values: repr(values))
            found += await db.all(statement)
    return "\n".join(found)
