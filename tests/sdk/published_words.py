"""Options and auth objects in the words of the official SDK for Node.js."""

from __future__ import annotations

from typing import Any

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.http.organization_sync import OrganizationSync
from greffier.sdk.options import AuthOptions

_OPTION_NAMES = {
    "acceptsToken": "accepts_token",
    "audience": "audience",
    "authorizedParties": "authorized_parties",
    "domain": "domain",
    "isSatellite": "is_satellite",
    "proxyUrl": "proxy_url",
    "satelliteAutoSync": "satellite_auto_sync",
    "signInUrl": "sign_in_url",
}


def options_in_their_words(
    options: dict[str, Any], *, publishable_key: str, secret_key: str, api_url: str = "https://api.example"
) -> AuthOptions:
    """Our options for options of theirs."""
    given = {_OPTION_NAMES[name]: value for name, value in options.items() if name in _OPTION_NAMES}
    sync = options.get("organizationSyncOptions")
    if sync:
        given["organization_sync"] = OrganizationSync(
            organization_patterns=sync["organizationPatterns"],
            personal_account_patterns=sync["personalAccountPatterns"],
        )
    return AuthOptions(publishable_key=publishable_key, secret_key=secret_key, api_url=api_url, **given)


def described(auth: AuthObject) -> dict[str, Any]:
    """Returns the content of their auth object."""
    return {
        "userId": auth.user_id,
        "sessionId": auth.session_id,
        "orgId": auth.org_id,
        "orgRole": auth.org_role,
        "orgSlug": auth.org_slug,
        "orgPermissions": None if auth.org_permissions is None else list(auth.org_permissions),
        "actor": auth.actor,
        "factorVerificationAge": auth.factor_verification_age and list(auth.factor_verification_age),
        "sessionStatus": auth.session_status,
        "isAuthenticated": auth.is_authenticated,
    }
