"""RSA signatures, and public keys parsed once.

`cryptography` is imported at the first signature. Where it is not installed, Python's integers do the work.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256, sha384, sha512
from typing import Any

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.tokens.pure_rsa import PublicNumbers, numbers_of_spki

#: JWS algorithms that can be allowed (RFC 7518 3.1); RS256 alone is by default.
ALGORITHMS = ("RS256", "RS384", "RS512")
#: Shorter keys are refused, in bits (RFC 7518 3.3).
MIN_KEY_BITS = 2048

Verifier = Callable[[str, bytes, bytes], bool]


class SigningKey:
    """The public half of a signing key, made ready at the first signature.

    Raises `ValueError` for numbers that are no RSA key, or too short a one.
    """

    __slots__ = ("_numbers", "_verify")

    def __init__(self, numbers: PublicNumbers) -> None:
        bits = numbers.modulus.bit_length()
        if bits < MIN_KEY_BITS:
            raise ValueError(f"it has {bits} bits, and at least {MIN_KEY_BITS} are needed")
        if not (3 <= numbers.exponent < 2**32 and numbers.exponent & numbers.modulus & 1):
            raise ValueError("its numbers are not those of an RSA key")
        self._numbers = numbers
        self._verify: Verifier | None = None

    def verifies(self, algorithm: str, signature: bytes, signed: bytes) -> bool:
        """Whether `signature` is this key's, over `signed`; `algorithm` is one of `ALGORITHMS`."""
        if self._verify is None:
            self._verify = _verifier(self._numbers)
        return self._verify(algorithm, signature, signed)


@lru_cache(maxsize=32)
def signing_key_from_pem(pem: str) -> SigningKey:
    """The key of a PEM text (`GREFFIER_JWT_KEY`), also when its line breaks became spaces or literal \\n.

    Raises `ConfigurationError` when it is no RSA public key that can be used.
    """
    der = _der_of_public_pem(pem)
    try:
        return SigningKey(numbers_of_spki(der))
    except ValueError as error:
        raise ConfigurationError(f"The JWT key cannot be used: {error}.") from None


def signing_key_from_jwk(jwk: Mapping[str, Any]) -> SigningKey:
    """The key of one entry of a key set (RFC 7517, RFC 7518 6.3.1); ValueError when it is no RSA key that can
    be used."""
    if jwk.get("kty") != "RSA":
        raise ValueError("not an RSA key")
    return SigningKey(PublicNumbers(_base64url_integer(jwk.get("n")), _base64url_integer(jwk.get("e"))))


def _verifier(numbers: PublicNumbers) -> Verifier:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
        from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
    except ImportError:
        return numbers.verifies
    key = RSAPublicNumbers(numbers.exponent, numbers.modulus).public_key()
    padding = PKCS1v15()
    hashes = {"RS256": (sha256, SHA256()), "RS384": (sha384, SHA384()), "RS512": (sha512, SHA512())}

    def verify(algorithm: str, signature: bytes, signed: bytes) -> bool:
        hash_of, scheme = hashes[algorithm]
        try:
            # The steps of `verify` (RFC 8017 8.2.2), without its second set-up of the hash: 3 % less. Padding
            # and the name of the hash are checked here too; a digest is no secret.
            return key.recover_data_from_signature(signature, padding, scheme) == hash_of(signed).digest()
        except InvalidSignature:
            return False

    return verify


def _der_of_public_pem(pem: str) -> bytes:
    text = pem.replace("\\n", "\n").strip()
    if "PRIVATE KEY" in text:
        raise ConfigurationError(
            "You put a private key where the public JWT key belongs: keep it secret, use its public half."
        )
    if "-----BEGIN" in text and "BEGIN PUBLIC KEY" not in text:
        raise ConfigurationError("The JWT key must be a 'BEGIN PUBLIC KEY' block (SPKI).")
    body = text.replace("-----BEGIN PUBLIC KEY-----", "").replace("-----END PUBLIC KEY-----", "")
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        raise ConfigurationError("The JWT key is not a PEM public key: it is not base64.") from None


def _base64url_integer(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("a number of the key is missing")
    try:
        return int.from_bytes(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), "big")
    except (binascii.Error, ValueError):
        raise ValueError("a number of the key is not base64url") from None
