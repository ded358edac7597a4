"""Providers of OpenID Connect, as their documentation describes them."""

from __future__ import annotations

from tests.server.strategies.oauth.providers.documented import CLIENT_ID, Documented, Lookup

_OPENID = {"client_id": CLIENT_ID, "scope": "openid profile email"}
_BEARER = {"token_type": "Bearer", "expires_in": 3600}
_TWITCH_CLAIMS = '{"email": null, "email_verified": null, "picture": null, "preferred_username": null}'

OPENID_SITES: dict[str, Documented] = {
    "apple": Documented(
        "https://developer.apple.com/documentation/signinwithapplerestapi/generate-and-validate-tokens",
        "https://appleid.apple.com/auth/authorize",
        {"client_id": CLIENT_ID, "scope": "name email", "response_mode": "form_post"},
        "https://appleid.apple.com/auth/token",
        pkce=True,
        nonce=True,
        granted={**_BEARER, "refresh_token": "rca7.."},
        jwks="https://appleid.apple.com/auth/keys",
    ),
    "google": Documented(
        "https://developers.google.com/identity/openid-connect/openid-connect",
        "https://accounts.google.com/o/oauth2/v2/auth",
        {
            "client_id": CLIENT_ID,
            "scope": "openid email profile",
            "access_type": "offline",
            "include_granted_scopes": "true",
        },
        "https://oauth2.googleapis.com/token",
        pkce=True,
        nonce=True,
        granted={**_BEARER, "scope": "openid https://www.googleapis.com/auth/userinfo.email"},
        lookups=(Lookup("https://openidconnect.googleapis.com/v1/userinfo"),),
        discovery=(
            "https://accounts.google.com",
            {
                "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
                "token_endpoint": "https://oauth2.googleapis.com/token",
                "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
                "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
                "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
            },
        ),
        jwks="https://www.googleapis.com/oauth2/v3/certs",
    ),
    "huggingface": Documented(
        "https://huggingface.co/docs/hub/oauth",
        "https://huggingface.co/oauth/authorize",
        _OPENID,
        "https://huggingface.co/oauth/token",
        "basic",
        pkce=True,
        nonce=True,
        granted={"token_type": "bearer", "expires_in": 28800, "scope": "openid profile email"},
        lookups=(Lookup("https://huggingface.co/oauth/userinfo"),),
        discovery=(
            "https://huggingface.co",
            {
                "authorization_endpoint": "https://huggingface.co/oauth/authorize",
                "token_endpoint": "https://huggingface.co/oauth/token",
                "userinfo_endpoint": "https://huggingface.co/oauth/userinfo",
                "jwks_uri": "https://huggingface.co/oauth/jwks",
            },
        ),
        jwks="https://huggingface.co/oauth/jwks",
    ),
    "line": Documented(
        "https://developers.line.biz/en/docs/line-login/integrate-line-login/",
        "https://access.line.me/oauth2/v2.1/authorize",
        _OPENID,
        "https://api.line.me/oauth2/v2.1/token",
        pkce=True,
        nonce=True,
        granted={"token_type": "Bearer", "expires_in": 2592000, "scope": "email profile openid"},
        jwks="secret",
    ),
    "linkedin_oidc": Documented(
        "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
        "https://www.linkedin.com/oauth/v2/authorization",
        _OPENID,
        "https://www.linkedin.com/oauth/v2/accessToken",
        granted={"token_type": "Bearer", "expires_in": 5184000, "scope": "email,openid,profile"},
        lookups=(Lookup("https://api.linkedin.com/v2/userinfo"),),
        jwks="https://www.linkedin.com/oauth/openid/jwks",
    ),
    "microsoft": Documented(
        "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        {"client_id": CLIENT_ID, "scope": "openid profile email offline_access User.Read"},
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        pkce=True,
        nonce=True,
        granted={**_BEARER, "scope": "openid profile email User.Read"},
        lookups=(Lookup("https://graph.microsoft.com/oidc/userinfo"),),
        jwks="https://login.microsoftonline.com/common/discovery/v2.0/keys",
    ),
    "slack": Documented(
        "https://docs.slack.dev/authentication/sign-in-with-slack/",
        "https://slack.com/openid/connect/authorize",
        _OPENID,
        "https://slack.com/api/openid.connect.token",
        nonce=True,
        granted={"ok": True, "token_type": "Bearer"},
        lookups=(Lookup("https://slack.com/api/openid.connect.userInfo"),),
        discovery=(
            "https://slack.com",
            {
                "authorization_endpoint": "https://slack.com/openid/connect/authorize",
                "token_endpoint": "https://slack.com/api/openid.connect.token",
                "userinfo_endpoint": "https://slack.com/api/openid.connect.userInfo",
                "jwks_uri": "https://slack.com/openid/connect/keys",
            },
        ),
        jwks="https://slack.com/openid/connect/keys",
    ),
    "twitch": Documented(
        "https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/",
        "https://id.twitch.tv/oauth2/authorize",
        {
            "client_id": CLIENT_ID,
            "scope": "openid user:read:email",
            "claims": f'{{"id_token": {_TWITCH_CLAIMS}, "userinfo": {_TWITCH_CLAIMS}}}',
        },
        "https://id.twitch.tv/oauth2/token",
        nonce=True,
        granted={"token_type": "bearer", "expires_in": 13995, "scope": ["openid", "user:read:email"]},
        lookups=(Lookup("https://id.twitch.tv/oauth2/userinfo"),),
        jwks="https://id.twitch.tv/oauth2/keys",
    ),
    "vercel": Documented(
        "https://vercel.com/docs/sign-in-with-vercel/authorization-server-api",
        "https://vercel.com/oauth/authorize",
        {"client_id": CLIENT_ID, "scope": "openid email profile offline_access"},
        "https://api.vercel.com/login/oauth/token",
        pkce=True,
        nonce=True,
        granted={**_BEARER, "scope": "openid email profile offline_access"},
        lookups=(Lookup("https://api.vercel.com/login/oauth/userinfo"),),
        jwks="https://vercel.com/.well-known/jwks",
    ),
    "xero": Documented(
        "https://developer.xero.com/documentation/guides/oauth2/auth-flow/",
        "https://login.xero.com/identity/connect/authorize",
        {**_OPENID, "scope": "openid profile email offline_access"},
        "https://identity.xero.com/connect/token",
        "basic",
        nonce=True,
        granted={"token_type": "Bearer", "expires_in": 1800},
        jwks="https://identity.xero.com/.well-known/openid-configuration/jwks",
    ),
}
