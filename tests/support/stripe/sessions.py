"""Sessions of the hosted pages: checkouts, and visits to the customer portal."""

from __future__ import annotations

from typing import Any

from tests.support.stripe import subscriptions
from tests.support.stripe.account import Account, Object
from tests.support.stripe.faults import StripeFault, missing


def create_checkout(account: Account, params: dict[str, Any], url: str) -> Object:
    """Args: url: of this server."""
    if "success_url" not in params:
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        _check_url(params, name)
    customer = account.customer_of(params) if "customer" in params else None
    if params.get("mode") != "subscription":
        raise StripeFault(400, "This stand-in knows checkouts of mode `subscription` only.", param="mode")
    lines = params.get("line_items") or []
    for line in lines:
        account.find("price", line.get("price"), param="line_items[0][price]", status=400)
    if not lines:
        raise missing("line_items")
    session = account.add(
        "cs",
        "checkout.session",
        customer=customer["id"] if customer else None,
        mode="subscription",
        status="open",
        payment_status="unpaid",
        success_url=params["success_url"],
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        subscription=None,
        metadata=params.get("metadata", {}),
        _line_items=lines,
    )
    session["url"] = f"{url}/c/pay/{session['id']}"
    return session


def pay(account: Account, session: Object) -> str:
    """Pay, as the button on the page does. Returns the URL at which the customer goes on."""
    if session["status"] == "open":
        prices = [{"price": line["price"]} for line in session["_line_items"]]
        customer = session["customer"] or account.add("cus", "customer", email=None, metadata={})["id"]
        begun = subscriptions.create(account, {"customer": customer, "items": prices})
        session.update(
            status="complete",
            payment_status="paid",
            subscription=begun["id"],
            customer=customer,
            url=None,
        )
        account.tell("checkout.session.completed", session)
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])


def create_portal(account: Account, params: dict[str, Any], url: str) -> Object:
    """Args: url: of this server."""
    customer = account.customer_of(params)
    _check_url(params, "return_url")
    configuration = account.default_configuration()
    if "configuration" in params:
        configuration = account.find("bpc", params["configuration"], param="configuration", status=400)
    if configuration is None:
        raise StripeFault(
            400,
            "No configuration provided and your test mode default configuration has not been created.",
        )
    session = account.add(
        "bps",
        "billing_portal.session",
        customer=customer["id"],
        configuration=configuration["id"],
        return_url=params.get("return_url"),
        locale=None,
        flow=None,
    )
    session["url"] = f"{url}/p/session/{session['id']}"
    return session


def _check_url(params: dict[str, Any], name: str) -> None:
    if name in params and not params[name].startswith(("http://", "https://")):
        raise StripeFault(400, "Not a valid URL", code="url_invalid", param=name)
