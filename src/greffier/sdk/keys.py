"""Publishable and secret keys: their text, its parsing without a request, and errors that name the mistake.

Only the standard library is used, and the server imports this module too.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from greffier.sdk.errors import InvalidKey

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+(:[0-9]{1,5})?", re.IGNORECASE)
_FRONTEND_API_LABEL = re.compile(r"clerk\.accounts\.|clerk\.")
#: The hosted service's own hosts, and the Backend API that belongs to them.
_HOSTED_API = "https://api.clerk.com"
_HOSTED_LOCAL_SUFFIXES = (".lcl.dev", "lclstage.dev", ".lclclerk.com")
_HOSTED_LEGACY_SUFFIXES = (".lcl.dev", ".lclstage.dev", ".lclclerk.com")
_HOSTED_STAGING_SUFFIX = ".accountsstage.dev"
_MACHINE_PREFIXES = ("ak_", "mt_", "oat_", "m2m_")


class InstanceType(StrEnum):
    """The two kinds of instance that a key belongs to."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class PublishableKey:
    """A decoded publishable key.

    `frontend_api` is the Frontend API host, without scheme, as the key carries it; `text` the key as given.
    """

    text: str
    instance_type: InstanceType
    frontend_api: str


def encode_publishable_key(frontend_api: str, *, live: bool = False) -> str:
    """The publishable key of a Frontend API host, in the unpadded form of today's SDKs.

    Raises `InvalidKey` when the host could not be read back: it needs a dot, no scheme and no path.
    """
    if "://" in frontend_api or "/" in frontend_api:
        raise InvalidKey("A publishable key holds a host, not a URL: leave out the scheme and the path.")
    if not _HOST.fullmatch(frontend_api):
        raise InvalidKey(
            f"{frontend_api!r} cannot be a Frontend API host: it must contain a dot and only letters, digits,"
            " '-', '_' and an optional port, such as clerk.example.com or clerk.myapp.localhost."
        )
    encoded = base64.b64encode(f"{frontend_api}$".encode()).decode().rstrip("=")
    return f"pk_{'live' if live else 'test'}_{encoded}"


@lru_cache(maxsize=64)
def decode_publishable_key(key: str) -> PublishableKey:
    """Read a publishable key, padded or not. Raises `InvalidKey` with the mistake in words."""
    _refuse_other_kinds(key)
    parts = key.split("_")
    if len(parts) != 3 or parts[0] != "pk" or parts[1] not in ("test", "live") or not parts[2]:
        raise InvalidKey("This is not a publishable key: it must look like pk_test_... or pk_live_...")
    host = _decoded_host(parts[2])
    kind = InstanceType.PRODUCTION if parts[1] == "live" else InstanceType.DEVELOPMENT
    return PublishableKey(text=key, instance_type=kind, frontend_api=host)


def is_publishable_key(value: str) -> bool:
    """Whether `decode_publishable_key` would accept the text."""
    try:
        decode_publishable_key(value)
    except InvalidKey:
        return False
    return True


def secret_key_instance_type(key: str) -> InstanceType:
    """The kind of instance a secret key belongs to; `InvalidKey` when it is no secret key at all."""
    if not key:
        raise InvalidKey("The secret key is empty.")
    if key.startswith("pk_"):
        raise InvalidKey("You put a publishable key (pk_...) where the secret key (sk_...) belongs.")
    if key.startswith(_MACHINE_PREFIXES):
        raise InvalidKey("You put a machine token where the secret key (sk_...) of the instance belongs.")
    if key.startswith(("sk_live_", "live_")):
        return InstanceType.PRODUCTION
    if key.startswith(("sk_test_", "test_")):
        return InstanceType.DEVELOPMENT
    raise InvalidKey("This is not a secret key: it must look like sk_test_... or sk_live_...")


def check_keys_match(publishable_key: str, secret_key: str) -> None:
    """Refuse a pair of keys of which one is for development and the other for production."""
    public, secret = (
        decode_publishable_key(publishable_key).instance_type,
        secret_key_instance_type(secret_key),
    )
    if public is not secret:
        raise InvalidKey(
            f"The publishable key is for {public} but the secret key is for {secret}:"
            " copy both from the same instance."
        )


@lru_cache(maxsize=64)
def cookie_suffix(publishable_key: str) -> str:
    """The eight characters that tell one instance's cookies from another's.

    They depend on the whole text of the key, so a padded key has another suffix than its unpadded twin.
    """
    # SHA-1 is the published construction; nothing secret or forgeable rests on it.
    digest = hashlib.sha1(publishable_key.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest)[:8].decode()


def frontend_api_host(key: PublishableKey, *, domain: str | None = None, is_satellite: bool = False) -> str:
    """The host of the Frontend API: the key's own, or `clerk.<domain>` for a production satellite."""
    if key.instance_type is InstanceType.PRODUCTION and is_satellite and domain:
        return f"clerk.{domain}"
    return key.frontend_api


def frontend_api_url(
    publishable_key: str,
    *,
    proxy_url: str | None = None,
    domain: str | None = None,
    is_satellite: bool = False,
) -> str:
    """The base URL of the Frontend API, without a trailing slash.

    An absolute `proxy_url` stands in for everything else; without it the scheme is always https.
    """
    if proxy_url:
        if not proxy_url.startswith(("https://", "http://")):
            raise InvalidKey(
                f"The proxy URL {proxy_url!r} must be absolute here: https://app.example.com/__clerk"
            )
        return proxy_url.rstrip("/")
    host = frontend_api_host(
        decode_publishable_key(publishable_key), domain=domain, is_satellite=is_satellite
    )
    return f"https://{host}"


def hosted_api_url(publishable_key: str) -> str:
    """The Backend API of the hosted service for one of its keys: give it as `api_url` to authenticate for an
    instance there. A key does not tell where it is hosted: this is never assumed of a domain of yours.
    """
    host = decode_publishable_key(publishable_key).frontend_api
    if host.startswith("clerk.") and host.endswith(_HOSTED_LEGACY_SUFFIXES):
        return _HOSTED_API
    if host.endswith(_HOSTED_LOCAL_SUFFIXES):
        return "https://api.lclclerk.com"
    return "https://api.clerkstage.dev" if host.endswith(_HOSTED_STAGING_SUFFIX) else _HOSTED_API


def accounts_url(frontend_api: str) -> str:
    """The base URL of the hosted pages that belong to a Frontend API host."""
    host = frontend_api.replace("clerk.accountsstage.", "accountsstage.", 1)
    return "https://" + _FRONTEND_API_LABEL.sub("accounts.", host, count=1)


def _refuse_other_kinds(key: str) -> None:
    if not key:
        raise InvalidKey("The publishable key is empty.")
    if key.startswith("sk_"):
        raise InvalidKey(
            "You put a secret key (sk_...) where the publishable key (pk_...) belongs."
            " A secret key must never reach a browser: if it was published, roll it."
        )
    if key.startswith(_MACHINE_PREFIXES):
        raise InvalidKey("You put a machine token where the publishable key (pk_...) belongs.")
    if key.startswith(("http://", "https://")) or _HOST.fullmatch(key):
        raise InvalidKey(
            "You put a host where the publishable key belongs: encode it with encode_publishable_key."
        )


def _decoded_host(encoded: str) -> str:
    padded = encoded if "=" in encoded else encoded + "=" * (-len(encoded) % 4)
    try:
        text = base64.b64decode(padded, validate=True).decode() if len(padded) % 4 == 0 else ""
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidKey("The publishable key is damaged: its last part is not base64.") from None
    if not text.endswith("$"):
        raise InvalidKey("The publishable key is cut off: copy it again, to its very end.")
    host = text[:-1]
    if "$" in host or not _HOST.fullmatch(host):
        raise InvalidKey("The publishable key is damaged: it does not hold a host name with a dot.")
    return host
