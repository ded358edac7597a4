"""A passkey of the user (WebAuthn Level 3): something they have, unlocked by something they know or are."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.passkeys.own_passkeys import require_passkeys
from greffier.server.users.passkeys.use import ask_for_passkey, owner_of_used, verify_passkey
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import STRATEGY as NAME
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class PasskeyRequest(msgspec.Struct, kw_only=True):
    """`passkey_id`: one of several."""

    passkey_id: str | None = None


class PasskeyProof(msgspec.Struct, kw_only=True):
    """`public_key_credential`: JSON text (WebAuthn Level 3 section 5.5, `AuthenticationResponseJSON`)."""

    public_key_credential: str | None = None


class Passkey(Strategy):
    """Signs in with an identifier or without. It is no second factor by itself, because users add one to
    sign in more easily; it takes the place of the other one where the settings say so."""

    name: ClassVar[str] = NAME
    reverifies = True
    stands_in = True
    identifies = True
    guessable = False
    begun_by_pages = True

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        enabled = ctx.instance.settings.attribute(NAME).enabled
        return [Factor(strategy=NAME)] if enabled and user.passkeys_enabled_at is not None else []

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        """Not shown: today's browser components fail where they would have to name it among others."""
        accepted = self.satisfies_second_factor(ctx) and self.factors(ctx, user, owned, None)
        return [Factor(strategy=NAME, shown=False)] if accepted else []

    def satisfies_second_factor(self, ctx: Context) -> bool:
        return ctx.instance.settings.passkeys.satisfies_second_factor

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        require_passkeys(ctx)
        user_id = subject.user.id if subject.user else None
        return await ask_for_passkey(ctx, user_id, subject.rest.read(PasskeyRequest).passkey_id)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        require_passkeys(ctx)
        user_id = subject.user.id if subject.user else None
        credential = evidence.read(PasskeyProof).public_key_credential or ""
        return await verify_passkey(ctx, user_id, verification_id, credential)

    async def user_id_of(self, ctx: Context, verification: VerificationRow) -> str | None:
        return await owner_of_used(ctx, verification)


STRATEGY = Passkey()
