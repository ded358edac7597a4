"""RSA signatures by the integers of Python, for where `cryptography` is not there, such as on Pyodide.

RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). Verifying holds no secret, so that it need not take constant time.
It costs about five times as much as with `cryptography`.
"""

import hashlib
from dataclasses import dataclass

#: DigestInfo up to the digest (RFC 8017 section 9.2, note 1), and the name of the hash.
_HASHES = {
    "RS256": (bytes.fromhex("3031300d060960864801650304020105000420"), "sha256"),
    "RS384": (bytes.fromhex("3041300d060960864801650304020205000430"), "sha384"),
    "RS512": (bytes.fromhex("3051300d060960864801650304020305000440"), "sha512"),
}
#: AlgorithmIdentifier of rsaEncryption (RFC 8017 appendix A.1) with its NULL parameters, in DER.
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03


@dataclass(frozen=True, slots=True)
class PublicNumbers:
    """An RSA public key."""

    modulus: int
    exponent: int

    def verifies(self, algorithm: str, signature: bytes, signed: bytes) -> bool:
        """Whether `signature` is this key's, over `signed`; `algorithm` is "RS256", "RS384" or "RS512"."""
        length = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != length or number >= self.modulus:
            return False
        prefix, name = _HASHES[algorithm]
        info = prefix + hashlib.new(name, signed).digest()
        # The whole message is built and compared: parsing it invites forgeries (RFC 8017 section 8.2.2 note).
        expected = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
        return pow(number, self.exponent, self.modulus).to_bytes(length, "big") == expected


def numbers_of_spki(der: bytes) -> PublicNumbers:
    """The key of a SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER; ValueError when it is no RSA key."""
    info = _whole(der, _SEQUENCE)
    if not info.startswith(_RSA_ENCRYPTION):
        raise ValueError("not an RSA key")
    bits = _whole(info[len(_RSA_ENCRYPTION) :], _BIT_STRING)
    if bits[:1] != b"\x00":
        raise ValueError("a key has no unused bits")
    numbers = _whole(bits[1:], _SEQUENCE)
    modulus, rest = _element(numbers, _INTEGER)
    exponent, rest = _element(rest, _INTEGER)
    if rest:
        raise ValueError("more than two numbers")
    return PublicNumbers(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))


def _whole(der: bytes, tag: int) -> bytes:
    content, rest = _element(der, tag)
    if rest:
        raise ValueError("something follows the key")
    return content


def _element(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the element at the start, and what follows it (X.690 section 8.1)."""
    if len(der) < 2 or der[0] != tag:
        raise ValueError("not the expected ASN.1 element")
    start, length = 2, der[1]
    if length & 0x80:
        octets = length & 0x7F
        start, length = 2 + octets, int.from_bytes(der[2 : 2 + octets], "big")
    if len(der) < start + length:
        raise ValueError("the key is cut off")
    return der[start : start + length], der[start + length :]
