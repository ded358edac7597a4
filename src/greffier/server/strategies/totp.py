"""A code of the user's authenticator app (RFC 6238)."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import CodeProof
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.second_factors.totp.codes import use_totp_code
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class Totp(Strategy):
    """Nothing is prepared. A code is accepted once."""

    name = "totp"
    second_factor_order = 10

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        enabled = ctx.instance.settings.attribute("authenticator_app").enabled
        return [Factor(strategy=self.name)] if enabled and user.totp_enabled_at is not None else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        if subject.user is None:
            raise errors.strategy_for_user_invalid()
        if not await use_totp_code(ctx, subject.user.id, evidence.read(CodeProof).code or ""):
            raise errors.code_incorrect()
        return await record_verified(ctx, self.name)


STRATEGY = Totp()
