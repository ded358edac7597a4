"""Webhooks, signed in Stripe's manner (`t=...,v1=HMAC-SHA256 of "time.body"`), one after another."""

from __future__ import annotations

import hmac
import json
import queue
import secrets
import threading
import time
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import httpx

from tests.support.stripe.account import Account, Object
from tests.support.stripe.expansion import shown
from tests.support.stripe.faults import missing
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.stripe.routes import Call


class Delivery(NamedTuple):
    """`status` is 0 where no answer came."""

    url: str
    type: str
    status: int


def create_endpoint(call: Call) -> Object:
    """The secret is in this answer only."""
    if "url" not in call.params:
        raise missing("url")
    endpoint = call.account.add(
        "we",
        "webhook_endpoint",
        url=call.params["url"],
        enabled_events=call.params.get("enabled_events", ["*"]),
        status="enabled",
        _secret=f"whsec_{secrets.token_hex(16)}",
    )
    return {**shown(call.account, endpoint, []), "secret": endpoint["_secret"]}


def signature(body: str, secret: str, timestamp: int | None = None) -> str:
    """The value of `Stripe-Signature`."""
    at = int(time.time()) if timestamp is None else timestamp
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return f"t={at},v1={digest}"


class Deliveries:
    """Delivers events from a thread of its own, in their order."""

    def __init__(self, account: Account) -> None:
        self.made: list[Delivery] = []
        self._account = account
        self._waiting: queue.Queue[Object | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        account.on_event = self._waiting.put

    def settle(self) -> None:
        """Return when every event so far has been delivered."""
        wait_until(lambda: self._waiting.unfinished_tasks == 0, "events are delivered")

    def close(self) -> None:
        self._account.on_event = lambda event: None
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=10) as http:
            while (event := self._waiting.get()) is not None:
                for endpoint in self._account.all("we"):
                    if {"*", event["type"]} & set(endpoint["enabled_events"]):
                        self.made.append(self._deliver(http, endpoint, event))
                self._waiting.task_done()

    def _deliver(self, http: httpx.Client, endpoint: Object, event: Object) -> Delivery:
        body = json.dumps(shown(self._account, event, []))
        headers = {
            "content-type": "application/json; charset=utf-8",
            "stripe-signature": signature(body, endpoint["_secret"]),
        }
        try:
            status = http.post(endpoint["url"], content=body, headers=headers).status_code
        except httpx.HTTPError:
            status = 0
        return Delivery(endpoint["url"], event["type"], status)
