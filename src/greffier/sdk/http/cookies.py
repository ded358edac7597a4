"""Cookies: their published names, reading a Cookie header, and reading Set-Cookie directives."""

from collections.abc import Iterable
from urllib.parse import unquote

SESSION = "__session"
CLIENT_UAT = "__client_uat"
DEV_BROWSER = "__clerk_db_jwt"
REFRESH = "__refresh"
HANDSHAKE = "__clerk_handshake"
HANDSHAKE_NONCE = "__clerk_handshake_nonce"
REDIRECT_COUNT = "__clerk_redirect_count"


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a Cookie header (RFC 6265 5.4). Of several with one name the first counts."""
    plain = '"' not in header and "%" not in header
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        name = name.strip()
        if equals and name not in cookies:
            cookies[name] = value.strip() if plain else _plain_value(value.strip())
    return cookies


def _plain_value(value: str) -> str:
    if value[:1] == '"' == value[-1:] and len(value) > 1:
        value = value[1:-1]
    return unquote(value) if "%" in value else value


def directive_name(directive: str) -> str:
    """The cookie name of a Set-Cookie directive."""
    return directive.partition(";")[0].partition("=")[0].strip()


def directive_value(directive: str) -> str:
    """The cookie value of a Set-Cookie directive, up to a second equals sign, as published SDKs read it."""
    return directive.partition(";")[0].partition("=")[2].partition("=")[0]


def session_token_in(directives: Iterable[str]) -> str:
    """The session token that some directives set: that of the last one whose name starts with `__session`."""
    token = ""
    for directive in directives:
        if directive_name(directive).startswith(SESSION):
            token = directive_value(directive)
    return token


def sendable(directives: Iterable[object]) -> list[str]:
    """Those directives that can be sent: texts without a line break or any other control character."""
    return [one for one in directives if isinstance(one, str) and one.isprintable()]
