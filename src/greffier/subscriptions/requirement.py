"""`SubscriptionRequirement`: routes for customers who have bought a product or a feature."""

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import BackendApiError
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.protection.requirements import Requirement, error_answer
from greffier.sdk.steps import Steps
from greffier.subscriptions.cache.store import OUTAGE_SECONDS
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.errors import CustomerMissing, SubscriptionError


class SubscriptionRequirement(Requirement):
    """The caller must be signed in, and the customer must have bought something, as Stripe says.

    Args:
        customers: who pay for the callers.
        product: id of a product.
        feature: name of a feature.

    Raises:
        ValueError: unless exactly one of product and feature is given.
    """

    def __init__(
        self, customers: Customers, *, product: str | None = None, feature: str | None = None
    ) -> None:
        if bool(product) == bool(feature):
            raise ValueError("Give exactly one of product and feature.")
        super().__init__()
        self._customers, self._product, self._feature = customers, product, feature

    def refusal(self, request: RequestAuth) -> Steps[Answer | None]:
        """The answer to a request that may not pass; None for one that may.

        Callers who are signed out are answered as by `require_auth`. Who has not bought it gets 403. While
        that is not known it is 503: Stripe does not answer, and has not for longer than the last good answer
        counts.
        """
        refused = yield from super().refusal(request)
        if refused is not None:
            return refused
        try:
            passes = yield from self._passes(request.auth)
        except (SubscriptionError, BackendApiError):
            retry = ("retry-after", str(round(OUTAGE_SECONDS)))
            text = "Subscriptions cannot be checked now: try again."
            return error_answer(503, "service_unavailable", text, retry)
        if not passes:
            return error_answer(403, "authorization_invalid", "Your subscription does not include this.")
        return None

    def _passes(self, auth: AuthObject) -> Steps[bool]:
        customer = yield from self._customers.of(auth, create=False)
        if customer is None:
            return False
        try:
            bought = yield from self._customers.subscriptions.states.entitlements(customer.id)
        except CustomerMissing:
            return False
        return self._product in bought.products if self._product else self._feature in bought.features
