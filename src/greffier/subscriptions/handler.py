"""`Subscriptions`: everything that an application needs of one account of Stripe, for both kinds of code."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Unpack

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.steps import Steps, run, run_async
from greffier.subscriptions.actions import Actions, Reply, Visit, body_of, refused
from greffier.subscriptions.cache.memory import MemoryStore
from greffier.subscriptions.cache.reading import Reader
from greffier.subscriptions.cache.store import Store
from greffier.subscriptions.options import Entitlements, SubscriptionOptions, SubscriptionSettings
from greffier.subscriptions.state import State, States
from greffier.subscriptions.stripe_api import StripeApi

T = TypeVar("T")


class Subscriptions:
    """Subscriptions of one account of Stripe. Make one for the process, and share it.

    The settings are those of `SubscriptionSettings`. Every method has a twin for asynchronous code.

    Raises `ConfigurationError` for settings that cannot work. The methods raise `StripeUnavailable` while
    Stripe does not answer, and `StripeRefused` for a key or a customer that it does not know.
    """

    def __init__(self, **settings: Unpack[SubscriptionSettings]) -> None:
        self.options = SubscriptionOptions.of(settings)
        keeps = self.options.keeps
        last_good = self.options.last_good_seconds if keeps else 0.0
        reader = Reader(_store(self.options), last_good)
        self.api = StripeApi(self.options, reader.pace)
        self.states = States(self.api, reader, self.options)
        self.actions = Actions(self.api, self.states, self.options)

    def handle(self, customer_id: str, query: Mapping[str, Any], body: object = None) -> Reply:
        """The answer to a request of the published package.

        Args:
            customer_id: Stripe's id of the customer for whom the request was authenticated.
            query: the query, read: `{"action": ...}`.
            body: the JSON of the body, read; None without one.

        Returns:
            The JSON to answer with. It is a dictionary whose `status` is the one of HTTP.
        """
        return run(self._handle(customer_id, query, body))

    async def handle_async(self, customer_id: str, query: Mapping[str, Any], body: object = None) -> Reply:
        """`handle` for asynchronous code."""
        return await closing(self._handle(customer_id, query, body))

    def state(self, customer_id: str) -> State:
        """The products, and the subscription of a customer."""
        return run(self.states.state(customer_id))

    async def state_async(self, customer_id: str) -> State:
        """`state` for asynchronous code."""
        return await closing(self.states.state(customer_id))

    def entitlements(self, customer_id: str) -> Entitlements:
        """The products and features to which a customer's subscription gives access."""
        return run(self.states.entitlements(customer_id))

    async def entitlements_async(self, customer_id: str) -> Entitlements:
        """`entitlements` for asynchronous code."""
        return await closing(self.states.entitlements(customer_id))

    def outdate(self, customer_id: str) -> None:
        """Read this customer's subscription anew when it is asked for: something has changed it."""
        run(self.states.outdate(customer_id))

    async def outdate_async(self, customer_id: str) -> None:
        """`outdate` for asynchronous code."""
        await closing(self.states.outdate(customer_id))

    def _handle(self, customer_id: str, query: Mapping[str, Any], body: object) -> Steps[Reply]:
        found = body_of(body)
        if not customer_id:
            # Stripe would list the subscriptions of all customers.
            raise ValueError("The id of the customer is empty.")
        if found is None:
            return refused(400)
        return (yield from self.actions.handle(query, Visit(customer_id, found)))


def customer_has_feature(customer_id: str, feature: str) -> bool:
    """Whether a customer's subscription gives access to a feature, in the account of `STRIPE_SECRET_KEY`.

    Raises `StripeUnavailable` while Stripe does not answer and has not for longer than the last good answer
    counts, and `StripeRefused`.
    """
    return feature in _of_environment().entitlements(customer_id).features


async def customer_has_feature_async(customer_id: str, feature: str) -> bool:
    """`customer_has_feature` for asynchronous code."""
    return feature in (await _of_environment().entitlements_async(customer_id)).features


async def closing(steps: Steps[T]) -> T:
    """Run to the end. A request that is given up ends its steps at once: others may wait for them."""
    try:
        return await run_async(steps)
    finally:
        steps.close()


def subscription_handler(customer_id: str, query: Mapping[str, Any], body: object = None) -> Reply:
    """`Subscriptions.handle` with the account of `STRIPE_SECRET_KEY`."""
    return _of_environment().handle(customer_id, query, body)


async def subscription_handler_async(
    customer_id: str, query: Mapping[str, Any], body: object = None
) -> Reply:
    """`Subscriptions.handle_async` with the account of `STRIPE_SECRET_KEY`."""
    return await _of_environment().handle_async(customer_id, query, body)


@cache
def _of_environment() -> Subscriptions:
    return Subscriptions()


def _store(options: SubscriptionOptions) -> Store:
    if options.cache in (None, "memory"):
        return MemoryStore(options.reads_per_second)
    if "://" not in options.cache:
        raise ConfigurationError('cache is "memory", the URL of a Redis, or None.')
    from greffier.subscriptions.cache.redis import RedisStore

    return RedisStore(options.cache, options.secret_key, options.reads_per_second)
