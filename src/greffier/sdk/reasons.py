"""The published reason codes, in `x-clerk-auth-reason` and in exceptions."""

# ruff: noqa: S105  (reason codes, not passwords)

from enum import StrEnum


class TokenReason(StrEnum):
    """Reasons why a token was refused."""

    EXPIRED = "token-expired"
    INVALID = "token-invalid"
    INVALID_ALGORITHM = "token-invalid-algorithm"
    INVALID_AUTHORIZED_PARTIES = "token-invalid-authorized-parties"
    INVALID_ISSUER = "token-invalid-issuer"
    INVALID_SIGNATURE = "token-invalid-signature"
    NOT_ACTIVE_YET = "token-not-active-yet"
    IAT_IN_THE_FUTURE = "token-iat-in-the-future"
    TYPE_MISMATCH = "token-type-mismatch"
    VERIFICATION_FAILED = "token-verification-failed"
    SECRET_KEY_INVALID = "secret-key-invalid"
    JWK_FAILED_TO_RESOLVE = "jwk-failed-to-resolve"
    JWK_KID_MISMATCH = "jwk-kid-mismatch"
    JWK_LOCAL_INVALID = "jwk-local-invalid"
    JWK_REMOTE_FAILED_TO_LOAD = "jwk-remote-failed-to-load"
    JWK_REMOTE_INVALID = "jwk-remote-invalid"
    JWK_REMOTE_MISSING = "jwk-remote-missing"
    UNEXPECTED_ERROR = "unexpected-error"


class AuthReason(StrEnum):
    """Reasons why a request is signed out, or needs a handshake."""

    CLIENT_UAT_WITHOUT_SESSION = "client-uat-but-no-session-token"
    DEV_BROWSER_MISSING = "dev-browser-missing"
    DEV_BROWSER_SYNC = "dev-browser-sync"
    PRIMARY_RESPONDS_TO_SYNCING = "primary-responds-to-syncing"
    PRIMARY_CROSS_ORIGIN_SYNC = "primary-domain-cross-origin-sync"
    SATELLITE_NEEDS_SYNCING = "satellite-needs-syncing"
    SESSION_AND_UAT_MISSING = "session-token-and-uat-missing"
    SESSION_MISSING = "session-token-missing"
    SESSION_EXPIRED = "session-token-expired"
    SESSION_IAT_BEFORE_CLIENT_UAT = "session-token-iat-before-client-uat"
    SESSION_NBF = "session-token-nbf"
    SESSION_IAT_IN_THE_FUTURE = "session-token-iat-in-the-future"
    SESSION_WITHOUT_CLIENT_UAT = "session-token-but-no-client-uat"
    ORGANIZATION_MISMATCH = "active-organization-mismatch"
    TOKEN_TYPE_MISMATCH = "token-type-mismatch"
    NO_TOKEN_IN_HEADER = "No token in header"
    FOREIGN_WEBSOCKET = "websocket-of-another-origin"  # ours
    UNEXPECTED_ERROR = "unexpected-error"


class RefreshReason(StrEnum):
    """Reasons why an expired token could not be refreshed: the end of
    `session-token-expired-refresh-<why>`."""

    NO_REFRESH_COOKIE = "non-eligible-no-refresh-cookie"
    NOT_A_GET = "non-eligible-non-get"
    MISSING_API_CLIENT = "missing-api-client"
    DECODE_FAILED = "expired-session-token-decode-failed"
    MISSING_SID = "expired-session-token-missing-sid-claim"
    INVALID_SESSION_TOKEN = "invalid-session-token"
    FETCH_ERROR = "fetch-error"
    UNEXPECTED_SDK_ERROR = "unexpected-sdk-error"
    UNEXPECTED_BAPI_ERROR = "unexpected-bapi-error"
