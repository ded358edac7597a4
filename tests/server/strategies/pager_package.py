"""Pagers as another package would bring them: a kind of identification, and strategies that verify it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import new_code, new_secret, same
from greffier.server.errors import ApiError
from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.proofs import LinkRequest
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.callbacks import Outcome, expect_callback, require_page, verify_once
from greffier.server.verifications.codes import attempt_code
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.records import begin_verification, record_verified
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

PAGES: list[tuple[str, str]] = []
"""Messages on the pagers: number and text, newest last."""


class PagerOfUser(msgspec.Struct, kw_only=True):
    id: str
    pager: str


class Pager(IdentificationKind):
    """As in `P-1234`, whatever the case of the letter."""

    name = "pager"
    plural = "pagers"

    def recognises(self, text: str) -> bool:
        return text.upper().startswith("P-")

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        number = text.strip().upper()
        if not (number.startswith("P-") and number[2:].isdigit()):
            raise errors.identifier_invalid(param, "This is not the number of a pager.")
        return Identifier(self.name, number, number)

    def canonical(self, text: str) -> str:
        return text.strip().upper()

    def masked(self, value: str) -> str:
        return f"P-***{value[-1]}"

    def resource(self, found: Identification, *, now: int) -> PagerOfUser:
        return PagerOfUser(id=found.row.id, pager=found.row.value)


class PageProof(msgspec.Struct, kw_only=True):
    page: str


class OfPagers(Strategy):
    """A first factor of pagers, where the settings have it."""

    kind = "pager"

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_first_factor(ctx) else []


class PagerCode(OfPagers):
    """The pager shows a code, which the person enters as `page`."""

    name = "pager_code"

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        pager = self.require_identifier(subject)
        code = new_secret() if subject.notice else new_code()
        PAGES.append((pager.value, subject.notice or code))
        return await begin_verification(ctx, self.name, sent_to=pager, code=code)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        return await attempt_code(ctx, verification_id, self.name, evidence.read(PageProof).page)


class CallAnswer(msgspec.Struct, kw_only=True):
    confirmed: bool = False
    pager: str = ""


async def send_away(
    ctx: Context, strategy: str, subject: Subject, sent_to: Identifier | None
) -> VerificationRow:
    """A verification at the pager company's site."""
    state = new_secret()
    asked = subject.rest.read(LinkRequest)
    done = asked.action_complete_redirect_url
    assert subject.owner_id
    row = await begin_verification(
        ctx,
        strategy,
        sent_to=sent_to,
        details={
            "external_verification_redirect_url": f"https://pagers.example/call?state={state}",
            "key_of_the_company": "never shown",
        },
    )
    await expect_callback(
        ctx,
        row,
        state,
        owner_id=subject.owner_id,
        redirect_url=require_page(ctx, asked.redirect_url),
        completed_url=require_page(ctx, done) if done else None,
    )
    return row


class PagerCall(OfPagers):
    """The browser goes to the pager company's site and comes back."""

    name = "pager_call"
    reverifies = True

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        wanted = self.name in ctx.instance.settings.attribute("pager").second_factors
        return self.factors_of_kind(owned, None) if wanted else []

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        return await send_away(ctx, self.name, subject, self.require_identifier(subject))

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        if not answer.read(CallAnswer).confirmed:
            return "failed", verification
        return await verify_once(ctx, callback, verification, require_same_client=True)


class AddressCall(Strategy):
    """The pager company knows addresses, too."""

    name = "address_call"
    kind = "email_address"

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        return await send_away(ctx, self.name, subject, self.require_identifier(subject))

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        return await verify_once(ctx, callback, verification, require_same_client=True)


class PagerLogin(Strategy):
    """The pager company says by itself whose pager it is."""

    name = "pager_login"
    kind = "pager"
    identifies = True

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        return await send_away(ctx, self.name, subject, None)

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        said = answer.read(CallAnswer).pager
        if said:
            pager = PAGER.read(ctx, said, "pager")
            verification = msgspec.structs.replace(verification, kind=pager.kind, sent_to=pager.canonical)
        return await verify_once(ctx, callback, verification, require_same_client=True)


class PagerCard(Strategy):
    """A card with the number of a pager on it: who puts it on the reader says nothing else."""

    name = "pager_card"
    kind = "pager"
    identifies = True

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        return await begin_verification(ctx, self.name, details={"nonce": "n-1"})

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        if verification_id is None:
            raise errors.verification_missing()
        return await record_verified(
            ctx, self.name, sent_to=PAGER.read(ctx, evidence.read(PageProof).page, "page")
        )


class Desk(Strategy):
    """The record of a user at the reception desk of one company."""

    def __init__(self, name: str) -> None:
        self.name = name  # pyright: ignore[reportAttributeAccessIssue] - one per instance, not per class

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return [Factor(strategy=self.name)] if "desk" in user.private_metadata else []

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        assert subject.user
        if not same(evidence.read(PageProof).page, subject.user.private_metadata["desk"]):
            raise errors.code_incorrect()
        return await record_verified(ctx, self.name)


class Desks:
    """A desk for each instance, called after the application."""

    def strategies(self, ctx: Context) -> Iterable[Strategy]:
        yield Desk(f"desk_of_{ctx.instance.settings.application_name}")

    def strategy_named(self, ctx: Context, name: str) -> Strategy | None:
        return next((desk for desk in self.strategies(ctx) if desk.name == name), None)

    def reason_without(self, ctx: Context, name: str) -> ApiError | None:
        return None


PAGER, PAGER_CODE, PAGER_CALL, PAGER_CARD, DESKS = Pager(), PagerCode(), PagerCall(), PagerCard(), Desks()
PAGER_LOGIN, ADDRESS_CALL = PagerLogin(), AddressCall()
