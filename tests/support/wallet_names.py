"""Instances that read names of wallets, and the moment when a reading is done."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.identifications.tables import identifications
from greffier.server.store.statements import Statement
from tests.support.configuring import configure
from tests.support.factors.wallets import WALLETS, EthereumWallet, sign_in_with
from tests.support.server import JsonObject, TestServer
from tests.support.services.ens import NameService
from tests.support.services.evm import CHAIN_ID
from tests.support.token_gates import Holder, holder_of

LIFETIME = 86_400


def _read_at(ens: dict[str, Any] | None) -> int | None:
    return None if ens is None else ens["read_at"]


_READ_AT: Statement[Any] = Statement(
    sa.select(identifications.c.ens).where(identifications.c.user_id == bindparam("user_id")),
    _read_at,
)


async def with_names(server: TestServer, url: str, names: NameService, **rules: Any) -> None:
    """Switches wallets and their names on, with this registry on the chain of a server."""
    servers = {"chain": "ethereum", "network": CHAIN_ID, "urls": [url], "private_addresses": True}
    ens = {"enabled": True, "network": CHAIN_ID, "registry": names.registry} | rules
    names_on = {"attributes": {"first_name": {"enabled": True}, "last_name": {"enabled": True}}}
    await configure(server, WALLETS)
    await configure(server, names_on | {"web3": {"rpc": [servers], "ens": ens}})


async def reading(server: TestServer, user_id: str) -> list[int | None]:
    """The time at which each wallet of a user was read."""
    async with server.app.database.transaction() as db:
        return await db.all(_READ_AT, user_id=user_id)


async def names_read(server: TestServer, user_id: str, former: list[int | None] | None = None) -> None:
    """Waits until the names of a user's wallets have been read, or read again after `former`."""
    async with asyncio.timeout(20):
        while None in (found := await reading(server, user_id)) or found == former:
            await asyncio.sleep(0.01)


async def user_of(holder: Holder) -> JsonObject:
    return (await holder.browser.get("/v1/me")).raise_for_status().json()["response"]


async def named(server: TestServer, wallet: EthereumWallet) -> tuple[Holder, JsonObject]:
    """Signs a user up with a wallet; the user once its name was read."""
    holder = await holder_of(server, wallet)
    await names_read(server, holder.user_id)
    return holder, await user_of(holder)


async def read_again(holder: Holder, wallet: EthereumWallet) -> JsonObject:
    """Signs the user in again, a day later; the user once the names were read again."""
    former = await reading(holder.server, holder.user_id)
    holder.server.clock.advance(seconds=LIFETIME)
    holder.browser = holder.server.browser()
    (await sign_in_with(holder.browser, wallet)).raise_for_status()
    await names_read(holder.server, holder.user_id, former)
    return await user_of(holder)
