"""Request structs of the provider's settings."""

from __future__ import annotations

import msgspec


class OAuthApplicationSettingsPatch(msgspec.Struct, kw_only=True):
    """Changes of the settings; absent or null fields stay."""

    dynamic_oauth_client_registration: bool | None = None
    default_scopes: list[str] | None = None
    oauth_jwt_access_tokens: bool | None = None
    client_id_metadata_documents_advertised: bool | None = None
    client_id_metadata_documents_only_allow_pre_registered_clients: bool | None = None
    client_id_metadata_documents_block_implicitly_allowed_clients: bool | None = None
