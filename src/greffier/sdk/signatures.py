"""RSA signatures, and public keys parsed once.

`cryptography` is imported at the first signature. Where it is not installed, Python's integers do the work.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256, sha384, sha512
from typing import TYPE_CHECKING, Any

from greffier.sdk.errors import ConfigurationError, TokenVerificationError
from greffier.sdk.pure_rsa import PublicNumbers, numbers_of_spki
from greffier.sdk.reasons import TokenReason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

#: JWS algorithms that can be allowed (RFC 7518 3.1); RS256 alone is by default.
ALGORITHMS = ("RS256", "RS384", "RS512")
#: Shorter keys are refused, in bits (RFC 7518 3.3).
MIN_KEY_BITS = 2048

Verifier = Callable[[str, bytes, bytes], bool]


class SigningKey:
    """The public half of a signing key. Parsing waits for the first signature, and happens once."""

    __slots__ = ("_load", "_verify")

    def __init__(self, load: Callable[[], Verifier]) -> None:
        self._load = load
        self._verify: Verifier | None = None

    def verifies(self, algorithm: str, signature: bytes, signed: bytes) -> bool:
        """Whether `signature` is this key's, over `signed`.

        Raises at the first use of a key that cannot be used: `ConfigurationError` for one given as PEM,
        `TokenVerificationError` for one of a key set.
        """
        if self._verify is None:
            self._verify = self._load()
        return self._verify(algorithm, signature, signed)


@lru_cache(maxsize=32)
def signing_key_from_pem(pem: str) -> SigningKey:
    """The key of a PEM text (`GREFFIER_JWT_KEY`), also when its line breaks became spaces or literal \\n."""
    der = _der_of_public_pem(pem)

    def load() -> Verifier:
        try:
            return _verifier_of_spki(der)
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"The JWT key cannot be read: {error}") from None

    return SigningKey(load)


def signing_key_from_jwk(jwk: Mapping[str, Any]) -> SigningKey:
    """The key of one entry of a key set (RFC 7517, RFC 7518 6.3.1); ValueError when it is no RSA key."""
    if jwk.get("kty") != "RSA":
        raise ValueError("not an RSA key")
    modulus, exponent = _base64url_integer(jwk.get("n")), _base64url_integer(jwk.get("e"))
    if modulus.bit_length() < MIN_KEY_BITS:
        raise ValueError("key too short")

    def load() -> Verifier:
        try:
            return _verifier_of_numbers(modulus, exponent)
        except ValueError as error:
            message = f"The key of the key set cannot be used: {error}"
            raise TokenVerificationError(TokenReason.JWK_REMOTE_INVALID, message) from None

    return SigningKey(load)


def _verifier_of_spki(der: bytes) -> Verifier:
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ImportError:
        numbers = numbers_of_spki(der)
        return _pure_verifier(numbers.modulus, numbers.exponent)
    key = load_der_public_key(der)
    if not isinstance(key, RSAPublicKey):
        raise ConfigurationError("The JWT key must be an RSA public key.")
    if key.key_size < MIN_KEY_BITS:
        raise ConfigurationError(_too_short(key.key_size))
    return _rsa_verifier(key)


def _verifier_of_numbers(modulus: int, exponent: int) -> Verifier:
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    except ImportError:
        return _pure_verifier(modulus, exponent)
    return _rsa_verifier(RSAPublicNumbers(exponent, modulus).public_key())


def _pure_verifier(modulus: int, exponent: int) -> Verifier:
    if modulus.bit_length() < MIN_KEY_BITS:
        raise ConfigurationError(_too_short(modulus.bit_length()))
    if exponent < 3 or not exponent & modulus & 1:
        raise ValueError("these are not the numbers of an RSA key")
    return PublicNumbers(modulus, exponent).verifies


def _too_short(bits: int) -> str:
    return f"The JWT key has {bits} bits; at least {MIN_KEY_BITS} are needed."


def _rsa_verifier(key: "RSAPublicKey") -> Verifier:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    padding = PKCS1v15()
    hashes = {"RS256": (sha256, SHA256()), "RS384": (sha384, SHA384()), "RS512": (sha512, SHA512())}

    def verify(algorithm: str, signature: bytes, signed: bytes) -> bool:
        hash_of, scheme = hashes[algorithm]
        try:
            # What `verify` does (RFC 8017 8.2.2), without its second set-up of the hash: 3 % less. Padding
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
