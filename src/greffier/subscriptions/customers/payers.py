"""The payer of a request: the user, or the active organization; and who may pay for an organization."""

from dataclasses import dataclass
from typing import Any, Literal

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject

Payers = Literal["active", "user", "organization"]
"""The payer: the active organization, or the user where none is active; always the user; or always an
organization."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of Stripe, for a request.

    Args:
        id: Stripe's.
        may_pay: whether the request may lead to Stripe's pages, and not only see what was bought.
    """

    id: str
    may_pay: bool = True


def payer_of(auth: AuthObject, payers: Payers) -> str | None:
    """The id of the user or organization; None where there is none, and when signed out."""
    if not auth.is_authenticated:
        return None
    if payers == "user":
        return auth.user_id
    return auth.org_id or (auth.user_id if payers == "active" else None)


def may_pay(auth: AuthObject, payer: str, role: str, permission: str | None) -> bool:
    """Whether the caller may pay for the payer: users for themselves, and members of an organization with a
    permission, or else a role. Machines never pay."""
    if auth.token_type != SESSION_TOKEN:
        return False
    if payer == auth.user_id:
        return True
    return auth.has(permission=permission) if permission else auth.has(role=role)


def details_of(payer: dict[str, Any]) -> dict[str, str]:
    """The name and the address of a new customer, from a user or organization of the Backend API."""
    if str(payer.get("id", "")).startswith("org_"):
        return {"name": payer["name"]} if payer.get("name") else {}
    primary = payer.get("primary_email_address_id")
    addresses: list[dict[str, Any]] = payer.get("email_addresses") or []
    email = next((one["email_address"] for one in addresses if primary and one["id"] == primary), None)
    name = " ".join(part for part in (payer.get("first_name"), payer.get("last_name")) if part)
    return ({"name": name} if name else {}) | ({"email": email} if email else {})
