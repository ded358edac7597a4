"""Selects the flow of a sign-in until its first factor is verified: one that may reveal whether the account
exists, one that must not, one without an identifier, or one that verifies an address for
an account elsewhere. No other code asks.
"""

from __future__ import annotations

from typing import Protocol

from greffier.server.sign_ins.enumeration import safe_flow
from greffier.server.sign_ins.enumeration.protection import begins_hidden, hides_existence
from greffier.server.sign_ins.first_factors import linking_flow, plain_flow, unidentified_flow
from greffier.server.sign_ins.first_factors.shown import Shown
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class FirstFactorFlow(Protocol):
    """The steps of every flow."""

    async def prepare(self, ctx: Context, row: SignInRow, name: str, rest: Parameters) -> SignInRow:
        """Start a factor, for example send a code."""
        ...

    async def attempt(self, ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
        """Check a factor and go on to what comes next."""
        ...

    async def resume(self, ctx: Context, row: SignInRow, verification: VerificationRow) -> SignInRow:
        """Resume the sign-in after a callback."""
        ...

    async def show(self, ctx: Context, row: SignInRow) -> Shown:
        """Returns the part of the resource that depends on the user."""
        ...

    def require_second_step(self, ctx: Context, row: SignInRow) -> None:
        """Raises: ApiError: 400 when the sign-in must not reveal whether it has a second step."""
        ...


class FlowOfIdentifier(FirstFactorFlow, Protocol):
    """One that begins with an identifier."""

    async def start(
        self,
        ctx: Context,
        identifier: str,
        strategy: str | None,
        rest: Parameters,
        *,
        sign_up_if_missing: bool,
    ) -> SignInRow:
        """Begin a sign-in, and prepare or attempt its first factor where the request has one."""
        ...


def flow_to_start(ctx: Context, *, sign_up_if_missing: bool) -> FlowOfIdentifier:
    return safe_flow if begins_hidden(ctx, sign_up_if_missing=sign_up_if_missing) else plain_flow


def first_factor_flow(ctx: Context, row: SignInRow) -> FirstFactorFlow:
    if linking_flow.is_linking(row):
        return linking_flow
    if row.identifier is None and row.user_id is None:
        return unidentified_flow
    return safe_flow if hides_existence(ctx, row) else plain_flow
