"""Ids as the wire has them: a prefix and a KSUID (sortable by second, 128 random bits, 27 characters)."""

from __future__ import annotations

import secrets
import time

_EPOCH = 1_400_000_000
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(prefix: str, *, now_ms: int | None = None) -> str:
    """A new id such as `user_2NNEqL2nrIRdJ194ndJqAHwEfxC`.

    Args:
        prefix: the wire prefix without its underscore.
        now_ms: milliseconds since the epoch; the wall clock when absent.
    """
    seconds = int(time.time() if now_ms is None else now_ms / 1000)
    return _written(prefix, (max(seconds - _EPOCH, 0) & 0xFFFFFFFF) << 128 | secrets.randbits(128))


def derived_id(prefix: str, seed: bytes) -> str:
    """An id in the same form that is made from `seed` alone, of 16 bytes at least."""
    return _written(prefix, 0x18000000 << 128 | int.from_bytes(seed[:16]))


def _written(prefix: str, number: int) -> str:
    digits: list[str] = []
    for _ in range(27):
        number, remainder = divmod(number, 62)
        digits.append(_ALPHABET[remainder])
    return f"{prefix}_{''.join(reversed(digits))}"
