"""The checks of `greffier doctor --jwt`: a token's lifetime, and whether it can be revoked in time."""

from __future__ import annotations

from datetime import UTC, datetime

from greffier.cli.doctor.checks import Check
from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.tokens.jwt import MAX_LIFETIME_SECONDS, Jwt, decode_jwt


def check_token(text: str, *, now: datetime | None = None) -> list[Check]:
    """Checks of the token's claims. It is decoded only: its signature is not verified."""
    try:
        token = decode_jwt(text)
    except TokenVerificationError as error:
        return [Check("problem", "token", f"it is not a JWT: {error.message}")]
    return [_algorithm(token), _lifetime(token), *_state(token, now or datetime.now(UTC))]


def _algorithm(token: Jwt) -> Check:
    algorithm = token.header.get("alg")
    kid = token.header.get("kid")
    if str(algorithm).lower() == "none":
        return Check("problem", "signature", "the token is not signed, so it may be forged.")
    if str(algorithm).startswith("HS"):
        why = "is symmetric: every verifier can also issue tokens."
        return Check("warning", "signature", f"{algorithm} {why}")
    return Check("ok", "signature", f"{algorithm}, key {kid or 'not named'}; not verified here")


def _lifetime(token: Jwt) -> Check:
    issued, expires = token.claims.get("iat"), token.claims.get("exp")
    if not isinstance(expires, int | float):
        why = "it never expires: revoking it needs a list that every service checks."
        return Check("problem", "lifetime", why)
    if not isinstance(issued, int | float):
        return Check("warning", "lifetime", "without iat its lifetime is unknown.")
    seconds = expires - issued
    if seconds > MAX_LIFETIME_SECONDS:
        why = (
            f"it lives for {seconds:g} s. More than {MAX_LIFETIME_SECONDS:g} means that a token stolen by"
            " cross-site scripting (XSS) works long after its session is revoked."
        )
        return Check("problem", "lifetime", why)
    return Check("ok", "lifetime", f"{seconds:g} s")


def _state(token: Jwt, now: datetime) -> list[Check]:
    expires = token.claims.get("exp")
    found: list[Check] = []
    if isinstance(expires, int | float) and 0 <= expires < 2**40:
        moment = datetime.fromtimestamp(expires, UTC)
        word = "expired at" if moment <= now else "expires at"
        found.append(Check("ok", "state", f"{word} {moment.isoformat(timespec='seconds')}"))
    if "azp" not in token.claims and "sid" in token.claims:
        why = "the session token has no azp, so an SDK cannot tell for which page it was made."
        found.append(Check("warning", "authorized party", why))
    return found
