"""Password hashes: argon2id, off the event loop, a bounded number at a time. Digests that were made elsewhere
(`digests.py`) are verified too."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

# OWASP's minimum for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
_TIME_COST, _MEMORY_KIB, _PARALLELISM = 2, 19 * 1024, 1


def argon2id() -> PasswordHasher:
    """The hasher of every new digest."""
    return PasswordHasher(_TIME_COST, _MEMORY_KIB, _PARALLELISM)


def _random_digest() -> str:
    """A well-formed random digest: no password matches it."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={_MEMORY_KIB},t={_TIME_COST},p={_PARALLELISM}${salt}${digest}"


def _yield_to_the_event_loop() -> None:
    """On Linux `nice` is per thread: hashing gives way to the thread that answers requests."""
    if sys.platform == "linux":
        os.nice(10)


def _normalize(password: str) -> str:
    """One spelling per password: NFKC, as NIST SP 800-63B section 5.1.1.2 asks."""
    return unicodedata.normalize("NFKC", password)


def _fits_bcrypt(digest: str, password: str) -> bool:
    import bcrypt  # few installations ever see such a digest

    # bcrypt has always looked at the first 72 bytes alone; the library refuses longer input.
    return bcrypt.checkpw(password.encode()[:72], digest.encode())


def _derived(secret: str, salt: bytes) -> str:
    return hash_secret_raw(
        secret.encode(), salt, _TIME_COST, _MEMORY_KIB, _PARALLELISM, hash_len=32, type=Type.ID
    ).hex()


def usable_cores() -> int:
    """The number of cores this process may use, which on Linux is fewer than there are when it is
    confined."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Passwords:
    """Hashes and verifies passwords in a pool of threads no larger than the machine's cores.

    Args:
        threads: how many at once; 0 means one per core.
    """

    def __init__(self, threads: int = 0) -> None:
        self._hasher = argon2id()
        self.decoy_digest = _random_digest()
        """Takes as long to check as any new digest, for users without a password and unknown users."""
        self._pool = ThreadPoolExecutor(
            max_workers=threads or usable_cores(),
            thread_name_prefix="password",
            initializer=_yield_to_the_event_loop,
        )

    async def hash(self, password: str) -> str:
        """The PHC string of a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.hash, _normalize(password))

    async def derive(self, secret: str, salt: str) -> str:
        """The digest of a secret that was made here and is looked up, such as a backup code: always the same
        for a salt, so that one hash tells which of several secrets it is.

        Args:
            salt: random, of 16 bytes or more in hexadecimal digits.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _derived, secret, bytes.fromhex(salt))

    async def verify(self, digest: str, password: str) -> bool:
        """Whether the password has this digest."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._verify, digest, password)

    def _verify(self, digest: str, password: str) -> bool:
        normalized = _normalize(password)
        # A digest made elsewhere may be of the password as typed, not normalized.
        return self._fits(digest, normalized) or (password != normalized and self._fits(digest, password))

    def _fits(self, digest: str, password: str) -> bool:
        if digest.startswith("$2"):
            return _fits_bcrypt(digest, password)
        try:
            return self._hasher.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False

    @property
    def waiting(self) -> int:
        """Hashes that no thread has begun."""
        return self._pool._work_queue.qsize()  # pyright: ignore[reportPrivateUsage]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
