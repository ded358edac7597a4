"""The settings of an instance, kept as one JSON document."""

from __future__ import annotations

import msgspec


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """How one attribute of a user takes part in sign-up and sign-in."""

    enabled: bool = False
    required: bool = False
    first_factors: tuple[str, ...] = ()
    verifications: tuple[str, ...] = ()
    verify_at_sign_up: bool = False


def _default_attributes() -> dict[str, Attribute]:
    return {
        "email_address": Attribute(
            enabled=True,
            required=True,
            first_factors=("email_code",),
            verifications=("email_code",),
            verify_at_sign_up=True,
        ),
        "password": Attribute(enabled=True, required=True),
        "first_name": Attribute(enabled=True),
        "last_name": Attribute(enabled=True),
        "ticket": Attribute(enabled=True),
    }


class PasswordRules(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths in characters after normalisation. NIST SP 800-63B asks for 8 at least and allows 64."""

    min_length: int = 8
    max_length: int = 72


class SessionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Lifetimes in seconds."""

    lifetime: int = 7 * 24 * 3600
    token_lifetime: int = 60
    single_session: bool = True


class InstanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a dashboard user edits."""

    application_name: str = "My application"
    attributes: dict[str, Attribute] = msgspec.field(default_factory=_default_attributes)
    password: PasswordRules = PasswordRules()
    session: SessionRules = SessionRules()
    allowed_origins: tuple[str, ...] = ()
    home_url: str | None = None
    sign_in_url: str | None = None
    sign_up_url: str | None = None
    test_mode: bool | None = None
    """Test identities accept the fixed code; `None` means on in development and off in production."""

    def attribute(self, name: str) -> Attribute:
        return self.attributes.get(name, Attribute())
