"""Providers of OAuth 2 without ID tokens, as their documentation describes them."""

from __future__ import annotations

from tests.server.strategies.oauth.providers.documented import CLIENT_ID, Documented, Lookup

_CLIENT = {"client_id": CLIENT_ID}
_BEARER = {"token_type": "bearer", "expires_in": 3600}

OAUTH_SITES: dict[str, Documented] = {
    "atlassian": Documented(
        "https://developer.atlassian.com/cloud/oauth/getting-started/implementing-oauth-3lo/",
        "https://auth.atlassian.com/authorize",
        {**_CLIENT, "scope": "read:me offline_access", "audience": "api.atlassian.com", "prompt": "consent"},
        "https://auth.atlassian.com/oauth/token",
        pkce=True,
        granted={**_BEARER, "scope": "read:me offline_access"},
        lookups=(Lookup("https://api.atlassian.com/me"),),
    ),
    "bitbucket": Documented(
        "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        "https://bitbucket.org/site/oauth2/authorize",
        {**_CLIENT, "scope": "account email"},
        "https://bitbucket.org/site/oauth2/access_token",
        "basic",
        granted={**_BEARER, "expires_in": 7200, "scopes": "account email", "state": "authorization_code"},
        lookups=(
            Lookup("https://api.bitbucket.org/2.0/user"),
            Lookup("https://api.bitbucket.org/2.0/user/emails"),
        ),
    ),
    "box": Documented(
        "https://developer.box.com/reference/get-authorize/",
        "https://account.box.com/api/oauth2/authorize",
        _CLIENT,
        "https://api.box.com/oauth2/token",
        granted={**_BEARER, "restricted_to": []},
        lookups=(Lookup("https://api.box.com/2.0/users/me"),),
    ),
    "coinbase": Documented(
        "https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/reference",
        "https://login.coinbase.com/oauth2/auth",
        {**_CLIENT, "scope": "wallet:user:read wallet:user:email offline_access"},
        "https://login.coinbase.com/oauth2/token",
        pkce=True,
        granted={**_BEARER, "scope": "wallet:user:read wallet:user:email"},
        lookups=(Lookup("https://api.coinbase.com/v2/user"),),
    ),
    "discord": Documented(
        "https://discord.com/developers/docs/topics/oauth2",
        "https://discord.com/oauth2/authorize",
        {**_CLIENT, "scope": "identify email"},
        "https://discord.com/api/oauth2/token",
        granted={"token_type": "Bearer", "expires_in": 604800, "scope": "identify email"},
        lookups=(Lookup("https://discord.com/api/users/@me"),),
    ),
    "dropbox": Documented(
        "https://developers.dropbox.com/oauth-guide",
        "https://www.dropbox.com/oauth2/authorize",
        {**_CLIENT, "scope": "account_info.read", "token_access_type": "offline"},
        "https://api.dropboxapi.com/oauth2/token",
        pkce=True,
        granted={**_BEARER, "expires_in": 14400, "scope": "account_info.read", "uid": "12345"},
        lookups=(Lookup("https://api.dropboxapi.com/2/users/get_current_account", "POST"),),
    ),
    "facebook": Documented(
        "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
        "https://www.facebook.com/v24.0/dialog/oauth",
        {**_CLIENT, "scope": "email,public_profile"},
        "https://graph.facebook.com/v24.0/oauth/access_token",
        granted=_BEARER,
        lookups=(
            Lookup("https://graph.facebook.com/v24.0/me?fields=id,name,first_name,last_name,email,picture"),
        ),
    ),
    "github": Documented(
        "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        "https://github.com/login/oauth/authorize",
        {**_CLIENT, "scope": "read:user user:email"},
        "https://github.com/login/oauth/access_token",
        pkce=True,
        token_headers={"accept": "application/json"},
        granted={"token_type": "bearer", "scope": "read:user,user:email"},
        lookups=(
            Lookup("https://api.github.com/user", headers={"accept": "application/vnd.github+json"}),
            Lookup("https://api.github.com/user/emails", headers={"accept": "application/vnd.github+json"}),
        ),
    ),
    "gitlab": Documented(
        "https://docs.gitlab.com/api/oauth2/",
        "https://gitlab.com/oauth/authorize",
        {**_CLIENT, "scope": "read_user"},
        "https://gitlab.com/oauth/token",
        pkce=True,
        granted={"token_type": "bearer", "expires_in": 7200, "created_at": 1607635748, "scope": "read_user"},
        lookups=(Lookup("https://gitlab.com/api/v4/user"),),
    ),
    "hubspot": Documented(
        "https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/token-introspect",
        "https://app.hubspot.com/oauth/authorize",
        {**_CLIENT, "scope": "oauth"},
        "https://api.hubapi.com/oauth/2026-03/token",
        granted={"token_type": "bearer", "expires_in": 1800},
        lookups=(Lookup("https://api.hubapi.com/oauth/2026-03/token/introspect", "POST", form=True),),
    ),
    "linear": Documented(
        "https://linear.app/developers/oauth-2-0-authentication",
        "https://linear.app/oauth/authorize",
        {**_CLIENT, "scope": "read"},
        "https://api.linear.app/oauth/token",
        pkce=True,
        granted={"token_type": "Bearer", "expires_in": 86399, "scope": "read"},
        lookups=(
            Lookup(
                "https://api.linear.app/graphql",
                "POST",
                body={"query": "{ viewer { id name email avatarUrl } }"},
            ),
        ),
    ),
    "notion": Documented(
        "https://developers.notion.com/docs/authorization",
        "https://api.notion.com/v1/oauth/authorize",
        {**_CLIENT, "owner": "user"},
        "https://api.notion.com/v1/oauth/token",
        "json",
        token_headers={"notion-version": "2025-09-03"},
    ),
    "spotify": Documented(
        "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
        "https://accounts.spotify.com/authorize",
        {**_CLIENT, "scope": "user-read-email"},
        "https://accounts.spotify.com/api/token",
        "basic",
        pkce=True,
        granted={"token_type": "Bearer", "expires_in": 3600, "scope": "user-read-email"},
        lookups=(Lookup("https://api.spotify.com/v1/me"),),
    ),
    "tiktok": Documented(
        "https://developers.tiktok.com/doc/login-kit-web/",
        "https://www.tiktok.com/v2/auth/authorize/",
        {"client_key": CLIENT_ID, "scope": "user.info.basic"},
        "https://open.tiktokapis.com/v2/oauth/token/",
        client_id_name="client_key",
        granted={"token_type": "Bearer", "expires_in": 86400, "scope": "user.info.basic", "open_id": "723f"},
        lookups=(Lookup("https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_url,display_name"),),
    ),
    "x": Documented(
        "https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token",
        "https://x.com/i/oauth2/authorize",
        {**_CLIENT, "scope": "users.read users.email tweet.read offline.access"},
        "https://api.x.com/2/oauth2/token",
        "basic",
        pkce=True,
        granted={
            "token_type": "bearer",
            "expires_in": 7200,
            "scope": "users.read users.email tweet.read offline.access",
        },
        lookups=(
            Lookup("https://api.x.com/2/users/me?user.fields=profile_image_url"),
            Lookup("https://api.x.com/2/users/me?user.fields=confirmed_email"),
        ),
    ),
}
