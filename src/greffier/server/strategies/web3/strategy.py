"""The strategies `web3_<wallet>_signature`: a wallet signs a text that says what it is for."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.identifications.web3_wallets.chains import chains
from greffier.server.identifications.web3_wallets.chains.chain import Chain
from greffier.server.identifications.web3_wallets.reading import NAME as KIND
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.strategies.web3.challenges import ask_for_signature, verify_signature
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class SignatureProof(msgspec.Struct, kw_only=True):
    signature: str | None = None


class WalletSignature(Strategy):
    """Signs in with a wallet, and verifies one. All strategies of a chain take all of its wallets: browsers
    know by the strategy where to look for the wallet."""

    kind = KIND
    guessable = False

    def __init__(self, chain: Chain, wallet: str) -> None:
        self.name = f"web3_{wallet}_signature"  # pyright: ignore[reportAttributeAccessIssue] - one per wallet
        self._chain = chain

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        if not (ctx.instance.settings.attribute(KIND).enabled and self.offers_first_factor(ctx)):
            return []
        found = self.factors_of_kind(owned, identifier)
        return [one for one in found if one.identification and self._signs_for(one.identification.value)]

    def _signs_for(self, address: str) -> bool:
        return self._chain.recognises(address)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        wallet = self.require_identifier(subject)
        if not self._signs_for(wallet.value):
            raise errors.strategy_invalid(self.name)
        return await ask_for_signature(ctx, self.name, self._chain, wallet, notice=subject.notice)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        signature = evidence.read(SignatureProof).signature
        if not signature:
            raise errors.invalid_params(errors.param_nil("signature"))
        return await verify_signature(ctx, self.name, self._chain, verification_id, signature)


class WalletStrategies:
    """Provides the strategies of every wallet of every chain."""

    def strategies(self, ctx: Context) -> Iterable[Strategy]:
        for chain in chains().values():
            for wallet in chain.wallets:
                yield WalletSignature(chain, wallet)

    def strategy_named(self, ctx: Context, name: str) -> Strategy | None:
        if not name.startswith("web3_"):
            return None
        return next((one for one in self.strategies(ctx) if one.name == name), None)

    def reason_without(self, ctx: Context, name: str) -> ApiError | None:
        return None
