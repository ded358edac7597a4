"""The strategies `google_one_tap` and `oauth_token_<provider>`: an ID token in the request is the proof.

No answer comes back to this server, so that no `state` binds the token to a browser. It was made for this
application (`aud`), is good until it expires, and may be used again until then: a page that is told that no
user has the account brings the same token to a sign-up.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.strategies.oauth.account_strategy import AccountStrategy, account_details
from greffier.server.strategies.oauth.connections import Connection, find_connection
from greffier.server.strategies.oauth.describing import describe
from greffier.server.strategies.oauth.discovery import Endpoints, endpoints_of, keys_of
from greffier.server.strategies.oauth.exchange import exchange_code, tokens_in
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.strategies.oauth.id_tokens import verified_claims
from greffier.server.strategies.oauth_providers.provider import Answers, Json
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.external_accounts.accounts import Described
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens, keep
from greffier.server.verifications.callbacks import save_verification
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

log = logging.getLogger(__name__)

ONE_TAP = "google_one_tap"
OF_APPS = {"oauth_token_google": "google", "oauth_token_apple": "apple"}
"""Strategies of native apps, and their providers."""


class IdTokenProof(msgspec.Struct, kw_only=True):
    """`code`: an authorization code for the same person, which Apple's and Google's libraries give to apps
    beside the token or alone. `nonce`: the value that the app gave to the provider, or whose SHA-256 in
    hexadecimal it gave: then the token is good with it alone."""

    token: str | None = None
    code: str | None = None
    nonce: str | None = None

    @property
    def nonces(self) -> tuple[str, ...]:
        return (self.nonce, hashlib.sha256(self.nonce.encode()).hexdigest()) if self.nonce else ()


class _Exchanged(NamedTuple):
    """The answer for a code. `claims` are verified."""

    claims: Json
    tokens: Tokens


class IdTokenStrategy(AccountStrategy):
    """Args: audiences: client ids, one of which the token must be for."""

    def __init__(self, name: str, connection: Connection, audiences: tuple[str, ...]) -> None:
        self.name = name  # pyright: ignore[reportAttributeAccessIssue] - one per connection
        self.identifies = connection.settings.authenticatable  # pyright: ignore[reportAttributeAccessIssue] - likewise
        # Browser SDKs begin a sign-up with the same token when One Tap is told that there is no user.
        self.offers_transfer = name != ONE_TAP  # pyright: ignore[reportAttributeAccessIssue] - likewise
        self._connection, self._audiences = connection, audiences

    async def get_ready(self, ctx: Context) -> None:
        try:
            endpoints = await endpoints_of(ctx, self._connection)
            await keys_of(ctx, self._connection, endpoints.jwks_url or "")
        except Refused as error:
            log.warning("%s of instance %s: %s", self.name, ctx.instance.id, error)
            raise errors.misconfigured_oauth_provider() from None

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """A verification that is complete.

        Raises:
            ApiError: 422 without a token or code; 400 when one is wrong; 403 for an address that is blocked.
        """
        proof = subject.rest.read(IdTokenProof)
        if self.name == ONE_TAP:
            proof.code = None
        if not (proof.token or proof.code):
            raise errors.invalid_params(errors.param_missing("token"))
        try:
            described = await self._described(ctx, proof)
        except Refused as error:
            log.warning("%s of instance %s: %s", self.name, ctx.instance.id, error)
            raise self._token_invalid() from None
        details = account_details(described)
        row = await begin_verification(ctx, self.name, sent_to=described.identifier, details=details)
        client_id = ctx.client.id if ctx.client else None
        return await save_verification(
            ctx, msgspec.structs.replace(row, status="verified", verified_at_client=client_id)
        )

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        """Raises: ApiError: as `prepare`."""
        return await self.prepare(ctx, msgspec.structs.replace(subject, rest=evidence))

    async def _described(self, ctx: Context, proof: IdTokenProof) -> Described:
        endpoints = await endpoints_of(ctx, self._connection)
        claims: Json | None = None
        if proof.token:
            claims = await self._claims(ctx, endpoints, proof.token, proof, self._audiences)
        exchanged = await self._exchanged(ctx, endpoints, proof, claims) if proof.code else None
        answers = Answers(claims=claims or (exchanged.claims if exchanged else {}))
        try:
            profile = self._connection.provider.read(answers)
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"no user is described ({type(error).__name__})") from None
        described = describe(ctx, self._connection, profile)
        if exchanged is None:
            return described
        tokens = exchanged.tokens
        tokens_id = await keep(ctx, described.provider, described.provider_user_id, tokens)
        return msgspec.structs.replace(
            described, tokens_id=tokens_id, approved_scopes=" ".join(tokens.scopes)
        )

    async def _claims(
        self,
        ctx: Context,
        endpoints: Endpoints,
        token: str,
        proof: IdTokenProof,
        audiences: tuple[str, ...],
    ) -> Json:
        claims = await verified_claims(
            ctx, self._connection, endpoints, token, nonce=None, audiences=audiences
        )
        if proof.nonces and claims.get("nonce") not in proof.nonces:
            raise Refused("the ID token's nonce is another")
        return claims

    async def _exchanged(
        self, ctx: Context, endpoints: Endpoints, proof: IdTokenProof, claims: Json | None
    ) -> _Exchanged | None:
        """Returns what the provider gives for the code. Beside a token, which says by itself who it is, the
        person signs in even if it gives nothing.

        Raises:
            Refused: the code is another person's than the token.
            ApiError: 400 when the code is alone, and the provider gives nothing for it.
        """
        connection = self._connection.registered_as(self._client_id(claims))
        client_id = connection.credentials.client_id
        redirected = connection is self._connection
        try:
            answer = await exchange_code(ctx, connection, endpoints, proof.code or "", redirected=redirected)
            id_token = answer.get("id_token")
            if not isinstance(id_token, str):
                raise Refused("the token endpoint gave no ID token")
            given = await verified_claims(ctx, connection, endpoints, id_token, nonce=None)
        except Refused as error:
            log.warning("%s of instance %s: the code: %s", self.name, ctx.instance.id, error)
            if claims is None:
                raise errors.oauth_token_exchange_error() from None
            return None
        if claims is not None and claims.get("sub") != given.get("sub"):
            raise Refused("the code is another person's")
        if claims is None and proof.nonces and given.get("nonce") not in proof.nonces:
            raise Refused("the ID token's nonce is another")
        tokens = tokens_in(connection, answer, now=ctx.now, asked=())
        return _Exchanged(
            given, tokens if redirected else msgspec.structs.replace(tokens, client_id=client_id)
        )

    def _client_id(self, claims: Json | None) -> str:
        """Returns that of the app to which the provider gave the code. Google gives it for the server, by the
        client id that the app names; Apple for the app, and of several ones the token tells which."""
        audience = claims.get("aud") if claims is not None else None
        if isinstance(audience, str):
            return audience
        own, *of_apps = self._audiences
        return of_apps[0] if self.name == "oauth_token_apple" and of_apps else own

    def _token_invalid(self) -> ApiError:
        return (
            errors.google_one_tap_token_invalid() if self.name == ONE_TAP else errors.oauth_fetch_user_error()
        )


class IdTokenStrategies:
    """Those of an instance."""

    def strategies(self, ctx: Context) -> Iterable[Strategy]:
        return [found for name in (ONE_TAP, *OF_APPS) if (found := self.strategy_named(ctx, name))]

    def strategy_named(self, ctx: Context, name: str) -> Strategy | None:
        if name != ONE_TAP and name not in OF_APPS:
            return None
        connection = find_connection(ctx, OF_APPS.get(name, "google"))
        if connection is None or connection.stands_in:
            return None
        settings, own = connection.settings, connection.credentials.client_id
        if not (settings.one_tap if name == ONE_TAP else settings.native_client_ids):
            return None
        return IdTokenStrategy(name, connection, (own, *settings.native_client_ids))

    def reason_without(self, ctx: Context, name: str) -> ApiError | None:
        return errors.oauth_provider_not_enabled() if name == ONE_TAP or name in OF_APPS else None
