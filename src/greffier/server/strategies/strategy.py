"""What a strategy is: it prepares and attempts a verification, and never sees a request. Its owner (a
sign-in, a sign-up, an email address) decides what success means."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from greffier.server import errors
from greffier.server.delivery.messages import Notice
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class Factor(msgspec.Struct, kw_only=True):
    """An entry of `supported_first_factors` or `supported_second_factors`. Contract: `Stubs.SignInFactor`."""

    strategy: str
    safe_identifier: str | msgspec.UnsetType = msgspec.UNSET
    email_address_id: str | msgspec.UnsetType = msgspec.UNSET
    primary: bool | msgspec.UnsetType = msgspec.UNSET


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who or what is verified: a user who signs in, or an address that somebody claims."""

    user: UserRow | None = None
    email: EmailAddressRow | None = None
    address: str | None = None
    owner_id: str | None = None
    """The sign-in or sign-up that asks."""
    redirect_url: str | None = None
    """Where a link that is sent leads in the end."""
    notice: Notice | None = None
    """What is mailed instead of a code or a link. Nothing proves the address then."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the person offers as proof."""

    code: str | None = None
    password: str | None = None
    ticket: str | None = None


class Strategy:
    """A way to verify. A strategy overrides what it offers; the rest it refuses."""

    name: ClassVar[str]
    resets_password: ClassVar[bool] = False
    """A first factor after which a new password must be chosen."""

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        """What this strategy offers this user as a first factor."""
        return []

    def second_factors(self, ctx: Context, user: UserRow, emails: list[EmailAddressRow]) -> list[Factor]:
        """What this user has set up to be asked for after every first factor."""
        return []

    def trust_factors(self, ctx: Context, user: UserRow, emails: list[EmailAddressRow]) -> list[Factor]:
        """What this user, who has no second factor, can prove on a device that they have never used."""
        return []

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """Start a verification, for example send a code. Refused by strategies that need no preparation."""
        raise errors.strategy_invalid(self.name)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Evidence
    ) -> VerificationRow:
        """Check the evidence; a verification that is complete, or an `ApiError`."""
        raise errors.strategy_invalid(self.name)
