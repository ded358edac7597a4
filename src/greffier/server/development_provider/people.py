"""The people a developer can be at a provider that is stood in for."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from greffier.server.crypto.secrets import new_secret
from greffier.server.users.external_accounts.queries import NEWEST_OF_PROVIDER
from greffier.server.web.context import Context

MAX_PEOPLE = 8
"""Former people that are offered."""

_INVENTED = (("Ada", "Lovelace"), ("Grace", "Hopper"), ("Alan", "Turing"), ("Katherine", "Johnson"))


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person, by the standard claims of OpenID Connect (Core 1.0 section 5.1)."""

    sub: str = ""
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    preferred_username: str | None = None
    picture: str | None = None

    @property
    def name(self) -> str:
        names = " ".join(part for part in (self.given_name, self.family_name) if part)
        return names or self.preferred_username or self.email or self.sub

    def with_id(self) -> Person:
        """The person with an id: the same one whenever the same address, or else user name, is entered."""
        if self.sub:
            return self
        entered = self.email or self.preferred_username
        digest = hashlib.sha256(entered.lower().encode()).hexdigest()[:20] if entered else new_secret()[:20]
        return msgspec.structs.replace(self, sub=f"dev_{digest}")

    def claims(self) -> dict[str, Any]:
        described: dict[str, Any] = msgspec.to_builtins(self)
        if self.email:
            described["email_verified"] = self.email_verified
        return described


async def former_people(ctx: Context, provider: str) -> list[Person]:
    """Returns those whose account at the provider is connected to a user, newest first."""
    rows = await ctx.db.all(
        NEWEST_OF_PROVIDER, instance_id=ctx.instance.id, provider=provider, most=MAX_PEOPLE
    )
    return [
        Person(
            sub=row.provider_user_id or "",
            given_name=row.first_name,
            family_name=row.last_name,
            email=row.email_address,
            email_verified=row.email_verified,
            preferred_username=row.username,
            picture=row.image_url,
        )
        for row in rows
    ]


def suggested(former: list[Person], login_hint: str | None) -> Person:
    """Returns a new person, to save the developer typing.

    Args:
        login_hint: the address that the application knows (Core 1.0 section 3.1.2.1).
    """
    if login_hint and "@" in login_hint:
        known = next((one for one in former if one.email == login_hint), None)
        return known or Person(email=login_hint, email_verified=True)
    addresses = {one.email for one in former}
    for first, last in _INVENTED:
        address = f"{first.lower()}@example.com"
        if address not in addresses:
            return Person(given_name=first, family_name=last, email=address, email_verified=True)
    return Person(email_verified=True)
