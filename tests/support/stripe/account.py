"""The state of one account: objects by id in the order of their creation, and events of their changes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.support.stripe.faults import no_such

Object = dict[str, Any]

#: The kind of an object by the prefix of its id, as error messages name it.
KINDS = {
    "cus": "customer",
    "prod": "product",
    "price": "price",
    "bpc": "configuration",
    "bps": "billing_portal.session",
    "cs": "checkout.session",
    "sub": "subscription",
    "si": "subscription_item",
    "evt": "event",
    "we": "webhook_endpoint",
}
LIVE_STATUSES = ("incomplete", "trialing", "active", "past_due", "unpaid", "paused")


class Account:
    """`on_event` is called with every event when it happens."""

    def __init__(self) -> None:
        self.on_event: Callable[[Object], None] = lambda event: None
        self.objects: dict[str, Object] = {}
        self._numbers = itertools.count(1)

    def add(self, prefix: str, kind: str, **fields: Any) -> Object:
        """Keep a new object; returns it."""
        number = next(self._numbers)
        id = f"{prefix}_{'test_' if prefix == 'cs' else ''}{number:014d}"
        made: Object = {"id": id, "object": kind, "created": int(time.time()), "livemode": False, **fields}
        self.objects[id] = made
        return made

    def find(self, prefix: str, id: Any, *, param: str = "id", status: int = 404) -> Object:
        """The object of this kind with this id. Raises `StripeFault`."""
        found = self.objects.get(str(id))
        if found is None or not str(id).startswith(f"{prefix}_"):
            raise no_such(KINDS[prefix], str(id), param, status)
        return found

    def customer_of(self, params: Object) -> Object:
        """The customer that a parameter names, who has not been deleted."""
        customer = self.find("cus", params.get("customer"), param="customer", status=400)
        if customer.get("deleted"):
            raise no_such("customer", customer["id"], "customer", 400)
        return customer

    def all(self, prefix: str) -> list[Object]:
        """Every object of a kind, the newest first."""
        items = list(self.objects.items())  # a copy: tests, server and deliveries have threads of their own
        return [found for id, found in reversed(items) if id.startswith(f"{prefix}_")]

    def subscriptions_of(self, customer_id: str) -> list[Object]:
        """The customer's subscriptions that have not ended, the newest first."""
        return [
            found
            for found in self.all("sub")
            if found["customer"] == customer_id and found["status"] in LIVE_STATUSES
        ]

    def default_configuration(self) -> Object | None:
        """The configuration that the Dashboard's page of the customer portal makes."""
        return next((found for found in self.all("bpc") if found["is_default"]), None)

    def tell(self, kind: str, changed: Object) -> None:
        """Record an event and deliver it."""
        data = {"object": deepcopy(changed)}
        event = self.add("evt", "event", type=kind, data=data, pending_webhooks=0, api_version=None)
        self.on_event(event)


def as_list(url: str, data: list[Object], *, has_more: bool = False) -> Object:
    """A list object."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data}
