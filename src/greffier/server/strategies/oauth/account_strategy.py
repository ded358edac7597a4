"""The base of strategies that verify an account at another site, however the site tells whose it is."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.oauth.linking import address_to_prove, user_to_link
from greffier.server.strategies.strategy import Factor, Introduction, Strategy
from greffier.server.users.external_accounts.accounts import (
    KIND,
    Described,
    connect_or_describe,
    described_in,
    find_account,
)
from greffier.server.users.external_accounts.tables import STRATEGY_PREFIX
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


def account_details(described: Described) -> dict[str, Any]:
    """Returns the details of a verification that say which account it is about."""
    return {"account": msgspec.to_builtins(described)}


class AccountStrategy(Strategy):
    """A subclass says how the site is asked. Its verifications have `account_details` once they are
    verified."""

    kind = KIND
    guessable = False
    connects = True

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        connected = any(row.kind == KIND and row.value == self.name for row in owned)
        return [Factor(strategy=self.name)] if self.identifies and connected else []

    async def user_id_of(self, ctx: Context, verification: VerificationRow) -> str | None:
        """Returns the user who is connected with the account, or will be, because both sides have verified
        the same address."""
        described = described_in(verification)
        account = await find_account(ctx, described)
        return account.user_id if account is not None else await user_to_link(ctx, described)

    async def address_to_prove(self, ctx: Context, verification: VerificationRow) -> IdentificationRow | None:
        return await address_to_prove(ctx, described_in(verification))

    def introduce(self, verification: VerificationRow) -> Introduction:
        described = described_in(verification)
        return Introduction(
            identifier=described.identifier,
            first_name=described.first_name,
            last_name=described.last_name,
            picture_url=described.image_url,
            address=described.email_address,
            address_verified=described.email_verified,
            site=STRATEGY_PREFIX + described.provider,
        )

    async def connect(self, ctx: Context, user_id: str, verification: VerificationRow) -> None:
        await connect_or_describe(ctx, user_id, described_in(verification))
