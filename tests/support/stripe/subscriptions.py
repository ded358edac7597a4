"""Subscriptions: begun by a checkout or the API, changed in the portal, ended."""

from __future__ import annotations

import time
from typing import Any

from tests.support.stripe.account import LIVE_STATUSES, Account, Object, as_list
from tests.support.stripe.faults import StripeFault, missing
from tests.support.stripe.forms import boolean

MONTH = 30 * 24 * 3600


def create(account: Account, params: dict[str, Any]) -> Object:
    """POST /v1/subscriptions, and the end of a checkout."""
    customer = account.customer_of(params)
    if not params.get("items"):
        raise missing("items")
    price = account.find("price", params["items"][0].get("price"), param="items[0][price]", status=400)
    if price["type"] != "recurring":
        raise StripeFault(400, "The price specified is set to `type=one_time`.", param="items[0][price]")
    trial = int(params.get("trial_period_days", 0))
    subscription = account.add(
        "sub",
        "subscription",
        customer=customer["id"],
        status="trialing" if trial else params.get("status", "active"),
        cancel_at_period_end=False,
        canceled_at=None,
        ended_at=None,
        start_date=int(time.time()),
        currency=price["currency"],
        collection_method="charge_automatically",
        metadata=params.get("metadata", {}),
        items=None,
    )
    _set_price(account, subscription, price)
    account.tell("customer.subscription.created", subscription)
    return subscription


def switch(account: Account, subscription: Object, price: Object) -> None:
    """Another price from now on."""
    _set_price(account, subscription, price)
    account.tell("customer.subscription.updated", subscription)


def set_status(account: Account, subscription: Object, status: str) -> None:
    """Change the status, as time and failed payments do."""
    subscription["status"] = status
    account.tell("customer.subscription.updated", subscription)


def end(account: Account, subscription: Object) -> Object:
    """Cancelled at once."""
    if subscription["status"] not in LIVE_STATUSES:
        raise StripeFault(404, f"No such subscription: '{subscription['id']}'", code="resource_missing")
    now = int(time.time())
    subscription.update(status="canceled", canceled_at=now, ended_at=now)
    account.tell("customer.subscription.deleted", subscription)
    return subscription


def update(account: Account, subscription: Object, params: dict[str, Any]) -> Object:
    if "cancel_at_period_end" in params:
        subscription["cancel_at_period_end"] = boolean(params["cancel_at_period_end"])
    for item in params.get("items", []):
        _set_price(account, subscription, account.find("price", item.get("price"), param="items[0][price]"))
    account.tell("customer.subscription.updated", subscription)
    return subscription


def listed(account: Account, params: dict[str, Any]) -> list[Object]:
    """The subscriptions that filters leave: without a status, those that have not been cancelled."""
    found = account.all("sub")
    status = params.get("status")
    if status is None:
        found = [one for one in found if one["status"] != "canceled"]
    elif status != "all":
        found = [one for one in found if one["status"] == status]
    if "customer" in params:
        account.find("cus", params["customer"], param="customer", status=400)
        found = [one for one in found if one["customer"] == params["customer"]]
    return found


def _set_price(account: Account, subscription: Object, price: Object) -> None:
    now = int(time.time())
    item = account.add(
        "si",
        "subscription_item",
        price=price,
        quantity=1,
        subscription=subscription["id"],
        current_period_start=now,
        current_period_end=now + MONTH,
        metadata={},
    )
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    subscription["items"] = as_list(url, [item])
