"""Objects of an account as their creation parameters ask for: customers, products, prices, configurations of
the customer portal."""

from __future__ import annotations

from typing import Any

from tests.support.stripe import subscriptions
from tests.support.stripe.account import Account, Object
from tests.support.stripe.faults import missing
from tests.support.stripe.forms import boolean

Params = dict[str, Any]


def create_customer(account: Account, params: Params) -> Object:
    customer = account.add(
        "cus",
        "customer",
        **{name: params.get(name) for name in ("email", "name", "description")},
        metadata=params.get("metadata", {}),
    )
    account.tell("customer.created", customer)
    return customer


def delete_customer(account: Account, customer: Object) -> Object:
    """Delete a customer, whose subscriptions end."""
    for subscription in account.subscriptions_of(customer["id"]):
        subscriptions.end(account, subscription)
    kept = {"id": customer["id"], "object": "customer", "deleted": True}
    account.tell("customer.deleted", customer)
    customer.clear()
    customer.update(kept)
    return kept


def create_product(account: Account, params: Params) -> Object:
    if "name" not in params:
        raise missing("name")
    product = account.add(
        "prod",
        "product",
        active=boolean(params.get("active", "true")),
        name=params["name"],
        description=params.get("description"),
        metadata=params.get("metadata", {}),
        images=[],
        default_price=None,
    )
    account.tell("product.created", product)
    return product


def create_price(account: Account, params: Params) -> Object:
    account.find("prod", params.get("product"), param="product", status=400)
    recurring = params.get("recurring")
    price = account.add(
        "price",
        "price",
        active=boolean(params.get("active", "true")),
        product=params["product"],
        currency=params.get("currency", "usd"),
        unit_amount=int(params.get("unit_amount", 0)),
        unit_amount_decimal=str(params.get("unit_amount", 0)),
        nickname=params.get("nickname"),
        type="recurring" if recurring else "one_time",
        recurring={
            "interval": recurring.get("interval", "month"),
            "interval_count": int(recurring.get("interval_count", 1)),
            "usage_type": "licensed",
        }
        if recurring
        else None,
        billing_scheme="per_unit",
        metadata=params.get("metadata", {}),
    )
    account.tell("price.created", price)
    return price


def update(account: Account, found: Object, params: Params) -> Object:
    """Change fields that the object has; metadata is merged, and an empty text removes a key."""
    for name, value in params.items():
        if name == "metadata":
            merged = {**found["metadata"], **(value or {})}
            found["metadata"] = {key: text for key, text in merged.items() if text != ""}
        elif name in found:
            found[name] = boolean(value) if isinstance(found[name], bool) else value
    account.tell(f"{found['object']}.updated", found)
    return found


def create_configuration(account: Account, params: Params, *, is_default: bool = False) -> Object:
    """`is_default` is no parameter of the API: the Dashboard's page makes the default configuration."""
    configuration = account.add(
        "bpc",
        "billing_portal.configuration",
        active=True,
        is_default=is_default,
        features={"subscription_update": _subscription_update(params.get("features", {}))},
        metadata={},
    )
    account.tell("billing_portal.configuration.created", configuration)
    return configuration


def update_configuration(account: Account, configuration: Object, params: Params) -> Object:
    features = params.get("features", {})
    if "subscription_update" in features:
        configuration["features"]["subscription_update"] = _subscription_update(features)
    account.tell("billing_portal.configuration.updated", configuration)
    return configuration


def _subscription_update(features: Params) -> Object:
    asked = features.get("subscription_update", {})
    return {
        "enabled": boolean(asked.get("enabled", "true")),
        "default_allowed_updates": asked.get("default_allowed_updates", ["price"]),
        "proration_behavior": "none",
        "_products": [
            {"product": one["product"], "prices": list(one["prices"])} for one in asked.get("products") or []
        ],
    }
