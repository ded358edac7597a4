"""Providers that are switched on without credentials: their strategies say so."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.external_accounts.accounts import KIND
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.instance.feature_settings import SocialProvider


class UnconfiguredStrategy(Strategy):
    """Refuses to begin anything."""

    kind = KIND
    guessable = False

    def __init__(self, entry: SocialProvider) -> None:
        self.name = f"oauth_{entry.provider}"  # pyright: ignore[reportAttributeAccessIssue] - one per entry
        self.identifies = entry.authenticatable  # pyright: ignore[reportAttributeAccessIssue] - likewise

    async def get_ready(self, ctx: Context) -> None:
        raise errors.oauth_config_missing()

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        raise errors.oauth_config_missing()
