"""A six-digit code that is sent, whatever it is for: made, and sent once (ASVS 6.5.1, 6.6.2)."""

from __future__ import annotations

from typing import Any

from greffier.server.crypto.secrets import new_code, new_secret
from greffier.server.strategies.proofs import CodeProof
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.verifications.codes import attempt_code
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

TEST_CODE = "424242"


class SentCode(Strategy):
    """Requires that the message be read by the person. `mailed_codes.py` and `texted_codes.py` say how it
    gets there."""

    def is_testing(self, ctx: Context, value: str) -> bool:
        """Returns whether this is a test identifier of an instance in test mode."""
        raise NotImplementedError

    async def send(self, ctx: Context, subject: Subject, value: str, code: str) -> dict[str, Any] | None:
        """Queues the message with the code, or the subject's notice; test identifiers get none. Returns the
        details to keep with the verification."""
        raise NotImplementedError

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """The verification, and the message with its code in the same transaction. Test identifiers get the
        fixed code and no message. A notice has no code in it: its verification looks like any other, and no
        code fits.

        Raises:
            ApiError: 429 when too many were sent there.
        """
        identifier = self.require_identifier(subject)
        testing = self.is_testing(ctx, identifier.value)
        code = new_secret() if subject.notice else TEST_CODE if testing else new_code()
        details = await self.send(ctx, subject, identifier.value, code)
        return await begin_verification(
            ctx,
            self.name,
            sent_to=identifier,
            code=code,
            subject_id=subject.subject_id,
            details=details,
        )

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        code = evidence.read(CodeProof).code
        return await attempt_code(ctx, verification_id, self.name, code or "")
