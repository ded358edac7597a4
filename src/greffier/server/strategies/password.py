"""The user's password."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.strategy import Evidence, Factor, Strategy, Subject
from greffier.server.users.passwords.policy import is_password
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class Password(Strategy):
    """Checked off the event loop, and before anything is written: hashing holds no lock."""

    name = "password"

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        enabled = ctx.instance.settings.attribute("password").enabled
        return [Factor(strategy=self.name)] if enabled and user.password_digest else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Evidence
    ) -> VerificationRow:
        if not evidence.password:
            raise errors.invalid_params(errors.param_nil("password"))
        user = subject.user
        if user is None or user.password_digest is None:
            raise errors.strategy_for_user_invalid()
        if not await is_password(ctx, user, evidence.password):
            raise errors.password_incorrect()
        if user.password_compromised_at is not None:
            raise errors.password_compromised()
        return await record_verified(ctx, self.name)


STRATEGY = Password()
