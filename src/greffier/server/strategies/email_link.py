"""A link by mail. Opening it verifies, so there is nothing to attempt: the browser comes back by it."""

from __future__ import annotations

from urllib.parse import urlencode

from greffier.server import errors
from greffier.server.crypto.secrets import new_secret
from greffier.server.crypto.symmetric_jwts import write_symmetric_jwt
from greffier.server.delivery.messages import Message, sign_in_link_message, verification_link_message
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import LinkRequest
from greffier.server.strategies.sent.mailed_notices import NOTICES
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.callbacks import Outcome, expect_callback, require_page, verify_once
from greffier.server.verifications.records import VERIFICATION_LIFETIME, begin_verification
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.mailing import send_mail


class EmailLink(Strategy):
    """Requires that the address be read by the person, in the browser that asked unless settings say else."""

    name = "email_link"
    kind = "email_address"
    second_factor_order = 40
    follows_its_kind = False

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_first_factor(ctx) else []

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.second_factors_of_kind(ctx, owned, reserved=False)

    def trust_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.factors(ctx, user, owned, None)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """The verification, and the mail with its link in the same transaction. A notice has no link in it:
        its verification looks like any other, and stays as it is.

        Raises:
            ApiError: 422 without a redirect URL, 403 when it is not of an allowed origin; 429 when the
                address has been sent too many.
        """
        if subject.owner_id is None:
            raise errors.strategy_invalid(self.name)
        identifier = self.require_identifier(subject)
        page = require_page(ctx, subject.rest.read(LinkRequest).redirect_url)
        row = await begin_verification(ctx, self.name, sent_to=identifier)
        # A JWT by form, as the contract says; only this server reads it, and finds it by its hash.
        expires = (ctx.now + VERIFICATION_LIFETIME) // 1000
        claims = {"jti": new_secret(), "exp": expires, "st": self.name}
        token = write_symmetric_jwt(claims, ctx.instance.code_key)
        await expect_callback(ctx, row, token, owner_id=subject.owner_id, redirect_url=page)
        mail = _mail(ctx, subject, identifier.value, token)
        await send_mail(ctx, mail, "proof", also_when_testing=True)
        return row

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        strict = ctx.instance.settings.attack_protection.email_link.require_same_client
        return await verify_once(ctx, callback, verification, require_same_client=strict)


def _mail(ctx: Context, subject: Subject, address: str, token: str) -> Message:
    name = ctx.instance.settings.application_name
    if subject.notice is not None:
        return NOTICES[subject.notice](to_address=address, application_name=name)
    message = verification_link_message if subject.user is None else sign_in_link_message
    link = f"{ctx.public_url}/v1/verify?{urlencode({'token': token})}"
    return message(to_address=address, application_name=name, link=link, lifetime_ms=VERIFICATION_LIFETIME)


STRATEGY = EmailLink()
