"""Usernames as a kind of identification."""

from __future__ import annotations

import msgspec

from greffier.server.identifications.kinds import IdentificationKind, Owner
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.users.profile.names import canonical_username
from greffier.server.users.usernames.choosing import choose_username, find_by_username
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context


class UsernameKind(IdentificationKind):
    """A column of users, which is never verified."""

    name = "username"
    plural = "usernames"
    verifiable = False
    read_last = True

    def recognises(self, text: str) -> bool:
        return "@" not in text

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        """A malformed username matches no user."""
        return Identifier(self.name, text, canonical_username(text))

    def canonical(self, text: str) -> str:
        return canonical_username(text)

    async def read_new(self, ctx: Context, text: str) -> Identifier:
        """Usernames are no secrets: a taken one is always reported."""
        username = await choose_username(ctx, text)
        return Identifier(self.name, username, username)

    async def find(self, ctx: Context, identifier: Identifier) -> Owner | None:
        user = await find_by_username(ctx, identifier.canonical)
        return Owner(user.id, user=user) if user else None

    def names(self, user: msgspec.Struct, owned: list[IdentificationRow]) -> bool:
        return getattr(user, self.name) is not None

    def columns(self, value: str | None) -> dict[str, str | None]:
        return {self.name: value}


KIND = UsernameKind()
