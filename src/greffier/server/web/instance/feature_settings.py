"""Sections of an instance's settings about features: social sign-in, organizations, legal consent and others.

`instances/not_built.py` says which of them are built, and so may be switched on.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,64}$")]
HttpUrl = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+", max_length=2048)]


ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]


AuthorizationParameter = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class ProfileFields(msgspec.Struct, frozen=True, kw_only=True):
    """The names under which a custom provider describes a user; dots lead into objects. The defaults are
    those of OpenID Connect."""

    id: str = "sub"
    email_address: str = "email"
    email_verified: str = "email_verified"
    first_name: str = "given_name"
    last_name: str = "family_name"
    username: str = "preferred_username"
    image_url: str = "picture"


class SocialProvider(msgspec.Struct, frozen=True, kw_only=True):
    """Sign-in with another service. A `custom_...` provider names its own endpoints or its discovery
    document (OpenID Connect Discovery 1.0 section 4)."""

    provider: Name
    enabled: bool = False
    authenticatable: bool = True
    """Users sign up and in with it; otherwise they only connect it to their account."""
    block_email_subaddresses: bool | None = None
    """Its users cannot sign in with an address such as `ada+2@example.com`. Absent: Google's cannot."""
    client_id: str | None = None
    """Of the registration with the provider. Without one the development provider stands in for it on
    development servers, and all others refuse it."""
    client_secret: str | None = None
    """With `team_id` and `key_id`: the private key that signs the secret, in PEM."""
    team_id: str | None = None
    key_id: str | None = None
    native_client_ids: tuple[ClientId, ...] = ()
    """Of native apps that sign in with ID tokens of Google or Apple: client ids at Google, bundle identifiers
    at Apple."""
    one_tap: bool = True
    """Of Google: pages may sign in with Google One Tap."""
    scopes: tuple[str, ...] = ()
    """Beside those that signing in needs."""
    authorization_parameters: dict[AuthorizationParameter, str] = {}
    """Further parameters with which browsers are sent to the provider; those of the protocol stay as they
    are."""
    name: str | None = None
    """Of a custom provider, for its button."""
    logo_url: HttpUrl | None = None
    discovery_url: HttpUrl | None = None
    authorization_url: HttpUrl | None = None
    token_url: HttpUrl | None = None
    userinfo_url: HttpUrl | None = None
    client_authentication: Literal["basic", "post"] | None = None
    """Of a custom provider: the client's secret goes in the header or in the form of a request for tokens.
    Absent: as the discovery document says; without one in the form."""
    pkce: bool = True
    """Of a custom provider: it gets a code challenge (RFC 7636)."""
    profile: ProfileFields = ProfileFields()
    private_addresses: bool = False
    """A custom provider in the operator's own network, whose addresses production otherwise refuses."""

    @property
    def blocks_subaddresses(self) -> bool:
        """Google delivers to the mailbox itself, so that one person would have many accounts."""
        chosen = self.block_email_subaddresses
        return self.provider == "google" if chosen is None else chosen

    def __hash__(self) -> int:
        return hash((self.provider, self.client_id, self.discovery_url))  # a table has no hash

    def __repr__(self) -> str:
        return f"SocialProvider(provider={self.provider!r}, enabled={self.enabled})"  # no client secret


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """The destinations and links of the pages. Absent destinations are the application (`home_url`); absent
    links are not shown.
    """

    after_sign_in: HttpUrl | None = None
    after_sign_up: HttpUrl | None = None
    after_sign_out_one: HttpUrl | None = None
    after_sign_out_all: HttpUrl | None = None
    after_switch_session: HttpUrl | None = None
    logo_link: HttpUrl | None = None
    logo_image: HttpUrl | None = None
    favicon_image: HttpUrl | None = None
    terms: HttpUrl | None = None
    privacy_policy: HttpUrl | None = None
    help: HttpUrl | None = None


class SignUpRules(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a sign-up."""

    mode: Literal["public", "restricted", "waitlist"] = "public"
    legal_consent: bool = False
    """A sign-up needs consent to the terms."""


RoleKey = Annotated[str, msgspec.Meta(pattern=r"^org:[a-z0-9_]{1,60}$")]


class OrganizationRules(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of users. The roles of members have their permissions."""

    enabled: bool = False
    max_allowed_memberships: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 5
    """The default for organizations without a maximum of their own; 0: any number."""
    admin_delete: bool = True
    """Members whose role allows it may delete the organization."""
    slugs: bool = True
    """Organizations are given a slug by those who make them; otherwise each has one made from its name."""
    domains: bool = False
    creator_role: RoleKey = "org:admin"
    """The role of the creator of an organization, who becomes its first member."""
    domains_default_role: RoleKey = "org:member"


class ActionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Actions that users may perform on their own account."""

    delete_self: bool = True
    create_organization: bool = True
    """Creation of organizations, where these are enabled."""
    create_organizations_limit: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    """The number of existing organizations that one user may have created; absent or 0: any number."""


class ApiKeyRules(msgspec.Struct, frozen=True, kw_only=True):
    """Permission of users to create API keys. The Backend API creates them whatever these rules say."""

    enabled: bool = False
    users: bool = True
    organizations: bool = False


class OAuthProviderRules(msgspec.Struct, frozen=True, kw_only=True):
    """This instance as an OAuth provider of other applications."""

    jwt_access_tokens: bool = False
    """Access tokens are JWTs, which are verified offline and cannot be revoked."""
    dynamic_registration: bool = False
    """Applications may register themselves without authentication (RFC 7591)."""
    refresh_token_lifetime: Annotated[int, msgspec.Meta(ge=86_400, le=315_360_000)] = 315_360_000
    """Seconds from the user's consent on, however often the token is exchanged."""
    refresh_retry_window: Annotated[int, msgspec.Meta(ge=0, le=60)] = 10
    """Seconds in which a refresh token that was exchanged may be exchanged once more. Used again later, it
    counts as stolen, and all tokens of its grant end."""


Platform = Literal["ios", "android"]
AppIdentifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]


AppUrl = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?!(about|blob|data|file|filesystem|javascript|vbscript|view-source):)[a-z][a-z0-9+.-]*:[^\s?#]+$",
        max_length=2048,
    ),
]


class NativeRules(msgspec.Struct, frozen=True, kw_only=True):
    """Native apps of the application."""

    trusted_devices: bool = False
    """Users may sign in with a key in their device, which the app unlocks by biometry."""
    ios: tuple[AppIdentifier, ...] = ()
    """Bundle identifiers of the apps whose devices may be enrolled."""
    android: tuple[AppIdentifier, ...] = ()
    """Package names of such apps."""
    redirect_urls: tuple[AppUrl, ...] = ()
    """URLs by which browsers come back to the apps from other sites."""
    prompt_after_sign_in: bool = False
    """Apps offer to enroll the device."""
    prompt_after_sign_up: bool = False

    def app_identifiers(self, platform: str) -> tuple[str, ...]:
        return {"ios": self.ios, "android": self.android}.get(platform, ())


class CaptchaRules(msgspec.Struct, frozen=True, kw_only=True):
    """Bot protection of sign-ups: with `enabled`, none begins without a solved CAPTCHA."""

    enabled: bool = False
    provider: Literal["turnstile"] | None = "turnstile"
    widget_type: Literal["smart", "invisible"] = "smart"
    site_key: str | None = None
    secret_key: str | None = None
    invisible_site_key: str | None = None
    """Of the invisible widget, which also runs where a page has no place for the other. When absent, both of
    its keys are those of the other."""
    invisible_secret_key: str | None = None
    verify_url: HttpUrl = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    """The provider's endpoint for tokens: Turnstile's, or one that answers alike."""

    def __repr__(self) -> str:
        return f"CaptchaRules(enabled={self.enabled}, provider={self.provider!r})"  # no secret key
