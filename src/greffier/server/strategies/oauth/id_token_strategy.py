"""The strategies `google_one_tap` and `oauth_token_<provider>`: an ID token in the request is the proof.

No answer comes back to this server, so that no `state` binds the token to a browser. It was made for this
application (`aud`), is good until it expires, and may be used again until then: a page that is told that no
user has the account brings the same token to a sign-up.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.strategies.oauth.account_strategy import AccountStrategy, account_details
from greffier.server.strategies.oauth.connections import Connection, find_connection
from greffier.server.strategies.oauth.describing import describe
from greffier.server.strategies.oauth.discovery import endpoints_of, keys_of
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.strategies.oauth.id_tokens import verified_claims
from greffier.server.strategies.oauth_providers.provider import Answers, Profile
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.verifications.callbacks import save_verification
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

log = logging.getLogger(__name__)

ONE_TAP = "google_one_tap"
OF_APPS = {"oauth_token_google": "google", "oauth_token_apple": "apple"}
"""Strategies of native apps, and their providers."""


class IdTokenProof(msgspec.Struct, kw_only=True):
    """`nonce`: the value that the app gave to the provider, or whose SHA-256 in hexadecimal it gave: then the
    token is good with it alone."""

    token: str | None = None
    nonce: str | None = None


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
            ApiError: 422 without a token; 400 when it is wrong; 403 for an address that is blocked.
        """
        proof = subject.rest.read(IdTokenProof)
        if not proof.token:
            raise errors.invalid_params(errors.param_missing("token"))
        try:
            profile = await self._profile(ctx, proof.token, proof.nonce)
        except Refused as error:
            log.warning("%s of instance %s: %s", self.name, ctx.instance.id, error)
            raise self._token_invalid() from None
        described = describe(ctx, self._connection, profile)
        details = account_details(described)
        row = await begin_verification(ctx, self.name, sent_to=described.identifier, details=details)
        client_id = ctx.client.id if ctx.client else None
        return await save_verification(
            ctx, msgspec.structs.replace(row, status="verified", verified_at_client=client_id)
        )

    async def _profile(self, ctx: Context, token: str, nonce: str | None) -> Profile:
        endpoints = await endpoints_of(ctx, self._connection)
        claims = await verified_claims(
            ctx, self._connection, endpoints, token, nonce=None, audiences=self._audiences
        )
        if nonce and claims.get("nonce") not in (nonce, hashlib.sha256(nonce.encode()).hexdigest()):
            raise Refused("the ID token's nonce is another")
        try:
            return self._connection.provider.read(Answers(claims=claims))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"no user is described ({type(error).__name__})") from None

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
