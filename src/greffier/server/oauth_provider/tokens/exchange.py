"""Tokens for codes and for refresh tokens (RFC 6749 sections 4.1.3 and 6, RFC 9700)."""

from __future__ import annotations

import hashlib
import logging
import re

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, same
from greffier.server.oauth_provider.applications.client_authentication import authenticate_client
from greffier.server.oauth_provider.authorization.grants import end_grant
from greffier.server.oauth_provider.authorization.resource_indicators import resource_problem
from greffier.server.oauth_provider.queries import (
    FIND_TOKEN,
    LOCK_GRANT,
    LOCK_GRANT_OF_CODE,
    UPDATE_GRANT,
    UPDATE_TOKEN,
    USED_SIBLING,
)
from greffier.server.oauth_provider.scopes import split_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationRow, OAuthGrantRow, OAuthTokenRow
from greffier.server.oauth_provider.tokens.requests import TokenForm
from greffier.server.oauth_provider.tokens.token_issuance import Tokens, issue_tokens
from greffier.server.signing.jwts import base64url
from greffier.server.web.context import Context

log = logging.getLogger("greffier.oauth_provider")

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.1


async def create_tokens(ctx: Context, params: TokenForm) -> Tokens:
    """Raises: ApiError: 400 and 401 with the codes of RFC 6749 section 5.2."""
    application = await authenticate_client(ctx, params)
    match params.grant_type:
        case "authorization_code":
            return await _exchange_code(ctx, application, params)
        case "refresh_token":
            return await _refresh(ctx, application, params)
        case None | "":
            raise errors.oauth_invalid_request("grant_type must be given.")
        case _:
            raise errors.oauth_unsupported_grant_type()


# --- codes --------------------------------------------------------------------------------------------------


async def _exchange_code(ctx: Context, application: OAuthApplicationRow, params: TokenForm) -> Tokens:
    if not params.code:
        raise errors.oauth_invalid_request("code must be given.")
    grant = await ctx.db.one(
        LOCK_GRANT_OF_CODE, instance_id=ctx.instance.id, code_hash=hash_secret(params.code)
    )
    if grant is None or grant.application_id != application.id:
        raise errors.oauth_invalid_grant("The code is not one of this application.")
    if grant.code_used_at is not None:
        # The second request may be an attacker's (RFC 6749 section 4.1.2): all its tokens are revoked.
        await end_grant(ctx, grant.id, "Its code was used twice.")
        raise errors.oauth_invalid_grant("The code was used before.", keep_changes=True)
    if grant.revoked or grant.code_expire_at <= ctx.now:
        raise errors.oauth_invalid_grant("The code is not good any more.")
    if grant.redirect_uri is not None and params.redirect_uri != grant.redirect_uri:
        raise errors.oauth_invalid_grant("redirect_uri is not the one of the authorization request.")
    if application.public and grant.code_challenge is None:  # it had a secret when it asked for the code
        raise errors.oauth_invalid_grant("A public client needs a code_challenge.")
    _check_verifier(grant, params.code_verifier)
    resource = _resource(grant, params)
    grant = msgspec.structs.replace(grant, code_used_at=ctx.now, updated_at=ctx.now)
    await ctx.db.save(UPDATE_GRANT, grant)
    return await issue_tokens(ctx, application, grant, grant.scopes, nonce=grant.nonce, resource=resource)


def _check_verifier(grant: OAuthGrantRow, verifier: str | None) -> None:
    """A verifier for a code without a challenge is refused too (RFC 9700 section 2.1.1, downgrade)."""
    if grant.code_challenge is None:
        if verifier:
            raise errors.oauth_invalid_grant("The authorization request had no code_challenge.")
        return
    if not verifier:
        raise errors.oauth_invalid_grant("code_verifier must be given.")
    digest = base64url(hashlib.sha256(verifier.encode()).digest()).decode()
    if not _VERIFIER.fullmatch(verifier) or not same(digest, grant.code_challenge):
        raise errors.oauth_invalid_grant("code_verifier does not fit the code_challenge.")


# --- refresh tokens -----------------------------------------------------------------------------------------


async def _refresh(ctx: Context, application: OAuthApplicationRow, params: TokenForm) -> Tokens:
    """New tokens. A public client also gets its next refresh token; the former one, presented again later,
    ends all tokens of the grant, and so does the use of two that were exchanged for one. A confidential
    client keeps its own, which is useless without its secret.
    """
    if not params.refresh_token:
        raise errors.oauth_invalid_request("refresh_token must be given.")
    token, grant = await _locked(ctx, application, params.refresh_token)
    if token.used_at is not None and not _is_retry(ctx, grant, token.used_at):
        await end_grant(ctx, grant.id, "A refresh token was used twice.")
        raise errors.oauth_invalid_grant("The refresh token was used before.", keep_changes=True)
    if grant.revoked or token.expire_at <= ctx.now:
        raise errors.oauth_invalid_grant("The refresh token is not good any more.")
    if await _is_second_branch(ctx, token):
        await end_grant(ctx, grant.id, "Two answers to one refresh token were both used.")
        raise errors.oauth_invalid_grant("Another answer to its refresh token was used.", keep_changes=True)
    scopes = _narrowed(application, token, params.scope)
    resource = _resource(grant, params)
    if not application.public:
        return await issue_tokens(
            ctx, application, grant, scopes, keeps=params.refresh_token, resource=resource
        )
    if token.used_at is None:
        used = msgspec.structs.replace(token, used_at=ctx.now, updated_at=ctx.now)
        await ctx.db.save(UPDATE_TOKEN, used)
    return await issue_tokens(ctx, application, grant, scopes, follows=token, resource=resource)


def _is_retry(ctx: Context, grant: OAuthGrantRow, used_at: int) -> bool:
    """Whether a used refresh token may be used once more: its answer may not have arrived, or two processes
    of the application may have asked at once. Later it counts as stolen.
    """
    late_ms = ctx.now - used_at
    if late_ms <= ctx.instance.settings.oauth_provider.refresh_retry_window * 1000:
        log.info("refresh token of grant %s used again after %d ms: taken for a retry", grant.id, late_ms)
        return True
    log.warning("refresh token of grant %s used again after %d ms: the grant is revoked", grant.id, late_ms)
    return False


async def _is_second_branch(ctx: Context, token: OAuthTokenRow) -> bool:
    """Whether a retry made two tokens of one, and the other one has been exchanged: an application goes on
    with one answer, so another party has the other. The grant is locked: of two at once, one is second."""
    if token.parent_id is None:
        return False
    keys = {"instance_id": ctx.instance.id, "id": token.id, "parent_id": token.parent_id}
    if await ctx.db.one(USED_SIBLING, **keys) is None:
        return False
    log.warning(
        "both answers to one refresh token of grant %s are used: the grant is revoked", token.grant_id
    )
    return True


async def _locked(
    ctx: Context, application: OAuthApplicationRow, secret: str
) -> tuple[OAuthTokenRow, OAuthGrantRow]:
    """A refresh token of this application with its grant. Parallel requests with one are serialized."""
    keys = {"instance_id": ctx.instance.id, "token_hash": hash_secret(secret)}
    token = await ctx.db.one(FIND_TOKEN, **keys)
    if token is not None and token.kind == "refresh":
        grant = await ctx.db.one(LOCK_GRANT, instance_id=ctx.instance.id, id=token.grant_id)
        token = await ctx.db.one(FIND_TOKEN, **keys)
        if grant is not None and token is not None and grant.application_id == application.id:
            return token, grant
    raise errors.oauth_invalid_grant("The refresh token is not one of this application.")


def _resource(grant: OAuthGrantRow, params: TokenForm) -> str | None:
    """The audience of the access token: what was authorized. A request for tokens may name it again, and no
    other one, nor a first one: the user has not seen it.

    Raises:
        ApiError: 400 `invalid_target` (RFC 8707 section 2.2).
    """
    asked = [resource for resource in params.resource if resource]
    if len(asked) > 1:
        raise errors.oauth_invalid_target("resource must be given once.")
    if not asked:
        return grant.resource
    if problem := resource_problem(asked[0]):
        raise errors.oauth_invalid_target(problem)
    if grant.resource != asked[0]:
        raise errors.oauth_invalid_target("resource is not the one of the authorization request.")
    return grant.resource


def _narrowed(application: OAuthApplicationRow, token: OAuthTokenRow, wanted: str | None) -> list[str]:
    """The scopes of the next access token: not more than were granted, or than the application still has.

    Raises:
        ApiError: 400 for more. RFC 6749 has `invalid_scope` for that, which the contract does not know.
    """
    if wanted and (more := [scope for scope in split_scopes(wanted) if scope not in token.scopes]):
        raise errors.oauth_invalid_request(f"scope goes beyond what was granted: {', '.join(more)}.")
    chosen = split_scopes(wanted) if wanted else token.scopes
    return [scope for scope in chosen if scope in application.scopes]
