"""Encryption at rest of secrets that the server must read back, with AES-256-GCM (NIST SP 800-38D)."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Undecryptable(Exception):
    """None of the keys is the one that encrypted this, or it is bound to something else."""


class Encryption:
    """Encrypts with the first of its keys and decrypts with each, so that keys can be rotated.

    Args:
        keys: of 32 bytes each, one at least.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])

    def encrypt(self, text: str, *, bound_to: str) -> str:
        """Args: bound_to: whose it is; the result cannot be decrypted as anyone else's."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), bound_to.encode())
        return f"{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, text: str, *, bound_to: str) -> str:
        """Raises: Undecryptable: the key is missing, or it was encrypted for another owner."""
        key_id, _, encoded = text.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Undecryptable("its key is not among the keys that are given")
        sealed = base64.urlsafe_b64decode(encoded)
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, content, bound_to.encode()).decode()
        except InvalidTag:
            raise Undecryptable("it was changed, or is another owner's") from None


def _key_id(key: bytes) -> str:
    """Names a key without revealing it."""
    return hashlib.sha256(b"greffier key id:" + key).hexdigest()[:16]
