"""Request structs of trusted devices."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from greffier.server.web.instance.feature_settings import Platform

MAX_NAME = 256
"""Characters."""


class EnrollmentRequest(msgspec.Struct, kw_only=True):
    platform: Platform
    app_identifier: Annotated[str, msgspec.Meta(max_length=256)]
    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME)] | None = None
    algorithm: Literal["ES256"]
    public_key_jwk: Annotated[str, msgspec.Meta(max_length=1024)]
    """JSON text."""


class EnrollmentProof(EnrollmentRequest, kw_only=True):
    client_data: Annotated[str, msgspec.Meta(max_length=4096)]
    """As the challenge has it, to the letter."""
    signature: Annotated[str, msgspec.Meta(max_length=256)]


class ValidationRequest(msgspec.Struct, kw_only=True):
    trusted_device_id: Annotated[str, msgspec.Meta(max_length=256)]
