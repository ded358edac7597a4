"""The endpoint as every framework has it: who may ask, what is read of a request, and how it is answered."""

import asyncio
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from greffier.sdk.errors import BackendApiError, ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.urls import is_safe_redirect
from greffier.sdk.protection.gate import Answer
from greffier.sdk.steps import Steps, ask
from greffier.subscriptions.actions import (
    Reply,
    Visit,
    action_not_found,
    action_of,
    body_of,
    is_web_page,
    refused,
)
from greffier.subscriptions.cache.store import OUTAGE_SECONDS
from greffier.subscriptions.customers.payers import Customer
from greffier.subscriptions.endpoints.options import EndpointOptions, EndpointSettings, FindCustomer
from greffier.subscriptions.errors import StripeUnavailable, SubscriptionError
from greffier.subscriptions.webhook import receive

MAX_BODY_BYTES = 64 * 1024
MAX_WEBHOOK_BYTES = 1024 * 1024
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods that are answered in the published form; of the others frameworks know more."""

#: To gates of the published package a visitor who is signed out has no subscription.
_SIGNED_OUT = Reply(401, {"error": "Unauthenticated", "products": [], "subscription": None})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request.

    Args:
        head: all but the body.
        body: as sent; None where it is too large.
        native: the request as the framework has it.
    """

    head: AuthRequest
    body: bytes | None
    native: Any


class Endpoint:
    """Answers requests of the published package and of this project's hooks.

    Requests that lead to Stripe's pages are taken from pages of the application only: they are POST with
    JSON, and their `Origin` is the application's own or allowed. Other programs send no cookies.
    """

    def __init__(self, find_customer: FindCustomer, settings: EndpointSettings) -> None:
        self.options = EndpointOptions.of(settings)
        self._find = find_customer

    def answer(self, request: Incoming) -> Steps[Answer]:
        """The answer to a request at the path itself."""
        try:
            return _answer_of((yield from self._reply(request)), request)
        except StripeUnavailable:
            return _unavailable("Stripe is not available.")
        except BackendApiError as error:
            if not error.is_outage:
                raise
            return _unavailable("The Backend API is not available.")
        except SubscriptionError:
            return _text(502, "Stripe refused the request.")

    def answer_webhook(self, request: Incoming) -> Steps[Answer]:
        """The answer to Stripe's webhook, at `/webhook` below the path."""
        secret = self.options.webhook_secret
        if secret is None:
            return _text(404, "There is no webhook.")
        if request.head.method != "POST":
            return _text(405, "Webhooks are POST requests.", ("allow", "POST"))
        if request.body is None:
            return _text(413, "The body is too large.")
        signature = request.head.headers.get("stripe-signature", "")
        try:
            is_genuine = yield from receive(
                self.options.subscriptions.states, request.body, signature, secret
            )
        except (SubscriptionError, BackendApiError):
            return _unavailable("Stripe or the Backend API is not available.")  # Stripe sends it again
        return _text(200, "Received.") if is_genuine else _text(400, "The signature does not fit.")

    def _reply(self, request: Incoming) -> Steps[Reply]:
        head = request.head
        query = dict(reversed(parse_qsl(head.query)))  # the first of a name counts
        action = action_of(query)
        method = "GET" if head.method == "HEAD" else head.method
        if action is None or method != action.method:
            return action_not_found(404 if action is None else 405)
        body: Mapping[str, Any] | None = {}
        if method == "POST":
            if not self._is_of_own_page(head):
                return refused(403)
            if not _is_json(head):
                return refused(415)
            if request.body is None:
                return refused(413)
            body = _parsed(request.body)
        if body is None:
            return refused(400)
        found = yield from ask(_Finding(self._find, request.native))
        if not found:
            return _SIGNED_OUT
        customer = Customer(found) if isinstance(found, str) else found
        if not isinstance(customer, Customer):
            raise ConfigurationError("find_or_create_customer_id returns the id of a customer, or None.")
        if method == "POST" and not customer.may_pay:
            return refused(403)
        visit = Visit(customer.id, body, self._page(head), lambda url: self._may_return_to(head, url))
        return (yield from self.options.subscriptions.actions.handle(query, visit))

    def _is_of_own_page(self, head: AuthRequest) -> bool:
        origin = head.headers.get("origin")
        if origin is not None:
            return origin == head.origin or origin in self.options.allowed_origins
        if (site := head.headers.get("sec-fetch-site")) is not None:
            return site == "same-origin"
        return "cookie" not in head.headers

    def _may_return_to(self, head: AuthRequest, url: str) -> bool:
        return is_web_page(url) and is_safe_redirect(url, {head.origin, *self.options.allowed_origins})

    def _page(self, head: AuthRequest) -> str:
        """The page that sent the request, as far as the browser tells."""
        referrer = head.headers.get("referer", "")
        if self._may_return_to(head, referrer):
            return referrer
        return f"{head.headers.get('origin', head.origin)}/"


@dataclass(frozen=True, slots=True)
class _Finding:
    """An `Ask`: the customer of a request, as the application finds it."""

    find: FindCustomer
    native: Any

    def ask(self) -> Any:
        """Call the function."""
        found = self.find(self.native)
        if inspect.isawaitable(found):
            if inspect.iscoroutine(found):
                found.close()
            raise ConfigurationError(
                "find_or_create_customer_id is asynchronous; a synchronous application needs a function."
            )
        return found

    async def ask_async(self) -> Any:
        """Call the function; a plain one in a thread, because it may wait for the network."""
        if inspect.iscoroutinefunction(self.find) or inspect.iscoroutinefunction(type(self.find).__call__):
            return await self.find(self.native)
        found = await asyncio.to_thread(self.find, self.native)
        return await found if inspect.isawaitable(found) else found


def incoming(head: AuthRequest, body: bytes, native: Any, *, limit: int = MAX_BODY_BYTES) -> Incoming:
    """A request whose body was read to one byte beyond the limit."""
    return Incoming(head, body if len(body) <= limit else None, native)


def _is_json(head: AuthRequest) -> bool:
    return head.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _parsed(body: bytes) -> Mapping[str, Any] | None:
    """The object in a body, which may be missing; None for anything else."""
    try:
        return body_of(json.loads(body) if body.strip() else None)
    except (ValueError, RecursionError):
        return None


def _answer_of(reply: Reply, request: Incoming) -> Answer:
    headers = [("content-type", "application/json"), ("cache-control", "no-store")]
    if reply.status == 405:
        action = action_of(dict(parse_qsl(request.head.query)))
        headers.append(("allow", action.method if action else ""))
    return Answer(reply.status, tuple(headers), json.dumps(reply, separators=(",", ":")).encode())


def _unavailable(text: str) -> Answer:
    # No JSON: the published package takes any JSON for a state, and its gates throw on an error. Without it
    # the package has not loaded, and asks again.
    return _text(503, text, ("retry-after", str(round(OUTAGE_SECONDS))))


def _text(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    fixed = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
    return Answer(status, (*fixed, *headers), f"{text}\n".encode())
