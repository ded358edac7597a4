"""One of the codes that the user has kept for the day when their second factor is not at hand."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import CodeProof
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.second_factors.backup_codes.codes import backup_codes_enabled, use_backup_code
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class BackupCode(Strategy):
    """Nothing is prepared. A code is used up by its use."""

    name = "backup_code"
    second_factor_order = 90
    stands_in = True

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        offered = backup_codes_enabled(ctx) and user.backup_codes_enabled_at is not None
        return [Factor(strategy=self.name)] if offered else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        if subject.user is None:
            raise errors.strategy_for_user_invalid()
        if not await use_backup_code(ctx, subject.user.id, evidence.read(CodeProof).code or ""):
            raise errors.code_incorrect()
        return await record_verified(ctx, self.name)


STRATEGY = BackupCode()
