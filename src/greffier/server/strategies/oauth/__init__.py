"""Sign-in with the accounts of other sites, by OAuth 2 and OpenID Connect. What differs between them is data,
in `oauth_providers/` and in the instance's settings."""

from __future__ import annotations

from greffier.server.strategies.oauth.strategy import OAuthStrategies

STRATEGY = OAuthStrategies()
