"""Reads what a user's wallets hold: one question to each chain, however many gates and wallets there are."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from greffier.server.identifications.tables import IdentificationRow
from greffier.server.identifications.web3_wallets.chains import chains
from greffier.server.identifications.web3_wallets.chains.balances import Balances, Holding
from greffier.server.identifications.web3_wallets.rpc import Refused, Silent, ask, servers_of
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction, UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.token_gates.holdings import holding_of, key_of
from greffier.server.token_gates.queries import (
    BALANCES_OF_USER,
    CLAIM_CHECK,
    FIND_CHECK,
    INSERT_BALANCE,
    INSERT_CHECK,
    UPDATE_BALANCE,
    WALLETS_OF_USER,
)
from greffier.server.token_gates.tables import TokenBalanceRow, TokenGateCheckRow
from greffier.server.web.instance.instance import Instance

log = logging.getLogger("greffier.web3")

PAUSE = 10_000
"""Milliseconds between two questions about one user: a limit on the calls that users cause."""


class Question(NamedTuple):
    wallet: IdentificationRow
    key: str
    holding: Holding


class Amount(NamedTuple):
    wallet_id: str
    holding: str
    amount: int


async def read_balances(
    database: Database, clock: Clock, instance: Instance, user_id: str, *, not_since: int
) -> bool:
    """Read all balances that the gates of an instance ask for, outside any request's transaction.

    Args:
        not_since: milliseconds; nothing happens when the chains were asked later than that.

    Returns whether they were asked now.
    """
    now = clock.now_ms()
    async with database.transaction() as db:
        if not await _claim(db, instance.id, user_id, now, not_since):
            return False
        wallets = await db.all(WALLETS_OF_USER, instance_id=instance.id, user_id=user_id)
    amounts = await _ask_all(instance, wallets)
    async with database.transaction() as db:
        await _keep(db, instance.id, user_id, amounts, clock.now_ms())
    return True


async def _claim(db: Transaction, instance_id: str, user_id: str, now: int, not_since: int) -> bool:
    if await db.one(FIND_CHECK, instance_id=instance_id, user_id=user_id) is None:
        row = TokenGateCheckRow(
            id=new_id("tgc", now_ms=now), instance_id=instance_id, user_id=user_id, asked_at=now
        )
        try:
            await db.insert(INSERT_CHECK, row)
        except UniqueViolation:
            return False
        return True
    claimed = await db.execute(
        CLAIM_CHECK, of_instance=instance_id, of_user=user_id, before=min(not_since, now - PAUSE), now=now
    )
    return claimed == 1


async def _ask_all(instance: Instance, wallets: list[IdentificationRow]) -> list[Amount]:
    gates = instance.settings.web3.gates
    amounts: list[Amount] = []
    for chain, network in dict.fromkeys((gate.chain, gate.network) for gate in gates):
        family = chains().get(chain)
        servers = servers_of(instance, chain, network)
        if family is None or family.balances is None or servers is None:
            log.warning("%s %s: a gate asks for a chain that the settings say no servers of", chain, network)
            continue
        holdings = {
            key_of(gate): holding_of(gate) for gate in gates if (gate.chain, gate.network) == (chain, network)
        }
        questions = [
            Question(wallet, key, holding)
            for wallet in wallets
            if family.recognises(wallet.value)
            for key, holding in holdings.items()
            if family.balances.problem(holding) is None
        ]
        if not questions:
            continue
        calls = [family.balances.call(one.holding, one.wallet.value) for one in questions]
        try:
            answers = await ask(instance, family.balances, servers, calls)
        except Silent:
            continue  # what is known counts for a while
        amounts += _amounts(family.balances, questions, answers)
    return amounts


def _amounts(balances: Balances, questions: list[Question], answers: Iterable[object]) -> list[Amount]:
    found: list[Amount] = []
    for (wallet, key, holding), answer in zip(questions, answers, strict=True):
        try:
            amount = (
                balances.read_refusal(holding, answer.message)
                if isinstance(answer, Refused)
                else balances.read(holding, wallet.value, answer)
            )
        except (KeyError, TypeError, ValueError) as error:
            log.warning("%s: no balance: %s", key, type(error).__name__)
        else:
            found.append(Amount(wallet.id, key, amount))
    return found


async def _keep(db: Transaction, instance_id: str, user_id: str, amounts: list[Amount], now: int) -> None:
    """A wallet that was removed meanwhile has no balance."""
    keys = {"instance_id": instance_id, "user_id": user_id}
    owned = {wallet.id for wallet in await db.all(WALLETS_OF_USER, **keys)}
    former = {(row.wallet_id, row.holding): row for row in await db.all(BALANCES_OF_USER, **keys)}
    for wallet_id, holding, amount in amounts:
        if wallet_id not in owned:
            continue
        row = former.get((wallet_id, holding))
        if row is not None:
            await db.save(UPDATE_BALANCE, msgspec.structs.replace(row, amount=str(amount), read_at=now))
            continue
        row = TokenBalanceRow(
            id=new_id("tgb", now_ms=now),
            instance_id=instance_id,
            user_id=user_id,
            wallet_id=wallet_id,
            holding=holding,
            amount=str(amount),
            read_at=now,
        )
        await db.insert(INSERT_BALANCE, row)
