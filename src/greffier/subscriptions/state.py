"""The products that customers may buy and switch to on their own, and the subscription of a customer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from greffier.sdk.errors import BackendApiError
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Steps, ask
from greffier.subscriptions.cache.reading import Read, Reader
from greffier.subscriptions.errors import CustomerMissing
from greffier.subscriptions.options import Entitlements, SubscriptionOptions
from greffier.subscriptions.stripe_api import Object, StripeApi

#: A subscription of another status gives no access: it was never paid, is not any more, or has ended.
ENTITLED = frozenset({"active", "trialing", "past_due"})
#: While one of these exists, another would be paid besides it. The portal shows it.
OPEN = ENTITLED | {"unpaid", "paused"}

_PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class State:
    """The state of one customer, in Stripe's objects.

    `products` are `{"product": ..., "prices": [...]}` in the order of the portal configuration.
    `subscription` is None without one that gives access. `is_stale`: Stripe is not available, and this is
    what it said before.
    """

    products: list[Object]
    subscription: Object | None
    is_stale: bool = False


class States:
    """Reads states through the cache."""

    def __init__(self, api: StripeApi, reader: Reader, options: SubscriptionOptions) -> None:
        self._api, self._reader = api, reader
        self.on_read = options.on_read
        keeps = options.keeps
        self._product_seconds = options.products_seconds if keeps else 0.0
        self._subscription_seconds = options.subscription_seconds if keeps else 0.0

    @property
    def is_listened_to(self) -> bool:
        """Whether something is called with what is read."""
        return self.on_read is not None

    def state(self, customer_id: str) -> Steps[State]:
        """The state of a customer. Raises `StripeUnavailable`, `StripeRefused`."""
        products = yield from self._reader.read(_PRODUCTS, self._product_seconds, self._products)
        found = yield from self._subscription(customer_id)
        return State(products.value, found.value, products.is_stale or found.is_stale)

    def entitlements(self, customer_id: str, *, must_tell: bool = False) -> Steps[Entitlements]:
        """The things to which a subscription gives access.

        Raises `StripeUnavailable` and `StripeRefused`; with `must_tell` also what `on_read` raises.
        """
        found = yield from self._subscription(customer_id, must_tell=must_tell)
        given = yield from self._entitlements_of(found.value)
        return replace(given, is_stale=given.is_stale or found.is_stale)

    def tell(self, customer_id: str) -> Steps[None]:
        """Have `on_read` called with the state of now. Raises what it raises, and `StripeUnavailable`."""
        try:
            yield from self.entitlements(customer_id, must_tell=True)
        except CustomerMissing:
            if self.on_read is not None:
                yield from self.on_read(customer_id, Entitlements())

    def offered_prices(self) -> Steps[frozenset[str]]:
        """Ids of the prices that the portal configuration offers at this moment."""
        offered = yield from self._reader.fresh(self._offered)
        return frozenset(price for one in offered for price in one["prices"])

    def has_open_subscription(self, customer_id: str) -> Steps[bool]:
        """Whether the customer has a subscription at this moment that goes on, paid or not."""
        found = yield from self._reader.fresh(lambda: self._own(customer_id))
        return any(one["status"] in OPEN for one in found)

    def outdate(self, customer_id: str, *, forget: bool = False, moving: bool = False) -> Steps[None]:
        """Note that what is kept of the customer is not current any more."""
        yield from ask(self._reader.store.outdate(_key(customer_id), forget=forget, moving=moving))

    def outdate_products(self, ids: Iterable[str] = ()) -> Steps[None]:
        """Note that what is kept of the products is not current any more."""
        for key in (_PRODUCTS, *(f"product:{id}" for id in ids)):
            yield from ask(self._reader.store.outdate(key, forget=False, moving=False))

    def _subscription(self, customer_id: str, *, must_tell: bool = False) -> Steps[Read]:
        def fetch() -> Steps[Object | None]:
            found = yield from self._own(customer_id)
            entitled = next((one for one in found if one["status"] in ENTITLED), None)
            if self.on_read is not None:
                try:
                    yield from self.on_read(customer_id, (yield from self._entitlements_of(entitled)))
                except BackendApiError as error:
                    if must_tell:
                        raise
                    log_rarely("The server is not told what was bought, but at the next read: %s", error)
            return entitled

        return self._reader.read(_key(customer_id), self._subscription_seconds, fetch)

    def _entitlements_of(self, subscription: Object | None) -> Steps[Entitlements]:
        ids, features, is_stale = product_ids(subscription), set[str](), False
        plan: str | None = None
        for product_id in dict.fromkeys(ids):
            product = yield from self._product(product_id)
            features |= features_of(product.value)
            plan = plan or plan_of(product.value)
            is_stale = is_stale or product.is_stale
        return Entitlements(frozenset(ids), frozenset(features), is_stale, plan)

    def _product(self, product_id: str) -> Steps[Read]:
        if self._product_seconds:
            sold = yield from self._reader.read(_PRODUCTS, self._product_seconds, self._products)
            for one in sold.value:
                if one["product"]["id"] == product_id:
                    return Read(one["product"], sold.is_stale)
        # Customers keep products that are not sold any more.
        return (
            yield from self._reader.read(
                f"product:{product_id}", self._product_seconds, lambda: self._api.product(product_id)
            )
        )

    def _own(self, customer_id: str) -> Steps[list[Object]]:
        """The subscriptions that are certainly this customer's, whatever Stripe listed."""
        found = yield from self._api.subscriptions_of(customer_id)
        return [one for one in found if one.get("customer") == customer_id]

    def _products(self) -> Steps[list[Object]]:
        offered = yield from self._offered()
        products: list[Object] = []
        for one in offered:
            known = {price["id"]: price for price in (yield from self._api.prices_of(one["product"]))}
            prices: list[Object] = []
            product: Object | None = None
            for price_id in one["prices"]:
                price = known.get(price_id) or (yield from self._api.price(price_id))
                product = price["product"]
                prices.append({**price, "product": one["product"]})
            if product is not None:
                products.append({"product": product, "prices": prices})
        return products

    def _offered(self) -> Steps[list[Object]]:
        """Products and ids of their prices, as the default configuration of the portal lists them."""
        configuration = yield from self._api.default_configuration()
        if configuration is None:
            log_rarely("Stripe has no settings of the customer portal: save them on its Dashboard")
            return []
        update: Object = configuration["features"]["subscription_update"]
        # Customers who may not switch on their own may not buy on their own either.
        return list(update.get("products") or []) if update["enabled"] else []


def product_ids(subscription: Object | None) -> list[str]:
    """Ids of the products of a subscription's items."""
    if subscription is None:
        return []
    items: list[Object] = subscription["items"]["data"]
    return [item["price"]["product"] for item in items]


def features_of(product: Object) -> set[str]:
    """Names of features in a product's metadata."""
    metadata: Object = product.get("metadata") or {}  # none where the product was deleted
    listed = str(metadata.get("features", ""))
    return {name.strip() for name in listed.split(",") if name.strip()}


def plan_of(product: Object) -> str | None:
    """The slug of a product as a plan."""
    metadata: Object = product.get("metadata") or {}
    given = str(metadata.get("plan", "")).strip()
    return given or re.sub(r"[^a-z0-9]+", "-", str(product.get("name") or "").lower()).strip("-") or None


def _key(customer_id: str) -> str:
    return f"subscription:{customer_id}"
