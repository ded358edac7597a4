"""Signatures of several requests at once: each gets its own token, whatever becomes of the others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from greffier.server.signing.batches import SignatureBatch


class Key:
    """Stands in for a signing key, to see what is asked of it and when."""

    def __init__(self) -> None:
        self.signed: list[Any] = []

    def sign_jwt(self, claims: Any, *, category: str | None = None) -> str:
        if claims is None:
            raise TypeError("no claims")
        self.signed.append(claims)
        return f"{category}:{claims}"


@pytest.fixture
def key() -> Any:
    return Key()


async def test_each_request_gets_the_token_of_its_own_claims(key: Any) -> None:
    batch = SignatureBatch()

    tokens = await asyncio.gather(*(batch.sign_jwt(key, n, "cat") for n in range(5)))

    assert tokens == [f"cat:{n}" for n in range(5)]


async def test_signatures_of_one_turn_are_made_together(key: Any) -> None:
    batch = SignatureBatch()
    waiting = [batch.sign_jwt(key, n, None) for n in range(3)]
    before = list(key.signed)

    await waiting[0]

    assert (before, key.signed) == ([], [0, 1, 2])


async def test_failure_of_one_leaves_the_others_alone(key: Any) -> None:
    batch = SignatureBatch()

    first, failed, last = await asyncio.gather(
        *(batch.sign_jwt(key, claims, None) for claims in (1, None, 3)), return_exceptions=True
    )

    assert (first, last) == ("None:1", "None:3")
    assert isinstance(failed, TypeError)


async def test_nothing_is_signed_for_a_cancelled_request(key: Any) -> None:
    batch = SignatureBatch()
    gone, waiting = batch.sign_jwt(key, 1, None), batch.sign_jwt(key, 2, None)

    gone.cancel()
    await waiting

    assert key.signed == [2]
