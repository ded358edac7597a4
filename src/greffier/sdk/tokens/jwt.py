"""Session tokens: reading a JWT and checking it, without a network once the key is known.

The checks come in the published order: header, signature, subject, audience, authorized party, times; then
issuer and lifetime. Signatures are in `signatures`, key sets in `jwks`, machine tokens in `machine_tokens`.
"""

import json
import time
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn, Protocol, cast

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.reasons import TokenReason
from greffier.sdk.steps import Steps
from greffier.sdk.tokens.lifetimes import MAX_LIFETIME_SECONDS
from greffier.sdk.tokens.signatures import SigningKey, signing_key_from_pem

#: Clocks may differ by this much, in seconds.
CLOCK_SKEW_SECONDS = 5.0
#: Longer texts are refused unread, in characters: a cookie holds 4 kB.
MAX_TOKEN_LENGTH = 16 * 1024
#: So many tokens are remembered as properly signed, about a kilobyte each.
REMEMBERED_TOKENS = 1024

#: Values of the header member `cat`, which tells the classes of tokens of one signing key apart.
CATEGORY_SESSION = "cl_B7d4PD111AAA"
CATEGORY_TEMPLATE = "cl_B7d4PD222AAA"
CATEGORY_M2M = "cl_B7d4PD333AAA"
CATEGORY_IGNORE = "cl_I7d4PD111III"
SESSION_CATEGORIES = frozenset({None, CATEGORY_SESSION, CATEGORY_IGNORE})
#: Subjects of machines start like this; such a token is never a session.
MACHINE_SUBJECT_PREFIX = "mch_"
OAUTH_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})

_LATEST_SECOND = 2**53
_URLSAFE_ALPHABET = bytes.maketrans(b"-_+/=", b"+/***")  # "*" is refused by the strict decoder
_PADDING = (b"", b"***", b"==", b"=")


@dataclass(slots=True)  # not frozen: that would double the cost of making one
class Jwt:
    """A decoded but unverified token. `header` and `claims` are shared: never change them."""

    text: str = field(repr=False)
    header: Mapping[str, Any]
    claims: dict[str, Any] = field(repr=False)
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """The rules for a token besides its signature. None means: not required.

    `authorized_parties` are origins for `azp`; `audience` is compared only with a token that has `aud`;
    `clock_skew` and `max_lifetime` are in seconds.
    """

    authorized_parties: frozenset[str] | None = None
    audience: frozenset[str] | None = None
    issuers: frozenset[str] | None = None
    clock_skew: float = CLOCK_SKEW_SECONDS
    max_lifetime: float | None = MAX_LIFETIME_SECONDS
    algorithms: frozenset[str] = frozenset({"RS256"})
    types: frozenset[str | None] = frozenset({None, "JWT"})
    categories: frozenset[str | None] = SESSION_CATEGORIES
    machine_subjects: bool = False


class KeySource(Protocol):
    """A source of the public keys that verify tokens."""

    def known(self, kid: object) -> SigningKey | None:
        """The key, if it is known without a request."""
        ...

    def find(self, kid: object) -> Steps[SigningKey]:
        """The key, fetched if need be; raises `TokenVerificationError` when there is none."""
        ...


class PemKey:
    """A single public key given as PEM text: whatever `kid` a token names, this key must have signed it."""

    def __init__(self, pem: str) -> None:
        self._key = signing_key_from_pem(pem)

    def known(self, kid: object) -> SigningKey:
        """The one key there is."""
        return self._key

    def find(self, kid: object) -> Steps[SigningKey]:
        """The one key there is; nothing is asked."""
        yield from ()
        return self._key


class TokenVerifier:
    """Checks tokens against a source of keys and a set of rules. `clock` gives seconds since the epoch."""

    def __init__(
        self, keys: KeySource, rules: TokenRules | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self.rules = rules or TokenRules()
        self._clock = clock
        self._signed: dict[str, SigningKey] = {}
        self._seen: dict[str, Jwt] = {}
        self._usual_header: Mapping[str, Any] | None = None

    def decode(self, text: str) -> Jwt:
        """`decode_jwt`, without taking a token apart again that comes for the third time."""
        return self._seen.get(text) or decode_jwt(text)

    def signature_of(self, text: str) -> tuple[object, SigningKey] | None:
        """The key, and its id, that has signed a verified token; None when it is not remembered."""
        key = self._signed.get(text)
        return None if key is None else (self.decode(text).header.get("kid"), key)

    def verify(self, token: Jwt, rules: TokenRules | None = None) -> Steps[dict[str, Any]]:
        """The claims of a token that passes every check; else `TokenVerificationError`."""
        rules = rules or self.rules
        header = token.header
        if header is not self._usual_header or rules is not self.rules:
            check_header(header, rules)
            if rules is self.rules:
                self._usual_header = header  # all tokens of one key share it: see `_decode_header`
        kid = header.get("kid")
        key = self._keys.known(kid) or (yield from self._keys.find(kid))
        self._check_signature(token, key)
        check_claims(token.claims, rules, self._clock())
        return copied_claims(token.claims) if token.text in self._seen else token.claims

    def verify_signature(self, token: Jwt) -> Steps[dict[str, Any]]:
        """The claims of a token of which only header and signature count, such as a handshake token."""
        check_header(token.header, self.rules)
        kid = token.header.get("kid")
        self._check_signature(token, self._keys.known(kid) or (yield from self._keys.find(kid)))
        return copied_claims(token.claims)

    def _check_signature(self, token: Jwt, key: SigningKey) -> None:
        # A browser sends the same token for a minute. Only its signature is remembered, and with which key:
        # times and all other rules are checked each time, and a key that is gone counts no more.
        text = token.text
        if self._signed.get(text) is key:
            self._seen.setdefault(text, token)
            return
        if not key.verifies(token.header["alg"], token.signature, token.signed):
            _refuse(TokenReason.INVALID_SIGNATURE, "The signature of the token is not valid.")
        if len(self._signed) >= REMEMBERED_TOKENS:
            self._signed.clear()
            self._seen.clear()
        self._signed[text] = key


def copied_claims(value: Any) -> Any:
    """Claims that the app may change, while the token is remembered with its own."""
    if type(value) is dict:
        return {
            name: copied_claims(one) if type(one) in (dict, list) else one
            for name, one in cast("dict[str, Any]", value).items()
        }
    return [copied_claims(one) if type(one) in (dict, list) else one for one in value]


def decode_jwt(text: str) -> Jwt:
    """Decode a token (RFC 7515 3.1) without verifying any of it."""
    raw = text.encode(errors="replace")
    signed, _, signature = raw.rpartition(b".")
    header, _, payload = signed.partition(b".")  # a third dot is not of the alphabet
    if not payload or len(raw) > MAX_TOKEN_LENGTH:
        _refuse(TokenReason.INVALID, "A token consists of three parts separated by dots.")
    try:
        return Jwt(text, _decode_header(header), _decode_json(payload), _decode_base64url(signature), signed)
    except (ValueError, RecursionError):
        _refuse(TokenReason.INVALID, "The header, payload or signature of the token cannot be decoded.")


def decode_jwt_or_none(text: str | None) -> Jwt | None:
    """`decode_jwt`, with None for whatever is not a token."""
    if not text:
        return None
    try:
        return decode_jwt(text)
    except TokenVerificationError:
        return None


def has_session_category(token: Jwt) -> bool:
    """Whether the category of the token, or its absence, allows it to be a session token."""
    return _among(token.header.get("cat"), SESSION_CATEGORIES)


def check_header(header: Mapping[str, Any], rules: TokenRules) -> None:
    """Type, algorithm and category. Keys that a header offers (jku, x5u, jwk) are never looked at."""
    if not _among(header.get("typ"), rules.types):
        _refuse(TokenReason.INVALID, "The type (typ) of the token is not the expected one.")
    if not _among(header.get("alg"), rules.algorithms):
        _refuse(TokenReason.INVALID_ALGORITHM, "The algorithm (alg) of the token is not allowed.")
    if "crit" in header:  # RFC 7515 4.1.11: an extension we do not know must not be ignored
        _refuse(TokenReason.INVALID, "The token demands an extension (crit) that is not known here.")
    if not _among(header.get("cat"), rules.categories):
        _refuse(TokenReason.TYPE_MISMATCH, "The token is of another category (cat).")


def check_claims(claims: Mapping[str, Any], rules: TokenRules, now: float) -> None:
    """Subject, audience, authorized party, times, issuer, lifetime: in this order."""
    subject = claims.get("sub")
    if not isinstance(subject, str):
        _refuse(TokenReason.VERIFICATION_FAILED, "The token has no subject (sub).")
    if subject.startswith(MACHINE_SUBJECT_PREFIX) and not rules.machine_subjects:
        _refuse(TokenReason.TYPE_MISMATCH, "The token belongs to a machine, not to a session.")
    if rules.audience:
        _check_audience(claims.get("aud"), rules.audience)
    if rules.authorized_parties and not _among(claims.get("azp"), rules.authorized_parties):
        _refuse(
            TokenReason.INVALID_AUTHORIZED_PARTIES,
            "The token was issued to another origin (azp) than the authorized parties.",
        )
    _check_times(claims, rules, now)
    if rules.issuers and not _among(claims.get("iss"), rules.issuers):
        _refuse(TokenReason.INVALID_ISSUER, "The token was issued (iss) by another instance.")


def _among(value: object, accepted: frozenset[Any]) -> bool:
    # A member of the wrong type may not even be hashable.
    return (value is None or type(value) is str) and value in accepted


def _check_audience(aud: object, accepted: frozenset[str]) -> None:
    if not aud:
        return
    audiences: list[object] = list(aud) if isinstance(aud, list) else [aud]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not any(_among(one, accepted) for one in audiences):
        _refuse(TokenReason.VERIFICATION_FAILED, "The token is meant for another audience (aud).")


def _check_times(claims: Mapping[str, Any], rules: TokenRules, now: float) -> None:
    skew = rules.clock_skew
    expires = _seconds(claims.get("exp"), "exp")
    if expires is None:
        _refuse(TokenReason.VERIFICATION_FAILED, "The token has no expiry time (exp).")
    if expires <= now - skew:
        _refuse(TokenReason.EXPIRED, f"The token expired {now - expires:.0f} s ago.")
    not_before = _seconds(claims.get("nbf"), "nbf")
    if not_before is not None and not_before > now + skew:
        _refuse(TokenReason.NOT_ACTIVE_YET, f"The token is valid in {not_before - now:.0f} s only (nbf).")
    issued = _seconds(claims.get("iat"), "iat")
    if issued is not None and issued > now + skew:
        _refuse(
            TokenReason.IAT_IN_THE_FUTURE, f"The token was issued {issued - now:.0f} s in the future (iat)."
        )
    # Without iat the rest of its life is what can be known.
    if rules.max_lifetime is not None and expires - (now if issued is None else issued) > rules.max_lifetime:
        _refuse(
            TokenReason.VERIFICATION_FAILED,
            f"The token lives longer than {rules.max_lifetime:.0f} s; see max_lifetime.",
        )


def _seconds(value: Any, name: str) -> float | None:
    # bool is excluded by the exact type; NaN, infinity and absurdly large numbers by the range.
    if value is not None and not (type(value) in (int, float) and -_LATEST_SECOND < value < _LATEST_SECOND):
        _refuse(TokenReason.VERIFICATION_FAILED, f"The time {name} of the token is not a number of seconds.")
    return value


@lru_cache(maxsize=256)
def _decode_header(raw: bytes) -> Mapping[str, Any]:
    return _decode_json(raw)  # all tokens of one key share their header


def _decode_json(raw: bytes) -> dict[str, Any]:
    text = _decode_base64url(raw).decode()
    if text[:1] != "{" or text[-1:] != "}":
        text = text.strip(" \t\n\r")  # JSON may be surrounded by these
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("not JSON") from None
    if type(value) is not dict or end != len(text):
        raise ValueError("not an object")
    return value  # pyright: ignore[reportUnknownVariableType]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # NaN would compare false with every limit


# Made once: json.loads would make one each time. `scan_once` is what `raw_decode` calls.
_DECODER: Any = json.JSONDecoder(parse_constant=_no_constant)
_scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once


def _decode_base64url(raw: bytes) -> bytes:
    try:
        return a2b_base64(raw.translate(_URLSAFE_ALPHABET) + _PADDING[len(raw) % 4], strict_mode=True)
    except Base64Error:
        raise ValueError("not base64url") from None


def _refuse(reason: TokenReason, message: str) -> NoReturn:
    raise TokenVerificationError(reason, message)
