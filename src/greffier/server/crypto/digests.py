"""Password digests made elsewhere: accepted kinds, and their required form."""

from __future__ import annotations

import re

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type

HASHERS = ("argon2i", "argon2id", "bcrypt")

# A digest says itself how much work it takes; more than this is a mistake that would stall every sign-in.
_MAX_MEMORY_KIB, _MAX_PASSES, _MAX_LANES = 1024 * 1024, 16, 16
_MAX_BCRYPT_COST = 16
_MAX_LENGTH = 512

_ARGON2 = re.compile(r"\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
# Of the last character of the salt two bits count; libraries refuse one that sets others.
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")


def digest_problem(hasher: str, digest: str) -> str | None:
    """The problem of a digest of `hasher`, one of `HASHERS`; `None` when it is valid.

    Args:
        digest: the PHC string of argon2 (RFC 9106), or the `$2b$` string of bcrypt.
    """
    if len(digest) > _MAX_LENGTH:
        return f"has more than {_MAX_LENGTH} characters"
    return _bcrypt_problem(digest) if hasher == "bcrypt" else _argon2_problem(hasher, digest)


def _bcrypt_problem(digest: str) -> str | None:
    found = _BCRYPT.fullmatch(digest)
    if found is None:
        return "is not a bcrypt digest such as $2b$12$..."
    if not 4 <= int(found[1]) <= _MAX_BCRYPT_COST:
        return f"must have a cost from 4 to {_MAX_BCRYPT_COST}"
    return None


def _argon2_problem(hasher: str, digest: str) -> str | None:
    kind = Type.ID if hasher == "argon2id" else Type.I
    try:
        parameters = extract_parameters(digest) if _ARGON2.fullmatch(digest) else None
    except InvalidHashError:
        parameters = None
    if parameters is None or parameters.type is not kind:
        return f"is not an {hasher} digest such as ${hasher}$v=19$m=19456,t=2,p=1$..."
    if not (
        8 * parameters.parallelism <= parameters.memory_cost <= _MAX_MEMORY_KIB
        and 1 <= parameters.time_cost <= _MAX_PASSES
        and 1 <= parameters.parallelism <= _MAX_LANES
    ):
        return f"must need at most {_MAX_MEMORY_KIB} KiB, {_MAX_PASSES} passes and {_MAX_LANES} lanes"
    return None
