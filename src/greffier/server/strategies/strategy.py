"""Base of all strategies. A strategy prepares and attempts a verification, and never sees a request. Its
owner (a sign-in, a sign-up, an identification) decides what success means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import find_identifying
from greffier.server.identifications.kinds import kind_named
from greffier.server.identifications.notices import Notice
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.users.tables import UserRow
from greffier.server.verifications.callbacks import Outcome
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A factor that a user may verify."""

    strategy: str
    identification: IdentificationRow | None = None
    """The identification that it verifies, if there is one."""
    safe_identifier: str | None = None
    """The masked identification."""
    details: dict[str, Any] = {}
    """Other fields of its resource, such as the name of a wallet."""
    shown: bool = True
    """Browsers are told of it. One that is not shown is accepted all the same."""

    def is_proven_by(self, verification: VerificationRow) -> bool:
        """Returns whether a verification is one of this factor."""
        if self.strategy != verification.strategy:
            return False
        return self.identification is None or verification.proves(self.identification.identifier)

    def resource(self) -> dict[str, Any]:
        """An entry of `supported_first_factors` or `supported_second_factors`. Contract:
        `Stubs.SignInFactor`; the id is called after the kind."""
        shown: dict[str, Any] = {"strategy": self.strategy}
        if self.safe_identifier is not None:
            shown["safe_identifier"] = self.safe_identifier
        if self.identification is not None:
            shown[f"{self.identification.kind}_id"] = self.identification.id
            if self.identification.is_primary:
                shown["primary"] = True
        return shown | self.details


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Subject of a verification: a user who signs in, or an identifier that a person claims."""

    user: UserRow | None = None
    identifier: Identifier | None = None
    """Recipient of the code or link, and the only identifier that it verifies."""
    owner_id: str | None = None
    """The sign-in, sign-up, session or identification that asks."""
    subject_id: str | None = None
    """Id of an object that does not refer to its verification itself."""
    former_id: str | None = None
    """Id of the verification that this one replaces, if there is one."""
    notice: Notice | None = None
    """Notice that is sent instead of a code or link. It verifies nothing."""
    rest: Parameters = Parameters()
    """Parameters for the strategy, such as the URL that a link leads to in the end."""


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """An account at another site, and its holder as the site describes them to a sign-up."""

    identifier: Identifier
    """The account itself."""
    first_name: str | None = None
    last_name: str | None = None
    address: str | None = None
    """Of a kind of identification that recognises it."""
    address_verified: bool = False
    """The site vouches for it."""
    picture_url: str | None = None
    site: str | None = None
    """Name that verifications of the address have for the site, where it is not that of the strategy."""


class Strategy:
    """A way to verify. A strategy overrides what it offers; the rest it refuses."""

    name: ClassVar[str]
    kind: ClassVar[str | None] = None
    """The kind of identification that it verifies."""
    resets_password: ClassVar[bool] = False
    """A first factor after which a new password must be chosen."""
    reverifies: ClassVar[bool] = False
    """It is a factor of reverification."""
    second_factor_order: ClassVar[int] = 50
    """Its place among a user's second factors; the least is offered first."""
    follows_its_kind: ClassVar[bool] = True
    """It is a second factor after a first one of its kind too, which proved something else."""
    stands_in: ClassVar[bool] = False
    """It stands in for another second factor, and is none by itself."""
    identifies: ClassVar[bool] = False
    """It says by itself who signs in, so that no identifier is entered."""
    connects: ClassVar[bool] = False
    """It verifies an account at another site, which no one enters: a sign-up begins with it, and a user is
    connected with it in the end (`introduce`, `connect`)."""
    offers_transfer: ClassVar[bool] = True
    """An account that no user has is offered to a sign-up. Otherwise the sign-in is refused."""
    begun_by_pages: ClassVar[bool] = False
    """Forms begin a sign-in with it before the user does anything, so that it replaces none."""
    guessable: ClassVar[bool] = True
    """Whether it can be guessed, so that a user with too many failed attempts is locked out of it."""
    is_secret: ClassVar[bool] = False
    """It checks a secret that the user knows, so that it is offered first."""

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        """Returns the first factors that this strategy offers this user.

        Args:
            owned: what identifies the user, of every kind.
            identifier: what they entered.
        """
        return []

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        """Returns the second factors of this strategy that the user has set up."""
        return []

    def second_factors_of_kind(
        self, ctx: Context, owned: list[IdentificationRow], *, reserved: bool
    ) -> list[Factor]:
        """A second factor for each identification of its kind, where the instance's settings have them; the
        default one comes first.

        Args:
            reserved: of those alone that the user has reserved for that.
        """
        if self.kind is None or self.name not in ctx.instance.settings.second_factors_of(self.kind):
            return []
        usable = [row for row in owned if row.kind == self.kind and row.claimed]
        chosen = [row for row in usable if row.is_second_factor] if reserved else usable
        return [
            Factor(
                strategy=self.name,
                identification=row,
                safe_identifier=kind_named(self.kind).masked(row.value),
                details={"default": True} if row.second_factor == "default" else {},
            )
            for row in sorted(chosen, key=lambda row: row.second_factor != "default")
        ]

    def trust_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        """Returns the factors that a user without a second factor can verify on an unknown device."""
        return []

    def satisfies_second_factor(self, ctx: Context) -> bool:
        """Returns whether it verifies two factors at once, so that no second one is required after it."""
        return False

    async def get_ready(self, ctx: Context) -> None:
        """Ask other servers for what `prepare` needs. It is called before anything is written, so that no
        other request waits meanwhile."""

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """Start a verification, for example send a code. What the browser needs to go on, such as a nonce or
        the URL of another site, goes into its `details`. Refused by strategies that need no preparation."""
        raise errors.strategy_invalid(self.name)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        """Check the evidence, which the strategy reads by a struct of its own; a verification that is
        complete, or an `ApiError`."""
        raise errors.strategy_invalid(self.name)

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        """Handle the return of a browser that `prepare` redirected (`expect_callback`), with the parameters
        in `answer`. A verified one must say what it was sent to, or it verifies nothing.

        By a link the verification is locked. By an answer of another site (`/v1/oauth_callback`) nothing is:
        it comes once, and the strategy may ask that site before it writes.
        """
        raise errors.strategy_invalid(self.name)

    async def user_id_of(self, ctx: Context, verification: VerificationRow) -> str | None:
        """Returns the user of a verification if no identifier was entered: the owner of the verified one. It
        changes nothing."""
        identifier = verification.identifier
        owner = await find_identifying(ctx, identifier) if identifier else None
        return owner.user_id if owner else None

    async def address_to_prove(self, ctx: Context, verification: VerificationRow) -> IdentificationRow | None:
        """Returns the address of a user who is to be connected with the verified account once the person has
        verified the address here. Of strategies that connect, where `user_id_of` has found no user."""
        return None

    def introduce(self, verification: VerificationRow) -> Introduction:
        """Returns what the verified account says of its holder. Of strategies that connect."""
        raise NotImplementedError

    async def connect(self, ctx: Context, user_id: str, verification: VerificationRow) -> None:
        """Connect the user with the verified account, or note what it says anew: the sign-in is complete, or
        the sign-up became this user. Of strategies that connect.

        Raises:
            ApiError: 400 when another user is connected with it.
        """
        raise NotImplementedError

    def offers_first_factor(self, ctx: Context) -> bool:
        """Returns whether the instance's settings have it as a first factor of its kind."""
        return self.kind is not None and self.name in ctx.instance.settings.attribute(self.kind).first_factors

    def offers_reset(self, ctx: Context, user: UserRow) -> bool:
        """Returns whether a user who forgot the password may choose another by a strategy of this kind. A
        reset signs in, so it is there only where the kind signs in."""
        settings = ctx.instance.settings
        has_password = settings.attribute("password").enabled and user.password_digest is not None
        return has_password and self.kind is not None and settings.attribute(self.kind).signs_in

    def factors_of_kind(self, owned: list[IdentificationRow], identifier: str | None) -> list[Factor]:
        """A factor for each identification of its kind that is the user's; whole where the person has
        entered it."""
        if self.kind is None:
            return []
        kind = kind_named(self.kind)
        entered = None if identifier is None else kind.canonical(identifier)
        return [
            Factor(
                strategy=self.name,
                identification=row,
                safe_identifier=row.value if entered == row.canonical else kind.masked(row.value),
            )
            for row in owned
            if row.kind == self.kind and row.identifies
        ]

    def require_identifying(self) -> None:
        """Raises: ApiError: 422 when it does not say by itself who signs in."""
        if not self.identifies:
            raise errors.invalid_params(errors.param_missing("identifier"))

    def require_identifier(self, subject: Subject) -> Identifier:
        """Raises: ApiError: 422 when the request does not name one of several."""
        if subject.identifier is None or subject.identifier.kind != self.kind:
            raise errors.invalid_params(errors.param_missing(f"{self.kind}_id"))
        return subject.identifier


class StrategyProvider(Protocol):
    """Strategies that an instance has of its own, such as the OAuth providers in its settings."""

    def strategies(self, ctx: Context) -> Iterable[Strategy]:
        """Returns those that may offer factors in this instance."""
        ...

    def strategy_named(self, ctx: Context, name: str) -> Strategy | None: ...

    def reason_without(self, ctx: Context, name: str) -> ApiError | None:
        """Returns why the instance has no strategy of this name; `None` for a name that is none of theirs."""
        ...
