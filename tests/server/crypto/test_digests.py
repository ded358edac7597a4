"""Password digests that were made elsewhere."""

import bcrypt
import pytest
from argon2 import PasswordHasher, Type

from greffier.server.crypto.digests import HASHERS, digest_problem
from greffier.server.crypto.passwords import Passwords

PASSWORD = "correct horse battery staple"
CHEAP = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}


def digest_of(hasher: str, password: str = PASSWORD) -> str:
    if hasher == "bcrypt":
        return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    kind = Type.ID if hasher == "argon2id" else Type.I
    return PasswordHasher(type=kind, **CHEAP).hash(password)


@pytest.mark.parametrize("hasher", HASHERS)
async def test_password_fits_the_digest_made_elsewhere(hasher: str) -> None:
    passwords = Passwords(1)
    digest = digest_of(hasher)

    assert digest_problem(hasher, digest) is None
    assert await passwords.verify(digest, PASSWORD)
    assert not await passwords.verify(digest, PASSWORD + "!")
    passwords.close()


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
async def test_every_spelling_of_bcrypt_is_read(prefix: str) -> None:
    passwords = Passwords(1)
    digest = prefix + digest_of("bcrypt")[4:]

    assert digest_problem("bcrypt", digest) is None
    assert await passwords.verify(digest, PASSWORD)
    passwords.close()


async def test_bcrypt_looks_at_the_first_72_bytes_of_a_longer_password() -> None:
    passwords = Passwords(1)
    long = "é" * 60  # 120 bytes

    assert await passwords.verify(digest_of("bcrypt", long), long)
    passwords.close()


@pytest.mark.parametrize("hasher", HASHERS)
async def test_digest_of_a_password_in_decomposed_letters_fits_it(hasher: str) -> None:
    passwords = Passwords(1)
    decomposed = "cafe\N{COMBINING ACUTE ACCENT} au lait"

    assert await passwords.verify(digest_of(hasher, decomposed), decomposed)
    passwords.close()


NO_DIGESTS = {
    "md5": ("bcrypt", "5f4dcc3b5aa765d61d8327deb882cf99"),
    "short bcrypt": ("bcrypt", "$2b$12$tooshort"),
    "salt no library takes": ("bcrypt", "$2b$04$pkLwJCkQtYZrDB8ONW5wOMm6ELxcO2w/136JDBFcmK6qwUWaCNAJM"),
    "short argon2": ("argon2id", "$argon2id$v=19$m=19456,t=2,p=1$abc"),
    "argon2i for argon2id": ("argon2id", digest_of("argon2i")),
    "bcrypt for argon2i": ("argon2i", digest_of("bcrypt")),
    "endless": ("argon2id", digest_of("argon2id") + "A" * 600),
}


@pytest.mark.parametrize("case", NO_DIGESTS)
def test_what_the_hasher_cannot_have_made_is_no_digest(case: str) -> None:
    assert digest_problem(*NO_DIGESTS[case]) is not None


TOO_MUCH_WORK = {
    "bcrypt cost": ("bcrypt", "$2b$31$" + digest_of("bcrypt")[7:]),
    "argon2 memory": ("argon2id", digest_of("argon2id").replace("m=64", "m=67108864")),
    "argon2 passes": ("argon2id", digest_of("argon2id").replace("t=1", "t=4000")),
}


@pytest.mark.parametrize("case", TOO_MUCH_WORK)
def test_digest_that_would_stall_every_sign_in_is_refused(case: str) -> None:
    problem = digest_problem(*TOO_MUCH_WORK[case])

    assert problem is not None
    assert problem.startswith(("must have a cost", "must need at most"))
