"""Renewing an expired session token through the Backend API, without sending the browser anywhere."""

from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.errors import BackendApiRefused, BackendApiUnreachable, TokenVerificationError
from greffier.sdk.http.cookies import sendable, session_token_in
from greffier.sdk.reasons import RefreshReason
from greffier.sdk.steps import Steps
from greffier.sdk.tokens.jwt import decode_jwt, decode_jwt_or_none


def refresh(visit: Visit) -> Steps[RequestState | str]:
    """The renewed state of a request with an expired token; or why there is none, as published."""
    if visit.request.method != "GET":
        return RefreshReason.NOT_A_GET
    refresh_token = visit.browser.refresh_token
    if refresh_token is None:
        return RefreshReason.NO_REFRESH_COOKIE
    if visit.backend is None:
        return RefreshReason.MISSING_API_CLIENT
    expired_token = visit.session_token or ""
    expired = decode_jwt_or_none(expired_token)
    if expired is None:
        return RefreshReason.DECODE_FAILED
    session_id = expired.claims.get("sid")
    if not isinstance(session_id, str) or not session_id:
        return RefreshReason.MISSING_SID
    try:
        directives = yield from visit.backend.refresh_session(
            session_id,
            expired_token=expired_token,
            refresh_token=refresh_token,
            suffixed_cookies=visit.browser.suffixed,
            request_origin=visit.request.origin,
            request_headers=visit.request.headers,
        )
    except BackendApiUnreachable:
        return RefreshReason.FETCH_ERROR
    except BackendApiRefused as refusal:
        return _refusal_reason(refusal)
    return (yield from _renewed(visit, sendable(directives)))


def _renewed(visit: Visit, directives: list[str]) -> Steps[RequestState | str]:
    if not directives:
        return RefreshReason.UNEXPECTED_SDK_ERROR
    token = session_token_in(directives)
    try:
        claims = yield from visit.verifier.verify(decode_jwt(token))
    except TokenVerificationError:
        return RefreshReason.INVALID_SESSION_TOKEN
    return visit.signed_in(token, claims, tuple(("set-cookie", one) for one in directives))


def _refusal_reason(refusal: BackendApiRefused) -> str:
    if refusal.code is None:
        return RefreshReason.UNEXPECTED_BAPI_ERROR
    return RefreshReason.FETCH_ERROR if refusal.code == "unexpected_error" else refusal.code
