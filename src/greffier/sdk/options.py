"""The settings of authentication, checked once: a mistake is reported at start-up, not at the first
request."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from greffier.sdk import keys
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.cookies import CLIENT_UAT, DEV_BROWSER, REFRESH, SESSION
from greffier.sdk.http.organization_sync import OrganizationSync
from greffier.sdk.http.urls import hostname_of, is_safe_redirect, join_origin, origin_of
from greffier.sdk.keys import InstanceType
from greffier.sdk.tokens.jwt import CLOCK_SKEW_SECONDS
from greffier.sdk.tokens.lifetimes import MAX_LIFETIME_SECONDS, warn_of_long_lifetime

TOKEN_TYPES = ("session_token", "api_key", "m2m_token", "oauth_token")

_log = logging.getLogger("greffier.sdk")

#: The hosted service's own development hosts.
_HOSTED_SUFFIX = ".clerk.accounts.dev"

#: Environment variable of each setting that has one.
ENVIRONMENT = {
    "publishable_key": "GREFFIER_PUBLISHABLE_KEY",
    "secret_key": "GREFFIER_SECRET_KEY",
    "machine_secret_key": "GREFFIER_MACHINE_SECRET_KEY",
    "jwt_key": "GREFFIER_JWT_KEY",
    "api_url": "GREFFIER_API_URL",
    "proxy_url": "GREFFIER_PROXY_URL",
    "sign_in_url": "GREFFIER_SIGN_IN_URL",
}


class AuthSettings(TypedDict, total=False):
    """The settings of `AuthOptions` as keyword arguments. None means: not given."""

    publishable_key: str | None
    secret_key: str | None
    machine_secret_key: str | None
    jwt_key: str | None
    api_url: str | None
    proxy_url: str | None
    domain: str | None
    is_satellite: bool | None
    satellite_auto_sync: bool | None
    sign_in_url: str | None
    authorized_parties: Sequence[str] | None
    audience: str | Sequence[str] | None
    issuers: str | Sequence[str] | None
    accepts_token: str | Sequence[str] | None
    organization_sync: OrganizationSync | None
    clock_skew: float | None
    max_lifetime: float | None
    trust_forwarded_headers: bool | None
    redirect_origins: Sequence[str] | None
    resource: str | None
    resource_scopes: Sequence[str] | None


@dataclass(frozen=True, kw_only=True)
class AuthOptions:
    """Settings for authenticating requests.

    Only `publishable_key` must be given. The public keys for verification come from `jwt_key` (PEM text, no
    network at all), else from the Backend API with `secret_key`, else from the Frontend API.

    - `secret_key` is needed for handshakes by nonce, session refresh, JWT templates and machine tokens.
    - `api_url` is the Backend API; by default where the Frontend API is.
    - `proxy_url` is the Frontend API as browsers reach it, absolute or a path on the app's own origin.
    - `sign_in_url` is the sign-in page, absolute or a path; by default the hosted one.
    - `authorized_parties` are the origins whose tokens are accepted (claim `azp`). Set it in production.
    - `audience`: accepted values of `aud`. `issuers`: accepted `iss`, by default those of the instance.
    - `accepts_token`: token types ("session_token", "api_key", "m2m_token", "oauth_token"), or "any".
    - `domain`, `is_satellite`, `satellite_auto_sync`: for an app on another domain than the primary one.
    - `clock_skew` and `max_lifetime` are in seconds; `max_lifetime=None` accepts tokens of any lifetime.
      More than 300 is accepted with a warning in the log.
    - `trust_forwarded_headers`: whether a reverse proxy sets X-Forwarded-Host and X-Forwarded-Proto.
    - `redirect_origins`: origins that a browser may be sent back to; by default the app's own.
    - `resource`: the URL by which OAuth clients know this app (RFC 9728); tokens for others are refused.
      `resource_scopes` are the scopes that its metadata names.
    """

    publishable_key: str
    secret_key: str | None = field(default=None, repr=False)
    machine_secret_key: str | None = field(default=None, repr=False)
    jwt_key: str | None = field(default=None, repr=False)
    api_url: str | None = None
    proxy_url: str | None = None
    domain: str | None = None
    is_satellite: bool = False
    satellite_auto_sync: bool = False
    sign_in_url: str | None = None
    authorized_parties: Sequence[str] | None = None
    audience: str | Sequence[str] | None = None
    issuers: str | Sequence[str] | None = None
    accepts_token: str | Sequence[str] = "session_token"  # noqa: S105 (a kind of token)
    organization_sync: OrganizationSync | None = None
    clock_skew: float = CLOCK_SKEW_SECONDS
    max_lifetime: float | None = MAX_LIFETIME_SECONDS
    trust_forwarded_headers: bool = True
    redirect_origins: Sequence[str] | None = None
    resource: str | None = None
    resource_scopes: Sequence[str] | None = None

    instance_type: InstanceType = field(init=False)
    #: Whether the keys are of a development instance.
    is_development: bool = field(init=False)
    #: Host of the instance's Frontend API, which its tokens name as issuer, also behind a proxy URL.
    host: str = field(init=False)
    accepted_issuers: frozenset[str] = field(init=False)
    #: Names of the suffixed cookies by their plain names.
    suffixed: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        key = keys.decode_publishable_key(self.publishable_key)
        if self.secret_key is not None:
            keys.check_keys_match(self.publishable_key, self.secret_key)
        suffix = keys.cookie_suffix(self.publishable_key)
        names = (SESSION, CLIENT_UAT, DEV_BROWSER, REFRESH)
        self._set("instance_type", key.instance_type)
        self._set("is_development", key.instance_type is InstanceType.DEVELOPMENT)
        self._set("host", keys.frontend_api_host(key, domain=self.domain, is_satellite=self.is_satellite))
        self._set("suffixed", {name: f"{name}_{suffix}" for name in names})
        self._set("accepted_issuers", self._issuers(key.frontend_api))
        self._check_token_types()
        self._check_urls()
        warn_of_long_lifetime(self.max_lifetime)
        if self.machine_secret_key and not self.audience and self.accepts("m2m_token"):
            warn_of_foreign_tokens()
        if self.is_satellite:
            self._check_satellite()

    @classmethod
    def from_environment(cls, **given: Unpack[AuthSettings]) -> "AuthOptions":
        """Options from the arguments that are given (not None), and for the others from `GREFFIER_*`."""
        known = {one.name for one in fields(cls) if one.init}
        unknown = sorted(set(given) - known)
        if unknown:
            raise TypeError(f"unknown option {unknown[0]!r}; known are {', '.join(sorted(known))}")
        settings: dict[str, Any] = {}
        settings.update((name, value) for name, value in given.items() if value is not None)
        if "max_lifetime" in given:
            settings["max_lifetime"] = given["max_lifetime"]  # None has a meaning here
        for name, variable in ENVIRONMENT.items():
            value = os.environ.get(variable)
            if value and name not in settings:
                settings[name] = value
        if not settings.get("publishable_key"):
            raise ConfigurationError("Give publishable_key, or set GREFFIER_PUBLISHABLE_KEY.")
        return cls(**settings)

    @property
    def parties(self) -> frozenset[str] | None:
        """The authorized parties as a set; None when none are configured."""
        return frozenset(self.authorized_parties) if self.authorized_parties else None

    @property
    def audiences(self) -> frozenset[str] | None:
        """The accepted audiences as a set; None when none are configured."""
        return _names(self.audience)

    def accepts(self, token_type: str) -> bool:
        """Whether a token of this type is accepted."""
        wanted = self.accepts_token
        return wanted == "any" or (token_type == wanted if isinstance(wanted, str) else token_type in wanted)

    def frontend_api_url(self, origin: str) -> str:
        """Base URL of the Frontend API for a browser at `origin`, without a trailing slash."""
        if self.proxy_url:
            base = origin + self.proxy_url if self.proxy_url.startswith("/") else self.proxy_url
            return base.rstrip("/")
        return f"https://{self.host}"

    def backend_api_url(self) -> str | None:
        """Base URL of the Backend API; None when it is unknown (a proxy URL that is only a path)."""
        if self.api_url:
            return self.api_url
        if self.host.endswith(_HOSTED_SUFFIX):
            return keys.hosted_api_url(self.publishable_key)
        if self.proxy_url and self.proxy_url.startswith("/"):
            return None
        return self.frontend_api_url("")

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen for all other code

    def _issuers(self, own_host: str) -> frozenset[str]:
        given = _names(self.issuers)
        if given:
            return given
        absolute_proxy = (
            {self.proxy_url.rstrip("/")} if self.proxy_url and "://" in self.proxy_url else set[str]()
        )
        return frozenset({f"https://{own_host}", f"https://{self.host}"} | absolute_proxy)

    def _check_token_types(self) -> None:
        wanted = [self.accepts_token] if isinstance(self.accepts_token, str) else list(self.accepts_token)
        if not wanted or not set(wanted) <= {*TOKEN_TYPES, "any"}:
            raise ConfigurationError(
                f"accepts_token must name some of {', '.join(TOKEN_TYPES)}, or be 'any'."
            )

    def _check_urls(self) -> None:
        for name in ("proxy_url", "sign_in_url"):
            value: str | None = getattr(self, name)
            if value and not _is_own_path(value) and not is_safe_redirect(value):
                raise ConfigurationError(f"{name} must be a path such as /sign-in, or an absolute URL.")
        for name in ("authorized_parties", "redirect_origins"):
            for value in getattr(self, name) or ():
                if not isinstance(value, str) or origin_of(value) != value:
                    raise ConfigurationError(
                        f"{name} holds origins such as https://example.com, not {value!r}."
                    )
        if self.resource is not None and (
            not is_safe_redirect(self.resource) or {"?", "#", '"'} & set(self.resource)
        ):
            raise ConfigurationError("resource must be an absolute URL without a query or fragment.")
        if self.api_url and origin_of(self.api_url) is None:
            raise ConfigurationError("api_url must be an absolute http or https URL.")

    def _check_satellite(self) -> None:
        if not self.domain and not self.proxy_url:
            raise ConfigurationError("A satellite app needs its domain or a proxy_url.")
        if self.is_development and not (self.sign_in_url and is_safe_redirect(self.sign_in_url)):
            raise ConfigurationError(
                "In development a satellite app needs the absolute sign_in_url of the primary."
            )
        if (
            self.domain
            and self.sign_in_url
            and hostname_of(self.sign_in_url) == hostname_of(join_origin("https", self.domain))
        ):
            raise ConfigurationError("The sign_in_url of a satellite app must be on the primary domain.")


@lru_cache(maxsize=1)
def warn_of_foreign_tokens() -> None:
    """Warn once: opaque tokens are checked against the machine's key by the server, but JWTs are verified
    without it.
    """
    _log.warning(
        "Without audience, JWTs of all machines of the instance are accepted, whomever they are for:"
        " give the id of this machine (mch_...) as audience"
    )


def _names(value: str | Sequence[str] | None) -> frozenset[str] | None:
    if not value:
        return None
    return frozenset({value} if isinstance(value, str) else value)


def _is_own_path(value: str) -> bool:
    # "//host" and "/\host" are other hosts to a browser.
    return value.startswith("/") and not value.startswith(("//", "/\\"))
