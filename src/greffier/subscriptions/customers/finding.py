"""`Customers`: the customer of a request, found or made."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import BackendApiError, BackendApiRefused, ConfigurationError
from greffier.sdk.http.transport import Transport, default_transport
from greffier.sdk.official import backend_address
from greffier.sdk.protection.current import get_auth
from greffier.sdk.steps import Steps, ask, run
from greffier.subscriptions.asking import Pause
from greffier.subscriptions.customers.claims import PAYER, TokenClaims
from greffier.subscriptions.customers.payers import Customer, Payers, details_of, may_pay, payer_of
from greffier.subscriptions.errors import CustomerMissing, StripeRefused, StripeUnavailable
from greffier.subscriptions.handler import Subscriptions, closing

CHECK_SECONDS = 60.0
"""The time after which it is looked again whether Stripe still has a customer."""
_MAX_KNOWN = 10_000
_WAITS = 40
_WAIT_SECONDS = 0.1


class Customers:
    """`find_or_create_customer_id` for users and organizations of Greffier.

    The id of the customer stands in private metadata, which only servers see. Of several first requests at
    the same time, in whatever process, all find the same customer. One that was deleted at Stripe is
    replaced.

    Args:
        subscriptions: of the account of Stripe.
        payers: "active", "user" or "organization".
        role: members of an organization who have it may pay. Others see what was bought.
        permission: of members who may pay, instead of a role.
        metadata_key: of the customer's id, for applications that keep it already.
        claims: whether session tokens name what was bought, as plan and features.
        secret_key: of the instance, by default `GREFFIER_SECRET_KEY`.
        api_url: of the Backend API, by default `GREFFIER_API_URL`.
        transport: carries requests to the Backend API.
        clock: seconds since the epoch.

    Raises:
        ConfigurationError: when the secret key or the URL is missing.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        *,
        payers: Payers = "active",
        role: str = "org:admin",
        permission: str | None = None,
        metadata_key: str = "stripe_customer_id",
        claims: bool = True,
        secret_key: str | None = None,
        api_url: str | None = None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        key, self._url = backend_address(secret_key, api_url)
        self.subscriptions = subscriptions
        self._backend = BackendApi(
            api_url=self._url, secret_key=key, transport=transport or default_transport()
        )
        if payers not in ("active", "user", "organization"):
            raise ConfigurationError('payers is "active", "user" or "organization".')
        self._payers: Payers = payers
        self._role, self._permission = role, permission
        self._key, self._clock = metadata_key, clock
        self._known: dict[str, tuple[str, float]] = {}
        self._claims = TokenClaims(self._backend, subscriptions.api, metadata_key)
        if claims:
            subscriptions.states.on_read = self._claims.tell

    def __call__(self, request: Any) -> Customer | None:
        """The customer of a request of any framework; None where there is no payer.

        Blocks for requests to the Backend API and Stripe. Raises `BackendApiError` and `SubscriptionError`
        where they cannot be asked, and `ConfigurationError` for a request that no middleware saw.
        """
        return run(self.of(get_auth(request)))

    async def find(self, request: Any) -> Customer | None:
        """The same for asynchronous code."""
        return await closing(self.of(get_auth(request)))

    def of(self, auth: AuthObject, *, create: bool = True) -> Steps[Customer | None]:
        """The customer of an auth object. Without `create` it is None where there was none before."""
        payer = payer_of(auth, self._payers)
        if payer is None:
            return None
        customer_id = yield from self._customer_id(payer, create=create)
        if customer_id is None:
            return None
        return Customer(customer_id, may_pay(auth, payer, self._role, self._permission))

    def _customer_id(self, payer: str, *, create: bool) -> Steps[str | None]:
        known = self._known.get(payer)
        if known is not None and 0 <= self._clock() - known[1] < CHECK_SECONDS:
            return known[0]
        try:
            resource = yield from self._resource(payer)
            found = self._noted(resource)
            if found is None or not (yield from self._exists(found)):
                found = (yield from self._create(payer, resource, found)) if create else None
        except BackendApiRefused as error:
            if not error.is_outage:
                raise
            found = self._last_known(known, error)
        except BackendApiError as error:
            found = self._last_known(known, error)
        if found is None:
            return None
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[payer] = found, self._clock()
        self._claims.payers[found] = payer
        return found

    def _last_known(self, known: tuple[str, float] | None, error: BackendApiError) -> str:
        if known is None:
            raise error
        return known[0]

    def _resource(self, payer: str) -> Steps[dict[str, Any]]:
        is_organization = payer.startswith("org_")
        return self._backend.organization(payer) if is_organization else self._backend.user(payer)

    def _noted(self, resource: dict[str, Any]) -> str | None:
        metadata: dict[str, Any] = resource.get("private_metadata") or {}
        noted = metadata.get(self._key)
        return noted if isinstance(noted, str) and noted else None

    def _exists(self, customer_id: str) -> Steps[bool]:
        try:
            return not (yield from self.subscriptions.api.customer(customer_id)).get("deleted")
        except CustomerMissing:
            return False
        except StripeUnavailable:
            return True  # as far as is known: what was read before can still be shown

    def _create(self, payer: str, resource: dict[str, Any], former: str | None) -> Steps[str]:
        """Make the customer and note its id. Of requests at the same time Stripe makes one customer, because
        their keys are the same."""
        params: dict[str, Any] = {**details_of(resource), "metadata": {PAYER: payer}}
        said = json.dumps([self._url, payer, former, params], sort_keys=True)
        key = f"greffier-{hashlib.sha256(said.encode()).hexdigest()}"
        for _ in range(_WAITS):
            try:
                made = yield from self.subscriptions.api.create_customer(params, key)
                break
            except StripeRefused as error:
                if error.status != 409:
                    raise
            yield from ask(Pause(_WAIT_SECONDS))  # another request with this key is on its way
        else:
            raise StripeUnavailable("The customer is being made by another request.")
        changed = yield from self._backend.merge_private_metadata(payer, {self._key: made["id"]})
        return self._noted(changed) or made["id"]
