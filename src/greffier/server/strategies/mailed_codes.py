"""A six-digit code by mail, whatever it is for: made, and sent once (ASVS 6.5.1, 6.6.2)."""

from __future__ import annotations

from greffier.server.crypto.secrets import new_code, new_secret
from greffier.server.delivery.messages import CodeMessage, Message
from greffier.server.strategies.mailed_notices import NOTICES
from greffier.server.strategies.proofs import CodeProof
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.verifications.codes import attempt_code
from greffier.server.verifications.records import VERIFICATION_LIFETIME, begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.mailing import is_testing, send_mail

TEST_CODE = "424242"


class MailedCode(Strategy):
    """Requires that the address be read by the person."""

    kind = "email_address"

    def message(self, subject: Subject) -> CodeMessage:
        """Returns the writer of the mail."""
        raise NotImplementedError

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """The verification, and the mail with its code in the same transaction. Test addresses get the fixed
        code and no mail. A notice has no code in it: its verification looks like any other, and no code fits.

        Raises:
            ApiError: 429 when the address has been sent too many.
        """
        identifier = self.require_identifier(subject)
        code = (
            new_secret() if subject.notice else TEST_CODE if is_testing(ctx, identifier.value) else new_code()
        )
        row = await begin_verification(
            ctx, self.name, sent_to=identifier, code=code, subject_id=subject.subject_id
        )
        await send_mail(ctx, self._mail(ctx, subject, identifier.value, code), "proof")
        return row

    def _mail(self, ctx: Context, subject: Subject, address: str, code: str) -> Message:
        name = ctx.instance.settings.application_name
        if subject.notice is not None:
            return NOTICES[subject.notice](to_address=address, application_name=name)
        return self.message(subject)(
            to_address=address, application_name=name, code=code, lifetime_ms=VERIFICATION_LIFETIME
        )

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        code = evidence.read(CodeProof).code
        return await attempt_code(ctx, verification_id, self.name, code or "")
