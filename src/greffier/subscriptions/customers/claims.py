"""Plan and features in session tokens: those that customers have bought."""

import re
from typing import Any

from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import BackendApiRefused
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Steps
from greffier.subscriptions.errors import CustomerMissing
from greffier.subscriptions.options import Entitlements
from greffier.subscriptions.stripe_api import StripeApi

PAYER = "greffier_payer"
"""The key of a customer's metadata at Stripe that has the id of the user or organization."""
ENTITLEMENTS = "token_entitlements"
"""The key of private metadata that the server makes claims of."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_LISTED = 400
_MAX_KNOWN = 10_000


class TokenClaims:
    """Writes entitlements into private metadata, where the server finds them for its tokens.

    Args:
        backend: the Backend API of the instance.
        api: of the account of Stripe.
        metadata_key: of the customer's id in private metadata.
    """

    def __init__(self, backend: BackendApi, api: StripeApi, metadata_key: str) -> None:
        self._backend, self._api, self._key = backend, api, metadata_key
        self.payers: dict[str, str] = {}
        self._told: dict[str, dict[str, Any]] = {}

    def tell(self, customer_id: str, entitlements: Entitlements) -> Steps[None]:
        """Write what was just read of a customer, unless it is known already.

        Raises `BackendApiError` when it cannot be written, and `StripeUnavailable`.
        """
        wanted = claims_of(entitlements)
        if self._told.get(customer_id) == wanted:
            return
        payer = yield from self._payer(customer_id)
        if payer is None:
            return
        try:
            yield from self._write(payer, customer_id, wanted)
        except BackendApiRefused as error:
            if error.status != 404:  # a deleted user has no tokens
                raise
        if len(self._told) >= _MAX_KNOWN:
            self._told.clear()
        self._told[customer_id] = wanted

    def _write(self, payer: str, customer_id: str, wanted: dict[str, Any]) -> Steps[None]:
        is_organization = payer.startswith("org_")
        resource = yield from (
            self._backend.organization(payer) if is_organization else self._backend.user(payer)
        )
        noted: dict[str, Any] = resource.get("private_metadata") or {}
        if noted.get(self._key) not in (None, customer_id):
            return  # of a customer who was replaced
        if noted.get(ENTITLEMENTS, {}) != wanted:
            # Merging removes what is not there any more; an empty object would be left otherwise.
            changes = {"plan": wanted.get("plan"), "features": wanted.get("features")} if wanted else None
            yield from self._backend.merge_private_metadata(payer, {ENTITLEMENTS: changes})

    def _payer(self, customer_id: str) -> Steps[str | None]:
        known = self.payers.get(customer_id)
        if known is not None:
            return known
        try:
            customer = yield from self._api.customer(customer_id)
        except CustomerMissing:
            return None
        metadata: dict[str, Any] = customer.get("metadata") or {}
        payer = metadata.get(PAYER)
        if not isinstance(payer, str) or not payer.startswith(("user_", "org_")):
            return None
        if len(self.payers) >= _MAX_KNOWN:
            self.payers.clear()
        self.payers[customer_id] = payer
        return payer


def claims_of(entitlements: Entitlements) -> dict[str, Any]:
    """Entitlements as the server takes them; empty without any. What no token can name is left out."""
    names = sorted(entitlements.features)
    features: list[str] = []
    for name in names:
        listed = ",".join(f"u:{one}" for one in [*features, name])
        if _NAME.fullmatch(name) and len(listed) <= _MAX_LISTED:
            features.append(name)
    if len(features) < len(names):
        log_rarely("Some features of a product are not named in session tokens: see the guide")
    plan = entitlements.plan if entitlements.plan and _NAME.fullmatch(entitlements.plan) else None
    return ({"plan": plan} if plan else {}) | ({"features": features} if features else {})
