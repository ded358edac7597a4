"""The environment, which the browser SDK reads first: the instance's settings on the wire.

Beyond the contract it carries keys that today's SDKs read; the conformance report lists them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.web.instance.feature_settings import CaptchaRules, SocialProvider
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.settings import Attribute, InstanceSettings

_ATTRIBUTES = [
    "email_address",
    "phone_number",
    "username",
    "web3_wallet",
    "first_name",
    "last_name",
    "password",
    "authenticator_app",
    "ticket",
    "backup_code",
    "passkey",
]


def environment(instance: Instance, public_url: str, page_origin: str | None) -> dict[str, Any]:
    """The whole document. URLs that are not set lead to this server's hosted pages.

    Args:
        public_url: where browsers reach this server.
        page_origin: the page that asks, where known.
    """
    settings = instance.settings
    return {
        "object": "environment",
        "id": instance.id,
        "auth_config": _auth_config(instance),
        "display_config": _display_config(instance, public_url, page_origin),
        "user_settings": _user_settings(settings),
        "organization_settings": _organization_settings(settings),
        "fraud_settings": {
            "object": "fraud_settings",
            "native": {"device_attestation_mode": "disabled"},
        },
        "commerce_settings": {
            "billing": {
                "stripe_publishable_key": None,
                "free_trial_requires_payment_method": True,
                "user": {"enabled": False, "has_paid_plans": False},
                "organization": {"enabled": False, "has_paid_plans": False},
            }
        },
        "api_keys_settings": _api_keys_settings(settings),
        "protect_config": {"loaders": []},
        "client_debug_mode": False,
        "partitioned_cookies": False,
        "maintenance_mode": False,
    }


def _on(attribute: Attribute) -> str:
    if not attribute.enabled:
        return "off"
    return "required" if attribute.required else "on"


def _auth_config(instance: Instance) -> dict[str, Any]:
    settings = instance.settings
    email = settings.attribute("email_address")
    named = [one for name in _ATTRIBUTES for one in _first_factors(settings, name)]
    factors = [*named, *(["password"] if settings.attribute("password").enabled else [])]
    return {
        "object": "auth_config",
        "id": instance.id,
        **{
            name: _on(settings.attribute(name))
            for name in (
                "first_name",
                "last_name",
                "email_address",
                "phone_number",
                "username",
                "password",
            )
        },
        "identification_requirements": [[name] for name in settings.identifiers],
        "identification_strategies": list(settings.identifiers),
        "first_factors": [*factors, "ticket"],
        "second_factors": [one for name in _ATTRIBUTES for one in settings.second_factors_of(name)],
        "email_address_verification_strategies": list(email.verifications),
        "single_session_mode": settings.session.single_session,
        "enhanced_email_deliverability": False,
        "test_mode": instance.test_mode,
        "cookieless_dev": False,
        "url_based_session_syncing": True,
        "claimed_at": None,
        "reverification": settings.attack_protection.reverification,
        "preferred_channels": dict(settings.phone_numbers.preferred_channels),
        "session_minter": False,
        "native_settings": {
            "object": "native_settings",
            "api_enabled": True,
            "trusted_device_sign_in_enabled": settings.native.trusted_devices,
            **{
                f"trusted_device_enrollment_prompt_after_{event}_enabled": settings.native.trusted_devices
                and prompts
                for event, prompts in (
                    ("sign_in", settings.native.prompt_after_sign_in),
                    ("sign_up", settings.native.prompt_after_sign_up),
                )
            },
        },
    }


def home_url(instance: Instance, public_url: str, page_origin: str | None) -> str:
    """The default destination of users: the application. In development: the page that asks."""
    return instance.settings.home_url or application_url(instance) or page_origin or public_url


def application_url(instance: Instance) -> str | None:
    """The URL of the application, by its domain; unknown in development."""
    return f"https://{instance.domain}" if instance.domain and not instance.is_development else None


def next_urls(settings: InstanceSettings, home: str) -> dict[str, str]:
    """The destinations of the pages after each action, by its name without `_url`."""
    names = (
        "after_sign_in",
        "after_sign_up",
        "after_sign_out_one",
        "after_sign_out_all",
        "after_switch_session",
        "after_join_waitlist",
        "after_leave_organization",
        "after_create_organization",
        "logo_link",
    )
    return {name: getattr(settings.urls, name, None) or home for name in names}


_SHOWN = ("logo_image", "favicon_image", "terms", "privacy_policy", "help")


def _display_config(instance: Instance, base: str, page_origin: str | None) -> dict[str, Any]:
    settings = instance.settings
    home = home_url(instance, base, page_origin)
    organizations = settings.organizations.enabled
    absent = [
        "clerk_js_version",
        "logo_url",
        "favicon_url",
        "logo_image",
        "favicon_image",
    ]
    return {
        "object": "display_config",
        "id": instance.id,
        "instance_environment_type": instance.environment,
        "application_name": settings.application_name,
        "theme": _THEME,
        "preferred_sign_in_strategy": _preferred_strategy(settings),
        "home_url": home,
        "sign_in_url": settings.sign_in_url or f"{base}/sign-in",
        "sign_up_url": settings.sign_up_url or f"{base}/sign-up",
        "user_profile_url": f"{base}/user",
        # There is no waiting list: SDKs that look for one find the sign-up.
        "waitlist_url": settings.sign_up_url or f"{base}/sign-up",
        "oauth_consent_url": f"{base}/oauth-consent",
        "organization_profile_url": f"{base}/organization" if organizations else home,
        "create_organization_url": f"{base}/create-organization" if organizations else home,
        **{f"{name}_url": url for name, url in next_urls(settings, home).items()},
        **{f"{name}_url": getattr(settings.urls, name) for name in _SHOWN},
        "support_email": settings.support_email,
        **dict.fromkeys(absent),
        "google_one_tap_client_id": _one_tap_client_id(settings),
        "branded": False,
        "experimental_force_oauth_first": False,
        "show_devmode_warning": False,
        **_captcha(settings.captcha),
    }


def _one_tap_client_id(settings: InstanceSettings) -> str | None:
    """Browser components show One Tap when it is there."""
    shown = (one for one in settings.social if one.provider == "google" and one.enabled and one.one_tap)
    return next((one.client_id for one in shown if one.authenticatable), None)


def _captcha(rules: CaptchaRules) -> dict[str, Any]:
    """SDKs run a CAPTCHA when both keys are there."""
    shown = {
        "captcha_public_key": rules.site_key,
        "captcha_public_key_invisible": rules.invisible_site_key or rules.site_key,
        "captcha_widget_type": rules.widget_type,
        "captcha_provider": rules.provider,
        "captcha_heartbeat": None,
    }
    return (shown if rules.enabled else dict.fromkeys(shown)) | {"captcha_oauth_bypass": []}


def _preferred_strategy(settings: InstanceSettings) -> str:
    """The first strategy of the browser components in a sign-in. With enumeration protection it is a code,
    which works for every address: an unknown one may sign up once it is verified.
    """
    return "otp" if settings.attack_protection.enumeration_protection else "password"


_THEME: dict[str, Any] = {
    "buttons": {"font_color": "#ffffff", "font_family": "sans-serif", "font_weight": "600"},
    "general": {
        "color": "#3b4a6b",
        "padding": "1em",
        "box_shadow": "0 2px 8px rgba(0, 0, 0, 0.2)",
        "font_color": "#151515",
        "font_family": "sans-serif",
        "border_radius": "0.5em",
        "background_color": "#ffffff",
        "label_font_weight": "600",
    },
    "accounts": {"background_color": "#ffffff"},
}


_FIRST_FACTORS = {"passkey": "passkey"}
"""Strategies of the attributes that are first factors and nothing else."""


PUBLISHED_WALLET_STRATEGIES = frozenset(
    f"web3_{wallet}_signature" for wallet in ("metamask", "coinbase_wallet", "base", "okx_wallet", "solana")
)
"""Those that the contract names. Browser components have a button for each, and fail at others."""


def _first_factors(settings: InstanceSettings, name: str) -> list[str]:
    """Returns those of an attribute that is switched on, as far as browser components may know them."""
    attribute = settings.attribute(name)
    if not attribute.enabled:
        return []
    unknown = {one for one in attribute.first_factors if one.startswith("web3_")}
    unknown -= PUBLISHED_WALLET_STRATEGIES
    named = [one for one in attribute.first_factors if one not in unknown]
    return [*named, *([_FIRST_FACTORS[name]] if name in _FIRST_FACTORS else [])]


def _attribute(settings: InstanceSettings, name: str) -> dict[str, Any]:
    attribute = settings.attribute(name)
    own = [_FIRST_FACTORS[name]] if name in _FIRST_FACTORS and attribute.enabled else []
    second_factors = settings.second_factors_of(name)
    return {
        "enabled": attribute.enabled,
        "required": attribute.required,
        "used_for_first_factor": attribute.signs_in or bool(own),
        "first_factors": _first_factors(settings, name),
        "used_for_second_factor": bool(second_factors),
        "second_factors": list(second_factors),
        "verifications": [*attribute.verifications, *own],
        "verify_at_sign_up": attribute.verify_at_sign_up,
        "immutable": attribute.immutable,
    }


def _phone_number(settings: InstanceSettings) -> dict[str, Any]:
    """Browser components offer every channel but SMS by a button."""
    return _attribute(settings, "phone_number") | {"channels": list(settings.phone_numbers.channels)}


def _social(entry: SocialProvider) -> dict[str, Any]:
    """SDKs know names and logos of all providers but custom ones, and fail at an empty name."""
    is_custom = entry.provider.startswith("custom_")
    return {
        "enabled": True,
        "required": False,
        "authenticatable": entry.authenticatable,
        "strategy": f"oauth_{entry.provider}",
        "name": entry.name or entry.provider.removeprefix("custom_"),
        "logo_url": entry.logo_url if is_custom else None,
        "block_email_subaddresses": entry.blocks_subaddresses,
        "not_selectable": False,
        "deprecated": False,
    }


def _user_settings(settings: InstanceSettings) -> dict[str, Any]:
    off = {"enabled": False}
    return {
        "attributes": {
            name: _attribute(settings, name) for name in (*_ATTRIBUTES, *settings.attributes.others)
        }
        | {"phone_number": _phone_number(settings)},
        "social": {f"oauth_{entry.provider}": _social(entry) for entry in settings.social if entry.enabled},
        "saml": off,
        "enterprise_sso": off | {"self_serve_sso": False},
        "sign_in": {"second_factor": {"required": settings.second_factor_required}},
        "sign_up": {
            "captcha_enabled": settings.captcha.enabled,
            "captcha_widget_type": settings.captcha.widget_type,
            "custom_action_required": False,
            "progressive": True,
            "mode": settings.sign_up.mode,
            "legal_consent_enabled": settings.sign_up.legal_consent,
            "mfa": {"required": settings.second_factor_required},
        },
        "restrictions": {
            "allowlist": off,
            "blocklist": off,
            "allowlist_blocklist_disabled_on_sign_in": off,
            **{
                name: {"enabled": blocks}
                for name, blocks in msgspec.structs.asdict(settings.restrictions).items()
            },
        },
        "password_settings": {
            "disable_hibp": not settings.password.refuse_breached,
            "disable_password_reverification": False,
            "min_length": settings.password.min_length,
            "max_length": settings.password.max_length,
            "require_special_char": False,
            "require_numbers": False,
            "require_uppercase": False,
            "require_lowercase": False,
            "show_zxcvbn": settings.password.min_strength > 0,
            "min_zxcvbn_strength": settings.password.min_strength,
            "enforce_hibp_on_sign_in": False,
            "allowed_special_characters": "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
        },
        "username_settings": {
            "min_length": 4,
            "max_length": 64,
            "allow_extended_special_characters": False,
            "allow_numeric_usernames": False,
        },
        "actions": {
            "delete_self": settings.actions.delete_self,
            "create_organization": settings.organizations.enabled and settings.actions.create_organization,
            "create_organizations_limit": settings.actions.create_organizations_limit,
        },
        "attack_protection": {
            "user_lockout": _user_lockout(settings),
            "pii": {"enabled": False},
            "email_link": {"require_same_client": settings.attack_protection.email_link.require_same_client},
            "enumeration_protection": {"enabled": settings.attack_protection.enumeration_protection},
        },
        "passkey_settings": _passkey_settings(settings),
    }


def _passkey_settings(settings: InstanceSettings) -> dict[str, bool]:
    """Nothing is offered where there are none, to browser SDKs that look no further either."""
    enabled, rules = settings.attribute("passkey").enabled, settings.passkeys
    return {
        "allow_autofill": enabled and rules.allow_autofill,
        "show_sign_in_button": enabled and rules.show_sign_in_button,
        "satisfies_second_factor": enabled and rules.satisfies_second_factor,
    }


def _organization_settings(settings: InstanceSettings) -> dict[str, Any]:
    rules = settings.organizations
    return {
        "enabled": rules.enabled,
        "max_allowed_memberships": rules.max_allowed_memberships,
        "actions": {"admin_delete": rules.admin_delete},
        "domains": {
            "enabled": False,
            "enrollment_modes": [],
            "default_role": rules.domains_default_role,
        },
        "slug": {"disabled": not rules.slugs},
        "creator_role": rules.creator_role,
    }


def _api_keys_settings(settings: InstanceSettings) -> dict[str, bool]:
    rules = settings.api_keys
    return {
        "enabled": rules.enabled,
        "user_api_keys_enabled": rules.enabled and rules.users,
        "orgs_api_keys_enabled": rules.enabled and rules.organizations and settings.organizations.enabled,
    }


def _user_lockout(settings: InstanceSettings) -> dict[str, Any]:
    rules = settings.attack_protection.lockout
    return {
        "enabled": rules.enabled,
        "max_attempts": rules.max_attempts,
        "duration_in_minutes": rules.duration // 60,
    }
