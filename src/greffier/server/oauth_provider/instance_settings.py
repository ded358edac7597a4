"""The instance's settings for applications, as its own backend reads and changes them.

Other processes, and this one, go by what was changed a second or so later.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.instances.administration import lock_instance, save_instance
from greffier.server.instances.queries import GET_INSTANCE
from greffier.server.oauth_provider.requests import OAuthApplicationSettingsPatch
from greffier.server.oauth_provider.scopes import DEFAULT_SCOPES
from greffier.server.web.context import Context
from greffier.server.web.instance.feature_settings import OAuthProviderRules
from greffier.server.web.instance.settings import InstanceSettings

_METADATA_DOCUMENTS = (
    "client_id_metadata_documents_advertised",
    "client_id_metadata_documents_only_allow_pre_registered_clients",
    "client_id_metadata_documents_block_implicitly_allowed_clients",
)


class OAuthApplicationSettings(msgspec.Struct, kw_only=True):
    """Contract: `OAuthApplicationSettings`."""

    object: Literal["oauth_application_settings"] = "oauth_application_settings"
    dynamic_oauth_client_registration: bool
    default_scopes: tuple[str, ...] = DEFAULT_SCOPES
    oauth_jwt_access_tokens: bool
    client_id_metadata_documents_advertised: bool = False
    client_id_metadata_documents_only_allow_pre_registered_clients: bool = False
    client_id_metadata_documents_block_implicitly_allowed_clients: bool = False


async def get_settings(ctx: Context) -> OAuthApplicationSettings:
    row = await ctx.db.one(GET_INSTANCE, id=ctx.instance.id)
    if row is None:
        raise errors.not_found("instance")
    return _shown(msgspec.convert(row.settings, InstanceSettings).oauth_provider)


async def change_settings(ctx: Context, patch: OAuthApplicationSettingsPatch) -> OAuthApplicationSettings:
    """Raises: ApiError: 422 for what is not built."""
    if problems := _not_built(patch):
        raise errors.invalid_params(*problems)
    row = await lock_instance(ctx.db, ctx.instance.id)
    former = msgspec.convert(row.settings, InstanceSettings)
    given: dict[str, Any] = {
        "dynamic_registration": patch.dynamic_oauth_client_registration,
        "jwt_access_tokens": patch.oauth_jwt_access_tokens,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    rules = msgspec.structs.replace(former.oauth_provider, **changes)
    settings = msgspec.structs.replace(former, oauth_provider=rules)
    await save_instance(ctx.db, row, ctx.now, settings=settings)
    return _shown(rules)


def _shown(rules: OAuthProviderRules) -> OAuthApplicationSettings:
    return OAuthApplicationSettings(
        dynamic_oauth_client_registration=rules.dynamic_registration,
        oauth_jwt_access_tokens=rules.jwt_access_tokens,
    )


def _not_built(patch: OAuthApplicationSettingsPatch) -> list[ErrorItem]:
    problems = [
        errors.param_format_invalid(name, "Client ID metadata documents are not built yet.")
        for name in _METADATA_DOCUMENTS
        if getattr(patch, name)
    ]
    if patch.default_scopes is not None and set(patch.default_scopes) != set(DEFAULT_SCOPES):
        why = "Default scopes cannot be changed yet; give each application its own."
        problems.append(errors.param_format_invalid("default_scopes", why))
    return problems
