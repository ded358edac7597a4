"""The cookies of a request: which family of cookies counts, and its values."""

import re
from collections.abc import Callable
from typing import Any

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.cookies import (
    CLIENT_UAT,
    DEV_BROWSER,
    HANDSHAKE,
    HANDSHAKE_NONCE,
    REDIRECT_COUNT,
    REFRESH,
    SESSION,
)
from greffier.sdk.options import AuthOptions
from greffier.sdk.tokens.jwt import Jwt

_SCHEME = re.compile("https?://", re.IGNORECASE)
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}")


class BrowserState:
    """The cookies of one instance in one request.

    Each cookie exists with a plain name and with the instance's suffix, since several instances may share a
    domain; `suffixed` says which family counts. `client_uat` is in epoch seconds, 0 for signed out.
    """

    __slots__ = ("_cookies", "_suffixed_names", "client_uat", "session", "session_token", "suffixed")

    def __init__(
        self, request: AuthRequest, options: AuthOptions, now: float, decode: Callable[[str], Jwt]
    ) -> None:
        cookies, names = request.cookies, options.suffixed
        self._cookies, self._suffixed_names = cookies, names
        token, uat = cookies.get(SESSION), cookies.get(CLIENT_UAT)
        twin_token, twin_uat = cookies.get(names[SESSION]), cookies.get(names[CLIENT_UAT])
        chosen = plain = _Family(token, uat, decode)
        if token and token == twin_token and uat == twin_uat:  # as it usually is
            self.suffixed = _twins_count(plain, options)
        else:
            suffixed = _Family(twin_token, twin_uat, decode)
            self.suffixed = _suffixed_count(plain, suffixed, options, now)
            chosen = suffixed if self.suffixed else plain
        self.session_token = chosen.token
        self.session: Jwt | None = chosen.session
        self.client_uat = _integer(chosen.uat)

    @property
    def dev_browser(self) -> str | None:
        """The development browser's token, of the family that counts."""
        return (
            self._suffixed_cookie(DEV_BROWSER) if self.suffixed else self._cookies.get(DEV_BROWSER)
        ) or None

    @property
    def refresh_token(self) -> str | None:
        """The refresh token, which exists with a suffix only."""
        return self._suffixed_cookie(REFRESH) or None

    @property
    def handshake_token(self) -> str | None:
        """The handshake token that production delivers as a cookie."""
        return self._cookies.get(HANDSHAKE) or None

    @property
    def handshake_nonce(self) -> str | None:
        """The handshake nonce that production delivers as a cookie."""
        return self._cookies.get(HANDSHAKE_NONCE) or None

    @property
    def redirect_count(self) -> int:
        """The number of handshakes this browser was sent to within the last seconds."""
        return max(0, _integer(self._cookies.get(REDIRECT_COUNT)))

    def _suffixed_cookie(self, name: str) -> str | None:
        return self._cookies.get(self._suffixed_names[name])


class _Family:
    """The session and uat cookies of one of the two families, and the session if its token can be decoded."""

    __slots__ = ("session", "token", "uat")

    def __init__(self, token: str | None, uat: str | None, decode: Callable[[str], Jwt]) -> None:
        self.token = token or None
        self.uat = uat or None
        self.session = _decoded(token, decode) if token else None

    def issued_at(self) -> float:
        return _number(self.session, "iat", otherwise=0)

    def has_expired(self, now: float) -> bool:
        return _number(self.session, "exp", otherwise=now + 1) <= int(now)


def _decoded(token: str, decode: Callable[[str], Jwt]) -> Jwt | None:
    try:
        return decode(token)
    except TokenVerificationError:
        return None


def _twins_count(family: _Family, options: AuthOptions) -> bool:
    """The result of `_suffixed_count` where both families hold the same."""
    issuer = _issuer(family.session)
    return issuer is not None and (issuer != options.host or family.uat is not None)


def _suffixed_count(plain: _Family, suffixed: _Family, options: AuthOptions, now: float) -> bool:
    """Whether the suffixed cookies are the ones that count: the first rule that matches decides."""
    if plain.token:
        issuer = _issuer(plain.session)
        if not issuer:
            return False
        if issuer != options.host:
            return True
    if not suffixed.uat and not suffixed.token:
        return False
    if suffixed.uat != "0" and plain.uat != "0" and plain.issued_at() > suffixed.issued_at():
        return False
    if suffixed.uat == "0" and plain.uat != "0":
        return False
    if options.is_development and suffixed.uat != "0" and plain.uat == "0" and suffixed.has_expired(now):
        return False
    return bool(suffixed.uat) or not suffixed.token


def _issuer(session: Jwt | None) -> str | None:
    """The host that a token names as its issuer, '?' for no text; None when it names none."""
    issuer = session.claims.get("iss") if session else None
    if not issuer:
        return None
    if not isinstance(issuer, str):
        return "?"
    return issuer[8:] if issuer.startswith("https://") else _SCHEME.sub("", issuer)


def _number(session: Jwt | None, claim: str, *, otherwise: float) -> float:
    value: Any = session.claims.get(claim) if session else None
    return value if type(value) in (int, float) else otherwise


def _integer(text: str | None) -> int:
    """The number a text begins with, as JavaScript's parseInt reads it; 0 when it begins with none."""
    if not text:
        return 0
    if len(text) < 19 and text.isascii() and text.isdigit():  # as it usually is
        return int(text)
    match = _INTEGER.match(text)
    return int(match.group()) if match else 0
