"""Machine tokens: API keys, machine-to-machine tokens and OAuth access tokens, opaque or JWT."""

from collections.abc import Mapping
from typing import Any, cast

from greffier.sdk.auth_object import MachineIdentity
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import BackendApiError, BackendApiRefused, TokenVerificationError
from greffier.sdk.reasons import TokenReason
from greffier.sdk.steps import Steps
from greffier.sdk.tokens.jwt import (
    CATEGORY_M2M,
    MACHINE_SUBJECT_PREFIX,
    OAUTH_TOKEN_TYPES,
    Jwt,
    TokenRules,
    TokenVerifier,
    decode_jwt_or_none,
)

API_KEY, M2M_TOKEN, OAUTH_TOKEN = "api_key", "m2m_token", "oauth_token"
MACHINE_TOKEN_TYPES = (API_KEY, M2M_TOKEN, OAUTH_TOKEN)

_PREFIXES = {"mt_": M2M_TOKEN, "oat_": OAUTH_TOKEN, "ak_": API_KEY}
_NAMES = {API_KEY: "API key", M2M_TOKEN: "Machine token", OAUTH_TOKEN: "OAuth token"}
#: Claims that an M2M token's issuer sets; all others are the app's own.
_RESERVED_CLAIMS = frozenset({"iss", "sub", "exp", "nbf", "iat", "jti"})


def machine_token_type(token: str) -> str | None:
    """The type of a machine token; None for what is not one."""
    for prefix, token_type in _PREFIXES.items():
        if token.startswith(prefix):
            return token_type
    decoded = decode_jwt_or_none(token)
    return machine_jwt_type(decoded) if decoded else None


def machine_jwt_type(token: Jwt) -> str | None:
    """The type of a machine's JWT, by its subject or its `typ`; None for other tokens."""
    subject = token.claims.get("sub")
    if isinstance(subject, str) and subject.startswith(MACHINE_SUBJECT_PREFIX):
        return M2M_TOKEN
    kind = token.header.get("typ")
    return OAUTH_TOKEN if isinstance(kind, str) and kind in OAUTH_TOKEN_TYPES else None


def verify_machine_token(
    token: str,
    token_type: str,
    *,
    verifier: TokenVerifier,
    backend: BackendApi | None,
    resource: str | None = None,
) -> Steps[MachineIdentity]:
    """The machine behind a token of a known type; else `TokenVerificationError`.

    An OAuth token that says for which resources it is must be for `resource`, or for one of the configured
    audiences.
    """
    decoded = decode_jwt_or_none(token)
    if decoded is None:
        return (yield from _verify_opaque(token, token_type, backend, resource, verifier.rules.audience))
    rules = _m2m_rules(verifier.rules) if token_type == M2M_TOKEN else _oauth_rules(verifier.rules)
    try:
        claims = yield from verifier.verify(decoded, rules)
        if token_type == OAUTH_TOKEN:
            _require_audience(claims.get("aud"), verifier.rules.audience)
            _require_resource(claims.get("aud"), resource, verifier.rules.audience)
    except TokenVerificationError as error:
        raise TokenVerificationError(
            TokenReason.VERIFICATION_FAILED, error.message, is_outage=error.is_outage
        ) from None
    return _m2m_identity(claims) if token_type == M2M_TOKEN else _oauth_identity(claims)


def _verify_opaque(
    token: str,
    token_type: str,
    backend: BackendApi | None,
    resource: str | None,
    audience: frozenset[str] | None,
) -> Steps[MachineIdentity]:
    if backend is None:
        raise TokenVerificationError(
            TokenReason.SECRET_KEY_INVALID,
            "Verifying it needs secret_key, or machine_secret_key, and api_url.",
        )
    try:
        answer = yield from backend.verify_machine_token(token_type, token)
    except BackendApiRefused as refusal:
        raise _refused(refusal, token_type) from None
    except BackendApiError:
        raise TokenVerificationError(
            TokenReason.UNEXPECTED_ERROR, "The Backend API did not answer.", is_outage=True
        ) from None
    # A server should answer 404 for these; accepting the body of a 200 unread would let dead tokens in.
    if answer.get("revoked") or answer.get("expired") or answer.get("active") is False:
        raise TokenVerificationError(TokenReason.INVALID, f"{_NAMES[token_type]} is revoked or expired")
    if not isinstance(answer.get("subject"), str):
        raise TokenVerificationError(TokenReason.UNEXPECTED_ERROR, "The Backend API named no subject.")
    if token_type == OAUTH_TOKEN:
        _require_resource(answer.get("aud"), resource, audience)
    return _identity_of_answer(answer, token_type)


def _refused(refusal: BackendApiRefused, token_type: str) -> TokenVerificationError:
    if refusal.status == 401:
        why = "The secret key is not accepted."
        return TokenVerificationError(TokenReason.SECRET_KEY_INVALID, why, is_outage=True)
    if refusal.status == 404:
        return TokenVerificationError(TokenReason.INVALID, f"{_NAMES[token_type]} not found")
    why = f"The Backend API answered {refusal.status}."
    return TokenVerificationError(TokenReason.UNEXPECTED_ERROR, why, is_outage=refusal.is_outage)


def _identity_of_answer(answer: Mapping[str, Any], token_type: str) -> MachineIdentity:
    claims: Any = answer.get("claims")
    return MachineIdentity(
        id=answer.get("id"),
        subject=answer["subject"],
        scopes=_texts(answer.get("scopes")),
        claims=cast("dict[str, Any]", claims) if isinstance(claims, dict) else None,
        name=answer.get("name"),
        client_id=answer.get("client_id"),
        machine_id=answer["subject"] if token_type == M2M_TOKEN else None,
    )


def _m2m_rules(session: TokenRules) -> TokenRules:
    return TokenRules(
        clock_skew=session.clock_skew,
        audience=session.audience,
        max_lifetime=None,  # the limit is for sessions: machines may hold tokens for long
        categories=frozenset({None, CATEGORY_M2M}),
        machine_subjects=True,
    )


def _oauth_rules(session: TokenRules) -> TokenRules:
    return TokenRules(clock_skew=session.clock_skew, max_lifetime=None, types=OAUTH_TOKEN_TYPES)


def _require_audience(aud: Any, accepted: frozenset[str] | None) -> None:
    """Unlike a session, an OAuth token must name a configured audience (RFC 9068 4)."""
    if accepted and not accepted & set(_texts([aud] if isinstance(aud, str) else aud)):
        raise TokenVerificationError(
            TokenReason.VERIFICATION_FAILED, "The token is meant for another audience (aud)."
        )


def _require_resource(aud: Any, resource: str | None, accepted: frozenset[str] | None) -> None:
    """A token that was asked for with a resource (RFC 8707) is good there only. An app that has not said
    which resource it is takes none that names one (RFC 9068 section 4)."""
    named = set(_texts([aud] if isinstance(aud, str) else aud))
    if aud is None or (accepted and accepted & named) or (aud == [] and resource is None):
        return
    if resource is None:
        raise TokenVerificationError(
            TokenReason.VERIFICATION_FAILED,
            "The token is meant for a resource (aud), and this app names none: set resource or audience.",
        )
    if resource.rstrip("/") not in {one.rstrip("/") for one in named}:
        raise TokenVerificationError(
            TokenReason.VERIFICATION_FAILED, "The token is meant for another resource (aud)."
        )


def _m2m_identity(claims: Mapping[str, Any]) -> MachineIdentity:
    own = {name: value for name, value in claims.items() if name not in _RESERVED_CLAIMS}
    scopes = claims.get("scopes")
    return MachineIdentity(
        id=claims.get("jti"),
        subject=claims["sub"],
        scopes=tuple(scopes.split()) if isinstance(scopes, str) else _texts(claims.get("aud")),
        claims=own or None,
        machine_id=claims["sub"],
    )


def _oauth_identity(claims: Mapping[str, Any]) -> MachineIdentity:
    scope = claims.get("scope")
    named = tuple(scope.split()) if isinstance(scope, str) else ()
    return MachineIdentity(
        id=claims.get("jti"),
        subject=claims["sub"],
        scopes=_texts(claims["scp"]) if "scp" in claims else named,
        client_id=claims.get("client_id"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(one for one in cast("list[object]", value) if isinstance(one, str))
