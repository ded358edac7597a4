"""The actions of the package `use-stripe-subscription`: names, parameters, answers and errors are its.

The portal had another name in releases before 1.0.6, whose pages work as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from greffier.sdk.http.urls import is_safe_redirect
from greffier.sdk.steps import Steps
from greffier.subscriptions.options import SubscriptionOptions
from greffier.subscriptions.state import States
from greffier.subscriptions.stripe_api import Object, StripeApi

MAX_URL_LENGTH = 5000
"""Stripe's own limit."""


class Reply(dict[str, Any]):
    """The JSON of an answer; `status` is that of HTTP."""

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self.status = status


def action_not_found(status: int = 404) -> Reply:
    """The published answer to an action that does not exist; with 405, not by this method."""
    return Reply(status, {"error": "Action not found"})


def refused(status: int) -> Reply:
    """The published answer to what cannot be done: 400 if the request says nothing usable, 403 if a customer
    may not do it on their own."""
    return Reply(status, {"error": "Error"})


def is_web_page(url: str) -> bool:
    """Whether a text is the URL of a web page."""
    return len(url) <= MAX_URL_LENGTH and is_safe_redirect(url)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a customer.

    Args:
        customer_id: of Stripe.
        body: the JSON that was sent; empty without one.
        page: the URL to return to where the body names none.
        may_return_to: of a URL, whether the customer may be sent there.
    """

    customer_id: str
    body: Mapping[str, Any]
    page: str | None = None
    may_return_to: Callable[[str], bool] = is_web_page

    def url(self, *names: str) -> str | None:
        """The first URL that is given under these names, else the page. Raises `_Unusable`."""
        url = next((self.body[name] for name in names if self.body.get(name)), self.page)
        if url is not None and not (isinstance(url, str) and self.may_return_to(url)):
            raise _Unusable
        return url


class _Unusable(Exception):
    """The body says nothing that could be done."""


class Actions:
    """The things that customers may do on their own."""

    def __init__(self, api: StripeApi, states: States, options: SubscriptionOptions) -> None:
        self._api, self._states, self._options = api, states, options

    def handle(self, query: Mapping[str, Any], visit: Visit, method: str | None = None) -> Steps[Reply]:
        """The answer to a request. Raises `StripeUnavailable`, `StripeRefused`.

        `method` is that of HTTP; None where it has been checked.
        """
        action = action_of(query)
        if action is None:
            return action_not_found()
        if method not in (None, action.method):
            return action_not_found(405)
        try:
            return (yield from action.do(self, visit))
        except _Unusable:
            return refused(400)

    def show_state(self, visit: Visit) -> Steps[Reply]:
        """Products, and the subscription of the customer or null."""
        state = yield from self._states.state(visit.customer_id)
        content: dict[str, Any] = {"products": state.products, "subscription": state.subscription}
        return Reply(200, content | ({"stale": True} if state.is_stale else {}))

    def start_checkout(self, visit: Visit) -> Steps[Reply]:
        """A Checkout Session for a price that the portal configuration offers, for customers who have no
        subscription: those who have one switch in the portal, where they pay for one only."""
        price, success = visit.body.get("price"), visit.url("successUrl")
        if not (isinstance(price, str) and success):
            raise _Unusable
        cancel = visit.url("cancelUrl")
        offered = yield from self._states.offered_prices()
        if price not in offered or (yield from self._states.has_open_subscription(visit.customer_id)):
            return refused(403)
        params: dict[str, Any] = {
            **self._options.checkout,
            "customer": visit.customer_id,
            "mode": "subscription",
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": success,
        } | ({"cancel_url": cancel} if cancel else {})
        return (yield from self._leave(visit, self._api.create_checkout(params)))

    def open_portal(self, visit: Visit) -> Steps[Reply]:
        """A session of the customer portal."""
        back = visit.url("returnUrl", "redirectUrl")
        params = {"customer": visit.customer_id} | ({"return_url": back} if back else {})
        return (yield from self._leave(visit, self._api.create_portal(params)))

    def _leave(self, visit: Visit, creation: Steps[Object]) -> Steps[Reply]:
        """The page to go to. On it the customer's subscription may change at any time."""
        session = yield from creation
        yield from self._states.outdate(visit.customer_id, moving=True)
        # Sessions have much more that no page needs.
        return Reply(200, {name: session[name] for name in ("id", "object", "url")})


class Action(NamedTuple):
    """An action: the method of its requests, and what it does."""

    method: str
    do: Callable[[Actions, Visit], Steps[Reply]]


_ACTIONS = {
    "useSubscription": Action("GET", Actions.show_state),
    "redirectToCheckout": Action("POST", Actions.start_checkout),
    "redirectToCustomerPortal": Action("POST", Actions.open_portal),
    "redirectToBillingPortal": Action("POST", Actions.open_portal),
}


def action_of(query: Mapping[str, Any]) -> Action | None:
    """The action that a query names."""
    name = query.get("action")
    return _ACTIONS.get(name) if isinstance(name, str) else None


def body_of(body: object) -> Mapping[str, Any] | None:
    """The body of an action: an object, which may be missing. None for anything else."""
    if body is None:
        return {}
    return cast("Mapping[str, Any]", body) if isinstance(body, Mapping) else None
