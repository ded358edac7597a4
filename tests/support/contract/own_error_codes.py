"""Codes that the published catalogue of errors does not have, or has with another status, with their reasons.

`tests/wire/contract/test_error_codes.py` compares all that the server can emit with the catalogue and this
table. Add a row only when no published code says the same.
"""

from __future__ import annotations

from types import MappingProxyType

_OAUTH = "of RFC 6749 section 5.2 and its successors, which clients of OAuth branch on"
_SATELLITE = "the catalogue has the hand-over to satellites only when it was used already"

OWN_CODES = MappingProxyType(
    {
        "api_key_creation_not_allowed": "an impersonated session creates no keys",
        "external_account_exists": "browser components look for it in a sign-up, to transfer it to a sign-in",
        "invalid_client": _OAUTH,
        "invalid_client_metadata": _OAUTH,
        "invalid_grant": _OAUTH,
        "invalid_redirect_uri": _OAUTH,
        "invalid_request": _OAUTH,
        "invalid_target": _OAUTH,
        "invalid_token": _OAUTH,
        "unsupported_grant_type": _OAUTH,
        "unsupported_token_type": _OAUTH,
        "invitation_already_expired": "beside the published `_accepted` and `_revoked`",
        "jwt_template_claims_too_large": "what a user's data make of a template; no parameter is wrong",
        "method_not_allowed": "RFC 9110 section 15.5.6; the catalogue has no 405",
        "not_implemented": "an operation of the contract that is not built; 403 would look like a refusal",
        "oauth_client_unknown": "the consent screen of an application that is not there, 401 by the contract",
        "session_token_too_large": "no cookie holds it; nothing published is about it",
        "sync_nonce_invalid": _SATELLITE,
        "sync_nonce_mismatch": _SATELLITE,
        "sync_not_allowed_in_development": _SATELLITE,
        "token_creation_conflict": "the browser components branch on it",
        "token_quota_exceeded": "the browser components branch on it",
    }
)

OTHER_STATUSES = MappingProxyType(
    {
        (
            "duplicate_record",
            409,
        ): "a machine's scope that is there already, 409 by the contract",
        ("origin_invalid", 403): "a foreign origin is forbidden before anything else; SDKs go by the code",
    }
)
"""Code and status, where the catalogue has another one."""
