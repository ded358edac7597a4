"""The claims of a session token. Version 2 since the API date 2025-04-10, else 1; an instance may fix it."""

from __future__ import annotations

import secrets
from typing import Any

from greffier.server.organizations.members.queries import Membership
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tokens.feature_claims import features_v1, features_v2
from greffier.server.token_gates.holdings import Features
from greffier.server.users.profile.entitlements import read_entitlements
from greffier.server.versions.v2025_04_10 import SESSION_TOKEN_V2
from greffier.server.web.instance.instance import Instance

NOT_BEFORE_LEEWAY = 10
"""Seconds that `nbf` lies before `iat`, for verifiers whose clock is behind."""


def factor_verification_age(session: SessionRow, now: int) -> list[int]:
    """Minutes since each factor was verified; -1 for a factor the user does not have."""
    return [
        -1 if at is None else max(0, (now - at) // 60_000)
        for at in (session.first_factor_at, session.second_factor_at)
    ]


def token_version(instance: Instance, api_version: str) -> int:
    """The version of tokens for a caller of this API date."""
    chosen = instance.settings.session.token_version
    return chosen or (2 if SESSION_TOKEN_V2.applies(api_version) else 1)


def session_claims(
    instance: Instance,
    session: SessionRow,
    membership: Membership | None,
    features: Features,
    *,
    version: int,
    azp: str | None,
    now: int,
    lifetime: int,
) -> dict[str, Any]:
    """The claims of a token minted now. Entitlements stand in the session, and in the organization.

    Args:
        membership: in the active organization; `None` for the personal account.
        features: of token gates.
        version: of the token, 1 or 2.
        azp: the origin of the page that asks; left out when unknown.
        now: milliseconds since the epoch.
        lifetime: seconds.
    """
    issued, own = now // 1000, read_entitlements(session.entitlements)
    claims: dict[str, Any] = {
        "exp": issued + lifetime,
        "fva": factor_verification_age(session, now),
        "iat": issued,
        "iss": instance.issuer,
        "nbf": issued - NOT_BEFORE_LEEWAY,
        "sid": session.id,
        "sub": session.user_id,
    }
    if azp is not None:
        claims["azp"] = azp
    if session.actor is not None:
        claims["act"] = session.actor
    if version == 2:
        claims |= {"jti": secrets.token_hex(10), "sts": session.status, "v": 2}
        return claims | features_v2(membership, features, own)
    if session.status == "pending":
        claims["sts"] = session.status  # so that no reader takes this for signed in
    return claims | features_v1(membership, features, own)
