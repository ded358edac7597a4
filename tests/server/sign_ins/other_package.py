"""Strategies as another package would bring them: one class each, in one file."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.crypto.secrets import same
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import CodeProof
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class SpareCodes(Strategy):
    """One code that the operator wrote into the private metadata of a user."""

    name = "backup_code"

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return [Factor(strategy=self.name)] if "spare_code" in user.private_metadata else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        assert subject.user
        code = evidence.read(CodeProof).code
        if not code or not same(code, subject.user.private_metadata["spare_code"]):
            raise errors.code_incorrect()
        return await record_verified(ctx, self.name)


class Badge(Strategy):
    """A first factor: what the badge says that the operator gave to a user."""

    name = "trusted_device"

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return [Factor(strategy=self.name)] if "badge" in user.private_metadata else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        assert subject.user
        code = evidence.read(CodeProof).code
        if not code or not same(code, subject.user.private_metadata["badge"]):
            raise errors.code_incorrect()
        return await record_verified(ctx, self.name)


SPARE_CODES = SpareCodes()
BADGE = Badge()
