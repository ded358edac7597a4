"""Batches of signatures that several requests need in the same turn of the event loop.

A signature between other work takes a tenth longer than one after another signature, and the other work takes
longer too: each finds the processor's caches full of the other. It delays no request, because what is ready
in one turn of the loop runs before anything is sent. Measured in docs/decisions/2026-11-23-http-stack.md.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from greffier.server.signing.jwts import SigningKey


class _Wanted(NamedTuple):
    token: asyncio.Future[str]
    key: SigningKey
    claims: Any
    category: str | None


class SignatureBatch:
    """The signatures of one turn of the loop."""

    def __init__(self) -> None:
        self._wanted: list[_Wanted] = []

    def sign_jwt(self, key: SigningKey, claims: Any, category: str | None) -> asyncio.Future[str]:
        """A token, as `SigningKey.sign_jwt` makes it."""
        loop = asyncio.get_running_loop()
        if not self._wanted:
            loop.call_soon(self._sign_all)
        token: asyncio.Future[str] = loop.create_future()
        self._wanted.append(_Wanted(token, key, claims, category))
        return token

    def _sign_all(self) -> None:
        wanted, self._wanted = self._wanted, []
        for token, key, claims, category in wanted:
            if token.cancelled():  # the browser hung up
                continue
            try:
                token.set_result(key.sign_jwt(claims, category=category))
            except Exception as error:
                token.set_exception(error)
