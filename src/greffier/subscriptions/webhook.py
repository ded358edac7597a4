"""Stripe's webhook: what it tells of is read anew. It is not needed, and makes changes visible sooner."""

import json
from typing import Any, cast

from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Steps
from greffier.subscriptions.state import States

TOLERANCE_SECONDS = 300
"""The age at which an event is refused as repeated, as Stripe's library has it."""


def receive(states: States, body: bytes, signature: str, secret: str) -> Steps[bool]:
    """Act on an event, if Stripe has signed it with this secret; returns whether it has.

    Events come late, twice and in any order. So their objects are not kept; those that are kept are read
    anew. Raises `StripeUnavailable` and `BackendApiError` if an `on_read` waits for the change, which cannot
    be read or told.
    """
    import stripe

    try:
        cast("Any", stripe.WebhookSignature).verify_header(body, signature, secret, TOLERANCE_SECONDS)
        event = json.loads(body)
        kind, changed = str(event["type"]), cast("dict[str, Any]", event["data"]["object"])
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        log_rarely("A webhook of Stripe was refused: %s", type(error).__name__)
        return False
    if kind.startswith(("customer.subscription.", "checkout.session.")):
        yield from _outdate(states, changed.get("customer"), forget=kind == "customer.subscription.deleted")
    elif kind == "customer.deleted":
        yield from _outdate(states, changed.get("id"), forget=True)
    elif kind.startswith(("product.", "price.", "billing_portal.configuration.")):
        id = changed.get("id") if kind.startswith("product.") else None
        yield from states.outdate_products([id] if isinstance(id, str) else [])
    return True


def _outdate(states: States, customer: object, *, forget: bool) -> Steps[None]:
    if isinstance(customer, str):
        yield from states.outdate(customer, forget=forget)
        if states.is_listened_to:
            yield from states.tell(customer)
