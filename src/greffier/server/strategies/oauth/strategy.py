"""The strategies `oauth_<provider>` of an instance."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.strategies.oauth.account_strategy import AccountStrategy, account_details
from greffier.server.strategies.oauth.authorization import (
    OAuthRequest,
    authorization_url,
    new_pending,
    requested_scopes,
)
from greffier.server.strategies.oauth.connections import (
    PREFIX,
    Connection,
    connection_named,
    connections,
    without_credentials,
)
from greffier.server.strategies.oauth.describing import describe
from greffier.server.strategies.oauth.discovery import Endpoints, endpoints_of
from greffier.server.strategies.oauth.exchange import RedirectUriRefused, exchange_code, profile_of, tokens_in
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.strategies.oauth.id_tokens import issuer_fits
from greffier.server.strategies.oauth.unconfigured import UnconfiguredStrategy
from greffier.server.strategies.oauth_providers import providers
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.external_accounts.accounts import ACCOUNT_ID, Described
from greffier.server.users.external_accounts.provider_tokens.keeping import keep
from greffier.server.verifications.callbacks import Outcome, expect_callback, require_page, verify_once
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

log = logging.getLogger(__name__)


class AuthorizationAnswer(msgspec.Struct, kw_only=True):
    """Parameters of the callback. `user` is Apple's."""

    code: str | None = None
    iss: str | None = None
    user: str | None = None


class OAuthStrategy(AccountStrategy):
    """Signs in with the account at one provider."""

    def __init__(self, connection: Connection) -> None:
        self.name = connection.strategy  # pyright: ignore[reportAttributeAccessIssue] - one per connection
        self.identifies = connection.settings.authenticatable  # pyright: ignore[reportAttributeAccessIssue] - likewise
        self._connection = connection

    async def get_ready(self, ctx: Context) -> None:
        with self._refused_as(ctx, errors.misconfigured_oauth_provider):
            await endpoints_of(ctx, self._connection)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """Raises: ApiError: 422 without a page to return to; 400 when the provider cannot be asked."""
        asked = subject.rest.read(OAuthRequest)
        done = asked.action_complete_redirect_url
        page = require_page(ctx, asked.redirect_url)
        # SDKs make one of the two absolute, and pass on the other as the application wrote it.
        completed = require_page(ctx, urljoin(page, done)) if done else None
        with self._refused_as(ctx, errors.misconfigured_oauth_provider):
            endpoints = await endpoints_of(ctx, self._connection)
        pending = new_pending(self._connection)
        connects = (subject.owner_id or "").startswith(f"{ACCOUNT_ID}_")
        url = authorization_url(ctx, self._connection, endpoints, pending, asked, consent=connects)
        row = await begin_verification(
            ctx,
            self.name,
            details={
                "external_verification_redirect_url": url,
                "code_verifier": pending.code_verifier,
                "expected_nonce": pending.nonce,
                "requested_scopes": requested_scopes(self._connection, asked.additional_scope),
                "by_native_app": ctx.request.is_native,
            },
        )
        if subject.owner_id is None:
            raise errors.strategy_invalid(self.name)
        await expect_callback(
            ctx, row, pending.state, owner_id=subject.owner_id, redirect_url=page, completed_url=completed
        )
        return row

    async def complete(
        self, ctx: Context, callback: CallbackRow, verification: VerificationRow, answer: Parameters
    ) -> tuple[Outcome, VerificationRow]:
        """Raises: ApiError: the provider's answer is not one to this request, or describes no user."""
        if verification.status != "unverified" or (verification.expire_at or 0) <= ctx.now:
            return await verify_once(ctx, callback, verification, require_same_client=True)
        kept: dict[str, Any] = verification.details or {}
        described = await self._described(ctx, kept, answer.read(AuthorizationAnswer))
        identifier = described.identifier
        url = kept["external_verification_redirect_url"]
        verification = msgspec.structs.replace(
            verification,
            kind=identifier.kind,
            sent_to=identifier.canonical,
            details={"external_verification_redirect_url": url} | account_details(described),
        )
        return await verify_once(ctx, callback, verification, require_same_client=True)

    async def _described(self, ctx: Context, kept: dict[str, Any], answer: AuthorizationAnswer) -> Described:
        connection = self._connection
        with self._refused_as(ctx, errors.misconfigured_oauth_provider):
            endpoints = await endpoints_of(ctx, connection)
        with self._refused_as(ctx, errors.oauth_callback_invalid):
            code = _code_of(connection, endpoints, answer)
        with self._refused_as(ctx, errors.oauth_token_exchange_error):
            verifier = kept["code_verifier"]
            answered = await exchange_code(ctx, connection, endpoints, code, code_verifier=verifier)
        form = {"user": answer.user} if answer.user else {}
        with self._refused_as(ctx, errors.oauth_fetch_user_error):
            profile = await profile_of(
                ctx, connection, endpoints, answered, nonce=kept["expected_nonce"], form=form
            )
        # Requests from before an upgrade have not kept it.
        asked = kept.get("requested_scopes") or requested_scopes(connection, ())
        tokens = tokens_in(connection, answered, now=ctx.now, asked=asked)
        described = describe(ctx, connection, profile, approved_scopes=" ".join(tokens.scopes))
        tokens_id = await keep(ctx, described.provider, described.provider_user_id, tokens)
        return msgspec.structs.replace(described, tokens_id=tokens_id)

    def require_identifying(self) -> None:
        """Raises: ApiError: 400 for a provider whose accounts are connected and do not sign in."""
        if not self.identifies:
            raise errors.oauth_non_authenticatable_provider()

    @contextmanager
    def _refused_as(self, ctx: Context, error: Callable[[], ApiError]) -> Generator[None]:
        """The operator's log says what was wrong with the provider; the person is told the step alone."""
        try:
            yield
        except Refused as refused:
            log.warning("%s of instance %s: %s", self.name, ctx.instance.id, refused)
            known = isinstance(refused, RedirectUriRefused)
            raise errors.redirect_uri_mismatch() if known else error() from None


def _code_of(connection: Connection, endpoints: Endpoints, answer: AuthorizationAnswer) -> str:
    """The code of an answer that is not another provider's (mix-up, RFC 9207 section 2.4).

    Raises:
        Refused: it names another issuer, or none although this provider always does; or has no code.
    """
    named = answer.iss
    knows = endpoints.issuer is not None or connection.provider.issuer_pattern is not None
    wrong = named is not None and knows and not issuer_fits(connection, endpoints, named)
    if wrong or (named is None and endpoints.names_issuer):
        raise Refused("the answer names another issuer")
    if not answer.code:
        raise Refused("the answer has no code")
    return answer.code


class OAuthStrategies:
    """Those of an instance."""

    def strategies(self, ctx: Context) -> Iterable[Strategy]:
        return [OAuthStrategy(one) for one in connections(ctx)]

    def strategy_named(self, ctx: Context, name: str) -> Strategy | None:
        if (found := connection_named(ctx, name)) is not None:
            return OAuthStrategy(found)
        entry = without_credentials(ctx, name)
        return UnconfiguredStrategy(entry) if entry else None

    def reason_without(self, ctx: Context, name: str) -> ApiError | None:
        if not name.startswith(PREFIX):
            return None
        key = name.removeprefix(PREFIX)
        is_listed = any(one.provider == key and not one.enabled for one in ctx.instance.settings.social)
        if is_listed or (key in providers()):
            return errors.oauth_provider_not_enabled()
        return errors.oauth_unsupported_provider()
