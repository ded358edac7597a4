"""Calls to Stripe by its official library, which is imported at the first one.

Answers are Stripe's JSON as it came. Errors become those of `errors.py`, without Stripe's texts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Steps, ask
from greffier.subscriptions.asking import Pause, PerLoop
from greffier.subscriptions.cache.pacing import Gate
from greffier.subscriptions.errors import CustomerMissing, StripeRefused, StripeUnavailable
from greffier.subscriptions.options import SubscriptionOptions

if TYPE_CHECKING:
    import stripe

Object = dict[str, Any]

_PAGE = 100
_RETRIES_OF_READS = 1
READS_AT_ONCE = 20
"""Of one event loop: connections of the library cost more the more there are."""


class StripeApi:
    """The calls that are made, and no others.

    Args:
        options: of the account and the time that a call may take.
        pace: steps that come before each read.
    """

    def __init__(self, options: SubscriptionOptions, pace: Callable[[], Steps[None]]) -> None:
        self._clients = _Clients(options)
        self._pace = pace

    def default_configuration(self) -> Steps[Object | None]:
        """The default configuration of the customer portal with its products; None before it is saved."""
        params: Any = {
            "is_default": True,
            "limit": 1,
            "expand": ["data.features.subscription_update.products"],
        }
        page = yield from self._read(
            lambda client, options: client.v1.billing_portal.configurations.list(params, options),
            lambda client, options: client.v1.billing_portal.configurations.list_async(params, options),
        )
        return next(iter(page["data"]), None)

    def prices_of(self, product_id: str) -> Steps[list[Object]]:
        """The newest prices of a product, each with the product itself."""
        params: Any = {"product": product_id, "limit": _PAGE, "expand": ["data.product"]}
        page = yield from self._read(
            lambda client, options: client.v1.prices.list(params, options),
            lambda client, options: client.v1.prices.list_async(params, options),
        )
        return page["data"]

    def price(self, price_id: str) -> Steps[Object]:
        """One price with its product."""
        params: Any = {"expand": ["product"]}
        return self._read(
            lambda client, options: client.v1.prices.retrieve(price_id, params, options),
            lambda client, options: client.v1.prices.retrieve_async(price_id, params, options),
        )

    def product(self, product_id: str) -> Steps[Object]:
        """One product."""
        return self._read(
            lambda client, options: client.v1.products.retrieve(product_id, {}, options),
            lambda client, options: client.v1.products.retrieve_async(product_id, {}, options),
        )

    def subscriptions_of(self, customer_id: str) -> Steps[list[Object]]:
        """The subscriptions of a customer that have not been cancelled, the newest first."""
        params: Any = {"customer": customer_id, "limit": _PAGE}
        page = yield from self._read(
            lambda client, options: client.v1.subscriptions.list(params, options),
            lambda client, options: client.v1.subscriptions.list_async(params, options),
        )
        return page["data"]

    def customer(self, customer_id: str) -> Steps[Object]:
        """A customer. One that was deleted has `deleted`."""
        return self._read(
            lambda client, options: client.v1.customers.retrieve(customer_id, {}, options),
            lambda client, options: client.v1.customers.retrieve_async(customer_id, {}, options),
        )

    def create_customer(self, params: Mapping[str, Any], idempotency_key: str) -> Steps[Object]:
        """A customer, the same one for each request with this key."""
        asked = cast("Any", params)
        return self._write(
            lambda client, options: client.v1.customers.create(asked, options),
            lambda client, options: client.v1.customers.create_async(asked, options),
            idempotency_key,
        )

    def create_checkout(self, params: Mapping[str, Any]) -> Steps[Object]:
        """A Checkout Session."""
        asked = cast("Any", params)
        return self._write(
            lambda client, options: client.v1.checkout.sessions.create(asked, options),
            lambda client, options: client.v1.checkout.sessions.create_async(asked, options),
        )

    def create_portal(self, params: Mapping[str, Any]) -> Steps[Object]:
        """A session of the customer portal."""
        asked = cast("Any", params)
        return self._write(
            lambda client, options: client.v1.billing_portal.sessions.create(asked, options),
            lambda client, options: client.v1.billing_portal.sessions.create_async(asked, options),
        )

    def _read(self, blocking: "_Blocking", asynchronous: "_Asynchronous") -> Steps[Object]:
        yield from self._pace()
        options = {"max_network_retries": _RETRIES_OF_READS}
        return (yield from ask(_Call(self._clients, blocking, asynchronous, options, True)))

    def _write(
        self, blocking: "_Blocking", asynchronous: "_Asynchronous", idempotency_key: str | None = None
    ) -> Steps[Object]:
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        return (yield from ask(_Call(self._clients, blocking, asynchronous, options, False)))


_Blocking = Callable[["stripe.StripeClient", Any], Any]
_Asynchronous = Callable[["stripe.StripeClient", Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Call:
    """An `Ask`: one call of the library, in both of its forms."""

    clients: "_Clients"
    blocking: _Blocking
    asynchronous: _Asynchronous
    options: Mapping[str, Any]
    is_read: bool

    def ask(self) -> Object:
        """Block until it is answered."""
        with _own_errors():
            if self.is_read:
                while seconds := self.clients.gate.wait():
                    Pause(seconds).ask()
            return self.blocking(self.clients.blocking, {**self.options}).last_response.data

    async def ask_async(self) -> Object:
        """Wait until it is answered."""
        if not self.is_read:
            return await self._send()
        async with self.clients.turns.get():
            while seconds := self.clients.gate.wait():
                await Pause(seconds).ask_async()
            return await self._send()

    async def _send(self) -> Object:
        with _own_errors():
            client = self.clients.asynchronous.get()
            return (await self.asynchronous(client, {**self.options})).last_response.data


class _Clients:
    """The clients of the library, each made when it is needed."""

    def __init__(self, options: SubscriptionOptions) -> None:
        self._options = options
        self.asynchronous = PerLoop(self._asynchronous)
        self.gate = Gate(options.reads_per_second)
        self.turns = PerLoop(lambda: asyncio.Semaphore(READS_AT_ONCE))

    @cached_property
    def blocking(self) -> "stripe.StripeClient":
        """For code without an event loop."""
        return self._client(lambda stripe: stripe.RequestsClient(timeout=self._options.timeout))

    def _asynchronous(self) -> "stripe.StripeClient":
        return self._client(lambda stripe: stripe.HTTPXClient(timeout=self._options.timeout))

    def _client(self, http: Callable[[Any], Any]) -> "stripe.StripeClient":
        base = self._options.api_base
        try:  # most of a second, which only applications that sell something pay
            import stripe

            transport = http(stripe)
        except ImportError:
            raise ConfigurationError(
                "Stripe's library is not installed: pip install 'greffier[subscriptions]'."
            ) from None
        return stripe.StripeClient(
            self._options.secret_key,
            base_addresses={"api": base} if base else None,
            http_client=transport,
            max_network_retries=0,
        )


@contextmanager
def _own_errors() -> Generator[None]:
    import stripe

    try:
        yield
    except stripe.StripeError as error:
        status = error.http_status or 0
        limited = isinstance(error, stripe.RateLimitError)
        if limited or status >= 500 or isinstance(error, stripe.APIConnectionError | stripe.APIError):
            log_rarely("Stripe is not available: %s, status %s", type(error).__name__, status)
            raise StripeUnavailable("Stripe is not available.") from None
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            log_rarely("Stripe refuses the secret key: %s, status %s", type(error).__name__, status)
        else:
            log_rarely(
                "Stripe refuses a request: %s, parameter %s", error.code, getattr(error, "param", None)
            )
        if error.code == "resource_missing" and "No such customer" in str(error):
            raise CustomerMissing(status, error.code) from None
        raise StripeRefused(status, error.code) from None
