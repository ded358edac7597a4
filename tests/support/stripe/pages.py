"""The hosted pages as real HTML: a checkout, the customer portal, and a script for js.stripe.com/v3."""

from __future__ import annotations

from html import escape

from tests.support.stripe import subscriptions
from tests.support.stripe.account import Account, Object

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f6f9fc; color: #1a1f36 }
main { max-width: 30rem; margin: 3rem auto; padding: 2rem; background: #fff; border-radius: 8px;
  box-shadow: 0 1px 4px #0003 }
button { font: inherit; padding: .6rem 1rem; border: 0; border-radius: 6px; background: #4f46e5; color: #fff }
form, p { margin: 1rem 0 } small { color: #5b6478 }
"""
_NOTE = "This page stands in for Stripe in tests. No card is charged."

#: What `loadStripe` fetches. `redirectToCheckout` goes to the page of the session with this id.
SCRIPT = """
window.Stripe = function (key) {
  const known = { key, elements: () => ({}), _registerWrapper: () => {}, registerAppInfo: () => {} };
  known.redirectToCheckout = ({ sessionId }) => {
    window.location.assign(ORIGIN + "/c/pay/" + sessionId);
    return new Promise(() => {});
  };
  return known;
};
window.Stripe.version = 3;
"""


def script(url: str) -> str:
    return SCRIPT.replace("ORIGIN", f'"{url}"').strip()


def checkout(account: Account, session: Object) -> str:
    """The page of a checkout. One that is complete cannot be paid again."""
    if session["status"] != "open":
        return _page("Checkout", "<p>This checkout is complete.</p>")
    lines = "".join(f"<p>{_priced(account, line['price'])}</p>" for line in session["_line_items"])
    back = escape(session["cancel_url"] or "", quote=True)
    link = f'<p><a href="{back}">Back</a></p>' if back else ""
    pay = '<form method="post"><button name="do" value="pay">Pay</button></form>'
    return _page("Checkout", lines + pay + link)


def portal(account: Account, session: Object) -> str:
    """The page of the customer's subscriptions, with the prices that its configuration offers."""
    offered = account.objects[session["configuration"]]["features"]["subscription_update"]["_products"]
    prices = [price for one in offered for price in one["prices"]]
    parts = [_subscription(account, one, prices) for one in account.subscriptions_of(session["customer"])]
    back = escape(session["return_url"] or "", quote=True)
    link = f'<p><a href="{back}">Return</a></p>' if back else ""
    return _page("Your subscription", ("".join(parts) or "<p>No subscription.</p>") + link)


def act_in_portal(account: Account, session: Object, form: dict[str, str]) -> None:
    """Change a subscription of this customer, as the buttons of the page do."""
    for subscription in account.subscriptions_of(session["customer"]):
        if subscription["id"] == form.get("subscription"):
            if form.get("do") == "cancel":
                subscriptions.end(account, subscription)
            elif form.get("do") == "switch":
                subscriptions.switch(account, subscription, account.find("price", form.get("price")))


def _subscription(account: Account, subscription: Object, prices: list[str]) -> str:
    current = subscription["items"]["data"][0]["price"]["id"]
    hidden = f'<input type="hidden" name="subscription" value="{subscription["id"]}">'
    switches = "".join(
        f'<form method="post">{hidden}<input type="hidden" name="price" value="{price}">'
        f'<button name="do" value="switch">Switch to {_priced(account, price)}</button></form>'
        for price in prices
        if price != current
    )
    cancel = (
        f'<form method="post">{hidden}<button name="do" value="cancel">Cancel subscription</button></form>'
    )
    return f"<p>{_priced(account, current)}, {subscription['status']}</p>{switches}{cancel}"


def _priced(account: Account, price_id: str) -> str:
    price = account.objects[price_id]
    product = account.objects[price["product"]]
    interval = price["recurring"]["interval"]
    return escape(
        f"{product['name']}: {price['unit_amount'] / 100:.2f} {price['currency'].upper()} a {interval}"
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<main><h1>{title}</h1>{body}<p><small>{_NOTE}</small></p></main></html>"
    )
