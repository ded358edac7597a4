"""Opaque bearer secrets and short codes. Only hashes of them are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_secret() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The stored hash of a secret of 128 bits or more: plain SHA-256 suffices, as it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def derived_bytes(name: str, *, key: str, purpose: str) -> bytes:
    """256 bits that are always the same for a name, and look random without the key.

    Args:
        purpose: separates the bytes derived for one use from all others; it has no colon.
    """
    return hmac.new(key.encode(), f"{purpose}:{name}".encode(), hashlib.sha256).digest()


def new_code() -> str:
    """A one-time code of six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hash_code(code: str, *, key: str, bound_to: str) -> str:
    """The stored hash of a short code: keyed, and bound to its verification so that it matches no other."""
    return hmac.new(key.encode(), f"{bound_to}:{code}".encode(), hashlib.sha256).hexdigest()
