"""ID tokens that a page or an app has got from a provider by itself and brings along: Google One Tap, and the
sign-in of phones with Google and Apple."""

from __future__ import annotations

from greffier.server.strategies.oauth.id_token_strategy import IdTokenStrategies

STRATEGY = IdTokenStrategies()
