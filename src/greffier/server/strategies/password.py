"""The user's password."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import PasswordProof
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.passwords.policy import is_password
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class Password(Strategy):
    """Checked off the event loop, and before anything is written: hashing holds no lock."""

    name = "password"
    reverifies = True
    is_secret = True

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        enabled = ctx.instance.settings.attribute("password").enabled
        return [Factor(strategy=self.name)] if enabled and user.password_digest else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        password = evidence.read(PasswordProof).password
        if not password:
            raise errors.invalid_params(errors.param_nil("password"))
        user = subject.user
        if user is None or user.password_digest is None:
            raise errors.strategy_for_user_invalid()
        if not await is_password(ctx, user, password):
            raise errors.password_incorrect()
        if user.password_compromised_at is not None:
            raise errors.password_compromised()
        return await record_verified(ctx, self.name)


STRATEGY = Password()
