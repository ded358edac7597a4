"""The settings of an instance, kept as one JSON document and edited as one TOML document.

A default applies where the document says nothing; `instances/document.py` reads and checks documents.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from greffier.server.delivery.messages import TextChannel
from greffier.server.web.instance.feature_settings import (
    ActionRules,
    ApiKeyRules,
    CaptchaRules,
    HttpUrl,
    NativeRules,
    OAuthProviderRules,
    OrganizationRules,
    SignUpRules,
    SocialProvider,
    Urls,
)
from greffier.server.web.instance.protection_settings import (
    AttackProtection,
    PasskeyRules,
    ProtectRules,
    Restrictions,
)
from greffier.server.web.instance.web3_settings import Web3Rules

Origin = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9+.-]*://[^\s/?#]*$", max_length=2048)]


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """The use of one attribute of a user in sign-up and sign-in."""

    enabled: bool = False
    required: bool = False
    identifier: bool = False
    """Users may sign in with it as their identifier."""
    first_factors: tuple[str, ...] = ()
    second_factors: tuple[str, ...] = ()
    verifications: tuple[str, ...] = ()
    verify_at_sign_up: bool = False
    immutable: bool = False
    """Users do not change or remove it once they have it; the Backend API does."""

    @property
    def signs_in(self) -> bool:
        """Users sign in with it: as identifier, or by one of its first factors."""
        return self.enabled and (self.identifier or bool(self.first_factors))


class Attributes(msgspec.Struct, frozen=True, kw_only=True):
    """All attributes of a user."""

    email_address: Attribute = Attribute(
        enabled=True,
        required=True,
        identifier=True,
        first_factors=("email_code",),
        verifications=("email_code",),
        verify_at_sign_up=True,
    )
    phone_number: Attribute = Attribute()
    username: Attribute = Attribute()
    password: Attribute = Attribute(enabled=True, required=True)
    first_name: Attribute = Attribute(enabled=True)
    last_name: Attribute = Attribute(enabled=True)
    web3_wallet: Attribute = Attribute(
        identifier=True,
        first_factors=("web3_metamask_signature",),
        verifications=("web3_metamask_signature",),
        verify_at_sign_up=True,
    )
    passkey: Attribute = Attribute()
    authenticator_app: Attribute = Attribute()
    backup_code: Attribute = Attribute()
    ticket: Attribute = Attribute(enabled=True)
    others: dict[str, Attribute] = {}
    """Of kinds of identification that other packages bring, by their names."""

    def by_path(self) -> dict[str, Attribute]:
        """Every attribute by its path in the document."""
        own = {name: getattr(self, name) for name in self.__struct_fields__ if name != "others"}
        return own | {f"others.{name}": attribute for name, attribute in self.others.items()}


_ABSENT = Attribute()
_SECOND_FACTORS = {"authenticator_app": "totp", "backup_code": "backup_code"}
"""Strategies of the attributes that are second factors and nothing else."""


class PasswordRules(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths in characters after normalisation. NIST SP 800-63B asks for 8 at least and allows 64."""

    min_length: Annotated[int, msgspec.Meta(ge=8, le=72)] = 8
    max_length: Annotated[int, msgspec.Meta(ge=8, le=72)] = 72
    min_strength: Annotated[int, msgspec.Meta(ge=0, le=4)] = 0
    """The least score of zxcvbn; 0 asks for none."""
    refuse_breached: bool = True
    """Ask the breach service, where the operator has configured one."""


Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1, two letters."""


class PhoneNumberRules(msgspec.Struct, frozen=True, kw_only=True):
    """Countries that text messages are sent to. Each further one can be used to cause costs (toll fraud)."""

    default_region: Country = "US"
    """The region of numbers that are entered without a country code."""
    countries: tuple[Country, ...] = ("US", "CA")
    channels: tuple[TextChannel, ...] = ("sms",)
    """The ways on which people may have their codes; SMS is always one."""
    preferred_channels: dict[Country, TextChannel] = {}
    """The way that forms propose to numbers of a country; the others: SMS."""
    messages_per_country: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 300
    """Messages in an hour to all numbers of one country."""


Task = Literal["choose_organization", "reset_password", "setup_mfa"]


class SessionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Lifetimes in seconds."""

    lifetime: Annotated[int, msgspec.Meta(ge=300, le=315_360_000)] = 7 * 24 * 3600
    inactivity_timeout: Annotated[int, msgspec.Meta(ge=300, le=315_360_000)] | None = None
    token_lifetime: Annotated[int, msgspec.Meta(ge=30, le=315_360_000)] = 60
    token_version: Literal[1, 2] | None = None
    """Claims of session tokens; absent: as the dated API version says."""
    single_session: bool = True
    """One session per browser; `false` lets several people be signed in at once."""
    tasks: tuple[Task, ...] = ("reset_password",)
    """The session tasks after a sign-in, before the session is active. `reset_password`: for users whose
    password is compromised. `setup_mfa`: for users without a second factor.
    """


class NoticeRules(msgspec.Struct, frozen=True, kw_only=True):
    """The changes of an account about which its user is notified by mail."""

    new_device: bool = True
    password: bool = True
    identifications: bool = True
    """Email addresses and phone numbers: added, removed, another primary one."""
    second_factors: bool = True
    passkeys: bool = True
    trusted_devices: bool = True


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests in 10 seconds. The limits of browsers are the same for every instance: see
    docs/explanation/protection.md."""

    backend_api: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1000
    """Of one secret key."""


class InstanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that a dashboard user edits."""

    application_name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] = "My application"
    home_url: HttpUrl | None = None
    sign_in_url: HttpUrl | None = None
    sign_up_url: HttpUrl | None = None
    urls: Urls = Urls()
    support_email: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    allowed_origins: tuple[Origin, ...] = ()
    """Web origins whose pages may call, besides the domain's own; no wildcards."""
    test_mode: bool | None = None
    """Test identities accept the fixed code; absent means on in development and off in production."""
    attributes: Attributes = Attributes()
    phone_numbers: PhoneNumberRules = PhoneNumberRules()
    web3: Web3Rules = Web3Rules()
    password: PasswordRules = PasswordRules()
    passkeys: PasskeyRules = PasskeyRules()
    session: SessionRules = SessionRules()
    attack_protection: AttackProtection = AttackProtection()
    sign_up: SignUpRules = SignUpRules()
    restrictions: Restrictions = Restrictions()
    organizations: OrganizationRules = OrganizationRules()
    actions: ActionRules = ActionRules()
    api_keys: ApiKeyRules = ApiKeyRules()
    native: NativeRules = NativeRules()
    oauth_provider: OAuthProviderRules = OAuthProviderRules()
    captcha: CaptchaRules = CaptchaRules()
    notices: NoticeRules = NoticeRules()
    protect: ProtectRules = ProtectRules()
    rate_limits: RateLimits = RateLimits()
    social: tuple[SocialProvider, ...] = ()

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The attributes with which users may sign in."""
        names = (
            "email_address",
            "phone_number",
            "username",
            "web3_wallet",
            "passkey",
            *self.attributes.others,
        )
        return tuple(
            name for name in names if self.attribute(name).enabled and self.attribute(name).identifier
        )

    @property
    def second_factor_required(self) -> bool:
        """Every user must have one: those without set one up after they sign in."""
        return "setup_mfa" in self.session.tasks

    def second_factors_of(self, name: str) -> tuple[str, ...]:
        """Returns the strategies by which an attribute is a second factor."""
        attribute = self.attribute(name)
        if not attribute.enabled:
            return ()
        own = _SECOND_FACTORS.get(name)
        return attribute.second_factors if own is None else (own,)

    def attribute(self, name: str) -> Attribute:
        own = getattr(self.attributes, name, None)
        return own if isinstance(own, Attribute) else self.attributes.others.get(name, _ABSENT)
