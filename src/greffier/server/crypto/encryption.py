"""Encryption at rest of secrets that the server must read back, with AES-256-GCM (NIST SP 800-38D).

`store/sealing.py` says which columns have such secrets.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_ENCRYPTED = re.compile(r"([0-9a-f]{16})\.[A-Za-z0-9_-]{38,}={0,2}")
"""The id of the key, a dot, and nonce, content and tag in base64."""


class Undecryptable(Exception):
    """None of the keys is the one that encrypted this, or it is bound to something else.

    Args:
        key_id: the key that is missing; `None` when it is there.
    """

    def __init__(self, reason: str, key_id: str | None = None) -> None:
        super().__init__(reason)
        self.key_id = key_id


class Encryption:
    """Encrypts with the first of its keys and decrypts with each, so that keys can be rotated.

    Args:
        keys: of 32 bytes each. Without one nothing is encrypted.
    """

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self.keys = tuple(keys)
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self.current = _key_id(keys[0]) if keys else None
        """The id of the key that encrypts."""

    @property
    def key_ids(self) -> frozenset[str]:
        return frozenset(self._ciphers)

    def seal(self, text: str, *, bound_to: str) -> str:
        """The text encrypted; as it is without a key.

        Args:
            bound_to: whose it is; the result cannot be decrypted as anyone else's.
        """
        if self.current is None:
            return text
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), bound_to.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, text: str, *, bound_to: str) -> str:
        """The text decrypted; as it is when it was written without a key.

        Raises:
            Undecryptable: the key is missing, or it was encrypted for another owner.
        """
        key_id = key_of(text)
        if key_id is None:
            return text
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Undecryptable(f"it was encrypted with key {key_id}, which is not given", key_id)
        try:
            sealed = base64.urlsafe_b64decode(text.partition(".")[2])
            nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return cipher.decrypt(nonce, content, bound_to.encode()).decode()
        except (InvalidTag, ValueError):
            raise Undecryptable("it was changed, or is another owner's") from None

    def with_former(self, *keys: bytes) -> Encryption:
        """The same with more keys, which encrypt only if there is no other."""
        return Encryption((*self.keys, *keys))


def key_of(text: str) -> str | None:
    """The id of the key that a text is encrypted with; `None` when it is in clear."""
    found = _ENCRYPTED.fullmatch(text)
    return found[1] if found else None


def _key_id(key: bytes) -> str:
    """Names a key without revealing it."""
    return hashlib.sha256(b"greffier key id:" + key).hexdigest()[:16]
