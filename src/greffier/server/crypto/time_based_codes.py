"""Time-based one-time passwords (RFC 6238): six digits, 30 seconds, SHA-1, as apps have them."""

from __future__ import annotations

import base64
import re
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from greffier.server.crypto.secrets import same

_DIGITS = 6
_PERIOD = 30
_WINDOW = 1
"""Steps before and after the current one: RFC 6238 section 5.2 recommends one for delays and clocks."""
_SECRET_BYTES = 20
"""RFC 4226 section 4 recommends 160 bits."""
_BASE32 = re.compile(r"[A-Z2-7]+")
_MIN_BYTES, _MAX_BYTES = 10, 64


def new_totp_secret() -> str:
    """A secret in base32, as apps ask for it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def read_totp_secret(text: str) -> str | None:
    """A secret that was made elsewhere, in upper case without spaces and padding; `None` when it is no base32
    of 10 to 64 bytes."""
    secret = text.upper().replace(" ", "").rstrip("=")
    if not _BASE32.fullmatch(secret):
        return None
    try:
        size = len(_bytes_of(secret))
    except ValueError:
        return None
    return secret if _MIN_BYTES <= size <= _MAX_BYTES else None


def matching_step(secret: str, code: str, *, now: int, after: int | None) -> int | None:
    """The time step in which a code is right; `None` when it is wrong, or was used before.

    Args:
        now: milliseconds since the epoch.
        after: the last step whose code was accepted: only later ones are (RFC 6238 section 5.2).
    """
    totp = _totp(secret)
    current = now // 1000 // _PERIOD
    found: int | None = None
    for step in range(max(current - _WINDOW, 0), current + _WINDOW + 1):
        right = same(totp.generate(step * _PERIOD).decode(), code)
        if right and (after is None or step > after):
            found = step
    return found


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth://` URI that apps scan. Spaces are `%20`, because some apps show a plus as it is."""
    return _totp(secret).get_provisioning_uri(account, issuer).replace("+", "%20")


def _totp(secret: str) -> TOTP:
    # HMAC with SHA-1 is not broken, and the only one that every app knows.
    return TOTP(_bytes_of(secret), _DIGITS, SHA1(), _PERIOD, enforce_key_length=False)  # noqa: S303 - apps use SHA-1


def _bytes_of(secret: str) -> bytes:
    return base64.b32decode(secret + "=" * (-len(secret) % 8))
