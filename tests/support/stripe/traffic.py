"""The gate before the API: keys, limits, replays by idempotency key, failures on demand, and a record."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support.stripe import routes
from tests.support.stripe.account import Account
from tests.support.stripe.faults import StripeFault, rate_limited, wrong_key
from tests.support.stripe.forms import decode

READS_PER_SECOND = 100


class Request(NamedTuple):
    """A request of the API; `at` is a time of `time.monotonic()`."""

    method: str
    path: str
    params: dict[str, Any]
    headers: Mapping[str, str]
    at: float


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class Traffic:
    """`failing` is the status that every answer has, 0 to cut the connection, and None for none; `slow` are
    seconds before each answer. `reads_per_second` is the limit above which a read gets 429."""

    def __init__(self, account: Account, secret_key: str) -> None:
        self._account, self._secret_key = account, secret_key
        self.calls: list[Request] = []
        self.refused_by_limit = 0
        self.failing: int | None = None
        self.slow = 0.0
        self.reads_per_second = READS_PER_SECOND
        self._replays: dict[str, tuple[str, Answer | None]] = {}

    def most_reads_in_a_second(self) -> int:
        """The largest number of reads that came within one second."""
        times = [call.at for call in self.calls if call.method == "GET"]
        return max((sum(1 for at in times if start <= at < start + 1) for start in times), default=0)

    def reads(self, path: str = "") -> int:
        """The number of reads of paths that begin so."""
        return sum(1 for call in self.calls if call.method == "GET" and call.path.startswith(path))

    async def answer(
        self, method: str, path: str, text: str, headers: Mapping[str, str], url: str
    ) -> Answer | None:
        """The answer; None where the connection is cut instead."""
        request = Request(method, path, decode(text), headers, time.monotonic())
        self.calls.append(request)
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.failing == 0:
            return None
        number = {"request-id": f"req_{len(self.calls):010d}"}
        try:
            if self.failing:
                raise StripeFault(self.failing, "Stripe is down.", kind="api_error")
            self._admit(request)
            found = await self._once(request, text, url)
        except StripeFault as fault:
            found = Answer(fault.status, {"error": fault.body}, {})
        return found._replace(headers={**found.headers, **number})

    def _admit(self, request: Request) -> None:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key != self._secret_key:
            raise wrong_key(key)
        if request.method == "GET":
            since = request.at - 1
            recent = sum(1 for call in self.calls[-1000:] if call.method == "GET" and call.at > since)
            if recent > self.reads_per_second:
                self.refused_by_limit += 1
                raise rate_limited()

    async def _once(self, request: Request, text: str, url: str) -> Answer:
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            return self._act(request, url)
        asked = f"{request.path} {json.dumps(request.params, sort_keys=True)}"
        if key in self._replays:
            return self._replay(key, asked)
        self._replays[key] = (asked, None)
        await asyncio.sleep(0)  # another request with this key finds it in use
        found = self._act(request, url)
        self._replays[key] = (asked, found)
        return found

    def _replay(self, key: str, asked: str) -> Answer:
        before, found = self._replays[key]
        if before != asked:
            raise StripeFault(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first "
                "used with.",
                kind="idempotency_error",
            )
        if found is None:
            raise StripeFault(409, "This key is in use by another request.", code="idempotency_key_in_use")
        return found._replace(headers={"idempotent-replayed": "true"})

    def _act(self, request: Request, url: str) -> Answer:
        try:
            body = routes.answer(request.method, request.path, self._account, request.params, url)
        except StripeFault as fault:
            return Answer(fault.status, {"error": fault.body}, {})
        return Answer(200, body, {})
